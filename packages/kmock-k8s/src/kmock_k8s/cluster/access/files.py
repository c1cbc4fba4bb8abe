"""Files of tokens, as ``kube-apiserver --token-auth-file`` reads them."""

import csv
from os import PathLike
from pathlib import Path
from typing import Any

_COLUMNS = 'token,user,uid,"group1,group2"'


def read_token_file(path: str | PathLike[str]) -> dict[str, dict[str, Any]]:
    """The users by their tokens: in each line a token, a username, a uid, and the groups, if there are any, in quotes.

    Lines without a token are left out, and of a token that is there twice, the last line counts: as in Kubernetes.

    Raises:
        ValueError: it is no such file; the message says in which line.
        OSError: it can't be read.
    """
    try:
        lines = Path(path).read_bytes().decode('utf-8-sig').splitlines()
    except UnicodeDecodeError as exc:
        raise ValueError(f'{path}: this is no UTF-8: {exc}') from exc
    reader = csv.reader(lines, strict=True)
    users: dict[str, dict[str, Any]] = {}
    try:
        for record in reader:
            if record and len(record) < 3:
                what = 'column' if len(record) == 1 else 'columns'
                raise ValueError(
                    f'{path}, line {reader.line_num}: {len(record)} {what}, but there are 3 or 4: {_COLUMNS}'
                )
            if record and record[0]:
                token, name, uid, *rest = record
                groups = rest[0].split(',') if rest and rest[0] else []
                users[token] = {'username': name, 'uid': uid, 'groups': groups}
    except csv.Error as exc:
        raise ValueError(f'{path}, line {reader.line_num}: {exc}; a line is {_COLUMNS}') from exc
    if not users:
        raise ValueError(f'{path} has no tokens: a line is {_COLUMNS}')
    return users
