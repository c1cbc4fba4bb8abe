"""What is missing in objects, and null, is what their schemas say."""

from typing import Any, Final

from kmock_k8s.schemas.nodes import Schema

_RESOURCE: Final = frozenset(('apiVersion', 'kind', 'metadata'))


def apply_defaults(value: Any, schema: Schema) -> None:
    """Set the fields that are missing and have a default, in all objects that are there: at any depth, in place.

    A null is as good as missing if the schema does not allow it: it is replaced by the default, and without one the
    field is removed. Only in lists it stays then, for the validation.

        >>> on = {'type': 'boolean', 'default': True}
        >>> opts = {'type': 'object', 'default': {}, 'properties': {'on': on}}
        >>> spec = {'size': 1, 'color': None}
        >>> apply_defaults(spec, Schema.of({'properties': {'opts': opts, 'color': {'type': 'string'}}}))
        >>> spec
        {'size': 1, 'opts': {'on': True}}

    The apiVersion, the kind and the metadata of whole resources are left alone: they have rules of their own.

    Args:
        value: JSON, which is changed in place; defaults are copied.
        schema: of a custom resource, or of a part of one. The defaults of built-in kinds are not in their schemas.
    """
    fields: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict):
        _complete(fields, schema)
    elif isinstance(value, list) and (below := schema.items) is not None:
        for index, item in enumerate(items):
            if item is None and not below.nullable and below.has_default:
                item = items[index] = below.default
            if isinstance(item, (dict, list)):
                apply_defaults(item, below)


def _complete(fields: dict[str, Any], schema: Schema) -> None:
    special = _RESOURCE if schema.embedded else ()
    for key, known in schema.properties.items():
        if known.has_default and key not in fields and key not in special:
            default = known.default
            if default is not None:
                fields[key] = default
    for key in [*fields]:
        below = schema.child(key)
        if below is None or key in special:
            continue
        item = fields[key]
        if item is None and not below.nullable:
            item = below.default if below.has_default else None
            if item is None:
                del fields[key]
            else:
                fields[key] = item
        if isinstance(item, (dict, list)):
            apply_defaults(item, below)
