"""What keeps claims, volumes and classes of storage from being valid."""

from collections.abc import Iterator
from typing import Any

from kmock_k8s.cluster.formats.quantities import amount_of
from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, not_supported, required
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.validating.selectors import check_selector
from kmock_k8s.cluster.validating.values import check_choice, check_kept
from kmock_k8s.model.encoding import JSONObject

_MODES = ('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod')
_VOLUME_MODES = ('Block', 'Filesystem')
_NO_SOURCES = {
    'accessModes', 'capacity', 'claimRef', 'mountOptions', 'nodeAffinity', 'persistentVolumeReclaimPolicy',
    'storageClassName', 'volumeAttributesClassName', 'volumeMode',
}  # fmt: skip
_IMMUTABLE = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'


def validate_claim(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a PersistentVolumeClaim."""
    spec: JSONObject = part_of(content, 'spec')
    yield from _check_modes(spec, 'at least 1 access mode is required')
    yield from check_selector(spec.get('selector'), 'spec.selector')
    requests: JSONObject = part_of(spec, 'resources', 'requests')
    if 'storage' not in requests:
        yield required('spec.resources[storage]')
    elif amount_of(requests['storage']) <= 0:
        yield invalid_value('spec.resources[storage]', requests['storage'], 'must be greater than zero')
    yield from check_choice(spec.get('volumeMode'), 'spec.volumeMode', _VOLUME_MODES, needed=False)
    if live is not None:
        yield from _check_claim_update(spec, live)


def _check_claim_update(spec: JSONObject, live: JSONObject) -> Iterator[Cause]:
    known: JSONObject = part_of(live, 'spec')
    bound = bool(known.get('volumeName'))
    free = {'volumeName', 'storageClassName'} if not bound else {'resources', 'volumeAttributesClassName'}
    if any(spec.get(key) != known.get(key) for key in {*spec, *known} - free):
        yield forbidden('spec', _IMMUTABLE)
    old: Any = part_of(known, 'resources', 'requests').get('storage')
    new: Any = part_of(spec, 'resources', 'requests').get('storage')
    if bound and old is not None and new is not None and amount_of(new) < amount_of(old):
        detail = 'field can not be less than status.capacity'
        yield forbidden('spec.resources.requests.storage', detail)


def validate_volume(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a PersistentVolume."""
    spec: JSONObject = part_of(content, 'spec')
    yield from _check_modes(spec, '')
    capacity: JSONObject = part_of(spec, 'capacity')
    if not capacity:
        yield required('spec.capacity')
    elif {*capacity} != {'storage'}:
        yield not_supported('spec.capacity', sorted(capacity), ('storage',))
    for name, value in capacity.items():
        if amount_of(value) <= 0:
            yield invalid_value(f'spec.capacity[{name}]', value, 'must be greater than zero')
    policies = ('Delete', 'Recycle', 'Retain')
    field = 'persistentVolumeReclaimPolicy'
    yield from check_choice(spec.get(field), f'spec.{field}', policies, needed=False)
    sources = [key for key in spec if key not in _NO_SOURCES]
    if not sources:
        yield required('spec', 'must specify a volume type')
    for source in sources[1:]:
        yield forbidden(f'spec.{source}', 'may not specify more than 1 volume type')
    yield from check_choice(spec.get('volumeMode'), 'spec.volumeMode', _VOLUME_MODES, needed=False)
    if live is not None:
        known: JSONObject = part_of(live, 'spec')
        was = {key: value for key, value in known.items() if key not in _NO_SOURCES}
        if was != {key: spec[key] for key in sources}:
            yield forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation')
        yield from check_kept(spec, known, ('volumeMode',), 'spec')


def _check_modes(spec: JSONObject, why: str) -> Iterator[Cause]:
    modes: list[Any] = spec.get('accessModes') or []
    if not modes:
        yield required('spec.accessModes', why)
    for mode in modes:
        if mode not in _MODES:
            yield not_supported('spec.accessModes', mode, _MODES)
    if 'ReadWriteOncePod' in modes and len(modes) > 1:
        detail = 'may not use ReadWriteOncePod with other access modes'
        yield forbidden('spec.accessModes', detail)


def validate_class(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a StorageClass."""
    if not content.get('provisioner'):
        yield required('provisioner')
    yield from check_choice(content.get('reclaimPolicy'), 'reclaimPolicy', ('Delete', 'Retain'), needed=False)
    modes = ('Immediate', 'WaitForFirstConsumer')
    yield from check_choice(content.get('volumeBindingMode'), 'volumeBindingMode', modes)
    if live is not None:
        for field in ('parameters', 'provisioner', 'reclaimPolicy'):
            if content.get(field) != live.get(field):
                yield forbidden(field, f'updates to {field} are forbidden.')
        if content.get('volumeBindingMode') != live.get('volumeBindingMode'):
            yield invalid_value('volumeBindingMode', content.get('volumeBindingMode'), 'field is immutable')
