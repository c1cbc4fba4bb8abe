"""YAML as the API server writes it (``sigs.k8s.io/yaml``): JSON with sorted keys, in blocks, lines of 80 characters."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from io import StringIO
from typing import Any, cast

from kmock_k8s.cluster.representing.golang import print_float, sort_names

_NOT_TEXT = frozenset({
    '', '~', 'null', 'Null', 'NULL', 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON',
    'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF', '.nan', '.NaN', '.NAN', '.inf', '.Inf',
    '.INF', '+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF',
})  # fmt: skip
_may_be_number = re.compile(r'[-+.0-9]').match
_is_integer = re.compile(r'[-+]?(?:0[bB][01]+|0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0|[1-9][0-9]*)').fullmatch
_is_float = re.compile(r'[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?').fullmatch
_HOURS = r'[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?'
_is_time = re.compile(
    rf'[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}(?:[Tt]{_HOURS}(?:Z|[-+][0-9]{{2}}:[0-9]{{2}})| {_HOURS})?'
).fullmatch
_is_base_60 = re.compile(r'[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?').fullmatch


_END = '\n...\n'
"""The end of documents that could go on, as this library marks it, and the server does not."""


def write_yaml(content: Any) -> bytes:
    """JSON as YAML."""
    yaml, dumper = _library()
    stream = StringIO()
    events = [yaml.StreamStartEvent(), yaml.DocumentStartEvent(), *_iterate(yaml, content)]
    events += [yaml.DocumentEndEvent(), yaml.StreamEndEvent()]
    yaml.emit(events, stream, dumper, width=80, allow_unicode=True)
    text = stream.getvalue()
    return (text.removesuffix(_END) + '\n' if text.endswith(_END) else text).encode('utf-8')


@cache
def _library() -> tuple[Any, Any]:
    # Most tests never ask for YAML. Its emitter in C is the one that Go's was made of; that in Python differs a little.
    yaml: Any = import_module('yaml')
    return yaml, getattr(yaml, 'CSafeDumper', yaml.SafeDumper)


def _iterate(yaml: Any, value: Any) -> Iterator[Any]:
    fields: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict):
        yield yaml.MappingStartEvent(None, None, True, flow_style=not fields)
        for name in sort_names(fields):
            yield _write_text(yaml, name)
            yield from _iterate(yaml, fields[name])
        yield yaml.MappingEndEvent()
    elif isinstance(value, list):
        yield yaml.SequenceStartEvent(None, None, True, flow_style=not items)
        for item in items:
            yield from _iterate(yaml, item)
        yield yaml.SequenceEndEvent()
    elif isinstance(value, str):
        yield _write_text(yaml, value)
    else:
        yield yaml.ScalarEvent(None, None, (True, False), _print_plain(value))


def _write_text(yaml: Any, text: str) -> Any:
    text = text if text.isascii() else text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')
    style = '|' if '\n' in text else None if _is_text(text) else '"'
    return yaml.ScalarEvent(None, None, (True, True), text, style=style)


def _print_plain(value: object) -> str:
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, float):
        return print_float(value)
    return 'null' if value is None else str(cast('int', value))


def _is_text(text: str) -> bool:
    """Tell if a text is one also if it is not quoted."""
    if text in _NOT_TEXT:
        return False
    if not _may_be_number(text):
        return True
    if _is_time(text) or _is_base_60(text):
        return False
    number = text.replace('_', '') if text[0] != '.' else text
    return not (_is_integer(number) or _is_float(number))
