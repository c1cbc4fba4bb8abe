"""The metadata of objects alone: ``PartialObjectMetadata``."""

from typing import Any, cast

from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.store.states import State

GROUP = 'meta.k8s.io'

_FIELDS = (
    'name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp',
    'deletionTimestamp', 'deletionGracePeriodSeconds', 'labels', 'annotations', 'ownerReferences', 'finalizers',
    'managedFields',
)  # fmt: skip
_OWNER = ('apiVersion', 'kind', 'name', 'uid', 'controller', 'blockOwnerDeletion')
_MANAGER = ('manager', 'operation', 'apiVersion', 'time', 'fieldsType', 'fieldsV1', 'subresource')


_OF_VERSIONS = frozenset({
    'deprecated.daemonset.template.generation',
    'autoscaling.alpha.kubernetes.io/behavior',
    'autoscaling.alpha.kubernetes.io/conditions',
    'autoscaling.alpha.kubernetes.io/current-metrics',
    'autoscaling.alpha.kubernetes.io/metrics',
})  # fmt: skip
"""Annotations that are only made of fields, where objects are shown in some version."""


def show_metadata(state: State, version: str, content: JSONObject | None = None) -> bytes:
    """The metadata of an object, as an object of its own: encoded once.

    Args:
        state: the object.
        version: that of what it becomes.
        content: the object, parsed, if it is at hand.
    """
    key = ('PartialObjectMetadata', version)
    known: bytes | None = state.views.get(key)
    if known is None:
        known = state.views[key] = encode(reduce_to_metadata(state.load() if content is None else content, version))
    return known


def reduce_to_metadata(content: JSONObject, version: str) -> JSONObject:
    """The metadata of an object, as an object of its own, its fields in the order of a real server."""
    return {
        'kind': 'PartialObjectMetadata',
        'apiVersion': f'{GROUP}/{version}',
        'metadata': _arrange(metadata_of(content)),
    }


def _arrange(metadata: JSONObject) -> JSONObject:
    arranged = {field: metadata[field] for field in _FIELDS if metadata.get(field)}
    annotations = arranged.get('annotations')
    if isinstance(annotations, dict) and not _OF_VERSIONS.isdisjoint(known := cast('JSONObject', annotations)):
        arranged['annotations'] = {key: value for key, value in known.items() if key not in _OF_VERSIONS}
        if not arranged['annotations']:
            del arranged['annotations']
    for field, fields in (('ownerReferences', _OWNER), ('managedFields', _MANAGER)):
        given: Any = arranged.get(field)
        items: list[Any] = given
        if isinstance(given, list) and all(isinstance(item, dict) for item in items):  # tests assign anything
            arranged[field] = [{key: item[key] for key in fields if key in item} for item in items]
    return arranged
