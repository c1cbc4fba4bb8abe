"""The grammar of label selectors: that of ``labels.Parse`` in apimachinery, with its messages."""

import json
import re

from kmock_k8s.errors import KubernetesBadRequestError
from kmock_k8s.selectors.requirements import Operator, Requirement, parse_integer
from kmock_k8s.selectors.validating import explain_key, explain_value

_TOKENS = re.compile(r'!=|==|[=!(),<>]|[^=!(),<>\ \t\r\n]+')
_SYMBOLS = frozenset(('', '!=', '==', '=', '!', '(', ')', ',', '<', '>'))
_OPERATORS = {
    'in': Operator.IN,
    'notin': Operator.NOT_IN,
    '=': Operator.EQUAL,
    '==': Operator.EQUAL,
    '!=': Operator.UNEQUAL,
    '>': Operator.GREATER,
    '<': Operator.LESS,
}


class _Malformed(Exception):
    pass


def parse_requirements(text: str) -> tuple[Requirement, ...]:
    """What a label selector requires, in its order; nothing for an empty text.

    Raises:
        KubernetesBadRequestError: it is no label selector.
    """
    try:
        return tuple(_Parser(text).parse())
    except _Malformed as exc:
        raise KubernetesBadRequestError(message=str(exc)) from None


class _Parser:
    """The tokens of a text, the next one first; the end of the text is an empty token, forever."""

    __slots__ = ('_tokens',)

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = ['', *reversed(_TOKENS.findall(text))]

    @property
    def next(self) -> str:
        return self._tokens[-1]

    def take(self) -> str:
        return self._tokens.pop() if len(self._tokens) > 1 else ''

    def parse(self) -> list[Requirement]:
        requirements: list[Requirement] = []
        if not self.next:
            return requirements
        if self.next in _SYMBOLS and self.next != '!':
            raise _Malformed(f"found '{self.next}', expected: !, identifier, or 'end of string'")
        while True:
            try:
                requirements.append(self._parse_requirement())
            except _Malformed as exc:
                raise _Malformed(f'unable to parse requirement: {exc}') from None
            token = self.take()
            if not token:
                return requirements
            if token != ',':
                raise _Malformed(f"found '{token}', expected: ',' or 'end of string'")
            if self.next in _SYMBOLS and self.next != '!':
                raise _Malformed(f"found '{self.next}', expected: identifier after ','")

    def _parse_requirement(self) -> Requirement:
        negated = self.next == '!' and bool(self.take())
        key = self.take()
        if key in _SYMBOLS:
            raise _Malformed(f"found '{key}', expected: identifier")
        if wrong := explain_key(key):
            raise _Malformed(f'<nil>: Invalid value: {_quote(key)}: {wrong}')
        if negated:
            return Requirement(key, Operator.ABSENT)
        if self.next in ('', ','):
            return Requirement(key, Operator.EXISTS)
        token = self.take()
        operator = _OPERATORS.get(token)
        if operator is None:
            raise _Malformed(f"found '{token}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._parse_set() if operator in (Operator.IN, Operator.NOT_IN) else (self._parse_value(),)
        _validate(key, operator, values)
        return Requirement(key, operator, values)

    def _parse_value(self) -> str:
        if self.next in ('', ','):
            return ''
        token = self.take()
        if token in _SYMBOLS:
            raise _Malformed(f"found '{token}', expected: identifier")
        return token

    def _parse_set(self) -> tuple[str, ...]:
        token = self.take()
        if token != '(':
            raise _Malformed(f"found '{token}' expected: '('")
        if self.next in _SYMBOLS and self.next not in (',', ')'):
            raise _Malformed(f"found '{self.next}', expected: ',', ')' or identifier")
        values: set[str] = set()
        while True:  # a value, which may be empty, then what ends it
            if self.next in (',', ')'):
                value = ''
            elif self.next in _SYMBOLS:
                raise _Malformed(f"found '{self.next}', expected: ',', or identifier")
            else:
                value = self.take()
            values.add(value)
            token = self.take()
            if token == ')':
                return tuple(sorted(values))
            if token != ',':
                raise _Malformed(f"found '{token}', expected: ',' or ')'")


def _validate(key: str, operator: Operator, values: tuple[str, ...]) -> None:
    wrong: list[str] = []
    if operator in (Operator.GREATER, Operator.LESS) and parse_integer(values[0]) is None:
        why = "for 'Gt', 'Lt' operators, the value must be an integer"
        wrong.append(f'values[0]: Invalid value: {_quote(values[0])}: {why}')
    for index, value in enumerate(values):
        if because := explain_value(value):
            wrong.append(f'values[{index}][{key}]: Invalid value: {_quote(value)}: {because}')
    if wrong:
        raise _Malformed(wrong[0] if len(wrong) == 1 else f'[{", ".join(wrong)}]')


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
