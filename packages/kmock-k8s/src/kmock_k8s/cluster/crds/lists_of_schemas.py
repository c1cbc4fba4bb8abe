"""How lists and maps are merged (``x-kubernetes-list-type``): what keeps a schema from saying so."""

from collections.abc import Iterator, Mapping
from typing import Any

from kmock_k8s.cluster.crds.definitions import as_object
from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, not_supported, required

LIST_TYPES = ('atomic', 'set', 'map')
MAP_TYPES = ('atomic', 'granular')

_LIST, _MAP, _KEYS = 'x-kubernetes-list-type', 'x-kubernetes-map-type', 'x-kubernetes-list-map-keys'


def check_map_type(schema: Mapping[str, Any], path: str) -> Iterator[Cause]:
    """The causes to refuse how a map is merged."""
    found = schema.get(_MAP)
    if found is None:
        return
    yield from _demand_type(schema, path, 'object', f'must be object if {_MAP} is specified')
    if found not in MAP_TYPES:
        yield not_supported(f'{path}.{_MAP}', found, MAP_TYPES)


def check_list_type(schema: Mapping[str, Any], path: str) -> Iterator[Cause]:
    """The causes to refuse how a list is merged."""
    found = schema.get(_LIST)
    keys: list[str] = schema.get(_KEYS) or []
    items = as_object(schema.get('items'))
    if found is not None:
        yield from _demand_type(schema, path, 'array', f'must be array if {_LIST} is specified')
        if found not in LIST_TYPES:
            yield not_supported(f'{path}.{_LIST}', found, LIST_TYPES)
    if found == 'set' and schema.get('type') == 'array':
        yield from _check_set(items, path)
    if keys and found != 'map':
        text = f'must be map if {_KEYS} is non-empty'
        yield required(f'{path}.{_LIST}', text) if found is None else invalid_value(f'{path}.{_LIST}', found, text)
    if found == 'map':
        yield from _check_keys(keys, schema.get('items'), path)
    if found in {'map', 'set'} and items.get('nullable'):
        yield forbidden(f'{path}.items.nullable', f'cannot be nullable when {_LIST} is {found}')


def _demand_type(schema: Mapping[str, Any], path: str, wanted: str, text: str) -> Iterator[Cause]:
    kind = schema.get('type')
    if not kind:
        yield required(f'{path}.type', text)
    elif kind != wanted:
        yield invalid_value(f'{path}.type', kind, text)


def _check_set(items: Mapping[str, Any], path: str) -> Iterator[Cause]:
    text = f'must be atomic as item of a list with {_LIST}=set'
    if items.get('type') == 'array' and items.get(_LIST) not in (None, 'atomic'):
        yield invalid_value(f'{path}.items.{_LIST}', items[_LIST], text)
    if items.get('type') == 'object' and items.get(_MAP) != 'atomic':
        yield invalid_value(f'{path}.items.{_MAP}', items.get(_LIST), text)  # the real one shows this too


def _check_keys(keys: list[str], items: Any, path: str) -> Iterator[Cause]:
    if not keys:
        yield required(f'{path}.{_KEYS}', f'must not be empty if {_LIST} is map')
    if items is None:
        yield required(f'{path}.items', f'must have a schema if {_LIST} is map')
    if not isinstance(items, dict):
        return
    item = as_object(items)
    known = as_object(item.get('properties'))
    if item.get('type') != 'object':
        text = f"must be object if parent array's {_LIST} is map"
        yield invalid_value(f'{path}.items.type', item.get('type') or '', text)
    else:
        yield from _check_items(keys, known, path)
    for key in keys:
        below, place = as_object(known.get(key)), f'{path}.items.properties[{key}]'
        text = f'this property is in {_KEYS}, so it'
        if key in known and below.get('default') is None and key not in (item.get('required') or ()):
            yield required(f'{place}.default', f'{text} must have a default or be a required property')
        if below.get('nullable'):
            yield forbidden(f'{place}.nullable', f'{text} cannot be nullable')


def _check_items(keys: list[str], known: Mapping[str, Any], path: str) -> Iterator[Cause]:
    for index, key in enumerate(keys):
        if key not in known:
            yield invalid_value(f'{path}.{_KEYS}', keys, 'entries must all be names of item properties')
        elif as_object(known[key]).get('type') in {'array', 'object'}:
            text = f"must be a scalar type if parent array's {_LIST} is map"
            yield invalid_value(f'{path}.items.properties[{key}].type', 'object', text)
        if key in keys[:index]:
            yield invalid_value(f'{path}.{_KEYS}', keys, 'must not contain duplicate entries')
