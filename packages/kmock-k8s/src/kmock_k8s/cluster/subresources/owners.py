"""Who owns the replicas: in the managedFields of an object, and in those of its scale.

As in ``apimachinery/pkg/util/managedfields/scalehandler.go``: the scale has only the owners of the replicas. Who scales
takes them from others, and owns them by the subresource; the time is not kept.
"""

from functools import reduce
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.ownership.fieldsets import FieldSet, difference, intersection
from kmock_k8s.ownership.managers import Entry, read, settle

SCALE_VERSION = 'autoscaling/v1'
_REPLICAS: FieldSet = {'f:spec': {'f:replicas': {}}}


def owners_of_scale(content: JSONObject, path: tuple[str, ...]) -> list[JSONObject]:
    """The managedFields of the scale of an object.

    Args:
        content: the object.
        path: where it has its replicas.
    """
    fields = _fields_at(path)
    entries = [entry for entry in read(metadata_of(content).get('managedFields')) if intersection(entry.fields, fields)]
    return [
        Entry(entry.manager, entry.operation, SCALE_VERSION, entry.subresource, _REPLICAS, entry.time).as_json()
        for entry in entries
    ]


def owners_of_scaled(content: JSONObject, path: tuple[str, ...], version: str, scale: Any) -> list[JSONObject]:
    """The managedFields of an object that was scaled.

    Args:
        content: the object as it was.
        path: where it has its replicas.
        version: that of the object, by which it is scaled.
        scale: the managedFields of the scale then.
    """
    fields = _fields_at(path)
    known = read(metadata_of(content).get('managedFields'))
    scaling = {entry.key: entry for entry in read(scale) if intersection(entry.fields, _REPLICAS)}
    kept: list[Entry] = []
    for entry in known:
        if not intersection(entry.fields, fields) or scaling.pop(entry.key, None) is not None:
            kept.append(entry)
        else:
            kept.append(entry.owning(difference(entry.fields, fields), entry.time))
    times = {entry.key: entry.time for entry in known}
    for key, entry in scaling.items():
        kept.append(Entry(entry.manager, entry.operation, version, entry.subresource, fields, times.get(key)))
    return [entry.as_json() for entry in settle(kept)]


def _fields_at(path: tuple[str, ...]) -> FieldSet:
    found: FieldSet = {}
    return reduce(lambda below, step: {f'f:{step}': below}, reversed(path), found)
