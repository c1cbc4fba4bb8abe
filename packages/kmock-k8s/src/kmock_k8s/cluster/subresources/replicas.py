"""Where objects have their replicas, and the scales that show them."""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.validating.selectors import describe_selector
from kmock_k8s.model.copying import copy
from kmock_k8s.model.encoding import JSONObject

_SHOWN = ('name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp')


class Places(NamedTuple):
    """Where an object has what its scale shows."""

    wanted: tuple[str, ...]
    counted: tuple[str, ...]
    selector: tuple[str, ...] | None

    @property
    def shown(self) -> str:
        """The path of what is wanted, as in definitions."""
        return ''.join(f'.{step}' for step in self.wanted)


_BUILTIN = Places(('spec', 'replicas'), ('status', 'replicas'), ('spec', 'selector'))


def places_of(kind: Kind) -> Places:
    """Where the objects of a kind have it."""
    if not isinstance(kind, CustomKind):
        return _BUILTIN
    declared: JSONObject = kind.scale or {}
    wanted, counted, selector = (
        tuple(_split(declared.get(field) or ''))
        for field in ('specReplicasPath', 'statusReplicasPath', 'labelSelectorPath')
    )
    return Places(wanted, counted, selector or None)


def has_replicas(content: JSONObject, places: Places) -> bool:
    """Tell if an object says how many there are to be."""
    return _read(content, places.wanted) is not None


def scale_of(content: JSONObject, places: Places) -> JSONObject:
    """The scale of an object; no replicas are the same as none that are known of."""
    metadata: JSONObject = content['metadata']
    wanted: Any = _read(content, places.wanted)
    counted: Any = _read(content, places.counted)
    selector = _describe(_read(content, places.selector)) if places.selector else ''
    status: JSONObject = {'replicas': counted or 0}
    return {
        'kind': 'Scale',
        'apiVersion': 'autoscaling/v1',
        'metadata': {field: metadata[field] for field in _SHOWN if field in metadata},
        'spec': {'replicas': wanted} if wanted else {},
        'status': {**status, 'selector': selector} if selector else status,
    }


def write_replicas(content: JSONObject, places: Places, replicas: int) -> JSONObject:
    """The object with another number of replicas."""
    scaled: JSONObject = copy(content)
    *parents, last = places.wanted
    found = scaled
    for step in parents:
        found = found.setdefault(step, {})
    found[last] = replicas
    return scaled


def _describe(selector: Any) -> str:
    if isinstance(selector, dict):
        fields = cast('JSONObject', selector)
        if any(isinstance(item, str) for item in fields.values()):  # of a ReplicationController: only labels
            fields = {'matchLabels': fields}
        return describe_selector(fields)
    return selector if isinstance(selector, str) else ''


def _split(path: str) -> Iterator[str]:
    """The steps of a path as in definitions: ``.spec.replicas``."""
    return (step for step in path.split('.') if step)


def _read(content: JSONObject, path: tuple[str, ...]) -> Any:
    found: Any = content
    for step in path:
        found = cast('JSONObject', found).get(step) if isinstance(found, dict) else None
    return found
