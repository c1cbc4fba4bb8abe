"""What OpenAPI documents tell of custom resources."""

from typing import Any

from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.openapi.custom import Published


def publish(kind: Kind | None) -> Published | None:
    """What is published of a kind; None if it is no custom one."""
    if not isinstance(kind, CustomKind):
        return None
    schema: JSONObject = kind.definition.get('schema') or {}
    fields: list[dict[str, Any]] = kind.definition.get('selectableFields') or []
    selectable = tuple(str(field.get('jsonPath', '')).removeprefix('.') for field in fields)
    return Published(kind.list_name, schema.get('openAPIV3Schema'), selectable)
