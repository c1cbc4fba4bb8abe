"""Lists that are read page by page: what is left of them, and the tokens that say where to go on.

A token has the revision of the list and the key after which it goes on, as that of a real server. The list is kept as
it was for a while; for a token of another list, or of one that is not kept, it is made anew of the past events; where
these are forgotten too, the token is too old.
"""

import base64
import binascii
import posixpath
from collections import OrderedDict
from types import NoneType
from typing import Any, NamedTuple, cast

from kmock_k8s.api.calls import Item
from kmock_k8s.cluster.parsing import describe_error, read_json
from kmock_k8s.cluster.statuses import bad_request
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.patching.golang import describe_type

LATEST = -1
"""The revision of a token that goes on with what is there then, whatever it was before."""

MAX_KEPT = 100
"""How many lists are kept."""

_VERSION = 'meta.k8s.io/v1'


class Mark(NamedTuple):
    """Where a list goes on."""

    revision: int
    after: str


class Paging:
    """The lists that are kept, by what they are of and by their revisions; under the lock of the store."""

    def __init__(self) -> None:
        self._lists: OrderedDict[Any, list[Item]] = OrderedDict()

    def keep(self, of: Any, items: list[Item]) -> None:
        """Keep a list for a while."""
        self._lists[of] = items
        self._lists.move_to_end(of)
        if len(self._lists) > MAX_KEPT:
            self._lists.popitem(last=False)

    def find(self, of: Any) -> list[Item] | None:
        """A list that is kept yet."""
        if of in self._lists:
            self._lists.move_to_end(of)
        return self._lists.get(of)

    def clear(self) -> None:
        """Keep none of them any more."""
        self._lists.clear()


def make_token(mark: Mark) -> str:
    """The token for what follows."""
    text = encode({'v': _VERSION, 'rv': mark.revision, 'start': f'{mark.after}\0'})
    return base64.urlsafe_b64encode(text).rstrip(b'=').decode('ascii')


def read_token(token: str) -> Mark:
    """Where a token says to go on; a bad request if it is none."""
    try:
        text = base64.b64decode(token + '=' * (-len(token) % 4), altchars=b'-_', validate=True)
    except (ValueError, binascii.Error) as exc:
        raise _refuse(f'illegal base64 data at input byte {_find_wrong(token)}') from exc
    try:
        fields: Any = read_json(text)
    except (ValueError, RecursionError) as exc:
        raise _refuse(describe_error(text, exc)) from exc
    if fields is not None and not isinstance(fields, dict):
        raise _refuse(f'json: cannot unmarshal {describe_type(fields)} into Go value of type storage.continueToken')
    given = cast('JSONObject', fields or {})
    for name, (types, shown) in _FIELDS.items():
        if type(given.get(name)) not in types:
            what = describe_type(given[name])
            raise _refuse(f'json: cannot unmarshal {what} into Go struct field continueToken.{name} of type {shown}')
    revision, start = given.get('rv') or 0, given.get('start') or ''
    if given.get('v') != _VERSION:
        raise _refuse('server does not recognize this encoded version')
    if not revision:
        raise _refuse(f'incorrect encoded start resourceVersion (version {_VERSION})')
    if not start:
        raise _refuse(f'encoded start key empty (version {_VERSION})')
    path = f'/{start.removeprefix("/")}'
    if path.startswith('//') or posixpath.normpath(path) != path:
        raise _refuse(start)
    return Mark(revision, start.rstrip('\0'))


_FIELDS: dict[str, tuple[tuple[type, ...], str]] = {
    'v': ((str, NoneType), 'string'),
    'rv': ((int, NoneType), 'int64'),
    'start': ((str, NoneType), 'string'),
}


def _find_wrong(token: str) -> int:
    """Where Go's decoder stops: at the first character that can't be, else at the end of whole groups."""
    for index, char in enumerate(token):
        if not (char.isascii() and (char.isalnum() or char in '-_')):
            return index
    return len(token) // 4 * 4


def _refuse(why: str) -> Exception:
    return bad_request(f'invalid continue token: continue key is not valid: {why}')
