"""Objects before their creation: what is there of their kind without anybody having written it."""

from functools import lru_cache
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.schemas import Schema


def blank(schema: Schema | None) -> JSONObject:
    """The empty object of a kind; not to be changed.

    Those of built-in kinds have the parts that are always there, empty, and null for times and for what they require.
    What is in them is filled later, not added: the creator of a deployment does not own ``.spec`` itself.
    """
    return {'metadata': {}} if schema is None or schema.name is None else _blank(schema)


@lru_cache(maxsize=512)
def _blank(schema: Schema) -> JSONObject:
    found: JSONObject = {}
    for key, child in schema.properties.items():
        if child.has_default:
            default: Any = child.default
            if default == {}:
                default = _blank(child)
            if not default or isinstance(default, dict):
                found[key] = default
        elif key in schema.required or child.format == 'date-time':
            found[key] = None
    return found
