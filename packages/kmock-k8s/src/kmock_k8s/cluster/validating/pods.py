"""What keeps pods, and the templates of them, from being valid."""

from collections.abc import Iterator
from typing import Any

from kmock_k8s.cluster.naming import check_annotations, check_label, check_labels, check_qualified, check_subdomain
from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, not_supported
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.validating.containers import check_containers
from kmock_k8s.cluster.validating.values import check_choice, check_text
from kmock_k8s.cluster.validating.volumes import check_volumes, volumes_of
from kmock_k8s.model.encoding import JSONObject

RESTART_POLICIES = ('Always', 'OnFailure', 'Never')
_DNS_POLICIES = ('ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None')
_EFFECTS = ('NoSchedule', 'PreferNoSchedule', 'NoExecute')
_MAX_DEADLINE = 2**31 - 1
_NAMES = {
    'serviceAccountName': check_subdomain,
    'nodeName': check_subdomain,
    'hostname': check_label,
    'subdomain': check_label,
    'priorityClassName': check_subdomain,
    'runtimeClassName': check_subdomain,
}
_CHANGEABLE = (
    'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,'
    '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),'
    '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'
)


def validate_pod(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a pod."""
    spec: JSONObject = part_of(content, 'spec')
    yield from check_pod_spec(spec, 'spec')
    if live is not None:
        yield from _check_update(spec, part_of(live, 'spec'))
    elif spec.get('ephemeralContainers'):
        yield forbidden('spec.ephemeralContainers', 'cannot be set on create')


def check_template(template: JSONObject, field: str) -> Iterator[Cause]:
    """The causes to refuse a template of pods."""
    metadata: JSONObject = part_of(template, 'metadata')
    yield from check_labels(part_of(metadata, 'labels'), f'{field}.labels')
    yield from check_annotations(part_of(metadata, 'annotations'), f'{field}.annotations')
    yield from check_pod_spec(part_of(template, 'spec'), f'{field}.spec')
    if part_of(template, 'spec').get('ephemeralContainers'):
        yield forbidden(f'{field}.spec.ephemeralContainers', 'ephemeral containers not allowed in pod template')


def check_pod_spec(spec: JSONObject, field: str) -> Iterator[Cause]:
    """The causes to refuse what a pod is to be."""
    yield from check_volumes(spec, field)
    yield from check_containers(spec, field, volumes_of(spec))
    yield from check_choice(spec.get('restartPolicy'), f'{field}.restartPolicy', RESTART_POLICIES)
    yield from check_choice(spec.get('dnsPolicy'), f'{field}.dnsPolicy', _DNS_POLICIES)
    yield from check_labels(part_of(spec, 'nodeSelector'), f'{field}.nodeSelector')
    for name, check in _NAMES.items():
        if spec.get(name):
            yield from check_text(spec[name], f'{field}.{name}', check)
    deadline: Any = spec.get('activeDeadlineSeconds')
    if deadline is not None and not 1 <= deadline <= _MAX_DEADLINE:
        detail = f'must be between 1 and {_MAX_DEADLINE}, inclusive'
        yield invalid_value(f'{field}.activeDeadlineSeconds', deadline, detail)
    yield from _check_tolerations(spec.get('tolerations') or [], f'{field}.tolerations')


def _check_tolerations(tolerations: list[JSONObject], path: str) -> Iterator[Cause]:
    for index, one in enumerate(tolerations):
        field = f'{path}[{index}]'
        key, operator, value = one.get('key'), one.get('operator') or '', one.get('value')
        if key:
            yield from check_text(key, f'{field}.key', check_qualified)
        elif operator != 'Exists':
            detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            yield invalid_value(f'{field}.operator', operator, detail)
        if one.get('tolerationSeconds') is not None and one.get('effect') != 'NoExecute':
            detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            yield invalid_value(f'{field}.effect', one.get('effect') or '', detail)
        if operator == 'Exists' and value:
            detail = "value must be empty when `operator` is 'Exists'"
            yield invalid_value(f'{field}.operator', one, detail)
        elif operator not in {'', 'Equal', 'Exists'}:
            yield not_supported(f'{field}.operator', operator, ('Equal', 'Exists'))
        yield from check_choice(one.get('effect'), f'{field}.effect', _EFFECTS, needed=False)


def _check_update(spec: JSONObject, live: JSONObject) -> Iterator[Cause]:
    for field in ('containers', 'initContainers'):
        if len(spec.get(field) or ()) != len(live.get(field) or ()):
            yield forbidden(f'spec.{field}', 'pod updates may not add or remove containers')
            return
    changed = [key for key in sorted({*spec, *live}) if _settle(spec, live, key) != _settle(live, live, key)]
    known: list[Any] = live.get('tolerations') or []
    if any(one not in (spec.get('tolerations') or []) for one in known):
        yield forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')
    if changed:
        yield forbidden('spec', f'{_CHANGEABLE}\nchanged: {", ".join(f"spec.{key}" for key in changed)}')


def _settle(spec: JSONObject, live: JSONObject, key: str) -> Any:
    """What may not change of a field: nothing of some, all but the images of containers."""
    value: Any = spec.get(key)
    if key in {'containers', 'initContainers'}:
        return [{**one, 'image': ''} for one in value or ()]
    if key in {'activeDeadlineSeconds', 'tolerations'}:
        return None
    if key == 'nodeName' and not live.get('nodeName'):
        return value
    if key == 'schedulingGates' or (live.get('schedulingGates') and key in {'nodeSelector', 'affinity'}):
        return None
    if key == 'terminationGracePeriodSeconds' and (live.get(key) or 0) < 0:
        return None
    return value
