"""What is wrong with malformed JSON, in the words of Go's scanner (``encoding/json``, ``sigs.k8s.io/json``)."""

from collections.abc import Callable
from typing import TypeAlias

MAX_DEPTH = 10_000
"""How deep objects and lists may be within each other: ``maxNestingDepth`` of the scanner."""

END = 'unexpected end of JSON input'

_SPACE = b' \t\r\n'
_DIGITS = b'0123456789'
_HEXADECIMAL = b'0123456789abcdefABCDEF'
_ESCAPED = b'bfnrt\\/"'
_LITERALS = {ord('t'): b'true', ord('f'): b'false', ord('n'): b'null'}
_NAMES = {7: r'\a', 8: r'\b', 9: r'\t', 10: r'\n', 11: r'\v', 12: r'\f', 13: r'\r', 39: r'\'', 92: r'\\'}
_UNPRINTED = 0xAD  # a soft hyphen


class _SyntaxError(Exception):
    """It is malformed; the text says why."""


def find_error(body: bytes) -> str | None:
    """What Go says of malformed JSON; None if it is well-formed."""
    try:
        _Scanner(body).scan()
    except _SyntaxError as exc:
        return str(exc)
    return None


_Step: TypeAlias = Callable[[], None]


class _Scanner:
    """Goes through the JSON without recursion, until something is wrong."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._place = 0
        self._open: list[int] = []
        self._is_empty = False  # what was opened last

    def scan(self) -> None:
        """Go through all of it."""
        step: _Step | None = self._begin_value
        while step is not None:
            step()
            step = self._next_step()
        self._skip_space()
        if self._place < len(self._body):
            raise self._refuse('after top-level value')

    def _next_step(self) -> _Step | None:
        """What follows a value, or the beginning of an object or a list."""
        while self._open:
            self._skip_space()
            char = self._peek()
            is_object = self._open[-1] == ord('{')
            if self._is_empty:
                self._is_empty = False
                if char != (ord('}') if is_object else ord(']')):
                    return self._begin_member if is_object else self._begin_value
            elif char == ord(','):
                self._place += 1
                return self._begin_member if is_object else self._begin_value
            elif char != (ord('}') if is_object else ord(']')):
                raise self._refuse('after object key:value pair' if is_object else 'after array element')
            self._open.pop()
            self._place += 1
        return None

    def _begin_member(self) -> None:
        self._skip_space()
        if self._peek() != ord('"'):
            raise self._refuse('looking for beginning of object key string')
        self._scan_string()
        self._skip_space()
        if self._peek() != ord(':'):
            raise self._refuse('after object key')
        self._place += 1
        self._begin_value()

    def _begin_value(self) -> None:
        self._skip_space()
        char = self._peek()
        if char in b'{[':
            if len(self._open) >= MAX_DEPTH:
                raise self._refuse('exceeded max depth')
            self._open.append(char)
            self._is_empty = True
            self._place += 1
        elif char == ord('"'):
            self._scan_string()
        elif char in b'-' + _DIGITS:
            self._scan_number()
        elif (literal := _LITERALS.get(char)) is not None:
            for expected in literal:
                if self._peek() != expected:
                    raise self._refuse(f"in literal {literal.decode()} (expecting '{chr(expected)}')")
                self._place += 1
        else:
            raise self._refuse('looking for beginning of value')

    def _scan_string(self) -> None:
        self._place += 1
        while (char := self._peek()) != ord('"'):
            if char < 0x20:
                raise self._refuse('in string literal')
            self._place += 1
            if char == ord('\\'):
                self._scan_escape()
        self._place += 1

    def _scan_escape(self) -> None:
        char = self._peek()
        if char == ord('u'):
            self._place += 1
            for _ in range(4):
                self._demand(_HEXADECIMAL, r'in \u hexadecimal character escape')
        else:
            self._demand(_ESCAPED, 'in string escape code')

    def _scan_number(self) -> None:
        if self._peek() == ord('-'):
            self._place += 1
        first = self._peek()
        self._demand(_DIGITS, 'in numeric literal')
        if first != ord('0'):
            self._skip(_DIGITS)
        if self._is_at(b'.'):
            self._place += 1
            self._demand(_DIGITS, 'after decimal point in numeric literal')
            self._skip(_DIGITS)
        if self._is_at(b'eE'):
            self._place += 1
            if self._is_at(b'+-'):
                self._place += 1
            self._demand(_DIGITS, 'in exponent of numeric literal')
            self._skip(_DIGITS)

    # ---- Characters ----

    def _peek(self) -> int:
        if self._place >= len(self._body):
            raise _SyntaxError(END)
        return self._body[self._place]

    def _is_at(self, chars: bytes) -> bool:
        return self._place < len(self._body) and self._body[self._place] in chars

    def _skip(self, chars: bytes) -> None:
        while self._is_at(chars):
            self._place += 1

    def _skip_space(self) -> None:
        self._skip(_SPACE)

    def _demand(self, chars: bytes, context: str) -> None:
        if self._peek() not in chars:
            raise self._refuse(context)
        self._place += 1

    def _refuse(self, context: str) -> _SyntaxError:
        return _SyntaxError(f"invalid character '{_quote(self._peek())}' {context}")


def _quote(char: int) -> str:
    """A byte as Go shows it: as a character of Latin-1 (``quoteChar``)."""
    if char in _NAMES:
        return _NAMES[char]
    if char < 0x20 or char == 0x7F:
        return f'\\x{char:02x}'
    return f'\\u{char:04x}' if 0x80 <= char <= 0xA0 or char == _UNPRINTED else chr(char)
