"""What keeps the ephemeral containers of pods from being valid, and how pods may be changed at their own URLs."""

from collections.abc import Iterator, Mapping

from kmock_k8s.cluster.statuses import Cause, duplicate, forbidden, not_found_value
from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.cluster.validating.containers import check_container
from kmock_k8s.cluster.validating.pods import check_pod_spec
from kmock_k8s.cluster.validating.volumes import volumes_of
from kmock_k8s.model.encoding import JSONObject

_UNABLE = ('lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe', 'ports', 'resources', 'restartPolicy')


def validate_ephemeral(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse more ephemeral containers in a pod."""
    spec: JSONObject = part_of(content, 'spec')
    yield from check_pod_spec(spec, 'spec')
    yield from _check_all(spec, 'spec.ephemeralContainers', volumes_of(spec))


def validate_resized(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse other resources of a pod."""
    yield from check_pod_spec(part_of(content, 'spec'), 'spec')


def _check_all(spec: JSONObject, path: str, volumes: Mapping[str, JSONObject]) -> Iterator[Cause]:
    others = {one.get('name') for field in ('containers', 'initContainers') for one in items_of(spec, field)}
    names = {*others}
    for index, one in enumerate(items_of(spec, 'ephemeralContainers')):
        place = f'{path}[{index}]'
        yield from check_container(one, place, volumes)
        name, target = one.get('name'), one.get('targetContainerName')
        if name in names:
            yield duplicate(f'{place}.name', name)
        names.add(name)
        if target and target not in others:
            yield not_found_value(f'{place}.targetContainerName', target)
        for field in _UNABLE:
            if one.get(field):
                yield forbidden(f'{place}.{field}', 'cannot be set for an Ephemeral Container')
