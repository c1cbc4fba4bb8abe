"""The bodies of requests as JSON: read, and refused, as Go does it."""

import json
import re
from collections import Counter
from typing import Any

from kmock_core import Request
from kmock_k8s.cluster.statuses import bad_request, unknown_format
from kmock_k8s.model.decoding import read_float, refuse_constant
from kmock_k8s.model.encoding import JSONObject, encode

PROTOBUF = 'application/vnd.kubernetes.protobuf'
_FORMATS = ('application/json', 'application/yaml', PROTOBUF)
_SHOWN = 30  # bytes of a malformed body in messages
MAX_PROBLEMS = 100
"""How many unknown and duplicate fields are told of: ``saveStrictError`` of ``sigs.k8s.io/json``."""


def check_media_type(content_type: str) -> None:
    """Refuse what is in no format that a server reads; no format is JSON."""
    if content_type not in {'', *_FORMATS}:
        raise unknown_format(_FORMATS)


def read_body(request: Request, problems: list[str] | None = None, prefix: str = '') -> bytes:
    """The body of a request as JSON, also if it is YAML: then that of the first document; protobuf is as it came.

    Args:
        request: the request.
        problems: where it is noted which keys YAML has twice.
        prefix: what the message of an error begins with; then it shows the body.
    """
    check_media_type(request.content_type)
    if request.content_type != 'application/yaml':
        return request.body
    from kmock_k8s.manifests.yaml import parse_yaml

    twice: list[str] = []
    try:
        found = next(iter(parse_yaml(request.body.decode('utf-8'), twice)), None)
    except ValueError as exc:
        tail = f' ({show_body(request.body)})' if prefix else ''
        raise bad_request(f'{prefix}yaml: {exc}{tail}') from exc
    if twice and problems is not None:
        problems.append(explain_twice(twice))
    return encode(found)


def explain_twice(twice: list[str]) -> str:
    """What Go says of YAML with keys that are there twice."""
    return 'yaml: unmarshal errors:' + ''.join(f'\n  {line}' for line in twice)


class _Duplicates:
    """Notes the keys that are twice in one object, where they are."""

    def __init__(self) -> None:
        self.known: dict[int, set[str]] = {}
        self.kept: list[Any] = []

    def __call__(self, pairs: list[tuple[str, Any]]) -> JSONObject:
        found = dict(pairs)
        if len(found) != len(pairs):
            counts = Counter(key for key, _ in pairs)
            self.known[id(found)] = {key for key, count in counts.items() if count > 1}
            self.kept.append(found)  # ids are theirs
        return found


def parse(body: bytes, prefix: str, *, shown: bool = True) -> tuple[Any, list[str]]:
    """The JSON of a body, with its duplicate fields; the errors are those of Go's decoder.

    Args:
        body: what was sent.
        prefix: what the message begins with.
        shown: whether the message shows the body.

    Raises:
        KubernetesError: it is no JSON.
    """
    duplicates = _Duplicates()
    decoder = json.JSONDecoder(object_pairs_hook=duplicates, parse_constant=refuse_constant, parse_float=read_float)
    try:
        value = decoder.decode(_text_of(body))
    except (ValueError, RecursionError) as exc:
        tail = f' ({show_body(body)})' if shown else ''
        raise bad_request(f'{prefix}{describe_error(body, exc)}{tail}') from exc
    problems = [f'duplicate field "{path}"' for path in _locate(value, duplicates.known)] if duplicates.known else []
    return value, problems[:MAX_PROBLEMS]


def read_json(body: bytes) -> Any:
    """The JSON of a body, whatever is in it twice.

    Raises:
        ValueError: it is none.
    """
    return json.loads(_text_of(body), parse_constant=refuse_constant, parse_float=read_float)


def _text_of(body: bytes) -> str:
    """The text of JSON; what is no character, or only a half of one, is replaced there, as Go does it."""
    text = body.decode('utf-8', 'replace')
    return _ESCAPES.sub(_mend, text) if '\\u' in text else text


_ESCAPES = re.compile(
    r'\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)', re.DOTALL
)
_HALF = len(r'\ud800')


def _mend(found: re.Match[str]) -> str:
    return r'\ufffd' if len(found[0]) == _HALF else found[0]


def _locate(value: Any, known: dict[int, set[str]], path: str = '') -> list[str]:
    found: list[str] = []
    fields: JSONObject = value
    items: list[Any] = value
    if isinstance(value, dict):
        for key, item in fields.items():
            where = f'{path}.{key}' if path else key
            if key in known.get(id(fields), ()):
                found.append(where)
            found += _locate(item, known, where)
    elif isinstance(value, list):
        for index, item in enumerate(items):
            found += _locate(item, known, f'{path}[{index}]')
    return found


def describe_error(body: bytes, exc: Exception) -> str:
    """What Go's decoder says of malformed JSON."""
    from kmock_k8s.cluster.syntax import find_error  # seldom needed

    return find_error(body) or str(exc)


def show_body(body: bytes) -> str:
    """The beginning of a body, in messages; in hexadecimal digits if it is no object of JSON."""
    if not body:
        return '<empty>'
    if body[:1] != b'{':
        return body.hex() if len(body) <= _SHOWN else f'{body[:_SHOWN].hex()} ...'
    text = body.decode('utf-8', 'replace')
    return text if len(text) <= _SHOWN else f'{text[:_SHOWN]} ...'
