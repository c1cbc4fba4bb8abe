"""The parts of objects that have URLs of their own: what of an object is written there."""

from typing import Any

from kmock_k8s.cluster.statuses import Named, forbidden, invalid
from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.model.encoding import JSONObject


def add_containers(live: JSONObject, content: JSONObject) -> JSONObject:
    """What a pod is to be with more ephemeral containers; those that are there can't be changed any more."""
    spec: JSONObject = part_of(live, 'spec')
    wanted: list[Any] = part_of(content, 'spec').get('ephemeralContainers') or []
    named: dict[Any, Any] = {one.get('name'): one for one in wanted}
    for known in spec.get('ephemeralContainers') or ():
        name = known.get('name')
        if name not in named:
            why = f'existing ephemeral containers "{name}" may not be removed\n'
            cause = forbidden('spec.ephemeralContainers', why)
        elif {**known, **named[name]} != known:
            why = f'existing ephemeral containers "{name}" may not be changed\n'
            cause = forbidden('spec.ephemeralContainers', why)
        else:
            named[name].update(known)
            continue
        raise invalid(Named('', 'Pod', live['metadata']['name']), [cause])
    return {**spec, 'ephemeralContainers': wanted} if wanted else spec


_SIZES = ('resources', 'resizePolicy')


def resize_containers(live: JSONObject, content: JSONObject) -> JSONObject:
    """What a pod is to be with other resources of its containers; all else stays as it is."""
    spec: JSONObject = {**part_of(live, 'spec')}
    for field in ('containers', 'initContainers'):
        wanted = {one.get('name'): one for one in items_of(part_of(content, 'spec'), field)}
        if field in spec:
            spec[field] = [_resize(one, wanted.get(one.get('name'))) for one in spec[field]]
    return spec


def _resize(container: JSONObject, wanted: JSONObject | None) -> JSONObject:
    if wanted is None:
        return container
    kept = {name: value for name, value in container.items() if name not in _SIZES or name in wanted}
    return {**kept, **{name: wanted[name] for name in _SIZES if name in wanted}}
