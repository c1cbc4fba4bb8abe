"""Which built-in kinds are kept as those of another resource."""

from collections.abc import Mapping

from kmock_k8s.cluster.conversions.autoscalers import AutoscalerKind
from kmock_k8s.cluster.conversions.events import EventKind
from kmock_k8s.cluster.conversions.kinds import ConvertedKind
from kmock_k8s.model.resources import resource

CONVERTED: Mapping[resource, tuple[type[ConvertedKind], resource]] = {
    resource('events.k8s.io', 'v1', 'events'): (EventKind, resource('', 'v1', 'events')),
    resource('autoscaling', 'v1', 'horizontalpodautoscalers'): (
        AutoscalerKind,
        resource('autoscaling', 'v2', 'horizontalpodautoscalers'),
    ),
}
"""The kinds, and where their objects are kept."""
