"""YAML as kubectl reads it: as a way to write JSON.

kubectl has the rules of YAML 1.1 with a few differences, which files in the wild depend on: ``22:22`` and dates are
texts, ``1e3`` and ``0o644`` are numbers, ``y`` is true, keys that are no texts become texts.
"""

import json
import math
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, cast

_NULL = {'', '~', 'null', 'Null', 'NULL'}
_TRUE = {'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'}
_FALSE = {'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'}
_NUMBER = re.compile(
    r'[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][-+]?\d+)?)'
)
_INFINITE = re.compile(r'[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)')
_PLAIN = re.compile(f'(?:{"|".join(sorted(_NULL | _TRUE | _FALSE))}|{_NUMBER.pattern}|{_INFINITE.pattern})$')

MAX_EXPANDED = 400_000
"""How many nodes aliases may make of a few: about what kubectl takes, too."""

_TAG = 'tag:yaml.org,2002:'
_MERGE = f'{_TAG}merge'
_AMBIGUOUS = f'{_TAG}plain'  # a plain scalar that is no text: what it is, its text says


class YAMLError(ValueError):
    """A text is no YAML, or has something that JSON has not; `line` is where, from 1 on."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def parse_yaml(text: str, twice: list[str] | None = None) -> Iterator[Any]:
    """The documents of a text, as `json.loads` would give them; None for those that are empty.

    Args:
        text: the YAML.
        twice: where it is noted, in the words of Go, which keys are there twice: the last one counts then.

    Raises:
        YAMLError: a document is broken, once those before it were given.
    """
    yaml: Any = import_module('yaml')
    try:
        for node in yaml.compose_all(text, _loader()):
            sizes: dict[int, int] = {}
            if _measure(node, sizes) > max(MAX_EXPANDED, 10 * len(sizes)):
                raise _refuse(node, 'its aliases make it far too large')
            yield _read(node, (), twice)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        raise YAMLError(exc.problem or exc.context, mark.line + 1 if mark else 1) from exc
    except yaml.YAMLError as exc:  # of characters, with no mark
        position: int = getattr(exc, 'position', 0)
        reason = getattr(exc, 'reason', None) or exc
        raise YAMLError(str(reason), text.count('\n', 0, position) + 1) from exc


@cache
def _loader() -> Any:
    """The loader of PyYAML, in C if it is there, that tells only which scalars are texts."""
    yaml: Any = import_module('yaml')
    loader: Any = type('Loader', (getattr(yaml, 'CSafeLoader', yaml.SafeLoader),), {'yaml_implicit_resolvers': {}})
    loader.add_implicit_resolver(_AMBIGUOUS, _PLAIN, None)
    loader.add_implicit_resolver(_MERGE, re.compile('<<$'), ['<'])
    return loader


def _measure(node: Any, sizes: dict[int, int]) -> int:
    """How many nodes there are if each alias is a copy; `sizes` has those of all nodes then."""
    size = sizes.get(id(node))
    if size is None:
        sizes[id(node)] = 1  # for aliases that contain themselves, which are refused later
        children: Any = node.value if node.id == 'sequence' else ()
        if node.id == 'mapping':
            children = [child for pair in node.value for child in pair]
        size = sizes[id(node)] = 1 + sum([_measure(child, sizes) for child in children])
    return size


def _read(node: Any, outer: tuple[Any, ...], twice: list[str] | None) -> Any:
    """The value of a node; `outer` are the nodes that it is inside of."""
    if node in outer:
        raise _refuse(node, 'an alias contains itself')
    if node.id == 'mapping':
        return dict(_read_items(node, (*outer, node), twice))
    if node.id == 'sequence':
        return [_read(item, (*outer, node), twice) for item in node.value]
    return _read_scalar(node)


def _read_items(node: Any, outer: tuple[Any, ...], twice: list[str] | None) -> list[tuple[str, Any]]:
    """The items of a mapping, those that are merged into it first: its own replace them."""
    merged: list[tuple[str, Any]] = []
    own: dict[str, Any] = {}
    for key, value in node.value:
        if key.tag == _MERGE:
            sources: Any = value.value if value.id == 'sequence' else [value]
            for source in reversed(sources):  # the first one wins
                if source.id != 'mapping':
                    raise _refuse(source, 'only mappings can be merged')
                merged.extend(_read_items(source, (*outer, source), twice))
            continue
        name = _read_key(key)
        if name in own and twice is None:
            raise _refuse(key, f'the key {name!r} is there twice')
        found = _read(value, outer, twice)
        if name in own and twice is not None:
            twice.append(f'line {value.start_mark.line + 1}: key {json.dumps(name)} already set in map')
        own[name] = found
    return [*merged, *own.items()]


def _read_key(node: Any) -> str:
    key: Any = _read_scalar(node) if node.id == 'scalar' else None
    if isinstance(key, bool):
        return 'true' if key else 'false'
    if isinstance(key, str | int | float):
        return str(key)
    raise _refuse(node, 'a key has to be a text')


def _read_scalar(node: Any) -> Any:
    tag, text = node.tag.removeprefix(_TAG), cast('str', node.value)
    if tag in {'plain', 'bool', 'null', 'int', 'float'}:
        value = _read_plain(text, node)
        return float(value) if tag == 'float' and isinstance(value, int) else value
    if tag in {'str', 'timestamp', 'merge', 'value', 'binary'}:
        return text
    raise _refuse(node, f'JSON has no {node.tag}')


def _read_plain(text: str, node: Any) -> Any:
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INFINITE.fullmatch(text):
        raise _refuse(node, f'JSON has no {text}')
    digits = text.replace('_', '')
    try:
        if re.fullmatch(r'[-+]?0[0-7]+', digits):  # as modes of files are written: 0644
            return int(digits, 8)
        return int(digits, 10 if digits.lstrip('-+').isdecimal() else 0)
    except ValueError:
        pass
    try:
        number = float(digits)
    except ValueError:
        if node.tag == _AMBIGUOUS:
            return text
        raise _refuse(node, f'{text!r} is no {node.tag.removeprefix(_TAG)}') from None
    if not math.isfinite(number):
        raise _refuse(node, f'{text} is too large')
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _refuse(node: Any, message: str) -> YAMLError:
    return YAMLError(message, node.start_mark.line + 1)
