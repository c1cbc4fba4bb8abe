"""The metadata of objects, as far as they have any: objects are stored as they are, whatever is in them."""

from typing import Any, cast

from kmock_k8s.model.encoding import JSONObject


def metadata_of(content: Any) -> JSONObject:
    """The metadata of an object, its own and not a copy; an empty one if it has none."""
    fields: Any = cast('JSONObject', content).get('metadata') if isinstance(content, dict) else None
    return cast('JSONObject', fields) if isinstance(fields, dict) else {}


def labels_of(content: Any) -> dict[str, str]:
    """The labels of an object: those values that are texts, as only they can be selected."""
    labels: Any = metadata_of(content).get('labels')
    if not labels or not isinstance(labels, dict):
        return {}
    return {key: value for key, value in cast('JSONObject', labels).items() if isinstance(value, str)}
