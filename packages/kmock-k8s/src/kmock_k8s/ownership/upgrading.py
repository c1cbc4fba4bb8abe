"""From ``kubectl apply`` on the client to that on the server: what the former has left in an annotation.

As in the documentation of Kubernetes, "Server-Side Apply", "Upgrading from client-side apply".
"""

import json
from typing import Any

from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.ownership.comparing import UNTRACKED, compare, tracked
from kmock_k8s.ownership.fieldsets import FieldSet, difference
from kmock_k8s.ownership.shapes import Shape
from kmock_k8s.ownership.typed import MistypedError, field_set

KUBECTL = 'kubectl'
"""The manager that this is about; others do not know of the annotation."""

LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
"""The annotation with what was applied last."""


def applied_before(live: JSONObject, shape: Shape) -> FieldSet:
    """The fields that kubectl has applied on the client, and that are still as it did: no conflict for it."""
    annotation = _annotations(live).get(LAST_APPLIED)
    try:
        given: JSONObject | None = json.loads(annotation or 'null')
        if not isinstance(given, dict) or given.get('apiVersion') != live.get('apiVersion'):
            return {}
        fields = difference(field_set(given, shape), UNTRACKED)
    except (MistypedError, ValueError, TypeError, RecursionError):
        return {}
    changes = compare(tracked(given), tracked(live), shape)
    for changed in changes:
        fields = difference(fields, changed)
    return fields


def keep_applied(after: JSONObject, config: JSONObject) -> JSONObject:
    """The object with the configuration in its annotation, if it has one; the same object, if that is nothing new."""
    annotations = _annotations(after)
    if LAST_APPLIED not in annotations:
        return after
    metadata: JSONObject = {**metadata_of(config)}
    own = {key: value for key, value in _annotations(config).items() if key != LAST_APPLIED}
    metadata.pop('annotations', None)
    if own:
        metadata['annotations'] = own
    sorted_config: Any = json.loads(json.dumps({**config, 'metadata': metadata}, sort_keys=True))
    text = encode(sorted_config).decode() + '\n'
    if annotations[LAST_APPLIED] == text:
        return after
    return {**after, 'metadata': {**after['metadata'], 'annotations': {**annotations, LAST_APPLIED: text}}}


def _annotations(value: JSONObject) -> dict[str, Any]:
    return metadata_of(value).get('annotations') or {}
