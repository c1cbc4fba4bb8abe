"""Reads templates: texts with paths in braces."""

import json
import re
from collections.abc import Iterator

from kmock_k8s.cluster.representing.jsonpath.nodes import (
    Constant,
    Descent,
    Field,
    Filter,
    JSONPathError,
    Slice,
    Step,
    Steps,
    Union,
    Wildcard,
    Word,
)

_TERMINATORS = frozenset(' \t\r\n.,[]$@{}')
_is_key = re.compile(r"'([^']*)'").fullmatch
_read_slice = re.compile(r'(-?[0-9]*)(?::(-?[0-9]*))?(?::(-?[0-9]*))?').fullmatch
_read_comparison = re.compile(r'([^!<>=]+)([!<>=]+)(.+)').fullmatch
_is_number = re.compile(r'[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)').fullmatch
_LARGEST = 2**63
_LONGEST = 4096
"""As many characters are read as a number; Python refuses to read much more, and none has so many."""
_ESCAPES = {'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\'}
_read_escape = re.compile(
    r"""\\(?:(?P<char>[abfnrtv\\'"])|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})"""
    r'|(?P<octal>[0-3][0-7]{2}))'
)


def parse(text: str) -> tuple[Steps, ...]:
    """The texts and the paths of a template, in order.

    Raises:
        JSONPathError: it can't be read.
    """
    reader = _Reader(text)
    return tuple(reader.read())


class _Reader:
    """Goes through a template."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    def read(self) -> Iterator[Steps]:
        while self._place < len(self._text):
            start = self._text.find('{', self._place)
            start = len(self._text) if start < 0 else start
            if start > self._place:
                yield (Constant(self._text[self._place : start]),)
            self._place = start + 1
            if start < len(self._text):
                yield tuple(self._read_path())

    def _read_path(self) -> Iterator[Step]:
        """The steps up to the closing brace."""
        after_descent = False
        while not self._take('}'):
            if self._take('[?('):
                yield self._read_filter()
            elif self._take('..'):
                if after_descent:
                    raise JSONPathError('invalid multiple recursive descent')
                yield Descent()
                after_descent = True
                if self._peek().isalnum() or self._peek() == '_':
                    yield self._read_field()
                    after_descent = False
                continue
            else:
                step = self._read_step()
                if step is None:
                    continue  # nothing that counts
                yield from step
            after_descent = False

    def _read_step(self) -> Steps | None:
        char = self._peek()
        if char in ('', '\r', '\n'):
            raise JSONPathError('unclosed action')
        self._place += 1
        if char in ' @$':
            return None
        if char == '[':
            return self._read_brackets()
        if char in '"\'':
            return (Constant(self._read_quoted(char)),)
        if char == '.':
            return (self._read_field(),)
        self._place -= 1
        if char in '+-' or char.isdecimal():
            return (self._read_number(),)
        if char.isalnum() or char == '_':
            word = self._read_until(_TERMINATORS)
            return (Constant(word == 'true') if word in {'true', 'false'} else Word(word),)
        raise JSONPathError(f'unrecognized character in action: {char!r}')

    def _read_field(self) -> Step:
        start = self._place
        while self._peek() and self._peek() not in _TERMINATORS:
            self._place += 2 if self._peek() == '\\' else 1
        self._place = min(self._place, len(self._text))
        name = self._text[start : self._place]
        return Wildcard() if name == '*' else Field(name.replace('\\', ''))

    def _read_number(self) -> Step:
        start = self._place
        self._place += self._peek() in '+-'
        while self._peek() == '.' or self._peek().isdecimal():
            self._place += 1
        text = self._text[start : self._place]
        if not _is_number(text):
            raise JSONPathError(f'cannot parse number {text}')
        return Constant(float(text) if '.' in text else _to_integer(text))

    def _read_quoted(self, quote: str) -> str:
        start = self._place
        while self._peek() != quote or self._text[self._place - 1] == '\\':
            if self._peek() in ('', '\n'):
                raise JSONPathError('unterminated quoted string')
            self._place += 1
        self._place += 1
        return _unquote(self._text[start : self._place - 1], quote)

    def _read_brackets(self) -> Steps:
        start = self._place
        end = self._text.find(']', start)
        text = self._text[start:end]
        if end < 0 or '\n' in text:
            raise JSONPathError('unterminated array')
        self._place = end + 1
        text = ':' if text == '*' else text
        if ',' in text:
            return (Union(tuple(_parse_path(f'[{way.strip(" ")}]') for way in text.split(','))),)
        if (key := _is_key(text)) is not None:
            return _parse_path(f'.{key[1]}')
        found = _read_slice(text)
        if found is None:
            raise JSONPathError(f'invalid array index {text}')
        return (_make_slice(*found.groups()),)

    def _read_filter(self) -> Step:
        start, quote, is_closed = self._place, '', False
        while True:
            char = self._peek()
            if char in ('', '\n'):
                raise JSONPathError('unterminated filter')
            self._place += 1
            if char in '"\'':
                if not quote:
                    quote = char
                elif char == quote and self._text[self._place - 2] != '\\':
                    is_closed = True
            elif char == ')' and is_closed == bool(quote):
                break
        text = self._text[start : self._place - 1]
        if not self._take(']'):
            raise JSONPathError('unclosed array expect ]')
        found = _read_comparison(text)
        if found is None:
            return Filter(_parse_path(text), '')
        left, operator, right = found.groups()
        return Filter(_parse_path(left), operator, _parse_path(right))

    def _read_until(self, ends: frozenset[str]) -> str:
        start = self._place
        while self._peek() and self._peek() not in ends:
            self._place += 1
        return self._text[start : self._place]

    def _peek(self) -> str:
        return self._text[self._place : self._place + 1]

    def _take(self, token: str) -> bool:
        found = self._text.startswith(token, self._place)
        self._place += len(token) if found else 0
        return found


def _parse_path(text: str) -> Steps:
    return parse(f'{{{text}}}')[0]


def _make_slice(start: str, end: str | None, step: str | None) -> Slice:
    if end is None and step is None:
        first = _read_index(start)
        return Slice(first, (first or 0) + 1, None, single=True)
    return Slice(_read_index(start), _read_index(end or ''), _read_index(step or ''))


def _read_index(text: str) -> int | None:
    if not text:
        return None
    if text == '-':
        raise JSONPathError('array index - is not a number')
    return _to_integer(text)


def _to_integer(text: str) -> int:
    """An integer of 64 bits."""
    number = int(text) if len(text) <= _LONGEST else _LARGEST
    if not -_LARGEST <= number < _LARGEST:
        raise JSONPathError(f'strconv.ParseInt: parsing {json.dumps(text)}: value out of range')
    return number


def _unquote(text: str, quote: str) -> str:
    parts: list[str] = []
    place = 0
    while place < len(text):
        if text[place] != '\\':
            parts.append(text[place])
            place += 1
            continue
        found = _read_escape.match(text, place)
        if found is None or (found['char'] in ('"', "'") and found['char'] != quote):
            raise JSONPathError(f'unquote string {quote}{text}{quote} error invalid syntax')
        number = found['x'] or found['u'] or found['U']
        if found['char']:
            parts.append(_ESCAPES.get(found['char'], found['char']))
        else:
            parts.append(chr(int(number, 16) if number else int(found['octal'], 8)))
        place = found.end()
    return ''.join(parts)
