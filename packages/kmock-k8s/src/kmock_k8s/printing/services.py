"""The cells of services, and of what is behind them."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import print_age
from kmock_k8s.printing.fields import has, name_of, number, part, parts, text, texts
from kmock_k8s.printing.labels import NONE, print_labels

_SHOWN = 3


def print_service(service: JSONObject, now: datetime) -> list[Any]:
    """A Service."""
    spec = part(service, 'spec')
    addresses = texts(spec, 'clusterIPs') or [text(spec, 'clusterIP')]
    return [
        name_of(service),
        text(spec, 'type', default='ClusterIP'),
        addresses[0] or NONE,
        _external(spec, part(service, 'status')),
        ','.join(map(_port, parts(spec, 'ports'))) or NONE,
        print_age(service, now),
        print_labels(spec, 'selector'),
    ]


def print_endpoints(endpoints: JSONObject, now: datetime) -> list[Any]:
    """An Endpoints object: the first three addresses, each with each port."""
    found: list[str] = []
    for subset in parts(endpoints, 'subsets'):
        addresses = [text(address, 'ip') for address in parts(subset, 'addresses')]
        ports = parts(subset, 'ports')
        found.extend(addresses if not ports else ())
        found.extend(_join(address, number(port, 'port')) for port in ports for address in addresses)
    shown = shorten(found) if parts(endpoints, 'subsets') else NONE
    return [name_of(endpoints), shown, print_age(endpoints, now)]


def print_endpoint_slice(endpoints: JSONObject, now: datetime) -> list[Any]:
    """An EndpointSlice."""
    ports = [
        str(number(port, 'port')) if has(port, 'port') else text(port, 'name') for port in parts(endpoints, 'ports')
    ]
    addresses = [address for one in parts(endpoints, 'endpoints') for address in texts(one, 'addresses')]
    return [
        name_of(endpoints),
        text(endpoints, 'addressType'),
        shorten(ports) or '<unset>',
        shorten(addresses) or '<unset>',
        print_age(endpoints, now),
    ]


def shorten(found: list[str], shown: int = _SHOWN, separator: str = ',') -> str:
    """The first ones of many.

    >>> shorten(['a', 'b', 'c', 'd', 'e'])
    'a,b,c + 2 more...'
    """
    written = separator.join(islice(found, shown))
    return f'{written} + {len(found) - shown} more...' if len(found) > shown else written


def balanced(status: JSONObject) -> list[str]:
    """The addresses of a load balancer, sorted."""
    return sorted(_name(ingress for ingress in parts(status, 'loadBalancer', 'ingress')))


def _name(ingresses: Iterable[JSONObject]) -> set[str]:
    return {text(ingress, 'ip') or text(ingress, 'hostname') for ingress in ingresses} - {''}


def _external(spec: JSONObject, status: JSONObject) -> str:
    kind, own = text(spec, 'type', default='ClusterIP'), texts(spec, 'externalIPs')
    if kind in ('ClusterIP', 'NodePort'):
        return ','.join(own) if own else NONE
    if kind == 'LoadBalancer':
        return ','.join([*balanced(status), *own]) or '<pending>'
    return text(spec, 'externalName') if kind == 'ExternalName' else '<unknown>'


def _port(port: JSONObject) -> str:
    node = number(port, 'nodePort')
    outer = f':{node}' if node > 0 else ''
    return f'{number(port, "port")}{outer}/{text(port, "protocol", default="TCP")}'


def _join(address: str, port: int) -> str:
    return f'[{address}]:{port}' if ':' in address else f'{address}:{port}'
