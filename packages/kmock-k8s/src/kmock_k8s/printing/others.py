"""The cells of kinds that are alone in their groups, or nearly so."""

from datetime import datetime
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import print_age
from kmock_k8s.printing.fields import flag, has, is_leaving, items, name_of, number, part, parts, text
from kmock_k8s.printing.labels import NONE


def print_api_service(service: JSONObject, now: datetime) -> list[Any]:
    """An APIService: where it is served, and if it is there."""
    spec, target = part(service, 'spec'), part(service, 'spec', 'service')
    place = f'{text(target, "namespace")}/{text(target, "name")}' if has(spec, 'service') else 'Local'
    return [name_of(service), place, _availability(service), print_age(service, now)]


def print_priority_class(one: JSONObject, now: datetime) -> list[Any]:
    """A PriorityClass."""
    return [
        name_of(one),
        number(one, 'value'),
        flag(one, 'globalDefault'),
        print_age(one, now),
        text(one, 'preemptionPolicy', default='PreemptLowerPriority'),
    ]


def print_lease(lease: JSONObject, now: datetime) -> list[Any]:
    """A Lease."""
    return [name_of(lease), text(lease, 'spec', 'holderIdentity'), print_age(lease, now)]


def print_runtime_class(one: JSONObject, now: datetime) -> list[Any]:
    """A RuntimeClass."""
    return [name_of(one), text(one, 'handler'), print_age(one, now)]


def print_resource_claim(claim: JSONObject, now: datetime) -> list[Any]:
    """A ResourceClaim: how far it got."""
    states = ['deleted'] if is_leaving(claim) else []
    if has(claim, 'status', 'allocation'):
        states += ['allocated', 'reserved'] if items(claim, 'status', 'reservedFor') else ['allocated']
    return [name_of(claim), ','.join(states or ['pending']), print_age(claim, now)]


def print_resource_slice(one: JSONObject, now: datetime) -> list[Any]:
    """A ResourceSlice."""
    spec = part(one, 'spec')
    return [name_of(one), text(spec, 'nodeName'), text(spec, 'driver'), text(spec, 'pool', 'name'), print_age(one, now)]


def print_flow_schema(schema: JSONObject, now: datetime) -> list[Any]:
    """A FlowSchema: the last cell tells if its priority level is missing."""
    spec = part(schema, 'spec')
    dangling = (text(one, 'status') for one in parts(schema, 'status', 'conditions') if text(one, 'type') == 'Dangling')
    return [
        name_of(schema),
        text(spec, 'priorityLevelConfiguration', 'name'),
        number(spec, 'matchingPrecedence', default=1000),
        text(spec, 'distinguisherMethod', 'type', default=NONE),
        print_age(schema, now),
        next(dangling, '?'),
    ]


def rank_flow_schema(schema: JSONObject) -> tuple[int, str]:
    """Where a FlowSchema is in a table: they are in the order in which the server tries them."""
    return number(schema, 'spec', 'matchingPrecedence', default=1000), name_of(schema)


def print_priority_level(level: JSONObject, now: datetime) -> list[Any]:
    """A PriorityLevelConfiguration: numbers where there are limits."""
    spec, limited = part(level, 'spec'), part(level, 'spec', 'limited')
    queuing = part(limited, 'limitResponse', 'queuing')
    shares = number(limited, 'nominalConcurrencyShares', default=30) if has(spec, 'limited') else NONE
    fields = ('queues', 64), ('handSize', 8), ('queueLengthLimit', 50)
    has_queues = has(limited, 'limitResponse', 'queuing')
    cells = [number(queuing, name, default=default) if has_queues else NONE for name, default in fields]
    return [name_of(level), text(spec, 'type'), shares, *cells, print_age(level, now)]


def _availability(service: JSONObject) -> str:
    for condition in parts(service, 'status', 'conditions'):
        if text(condition, 'type') == 'Available':
            status, reason = text(condition, 'status'), text(condition, 'reason')
            return f'{status} ({reason})' if reason and status != 'True' else status
    return 'Unknown'
