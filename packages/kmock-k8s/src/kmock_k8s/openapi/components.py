"""The schemas in a document: those that its operations refer to, and what they refer to themselves."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, cast

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.openapi.routes import REFERENCE
from kmock_k8s.schemas.tables import load

KINDS: Final = 'x-kubernetes-group-version-kind'

_ANYWHERE: Final = frozenset(('DeleteOptions', 'WatchEvent'))
"""Kinds of all groups; in the document of one, they are of it and of the core one."""
_UNDESCRIBED: Final = {
    'io.k8s.api.networking.v1.IngressRule': frozenset(('http',)),
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps': frozenset((
        'additionalItems', 'additionalProperties', 'example', 'externalDocs', 'items', 'not',
    )),
}  # fmt: skip
"""The properties that have no descriptions in a real server; elsewhere all have one, which is left out here."""


def collect(paths: Mapping[str, Any], group: str, version: str, own: Mapping[str, JSONObject]) -> JSONObject:
    """All schemas that paths need, by their names.

    Args:
        paths: the paths of a document.
        group: the API group of the document.
        version: its version.
        own: the schemas of custom resources; beside them, the others don't tell whose kinds they are.
    """
    found: JSONObject = {}
    wanted = {*list_references(paths)}
    while wanted:
        name = wanted.pop()
        schema = own[name] if name in own else _builtin(name, group, version, with_kinds=not own)
        found[name] = schema
        below = list_references(schema) if name in own else _references_of(name)
        wanted.update(one for one in below if one not in found and (one in own or is_builtin(one)))
    return {name: found[name] for name in sorted(found)}


def list_references(value: Any, prefix: str = REFERENCE) -> Iterator[str]:
    """The names of what a part of a document refers to.

    Args:
        value: the part.
        prefix: what the references begin with that are meant.
    """
    fields: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict):
        for key, below in fields.items():
            if key == '$ref' and isinstance(below, str):
                if below.startswith(prefix):
                    yield below.removeprefix(prefix)
            else:
                yield from list_references(below, prefix)
    elif isinstance(value, list):
        for below in items:
            yield from list_references(below, prefix)


def is_builtin(name: str) -> bool:
    """Tell if there is a definition of that name in the table; values in custom schemas may look like references."""
    return name in load().definitions


@cache
def _references_of(name: str) -> frozenset[str]:
    return frozenset(list_references(_published(name)))


def _builtin(name: str, group: str, version: str, *, with_kinds: bool) -> JSONObject:
    schema = _published(name)
    if not with_kinds:
        return {key: value for key, value in schema.items() if key != KINDS}
    kinds: list[dict[str, str]] = schema.get(KINDS, [])
    if kinds and kinds[0]['kind'] in _ANYWHERE:
        near = {('', 'v1'), (group, version)}
        return {**schema, KINDS: [one for one in kinds if (one['group'], one['version']) in near]}
    return schema


@cache
def _published(name: str) -> JSONObject:
    """A definition of the table, as a document has it."""
    schema = _publish(load().definitions[name], _UNDESCRIBED.get(name, frozenset()))
    kinds = list_kinds(name)
    return {**schema, KINDS: kinds} if kinds else schema


def list_kinds(name: str) -> list[dict[str, str]]:
    """The kinds that a definition of the table is of, each with its group and its version."""
    return _kinds_by_name().get(name, [])


@cache
def _kinds_by_name() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for key, name in load().kinds.items():
        found.setdefault(name, []).append(dict(zip(('group', 'version', 'kind'), key.split('/'), strict=True)))
    return found


def _publish(
    schema: Mapping[str, Any], undescribed: frozenset[str] = frozenset(), *, is_described: bool = False
) -> JSONObject:
    """References are as they are alone; with anything beside them, as a description, they are in an ``allOf``."""
    shown: JSONObject = {}
    for key, value in schema.items():
        fields = cast('Mapping[str, Any]', value)
        if key == '$ref':
            reference = {'$ref': REFERENCE + cast('str', value)}
            if len(schema) == 1 and not is_described:
                return reference
            shown['allOf'] = [reference]
        elif key == 'properties':
            shown[key] = {name: _publish(below, is_described=name not in undescribed) for name, below in fields.items()}
        elif key in ('items', 'additionalProperties') and isinstance(value, Mapping):
            shown[key] = _publish(fields)
        else:
            shown[key] = value
    return shown
