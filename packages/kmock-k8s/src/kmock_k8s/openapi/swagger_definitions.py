"""The built-in definitions of OpenAPI v2: those of v3 in other words, and without defaults."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, cast

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.openapi.components import KINDS, is_builtin, list_kinds, list_references
from kmock_k8s.schemas.tables import load

DEFINITIONS: Final = '#/definitions/'

_PLAIN: Final[Mapping[str, JSONObject]] = {
    'io.k8s.apimachinery.pkg.api.resource.Quantity': {'type': 'string'},
    'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {'type': 'string', 'format': 'int-or-string'},
}
"""What there are no words for in this version."""


def collect(wanted: Iterable[str], own: Mapping[str, JSONObject]) -> list[str]:
    """The names of these definitions and of those that they refer to.

    Args:
        wanted: the names to begin with.
        own: the definitions of custom resources; all of them are there.
    """
    found: set[str] = set()
    waiting = {*wanted, *own}
    while waiting:
        name = waiting.pop()
        found.add(name)
        below = list_references(own[name], DEFINITIONS) if name in own else _references_of(name)
        waiting.update(one for one in below if one not in found and (one in own or is_builtin(one)))
    return sorted(found)


@cache
def _references_of(name: str) -> frozenset[str]:
    return frozenset(list_references(define(name), DEFINITIONS))


@cache
def define(name: str) -> JSONObject:
    """A built-in definition; the result is shared, and not to be changed."""
    if name in _PLAIN:
        return _PLAIN[name]
    kinds = list_kinds(name)
    schema = _define(load().definitions[name])
    return {**schema, KINDS: kinds} if kinds else schema


def _define(schema: Mapping[str, Any]) -> JSONObject:
    shown: JSONObject = {}
    for key, value in schema.items():
        if key == '$ref':
            shown[key] = DEFINITIONS + value
        elif key == 'properties':
            shown[key] = {name: _define(below) for name, below in value.items()}
        elif key in ('items', 'additionalProperties') and isinstance(value, Mapping):
            shown[key] = _define(cast('Mapping[str, Any]', value))
        elif key != 'default':
            shown[key] = value
    return shown
