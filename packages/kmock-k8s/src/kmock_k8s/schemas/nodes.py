"""Schemas as trees that are made where they are walked."""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal, NoReturn, TypeAlias, cast

from kmock_k8s.model.copying import copy
from kmock_k8s.schemas.tables import load

_fill = object.__setattr__


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = 'ABSENT'

    def __repr__(self) -> str:
        return self.name


ABSENT: Final = Absent.ABSENT
"""There is no default; None is one."""

Plain: TypeAlias = type[str] | type[bool]
_PLAIN: Mapping[object, Plain] = {'string': str, 'boolean': bool}
_NOTHING: Mapping[str, 'Schema'] = MappingProxyType({})
_RESOURCE: Mapping[str, Mapping[str, Any]] = {
    'apiVersion': {'type': 'string'},
    'kind': {'type': 'string'},
    'metadata': {'$ref': 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'},
}


class Schema:
    """What may be at one place of an object: frozen; the places below it are looked up when they are asked for.

    What this class has no attribute for (``pattern``, ``maximum``, ``oneOf``, ``x-kubernetes-validations`` …) is in
    `raw`, under its name in OpenAPI.

    Attributes:
        raw: the schema as JSON; references to definitions are resolved, but not those in the places below.
        name: the name of the definition that this is, or refers to: ``io.k8s.api.core.v1.Container``; None if there is
            none. Those without a type are numbers or strings (``…resource.Quantity``, ``…intstr.IntOrString``), or any
            JSON (``….JSON``).
        type: ``object``, ``array``, ``string``, ``integer``, ``number``, ``boolean``; None if it is not one of them.
        format: what is known besides the type: ``int32``, ``date-time``, ``byte`` …
        required: the keys that objects must have.
        enum: all values that there may be; None if there is no such list.
        nullable: whether null is a value.
        list_type: how lists are merged on server-side apply; None is as ``atomic``.
        list_map_keys: the keys of items that identify them in lists of the type ``map``.
        map_type: whether objects are merged on server-side apply; None is as ``granular``.
        patch_strategy: the strategies of strategic merge patches: ``merge``, ``replace``, ``retainKeys``.
        patch_merge_key: the key of items that identifies them in such patches.
        int_or_string: whether integers and strings are values.
        preserve_unknown: whether fields without a schema are kept.
        embedded: whether objects here are resources as a whole, with apiVersion, kind, and metadata.
        has_default: whether there is a default.
        plain: the type of Python of which each value is right, whatever it is; None if that has to be looked at.
    """

    __slots__ = (
        '_additional',
        '_items',
        '_properties',
        'embedded',
        'enum',
        'format',
        'has_default',
        'int_or_string',
        'list_map_keys',
        'list_type',
        'map_type',
        'name',
        'nullable',
        'patch_merge_key',
        'patch_strategy',
        'plain',
        'preserve_unknown',
        'raw',
        'required',
        'type',
    )

    raw: Mapping[str, Any]
    name: str | None
    type: str | None
    format: str | None
    required: tuple[str, ...]
    enum: tuple[Any, ...] | None
    nullable: bool
    list_type: Literal['atomic', 'set', 'map'] | None
    list_map_keys: tuple[str, ...]
    map_type: Literal['granular', 'atomic'] | None
    patch_strategy: frozenset[str]
    patch_merge_key: str | None
    int_or_string: bool
    preserve_unknown: bool
    embedded: bool
    has_default: bool
    plain: 'Plain | None'

    _properties: 'Mapping[str, Schema] | None'
    _items: 'Schema | Absent | None'
    _additional: 'Schema | Absent | None'

    def __init__(self, raw: Mapping[str, Any], name: str | None = None) -> None:
        get = raw.get
        enum: Any = get('enum')
        strategy: str | None = get('x-kubernetes-patch-strategy')
        _fill(self, 'raw', MappingProxyType(raw) if isinstance(raw, dict) else raw)
        _fill(self, 'name', name)
        _fill(self, 'type', get('type') or None)
        _fill(self, 'format', get('format'))
        _fill(self, 'required', tuple(get('required') or ()))
        _fill(self, 'enum', None if enum is None else tuple(enum))
        _fill(self, 'nullable', get('nullable') is True)
        _fill(self, 'list_type', get('x-kubernetes-list-type'))
        _fill(self, 'list_map_keys', tuple(get('x-kubernetes-list-map-keys') or ()))
        _fill(self, 'map_type', get('x-kubernetes-map-type'))
        _fill(self, 'patch_strategy', frozenset(strategy.split(',')) if strategy else frozenset[str]())
        _fill(self, 'patch_merge_key', get('x-kubernetes-patch-merge-key'))
        _fill(self, 'int_or_string', get('x-kubernetes-int-or-string') is True or get('format') == 'int-or-string')
        _fill(self, 'preserve_unknown', get('x-kubernetes-preserve-unknown-fields') is True)
        _fill(self, 'embedded', get('x-kubernetes-embedded-resource') is True)
        _fill(self, 'has_default', 'default' in raw)
        _fill(self, 'plain', None if get('format') or self.int_or_string else _PLAIN.get(get('type')))
        _fill(self, '_properties', None)
        _fill(self, '_items', ABSENT)
        _fill(self, '_additional', ABSENT)

    @classmethod
    def of(cls, openapi: Mapping[str, Any]) -> 'Schema':
        """The schema that is this JSON: OpenAPI v3, as in the definitions of custom resources.

            >>> Schema.of({'type': 'array', 'items': {'type': 'string'}}).items.type
            'string'

        A ``$ref`` is the name of one of the built-in definitions. The JSON is not copied: it is not to be changed.
        """
        name: str | None = openapi.get('$ref')
        if name is None:
            return cls(openapi)
        if len(openapi) == 1:
            return cls.named(name)
        raw = {**load().definitions[name], **openapi}
        del raw['$ref']
        return cls(raw, name)

    @classmethod
    def named(cls, name: str) -> 'Schema':
        """The schema of a built-in definition, which is always the same one.

        Raises:
            KeyError: there is none of this name.
        """
        return _named(name)

    @property
    def properties(self) -> 'Mapping[str, Schema]':
        """The schemas of the fields that are known by their names."""
        found = self._properties
        if found is None:
            found = self._resolve_properties()
            _fill(self, '_properties', found)
        return found

    @property
    def items(self) -> 'Schema | None':
        """The schema of the items of a list."""
        found = self._items
        if found is ABSENT:
            found = _below(self.raw.get('items'))
            _fill(self, '_items', found)
        return found

    @property
    def additional(self) -> 'Schema | None':
        """The schema of the values of a map: of those fields that are not known by their names."""
        found = self._additional
        if found is ABSENT:
            found = _below(self.raw.get('additionalProperties'))
            _fill(self, '_additional', found)
        return found

    @property
    def is_any(self) -> bool:
        """Whether it is a built-in definition that does not tell its fields, such as ``FieldsV1``."""
        return self.name is not None and not self.properties and self.additional is None

    @property
    def default(self) -> Any:
        """What is there if nothing else is, a copy of its own; `ABSENT` if there is no default.

        Those of built-in kinds are only what their OpenAPI tells: most are empty values, the others are in the code.
        """
        return copy(self.raw.get('default', ABSENT))

    def child(self, key: str) -> 'Schema | None':
        """The schema of a field: the one of its name, else that of all others; None if nothing is known of it."""
        found = (self._properties or self.properties).get(key)
        return self.additional if found is None else found

    def _resolve_properties(self) -> 'Mapping[str, Schema]':
        if self.name is not None and self is not (target := Schema.named(self.name)):
            return target.properties  # what is beside a reference is never another property
        raws: Mapping[str, Any] = self.raw.get('properties') or {}
        if self.embedded:
            raws = {**raws, **_RESOURCE}
        return MappingProxyType({key: Schema.of(raw) for key, raw in raws.items()}) if raws else _NOTHING

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f'Schemas are frozen: {name} can not be changed')

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f'Schemas are frozen: {name} can not be deleted')

    def __repr__(self) -> str:
        return f'<Schema {self.name or self.type or "of any type"}>'


def _below(raw: Any) -> Schema | None:
    if isinstance(raw, Mapping):
        return Schema.of(cast('Mapping[str, Any]', raw))
    return Schema.of({}) if raw is True else None


@cache
def _named(name: str) -> Schema:
    return Schema(load().definitions[name], name)
