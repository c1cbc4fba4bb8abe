"""What schemas do not know is removed from objects."""

from typing import Any

from kmock_k8s.schemas.nodes import Schema

_UNKNOWN = Schema({})


def prune(value: Any, schema: Schema) -> list[str]:
    """Remove the fields that a schema does not know; returned is where they were, sorted: ``spec.ports[0].nope``.

    Kept are all fields where the schema says so by ``x-kubernetes-preserve-unknown-fields``, except that those which it
    knows nevertheless are pruned in turn; and the apiVersion, the kind, and the known metadata of whole resources.
    Values that are not of the type of the schema are not touched, if they have no fields: that is for the validation.

        >>> from kmock_k8s.schemas import custom
        >>> widget = {'kind': 'Widget', 'metadata': {'name': 'w', 'nope': 1}, 'spec': {'size': 1, 'nope': {}}}
        >>> prune(widget, custom({'properties': {'spec': {'properties': {'size': {'type': 'integer'}}}}}))
        ['metadata.nope', 'spec.nope']
        >>> widget
        {'kind': 'Widget', 'metadata': {'name': 'w'}, 'spec': {'size': 1}}

    Args:
        value: JSON, which is changed in place.
        schema: what is known of it; for a whole object of a custom resource, by `kmock_k8s.schemas.custom`.
    """
    pruned: list[str] = []
    _prune(value, schema, '', pruned)
    return sorted(pruned)


def _prune(value: Any, schema: Schema, path: str, pruned: list[str]) -> None:
    fields: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict):
        _prune_fields(fields, schema, f'{path}.' if path else '', pruned)
    elif isinstance(value, list) and not (schema.items is None and schema.preserve_unknown):
        below = schema.items or _UNKNOWN
        for index, item in enumerate(items):
            if isinstance(item, (dict, list)):
                _prune(item, below, f'{path}[{index}]', pruned)


def _prune_fields(fields: dict[str, Any], schema: Schema, prefix: str, pruned: list[str]) -> None:
    keeps = schema.preserve_unknown or schema.is_any
    for key in [*fields]:
        below = schema.child(key)
        if below is not None:
            item = fields[key]
            if isinstance(item, (dict, list)):
                _prune(item, below, f'{prefix}{key}', pruned)
        elif not keeps:
            del fields[key]
            pruned.append(f'{prefix}{key}')
