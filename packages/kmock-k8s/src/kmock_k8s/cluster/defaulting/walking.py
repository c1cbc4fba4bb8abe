"""One walk along an object: each structure gets the defaults of its type, and what Go writes for what is not set."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from kmock_k8s.cluster.defaulting.fields import FIELDS
from kmock_k8s.cluster.defaulting.types import DEFAULTERS
from kmock_k8s.cluster.defaulting.zeros import UNWRITTEN, nulls_of, omitted_of
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.schemas import Schema

_TIMES = ('.Time', '.MicroTime')

_plans: dict[str, 'Plan'] = {}


def fill(value: JSONObject, schema: Schema) -> None:
    """Fill in a structure and all below it, in place.

    Args:
        value: the structure: it has only the fields of its schema.
        schema: that of its type.
    """
    _plan_of(schema).fill(value)


class Plan:
    """What is to be done with the structures of one type."""

    __slots__ = ('_absent', '_below', '_defaulter', '_omitted', '_schema')

    def __init__(self, schema: Schema) -> None:
        name = schema.name or ''
        self._schema = schema
        self._omitted = omitted_of(name)
        self._absent = _defaults_of(schema, name)
        self._defaulter: Callable[[JSONObject], None] | None = DEFAULTERS.get(name)
        self._below: dict[str, Plan | None] = {}

    def fill(self, value: JSONObject) -> None:
        """Fill in one structure."""
        for key in self._omitted:
            if key in value and not value[key]:
                del value[key]
        for key, default in self._absent.items():
            if key not in value:
                value[key] = default.copy() if isinstance(default, (dict, list)) else default
        if self._defaulter is not None:
            self._defaulter(value)
        below = self._below
        for key, item in value.items():
            if item.__class__ is not dict and item.__class__ is not list:
                continue
            if key not in below:
                below[key] = _plan_below(self._schema.child(key))
            plan = below[key]
            if plan is not None:
                _fill_any(item, plan)


def _fill_any(item: Any, plan: Plan) -> None:
    if isinstance(item, dict):
        plan.fill(cast('JSONObject', item))
    elif isinstance(item, list):
        for one in cast('Iterable[Any]', item):
            _fill_any(one, plan)


def _plan_of(schema: Schema) -> Plan:
    if schema.name is None:
        return Plan(schema)
    found = _plans.get(schema.name)
    if found is None:
        found = _plans[schema.name] = Plan(schema)
    return found


def _plan_below(schema: Schema | None) -> Plan | None:
    while schema is not None and schema.type == 'array':
        schema = schema.items
    if schema is None or schema.type != 'object':
        return None
    if not schema.properties and (schema.additional is None or schema.additional.type not in {'object', 'array'}):
        return None
    return _plan_of(schema)


def _defaults_of(schema: Schema, name: str) -> Mapping[str, Any]:
    """What absent fields become: the first that is known of a field counts."""
    defaults: dict[str, Any] = dict(FIELDS.get(name, {}))
    unwritten = UNWRITTEN.get(name, ())
    times: list[str] = []
    for key, child in schema.properties.items():
        if child.type == 'array' and key in schema.required:
            defaults.setdefault(key, None)
        if child.name is not None and child.name.endswith(_TIMES):
            times.append(key)
        if not child.has_default or key in unwritten or (key == 'name' and key not in schema.required):
            continue
        defaults.setdefault(key, child.default)
    for key in nulls_of(name, tuple(times)):
        defaults.setdefault(key, None)
    return defaults
