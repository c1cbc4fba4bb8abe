"""Shapes: what is one thing in an object, and what is many things with owners of their own."""

from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias

from kmock_k8s.schemas import ABSENT, Schema

Scalar: TypeAlias = Literal['string', 'numeric', 'boolean', 'any']
"""Which scalars there may be: those of no single type are ``any``."""

_EITHER = ('.resource.Quantity', '.intstr.IntOrString')
_SCALARS: dict[str, Scalar] = {'integer': 'numeric', 'number': 'numeric', 'boolean': 'boolean'}


class Shape:
    """How the value at one place of an object is divided among its owners.

    As the API does: maps are divided unless they are ``atomic``, lists only if they are sets, or maps by keys; where
    nothing is known of the fields, they are taken as they come (maps are divided, lists are not).

    Attributes:
        is_map: whether there may be objects.
        is_list: whether there may be lists.
        scalar: which scalars there may be; None for none.
        divided_map: whether the fields of an object have owners of their own.
        divided_list: whether the items of a list have owners of their own.
        keys: the fields that items of a list are known by; none if they are values of a set.
    """

    __slots__ = (
        '_element',
        '_named',
        '_preserve',
        '_schema',
        'divided_list',
        'divided_map',
        'is_list',
        'is_map',
        'keys',
        'scalar',
    )

    def __init__(self, schema: Schema | None, preserve: bool = False) -> None:
        self._schema = schema
        self._preserve = preserve = preserve or (schema is not None and schema.preserve_unknown)
        self._named: dict[str, Shape] = {}
        self._element: Shape | Literal[False] | None = False
        either = schema is not None and (schema.int_or_string or (schema.name or '').endswith(_EITHER))
        kind = None if schema is None or either else schema.type
        free = kind is None and not either
        self.is_map: bool = free or kind == 'object'
        self.is_list: bool = free or kind == 'array'
        self.scalar: Scalar | None = 'any' if free or either else _scalar(kind, schema)
        self.divided_map: bool = self.is_map and (free or schema is None or schema.map_type != 'atomic')
        self.divided_list: bool = False
        self.keys: tuple[str, ...] = ()
        if kind == 'array' and schema is not None:
            self.divided_list, self.keys = _division(schema)

    @staticmethod
    def of(schema: Schema | None) -> 'Shape':
        """The shape by a schema, always the same one for the same schema; None is anything at all."""
        return FREE if schema is None else _shape(schema, False)

    def child(self, key: str) -> 'Shape | None':
        """The shape of a field of an object; None if it may not be there."""
        return self._named.get(key) or self._find(key)

    def names(self, key: str) -> bool:
        """Whether a field is known by its name: it is a part of this place, not an entry in a map."""
        if key not in self._named:
            self._find(key)
        return key in self._named

    @property
    def item(self) -> 'Shape':
        """The shape of the items of a list."""
        return self._other or FREE

    def default_of(self, key: str) -> Any:
        """What a key of an item is that does not say it; `ABSENT` if it has to."""
        items = None if self._schema is None else self._schema.items
        schema = None if items is None else items.properties.get(key)
        return ABSENT if schema is None else schema.default

    def _find(self, key: str) -> 'Shape | None':
        schema = None if self._schema is None else self._schema.properties.get(key)
        if schema is None:
            return self._other
        found = self._named[key] = _shape(schema, self._preserve)
        return found

    @property
    def _other(self) -> 'Shape | None':
        found = self._element
        if found is False:
            found = self._element = self._find_other()
        return found

    def _find_other(self) -> 'Shape | None':
        schema = self._schema
        if schema is None or not (self.is_map or self.is_list) or schema.type is None:
            return FREE
        below = schema.items if self.is_list else schema.additional
        if below is not None:
            return _shape(below, self._preserve)
        return FREE if self._preserve or not schema.properties else None


def _scalar(kind: str | None, schema: Schema | None) -> Scalar | None:
    if kind == 'string':
        return 'string' if schema is None or schema.format in (None, '', 'byte') else 'any'
    return _SCALARS.get(kind or '')


def _division(schema: Schema) -> tuple[bool, tuple[str, ...]]:
    if schema.list_type is None and 'merge' in schema.patch_strategy:
        return True, (schema.patch_merge_key,) if schema.patch_merge_key else ()
    if schema.list_type == 'map':
        return bool(schema.list_map_keys), schema.list_map_keys
    return schema.list_type == 'set', ()


@lru_cache(maxsize=8192)
def _shape(schema: Schema, preserve: bool) -> Shape:
    return Shape(schema, preserve)


FREE: Final = Shape(None)
"""The shape of what nothing is known of."""
