"""The cells of events, of either group: they are the same objects with other names of fields."""

from datetime import datetime
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import parse, print_since
from kmock_k8s.printing.fields import filled, has, name_of, number, part, text, value


def print_event(event: JSONObject, now: datetime) -> list[Any]:
    """An Event, its name the last of all."""
    target = part(event, 'involvedObject') or part(event, 'regarding')
    source = part(event, 'source') or part(event, 'deprecatedSource')
    kind, name = text(target, 'kind').lower(), text(target, 'name')
    component = text(source, 'component') or text(event, 'reportingComponent') or text(event, 'reportingController')
    instance = text(source, 'host') or text(event, 'reportingInstance')
    first, last, count = _seen(event, now)
    return [
        last,
        text(event, 'type'),
        text(event, 'reason'),
        f'{kind}/{name}' if name else kind,
        text(target, 'fieldPath'),
        f'{component}, {instance}' if instance else component,
        filled(event, 'message', default=text(event, 'note')).strip(),
        first,
        count,
        name_of(event),
    ]


def _seen(event: JSONObject, now: datetime) -> tuple[str, str, int]:
    """When an event was seen first and last, and how often."""
    began = value(event, 'firstTimestamp') or value(event, 'deprecatedFirstTimestamp')
    ended = value(event, 'lastTimestamp') or value(event, 'deprecatedLastTimestamp')
    first = print_since(began if parse(began) is not None else value(event, 'eventTime'), now)
    if has(event, 'series'):
        series = part(event, 'series')
        return first, print_since(series.get('lastObservedTime'), now), number(series, 'count')
    last = first if parse(ended) is None else print_since(ended, now)
    return first, last, number(event, 'count') or number(event, 'deprecatedCount') or 1
