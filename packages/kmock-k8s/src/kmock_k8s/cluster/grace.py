"""The grace of pods: how long they stay when they are deleted, so that they can stop (``pkg/registry/core/pod``)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.model.encoding import JSONObject

_FORMAT = '%Y-%m-%dT%H:%M:%SZ'
_FINISHED = ('Failed', 'Succeeded')


def has_grace(kind: Kind) -> bool:
    """Tell if the objects of a kind have time to stop."""
    return (kind.group, kind.name) == ('', 'Pod')


def mark_gracefully(live: JSONObject, asked: int | None, now: datetime) -> JSONObject:
    """The object as it is to be deleted in a while; the same one, if that is so already and nothing changes.

    Args:
        live: the object as it is.
        asked: the seconds that the client gives it; only fewer ones count, if it is to be deleted already.
        now: the time.
    """
    metadata: JSONObject = live['metadata']
    asked = 1 if asked is not None and asked < 0 else asked
    if not metadata.get('deletionTimestamp'):
        period = _period_of(live) if asked is None or not _is_running(live) else asked
        due = now.astimezone(UTC) + timedelta(seconds=period)
        number = metadata.get('generation', 0) + 1
        return _mark(live, due, period, {'generation': number})
    known: int = metadata.get('deletionGracePeriodSeconds') or 0
    if asked is None or asked >= known:
        return live
    due = datetime.fromisoformat(metadata['deletionTimestamp']) - timedelta(seconds=known - asked)
    return _mark(live, due, asked, {})


def _mark(live: JSONObject, due: datetime, period: int, more: JSONObject) -> JSONObject:
    marks = {'deletionTimestamp': due.strftime(_FORMAT), 'deletionGracePeriodSeconds': period}
    return {**live, 'metadata': {**live['metadata'], **more, **marks}}


def _is_running(pod: JSONObject) -> bool:
    """Tell if there is something that has to stop: a pod on a node that has not finished."""
    phase: Any = part_of(pod, 'status').get('phase')
    return bool(part_of(pod, 'spec').get('nodeName')) and phase not in _FINISHED


def _period_of(pod: JSONObject) -> int:
    if not _is_running(pod):
        return 0
    period: int = part_of(pod, 'spec').get('terminationGracePeriodSeconds', 30)
    return 1 if period < 0 else period
