"""The cells of storage: volumes, the claims to them, their classes, and the drivers."""

from datetime import datetime
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import print_age
from kmock_k8s.printing.fields import flag, has, is_leaving, items, name_of, part, parts, quantity, text, texts

UNSET = '<unset>'

_MODES = {'ReadWriteOnce': 'RWO', 'ReadOnlyMany': 'ROX', 'ReadWriteMany': 'RWX', 'ReadWriteOncePod': 'RWOP'}
_CLASS = 'volume.beta.kubernetes.io/storage-class'
_DEFAULTS = ('storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class')
_DEFAULT_ATTRIBUTES = ('volumeattributesclass.alpha.kubernetes.io/is-default-class',)


def print_volume(volume: JSONObject, now: datetime) -> list[Any]:
    """A PersistentVolume."""
    spec, claim = part(volume, 'spec'), part(volume, 'spec', 'claimRef')
    return [
        name_of(volume),
        quantity(spec, 'capacity', 'storage'),
        _modes(spec),
        text(spec, 'persistentVolumeReclaimPolicy', default='Retain'),
        _phase(volume),
        f'{text(claim, "namespace")}/{text(claim, "name")}' if has(spec, 'claimRef') else '',
        _class(volume),
        text(spec, 'volumeAttributesClassName', default=UNSET),
        text(volume, 'status', 'reason'),
        print_age(volume, now),
        text(spec, 'volumeMode', default='Filesystem'),
    ]


def print_claim(claim: JSONObject, now: datetime) -> list[Any]:
    """A PersistentVolumeClaim: what it got is shown as soon as it has a volume."""
    spec, status = part(claim, 'spec'), part(claim, 'status')
    volume = text(spec, 'volumeName')
    return [
        name_of(claim),
        _phase(claim),
        volume,
        quantity(status, 'capacity', 'storage') if volume else '',
        _modes(status) if volume else '',
        _class(claim),
        text(spec, 'volumeAttributesClassName', default=UNSET),
        print_age(claim, now),
        text(spec, 'volumeMode', default='Filesystem'),
    ]


def print_storage_class(one: JSONObject, now: datetime) -> list[Any]:
    """A StorageClass; a default one is told so beside its name."""
    return [
        _marked(one, _DEFAULTS),
        text(one, 'provisioner'),
        text(one, 'reclaimPolicy', default='Delete'),
        text(one, 'volumeBindingMode', default='Immediate'),
        flag(one, 'allowVolumeExpansion'),
        print_age(one, now),
    ]


def print_attributes_class(one: JSONObject, now: datetime) -> list[Any]:
    """A VolumeAttributesClass."""
    return [_marked(one, _DEFAULT_ATTRIBUTES), text(one, 'driverName'), print_age(one, now)]


def print_attachment(one: JSONObject, now: datetime) -> list[Any]:
    """A VolumeAttachment."""
    spec = part(one, 'spec')
    return [
        name_of(one),
        text(spec, 'attacher'),
        text(spec, 'source', 'persistentVolumeName'),
        text(spec, 'nodeName'),
        flag(one, 'status', 'attached'),
        print_age(one, now),
    ]


def print_driver(driver: JSONObject, now: datetime) -> list[Any]:
    """A CSIDriver."""
    spec = part(driver, 'spec')
    audiences = ','.join(text(request, 'audience') for request in parts(spec, 'tokenRequests'))
    return [
        name_of(driver),
        flag(spec, 'attachRequired', default=True),
        flag(spec, 'podInfoOnMount'),
        flag(spec, 'storageCapacity'),
        audiences if items(spec, 'tokenRequests') else UNSET,
        flag(spec, 'requiresRepublish'),
        ','.join(texts(spec, 'volumeLifecycleModes') or ['Persistent']),
        print_age(driver, now),
    ]


def print_csi_node(node: JSONObject, now: datetime) -> list[Any]:
    """A CSINode: how many drivers it has."""
    return [name_of(node), len(items(node, 'spec', 'drivers')), print_age(node, now)]


def _phase(one: JSONObject) -> str:
    return 'Terminating' if is_leaving(one) else text(one, 'status', 'phase', default='Pending')


def _modes(content: JSONObject) -> str:
    known = texts(content, 'accessModes')
    return ','.join(short for mode, short in _MODES.items() if mode in known)


def _class(one: JSONObject) -> str:
    annotated = part(one, 'metadata', 'annotations')
    return text(annotated, _CLASS) if _CLASS in annotated else text(one, 'spec', 'storageClassName')


def _marked(one: JSONObject, annotations: tuple[str, ...]) -> str:
    given = part(one, 'metadata', 'annotations')
    is_default = any(text(given, annotation) == 'true' for annotation in annotations)
    return f'{name_of(one)} (default)' if is_default else name_of(one)
