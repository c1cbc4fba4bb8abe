"""The parts of objects that have URLs of their own: what of an object is written there."""

from typing import Any

from kmock_k8s.cluster.statuses import Named, forbidden, invalid
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.model.encoding import JSONObject


def add_containers(live: JSONObject, content: JSONObject) -> JSONObject:
    """What a pod is to be with more ephemeral containers; those that are there can't be changed any more."""
    spec: JSONObject = part_of(live, 'spec')
    wanted: list[Any] = part_of(content, 'spec').get('ephemeralContainers') or []
    named: dict[Any, Any] = {one.get('name'): one for one in wanted}
    for index, known in enumerate(spec.get('ephemeralContainers') or ()):
        name = known.get('name')
        if name not in named:
            cause = forbidden('spec.ephemeralContainers', f'existing ephemeral containers "{name}" may not be removed')
        elif {**known, **named[name]} != known:
            why = f'existing ephemeral containers "{name}" may not be changed'
            cause = forbidden(f'spec.ephemeralContainers[{index}]', why)
        else:
            named[name].update(known)
            continue
        raise invalid(Named('', 'Pod', live['metadata']['name']), [cause])
    return {**spec, 'ephemeralContainers': wanted} if wanted else spec
