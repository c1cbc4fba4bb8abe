"""Value patterns: what a field of a criterion says about the field of a request.

The rules are the same everywhere (``docs/reference/criteria``): ``...`` is any value that is present, ``None`` is no
value, strings and numbers compare by their text, regular expressions match fully, mappings are subsets, ranges and sets
mean "one of", lists compare item by item, functions are asked, and anything else is compared by its own ``==``, on its
side, so that matchers like those of dirty-equals work at any depth.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from copy import copy
from functools import lru_cache, partial
from types import (
    BuiltinFunctionType,
    EllipsisType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
)
from typing import Any, cast

from kmock_core.errors import ContradictionError
from kmock_core.values.bodies import FormFile

TRUE_WORDS = frozenset({'true', 'yes', 'on', 't', 'y', '1'})
FALSE_WORDS = frozenset({'false', 'no', 'off', 'f', 'n', '0'})

Check = Callable[[Any], bool]
"""A pattern that was made ready to be asked about values."""


class Absent:
    """The value of what is not there; unlike None, which JSON has as a value."""

    def __repr__(self) -> str:
        return 'absent'


ABSENT = Absent()


def as_text(value: Any) -> str | None:
    """The text by which strings, bytes and numbers compare, or None for all else."""
    if isinstance(value, str):
        return str.__str__(value)  # not str(): that of a (str, Enum) is the name of its member
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(cast('bytes', value)).decode('utf-8', 'surrogateescape')
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return float.__repr__(value)
    return None


def matches(pattern: Any, value: Any, *, exact: bool = False) -> bool:
    """Tell if the value is what the pattern says; with `exact`, mappings must have no other keys, at any depth."""
    if pattern is ...:
        return value is not ABSENT
    if pattern is None:
        return value is None or value is ABSENT
    if value is ABSENT:
        return False
    for kind, rule in _RULES:
        if isinstance(pattern, kind):
            return rule(pattern, value, exact)
    if hasattr(pattern, '_was_equal'):  # those of dirty-equals show the last value that was equal, not themselves
        pattern = copy(pattern)
    return bool(pattern == value)


def _match_bool(pattern: bool, value: Any, exact: bool) -> bool:
    if isinstance(value, bool) or exact:
        return value is pattern
    text = as_text(value)
    return text is not None and text.lower() in (TRUE_WORDS if pattern else FALSE_WORDS)


def _match_text(pattern: Any, value: Any, exact: bool) -> bool:
    if isinstance(pattern, (int, float)) and isinstance(value, (int, float)) and not isinstance(value, bool):
        return bool(pattern == value)
    if exact and isinstance(value, FormFile):
        value = bytes(value)
    if exact or isinstance(value, bool):
        return isinstance(pattern, type(cast('object', value))) and bool(value == pattern)
    text = as_text(value)
    return text is not None and text == as_text(pattern)


def _match_regexp(pattern: 're.Pattern[Any]', value: Any, exact: bool) -> bool:
    text = as_text(value)
    if text is None:
        return False
    subject = text if isinstance(pattern.pattern, str) else text.encode('utf-8', 'surrogateescape')
    return pattern.fullmatch(subject) is not None


def _match_mapping(pattern: Mapping[Any, Any], value: Any, exact: bool) -> bool:
    if isinstance(value, FormFile):
        value = value.fields
    known: Mapping[Any, Any] = value
    if not isinstance(value, Mapping):
        return False
    if exact and len(known) != sum(p is not None or k in known for k, p in pattern.items()):
        return False
    return all(matches(p, known.get(k, ABSENT), exact=exact) for k, p in pattern.items())


def _match_range(pattern: range, value: Any, exact: bool) -> bool:
    if isinstance(value, str) and not exact:
        try:
            return int(value) in pattern
        except ValueError:
            return False
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value in pattern


def _match_set(pattern: AbstractSet[Any], value: Any, exact: bool) -> bool:
    return any(matches(p, value, exact=exact) for p in pattern)


def _match_sequence(pattern: Sequence[Any], value: Any, exact: bool) -> bool:
    if not isinstance(value, (list, tuple)):
        return False
    items = cast('Sequence[Any]', value)
    return len(items) == len(pattern) and all(matches(p, v, exact=exact) for p, v in zip(pattern, items, strict=True))


def _match_function(pattern: Callable[[Any], Any], value: Any, exact: bool) -> bool:
    return bool(pattern(value))


_RULES: tuple[tuple[Any, Callable[[Any, Any, bool], bool]], ...] = (
    (bool, _match_bool),
    ((str, bytes, bytearray, memoryview, int, float), _match_text),
    (re.Pattern, _match_regexp),
    (Mapping, _match_mapping),
    (range, _match_range),
    (AbstractSet, _match_set),
    ((list, tuple), _match_sequence),
    (
        (FunctionType, MethodType, BuiltinFunctionType, MethodDescriptorType, MethodWrapperType, partial),
        _match_function,
    ),
)


def any_matches(pattern: Any, values: Sequence[Any]) -> bool:
    """Apply a pattern to a field that can be repeated: any of the values may match; a list means exactly these."""
    if pattern is None:
        return not values
    if isinstance(pattern, (list, tuple)):
        return _match_sequence(cast('Sequence[Any]', pattern), values, exact=False)
    return any(matches(pattern, value) for value in values)


# ---- Paths and names: strings with globs and placeholders. ----

_SPECIAL = re.compile(r'\{(\w*)\}|\{(\w+):path\}|\*|\?|\[!?+.[^\]]*\]', re.DOTALL)


def is_glob(pattern: str) -> bool:
    """True if a string means more than itself where globs and placeholders are read."""
    return _SPECIAL.search(pattern) is not None


@lru_cache(maxsize=4096)
def compile_glob(pattern: str) -> 're.Pattern[str]':
    """Turn globs (``*`` and ``?`` match slashes too, ``[a-z]``, ``[!a]``) and ``{placeholders}`` to an expression.

    A placeholder takes one segment of a path; ``{name:path}`` takes the slashes too. The same name twice means the
    same text twice.
    """
    result: list[str] = []
    position = 0
    names: set[str] = set()
    for match in _SPECIAL.finditer(pattern):
        result.append(re.escape(pattern[position : match.start()]))
        position = match.end()
        token = match.group()
        name = match.group(1) or match.group(2) or ''
        if token == '*':
            result.append('.*')
        elif token == '?':
            result.append('.')
        elif token.startswith('['):
            result.append(_compile_set(token))
        elif not name.isidentifier():
            result.append('[^/]+')
        elif name in names:
            result.append(f'(?P={name})')
        else:
            names.add(name)
            result.append(f'(?P<{name}>{".+" if match.group(2) else "[^/]+"})')
    result.append(re.escape(pattern[position:]))
    try:
        return re.compile(''.join(result), re.DOTALL)
    except re.error as exc:
        raise ValueError(f'{pattern!r} is not a glob: {exc}') from exc


def _compile_set(token: str) -> str:
    negated = token[1] == '!'
    chars = token[1 + negated : -1]
    parts: list[str] = []
    position = 0
    while position < len(chars):
        first, last = chars[position], chars[position]
        position += 1
        if chars[position : position + 1] == '-' and position + 1 < len(chars):
            last = chars[position + 1]
            position += 2
        if first <= last:
            parts.append(f'{re.escape(first)}-{re.escape(last)}')
    if not parts:  # reversed ranges have nothing in them, as in the shell
        return '.' if negated else '(?!)'
    return f'[{"^" if negated else ""}{"".join(parts)}]'


# ---- Merging: two criteria for one field. ----


def merge_patterns(field: str, old: Any, new: Any) -> Any:
    """The pattern that says both, or a `ContradictionError` that names the field."""
    if _same(old, new):
        return old if isinstance(old, (str, bytes)) else new  # of 1 and '1', the text says more: 1.0 is not '1'
    if old is ... or new is ...:
        merged_value = new if old is ... else old
        if merged_value is None:
            raise ContradictionError(field, old, new)
        return merged_value
    first: Mapping[Any, Any] = old
    second: Mapping[Any, Any] = new
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        raise ContradictionError(field, first, second)
    merged: dict[Any, Any] = dict(first)
    for key, value in second.items():
        merged[key] = merge_patterns(f'{field}[{key!r}]', merged[key], value) if key in merged else value
    return merged


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, (EllipsisType, bool)) or isinstance(new, (EllipsisType, bool)):
        return old is new
    if isinstance(old, (Mapping, list, tuple)) or isinstance(new, (Mapping, list, tuple)):
        return type(cast(object, old)) is type(cast(object, new)) and bool(cast(object, old) == cast(object, new))
    old_text, new_text = as_text(old), as_text(new)
    if old_text is not None and new_text is not None:
        return old_text == new_text
    return old is new or bool(old == new)


# ---- Explaining ----


def describe(pattern: Any) -> str:
    """One readable word or two for a pattern or a value in a message."""
    if pattern is ...:
        return 'anything'
    if pattern is None:
        return 'nothing'
    expression: re.Pattern[Any] = pattern
    if isinstance(pattern, re.Pattern):
        return f're.compile({expression.pattern!r})'
    shown = repr(pattern)
    if '\n' in shown:
        shown = ' '.join(shown.split())
    return shown if len(shown) <= 200 else shown[:197] + '…'
