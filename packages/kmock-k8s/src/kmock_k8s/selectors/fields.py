"""Field selectors: objects by their names, their namespaces, and what is at a path in them."""

import json
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple, cast, final

from kmock_k8s.errors import KubernetesBadRequestError

_NAME = 'metadata.name'
_NAMESPACE = 'metadata.namespace'

_PARTS = re.compile(r'(?:[^\\,]|\\(?:.|\Z))+', re.DOTALL)
_TERM = re.compile(r'(.*?)(!=|==|=)(.*)', re.DOTALL)
_SPECIAL = re.compile(r'\\(.?)|[,=]', re.DOTALL)
_PATH = re.compile(r'[^.\s]+(\.[^.\s]+)*')
_ESCAPES = str.maketrans({char: f'\\{char}' for char in '\\,='})

_REFORMATTED = re.compile(r'-?[0-9]+(\.[0-9]+(e[+-]?[0-9]+)?|e[+-]?[0-9]+)|-?Infinity', re.ASCII)
"""The texts of numbers that may have been written in another way in the JSON: ``1.50``, ``1E2``."""


class Term(NamedTuple):
    """One term of a field selector: a path in objects, and the value that is demanded or refused there."""

    path: str
    value: str
    negated: bool = False

    def __str__(self) -> str:
        return f'{self.path}{"!=" if self.negated else "="}{self.value.translate(_ESCAPES)}'


@final
class FieldSelector:
    r"""Which objects are selected by their fields; it is false if it selects everything.

    A path is the names of fields with dots in between: neither names with dots in them nor the items of lists can be
    reached. Any field can be selected by. If it is absent or null, it is ``''``; an object or a list equals no text.

        >>> selector = FieldSelector.parse(r'metadata.name=a,spec.paused!=true,spec.args=x\,y')
        >>> selector.exact('metadata.name')
        'a'
        >>> selector.matches('a', 'ns1', lambda: {'spec': {'paused': False, 'args': 'x,y'}})
        True

    Args:
        terms: what is demanded, all of it.
    """

    __slots__ = ('_fields', '_names', '_namespaces', '_needles', 'terms')

    terms: tuple[Term, ...]
    """What is demanded, sorted."""

    def __init__(self, terms: Iterable[Term] = ()) -> None:
        self.terms = tuple(sorted(set(terms)))
        fields = [term for term in self.terms if term.path not in (_NAME, _NAMESPACE)]
        self._names = tuple((term.value, term.negated) for term in self.terms if term.path == _NAME)
        self._namespaces = tuple((term.value, term.negated) for term in self.terms if term.path == _NAMESPACE)
        self._fields = tuple((term.path.split('.'), term.value, term.negated) for term in fields)
        self._needles = tuple(
            term.value.encode('utf-8', 'surrogatepass')
            for term in fields
            if term.value and not term.negated and not _REFORMATTED.fullmatch(term.value)
        )

    @classmethod
    def parse(cls, text: str) -> 'FieldSelector':
        """The selector of a text, as in the query ``fieldSelector``; an empty text selects everything.

        Raises:
            KubernetesBadRequestError: it is no field selector.
        """
        return _parse(text)

    def exact(self, path: str) -> str | None:
        """The value that has to be at a path, or None if it may be any; the path is as in the terms.

        It is ``''`` if the field has to be absent. If there are two values for one path, so that nothing can match, it
        is one of them.
        """
        return next((term.value for term in self.terms if term.path == path and not term.negated), None)

    def matches(self, name: str, namespace: str | None, load: Callable[[], dict[str, Any]]) -> bool:
        """Whether an object is selected.

        Args:
            name: its name, which is ``metadata.name``, whatever is in the object.
            namespace: its namespace, likewise; None (of cluster-wide objects) is ``''``.
            load: gives the object; it is called only if the object is not refused by these, and there are other terms.
        """
        for value, negated in self._names:
            if (name == value) is negated:
                return False
        for value, negated in self._namespaces:
            if ((namespace or '') == value) is negated:
                return False
        if not self._fields:
            return True
        loaded = load()
        return all((_read(loaded, path) == value) is not negated for path, value, negated in self._fields)

    def may_match(self, raw: bytes) -> bool:
        """False only if an object can't be selected: by a glance at its JSON in UTF-8, cheaper than to parse it."""
        for needle in self._needles:
            if needle not in raw:
                return b'\\' in raw  # it may be there with escapes
        return True

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __str__(self) -> str:
        return ','.join(map(str, self.terms))

    def __repr__(self) -> str:
        return f'FieldSelector.parse({str(self)!r})'

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FieldSelector):
            return NotImplemented
        return self.terms == other.terms

    def __hash__(self) -> int:
        return hash(self.terms)


@lru_cache(maxsize=512)
def _parse(text: str) -> FieldSelector:
    return FieldSelector([_parse_term(text, part) for part in _PARTS.findall(text)])


def _parse_term(text: str, part: str) -> Term:
    found = _TERM.fullmatch(part)
    if found is None:
        raise KubernetesBadRequestError(message=f"invalid selector: '{text}'; can't understand '{part}'")
    path, operator, value = found.groups()
    if not _PATH.fullmatch(path):
        raise KubernetesBadRequestError(message=f'field label not supported: {path}')
    return Term(path, _SPECIAL.sub(_unescape, value), operator == '!=')


def _unescape(found: re.Match[str]) -> str:
    escaped: str | None = found[1]
    if escaped is None:
        raise KubernetesBadRequestError(
            message=f"invalid field selector: unescaped character in value: '{found[0]}' (type '\\{found[0]}')"
        )
    if not escaped or escaped not in '\\,=':
        raise KubernetesBadRequestError(message=f'invalid field selector: invalid escape sequence: {found[0]}')
    return escaped


def _read(loaded: Any, path: list[str]) -> str | None:
    found = loaded
    for name in path:
        if not isinstance(found, dict):
            return ''
        found = cast('dict[str, Any]', found).get(name)
    if isinstance(found, str):
        return found
    if found is None:
        return ''
    return None if isinstance(found, (dict, list)) else json.dumps(found)
