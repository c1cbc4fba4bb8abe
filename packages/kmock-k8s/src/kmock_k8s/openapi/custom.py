"""The operations and the schemas of custom resources, as their definitions are published."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, cast

from kmock_k8s.api.describing import Description
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.versions import root_of
from kmock_k8s.openapi.builtin import META
from kmock_k8s.openapi.components import KINDS
from kmock_k8s.openapi.parameters import DELETING, LISTING, PRETTY, WRITING
from kmock_k8s.openapi.routes import JSON, REFERENCE, YAML, Route, name_operation, name_tag

SCALE: Final = 'io.k8s.api.autoscaling.v1.Scale'

_PATCHES: Final = ('application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml')
_BODIES: Final = (JSON, YAML)
_READING: Final = (*PRETTY, 'resourceVersion')
_TEXT: Final = {'type': 'string'}
_METADATA: Final = {'allOf': [{'$ref': f'{REFERENCE}{META}ObjectMeta'}]}
_METADATA_OF_LIST: Final = {'allOf': [{'$ref': f'{REFERENCE}{META}ListMeta'}]}
_ALTERNATIVES: Final = [{'type': 'integer'}, {'type': 'string'}]


class Published(NamedTuple):
    """What is published of a custom resource in one version, besides what discovery tells.

    Args:
        list_kind: the kind of its lists.
        schema: the ``openAPIV3Schema`` of its definition; None if it has none.
        selectable: the paths of the fields that can be selected by, without a dot at the beginning.
    """

    list_kind: str
    schema: Mapping[str, Any] | None = None
    selectable: tuple[str, ...] = ()


def name_schema(group: str, version: str, kind: str) -> str:
    """The name of the schema of a custom kind.

    >>> name_schema('stable.example.com', 'v1', 'CronTab')
    'com.example.stable.v1.CronTab'
    """
    return '.'.join([*filter(None, reversed(group.split('.'))), version, kind])


def publish(group: str, version: str, kind: str, known: Published) -> dict[str, JSONObject]:
    """The schemas of the objects and of the lists of a custom resource, by their names."""
    shown = None if known.schema is None else _publish(known.schema)
    return complete((group, version, kind), known, shown, REFERENCE, _METADATA, _METADATA_OF_LIST)


def complete(
    named: tuple[str, str, str],
    known: Published,
    shown: JSONObject | None,
    reference: str,
    metadata: JSONObject,
    metadata_of_list: JSONObject,
) -> dict[str, JSONObject]:
    """The schemas of the objects and of the lists of a custom resource, by their names, in either version of OpenAPI.

    Args:
        named: its group, version and kind.
        known: what is published of it.
        shown: what is left of its own schema there; None if it is not told.
        reference: what references begin with.
        metadata: the schema of the metadata of objects.
        metadata_of_list: the schema of those of lists.
    """
    group, version, kind = named
    name = name_schema(*named)
    own: JSONObject = {'type': 'object'} if shown is None else shown
    if shown is not None:
        own['properties'] = {**own.get('properties', {}), 'apiVersion': _TEXT, 'kind': _TEXT, 'metadata': metadata}
    own[KINDS] = [{'group': group, 'version': version, 'kind': kind}]
    if known.selectable:
        own['x-kubernetes-selectable-fields'] = [{'fieldPath': path} for path in known.selectable]
    listed: JSONObject = {
        'type': 'object',
        'required': ['items'],
        'properties': {
            'apiVersion': _TEXT,
            'items': {'type': 'array', 'items': {'$ref': reference + name}},
            'kind': _TEXT,
            'metadata': metadata_of_list,
        },
        KINDS: [{'group': group, 'version': version, 'kind': known.list_kind}],
    }
    return {name: own, name_schema(group, version, known.list_kind): listed}


def embed(shown: JSONObject, metadata: JSONObject) -> None:
    """Add the fields that each object has to the schema of an embedded one, in place."""
    shown['properties'] = {**shown.get('properties', {}), 'apiVersion': _TEXT, 'kind': _TEXT, 'metadata': metadata}
    required: list[str] = shown.get('required', [])
    shown['required'] = [*required, *(name for name in ('kind', 'apiVersion') if name not in required)]


def _publish(schema: Mapping[str, Any]) -> JSONObject:
    """A schema with what its extensions mean: embedded resources have their fields, int-or-string both types."""
    shown: JSONObject = {}
    for key, value in schema.items():
        fields = cast('Mapping[str, Any]', value)
        if key == 'properties':
            shown[key] = {name: _publish(below) for name, below in fields.items()}
        elif key in ('items', 'additionalProperties') and isinstance(value, Mapping):
            shown[key] = _publish(fields)
        elif not is_nothing(value) or key in ('default', 'additionalProperties'):
            shown[key] = value
    if schema.get('x-kubernetes-embedded-resource'):
        embed(shown, _METADATA)
    if schema.get('x-kubernetes-int-or-string') and not _has_alternatives(schema):
        if 'anyOf' in schema:
            shown['allOf'] = [{'anyOf': _ALTERNATIVES}, *schema.get('allOf', ())]
        else:
            shown['anyOf'] = _ALTERNATIVES
    return shown


def is_nothing(value: Any) -> bool:
    """Tell if Go leaves it out; a zero stays, as numbers are pointers there."""
    return value is None or value is False or value == ''


def _has_alternatives(schema: Mapping[str, Any]) -> bool:
    first: list[Mapping[str, Any]] = schema.get('allOf') or [{}]
    return _ALTERNATIVES in (schema.get('anyOf'), first[0].get('anyOf'))


def list_routes(group: str, version: str, item: Description, list_kind: str) -> Iterator[Route]:
    """The operations of a custom resource."""
    of = _Custom(group, version, item, list_kind)
    yield from of.about_all()
    yield from of.about_one(of.path, '', of.name)
    yield of.delete()
    parts = {part.name for part in item.subresources}
    for part, name in (('status', of.name), ('scale', SCALE)):
        if part in parts:
            yield from of.about_one(f'{of.path}/{part}', part.capitalize(), name)


class _Custom:
    """One custom resource, with what all of its operations need."""

    def __init__(self, group: str, version: str, item: Description, list_kind: str) -> None:
        self._group, self._version, self._item = group, version, item
        self._root = root_of(group, version)
        self._collection = f'{self._root}/{"namespaces/{namespace}/" if item.namespaced else ""}{item.plural}'
        self._named = f'{"Namespaced" if item.namespaced else ""}{item.kind}'
        self._listed = name_schema(group, version, list_kind)
        self.path = f'{self._collection}/{{name}}'
        self.name = name_schema(group, version, item.kind)

    def about_all(self) -> Iterator[Route]:
        query: tuple[str, ...] = (*LISTING, *PRETTY)
        listed: dict[int, str] = {200: self._listed}
        if self._item.namespaced:
            rest = f'{self._item.kind}ForAllNamespaces'
            yield self._route(f'{self._root}/{self._item.plural}', 'get', 'list', rest, 'list', query, listed)
        yield self._route(self._collection, 'get', 'list', self._named, 'list', query, listed)
        query, answers = (*WRITING, *PRETTY), {200: self.name, 202: self.name, 201: self.name}
        yield self._route(self._collection, 'post', 'create', self._named, 'post', query, answers, self.name)
        query, answers = (*LISTING, *PRETTY), {200: f'{META}Status'}
        rest = f'Collection{self._named}'
        yield self._route(self._collection, 'delete', 'delete', rest, 'deletecollection', query, answers)

    def about_one(self, path: str, part: str, name: str) -> Iterator[Route]:
        rest, query = self._named + part, (*WRITING, *PRETTY)
        yield self._route(path, 'get', 'read', rest, 'get', _READING, {200: name})
        yield self._route(path, 'put', 'replace', rest, 'put', query, {200: name, 201: name}, name)
        patched = self._route(path, 'patch', 'patch', rest, 'patch', query, {200: name}, f'{META}Patch')
        yield patched._replace(consumes=_PATCHES)

    def delete(self) -> Route:
        query, answers = (*DELETING, *PRETTY), {200: f'{META}Status', 202: f'{META}Status'}
        route = self._route(
            self.path, 'delete', 'delete', self._named, 'delete', query, answers, f'{META}DeleteOptions'
        )
        return route._replace(demands_body=False)

    def _route(
        self,
        path: str,
        method: str,
        verb: str,
        rest: str,
        action: str,
        query: tuple[str, ...],
        answers: dict[int, str],
        body: str | None = None,
    ) -> Route:
        return Route(
            path,
            method,
            name_tag(self._group, self._version),
            name_operation(verb, self._group, self._version, rest),
            query,
            answers,
            _BODIES,
            body,
            _BODIES,
            action=action,
            kind=(self._group, self._version, self._item.kind),
        )
