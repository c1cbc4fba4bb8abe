"""The cells of networking.k8s.io."""

from datetime import datetime
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import print_age
from kmock_k8s.printing.fields import has, items, name_of, part, parts, text, texts
from kmock_k8s.printing.labels import NONE, print_selector
from kmock_k8s.printing.services import balanced

_SHOWN = 3


def print_ingress(ingress: JSONObject, now: datetime) -> list[Any]:
    """An Ingress."""
    spec = part(ingress, 'spec')
    return [
        name_of(ingress),
        text(spec, 'ingressClassName', default=NONE),
        _hosts(parts(spec, 'rules')),
        ','.join(balanced(part(ingress, 'status'))),
        '80, 443' if items(spec, 'tls') else '80',
        print_age(ingress, now),
    ]


def print_ingress_class(one: JSONObject, now: datetime) -> list[Any]:
    """An IngressClass, with its parameters: ``Kind.group/name``."""
    spec, shown = part(one, 'spec'), NONE
    if has(spec, 'parameters'):
        given = part(spec, 'parameters')
        group = f'.{text(given, "apiGroup")}' if has(given, 'apiGroup') else ''
        shown = f'{text(given, "kind")}{group}/{text(given, "name")}'
    return [name_of(one), text(spec, 'controller'), shown, print_age(one, now)]


def print_network_policy(policy: JSONObject, now: datetime) -> list[Any]:
    """A NetworkPolicy."""
    return [name_of(policy), print_selector(policy, 'spec', 'podSelector'), print_age(policy, now)]


def print_ip_address(address: JSONObject, now: datetime) -> list[Any]:
    """An IPAddress, with its age: though there is no column for that."""
    shown = NONE
    if has(address, 'spec', 'parentRef'):
        parent = part(address, 'spec', 'parentRef')
        resource, group, namespace = text(parent, 'resource'), text(parent, 'group'), text(parent, 'namespace')
        owner = (f'{resource}.{group}' if group else resource).lower()
        shown = '/'.join([owner, *([namespace] if namespace else []), text(parent, 'name')])
    return [name_of(address), shown, print_age(address, now)]


def print_service_cidr(one: JSONObject, now: datetime) -> list[Any]:
    """A ServiceCIDR."""
    return [name_of(one), ','.join(texts(one, 'spec', 'cidrs')), print_age(one, now)]


def _hosts(rules: list[JSONObject]) -> str:
    """The first three hosts; of more, those rules are counted, too, that have none."""
    found: list[str] = []
    for rule in rules:
        if len(found) == _SHOWN:
            return f'{",".join(found)} + {len(rules) - _SHOWN} more...'
        if host := text(rule, 'host'):
            found.append(host)
    return ','.join(found) or '*'
