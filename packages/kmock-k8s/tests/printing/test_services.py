"""The cells of services, of what is behind them and before them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing import printer_of

NOW = datetime(2030, 6, 15, 12, 0, 0, tzinfo=UTC)
METADATA: JSONObject = {'name': 'x', 'creationTimestamp': '2030-06-15T11:00:00Z'}


def cells(group: str, kind: str, content: JSONObject) -> list[Any]:
    printer = printer_of(group, kind)
    assert printer is not None
    return printer({'metadata': METADATA, **content}, NOW)


def balanced(*ingresses: JSONObject) -> JSONObject:
    return {'loadBalancer': {'ingress': list(ingresses)}}


@pytest.mark.parametrize(
    ('spec', 'status', 'shown'),
    [
        ({'type': 'ClusterIP'}, {}, '<none>'),
        ({'type': 'ClusterIP', 'externalIPs': ['1.1.1.1', '2.2.2.2']}, {}, '1.1.1.1,2.2.2.2'),
        ({'type': 'NodePort'}, {}, '<none>'),
        ({'type': 'NodePort', 'externalIPs': ['1.1.1.1']}, {}, '1.1.1.1'),
        ({'type': 'LoadBalancer'}, {}, '<pending>'),
        ({'type': 'LoadBalancer', 'externalIPs': ['1.1.1.1']}, {}, '1.1.1.1'),
        (
            {'type': 'LoadBalancer'},
            balanced({'ip': '3.3.3.3'}, {'hostname': 'a.b'}, {'ip': '2.2.2.2'}),
            '2.2.2.2,3.3.3.3,a.b',
        ),
        ({'type': 'LoadBalancer', 'externalIPs': ['1.1.1.1']}, balanced({'ip': '3.3.3.3'}), '3.3.3.3,1.1.1.1'),
        ({'type': 'LoadBalancer'}, balanced({'hostname': 'very-long.example.com'}), 'very-long.example.com'),
        ({'type': 'ExternalName', 'externalName': 'example.com'}, {}, 'example.com'),
        ({'type': 'Other'}, {}, '<unknown>'),
    ],
)
def test_a_service_tells_where_it_is_reached(spec: JSONObject, status: JSONObject, shown: str) -> None:
    assert cells('', 'Service', {'spec': spec, 'status': status})[3] == shown


@pytest.mark.parametrize(
    ('spec', 'shown'),
    [
        ({'clusterIPs': ['10.0.0.1', 'fd00::1'], 'clusterIP': '10.0.0.1'}, '10.0.0.1'),
        ({'clusterIP': '10.0.0.1'}, '10.0.0.1'),
        ({'clusterIPs': ['None']}, 'None'),
        ({}, '<none>'),
    ],
)
def test_a_service_tells_its_address(spec: JSONObject, shown: str) -> None:
    assert cells('', 'Service', {'spec': spec})[2] == shown


@pytest.mark.parametrize(
    ('ports', 'shown'),
    [
        ([], '<none>'),
        ([{'port': 80, 'protocol': 'TCP'}, {'port': 53, 'protocol': 'UDP'}], '80/TCP,53/UDP'),
        ([{'port': 80, 'nodePort': 30080, 'protocol': 'TCP'}], '80:30080/TCP'),
        ([{'port': 80}], '80/TCP'),
    ],
)
def test_a_service_tells_its_ports(ports: list[JSONObject], shown: str) -> None:
    row = cells('', 'Service', {'spec': {'ports': ports, 'selector': {'b': '2', 'a': '1'}}})
    assert row[4:] == [shown, '60m', 'a=1,b=2']


SUBSETS: list[tuple[list[JSONObject] | None, str]] = [
    (None, '<none>'),
    ([], '<none>'),
    ([{}], ''),
    ([{'addresses': [{'ip': '1.1.1.1'}, {'ip': '2.2.2.2'}]}], '1.1.1.1,2.2.2.2'),
    ([{'addresses': [{'ip': '1.1.1.1'}], 'ports': [{'port': 80}, {'port': 443}]}], '1.1.1.1:80,1.1.1.1:443'),
    ([{'addresses': [{'ip': 'fd00::1'}], 'ports': [{'port': 80}]}], '[fd00::1]:80'),
    ([{'addresses': [{'ip': f'1.1.1.{n}'} for n in range(5)]}], '1.1.1.0,1.1.1.1,1.1.1.2 + 2 more...'),
    ([{'notReadyAddresses': [{'ip': '1.1.1.1'}], 'ports': [{'port': 80}]}], ''),
]


@pytest.mark.parametrize(('subsets', 'shown'), SUBSETS)
def test_endpoints_show_the_first_three(subsets: list[JSONObject] | None, shown: str) -> None:
    assert cells('', 'Endpoints', {'subsets': subsets}) == ['x', shown, '60m']


SLICES: list[tuple[list[JSONObject], list[list[str]], list[str]]] = [
    ([], [], ['<unset>', '<unset>']),
    ([{'name': 'http', 'port': 80}], [['1.1.1.1', '1.1.1.2'], ['1.1.1.3']], ['80', '1.1.1.1,1.1.1.2,1.1.1.3']),
    ([{'name': 'http'}], [['1.1.1.1']], ['http', '1.1.1.1']),
    ([{'name': ''}], [[]], ['<unset>', '<unset>']),
    (
        [{'port': port} for port in (1, 2, 3, 4, 5)],
        [['1.1.1.1', '1.1.1.2'], ['1.1.1.3', '1.1.1.4']],
        ['1,2,3 + 2 more...', '1.1.1.1,1.1.1.2,1.1.1.3 + 1 more...'],
    ),
]


@pytest.mark.parametrize(('ports', 'addresses', 'shown'), SLICES)
def test_a_slice_of_endpoints_shows_the_first_three(
    ports: list[JSONObject], addresses: list[list[str]], shown: list[str]
) -> None:
    endpoints = [{'addresses': some} for some in addresses]
    content: JSONObject = {'addressType': 'IPv4', 'ports': ports, 'endpoints': endpoints}
    assert cells('discovery.k8s.io', 'EndpointSlice', content) == ['x', 'IPv4', *shown, '60m']


@pytest.mark.parametrize(
    ('hosts', 'shown'),
    [
        ([], '*'),
        ([None], '*'),
        (['a', 'b', 'c'], 'a,b,c'),
        (['a', 'b', 'c', 'd', 'e'], 'a,b,c + 2 more...'),
        (['a', 'b', 'c', None], 'a,b,c + 1 more...'),
        (['a', None, 'b'], 'a,b'),
    ],
)
def test_an_ingress_shows_the_first_three_hosts(hosts: list[str | None], shown: str) -> None:
    rules = [{} if host is None else {'host': host} for host in hosts]
    assert cells('networking.k8s.io', 'Ingress', {'spec': {'rules': rules}})[2] == shown


def test_an_ingress_tells_its_class_its_address_and_its_ports() -> None:
    content: JSONObject = {'spec': {'ingressClassName': 'nginx', 'tls': [{}]}, 'status': balanced({'ip': '2.2.2.2'})}
    assert cells('networking.k8s.io', 'Ingress', content) == ['x', 'nginx', '*', '2.2.2.2', '80, 443', '60m']
    assert cells('networking.k8s.io', 'Ingress', {}) == ['x', '<none>', '*', '', '80', '60m']


@pytest.mark.parametrize(
    ('parameters', 'shown'),
    [
        (None, '<none>'),
        ({'kind': 'Params', 'name': 'p'}, 'Params/p'),
        ({'kind': 'Params', 'name': 'p', 'apiGroup': 'example.com'}, 'Params.example.com/p'),
    ],
)
def test_a_class_of_ingresses_tells_its_parameters(parameters: JSONObject | None, shown: str) -> None:
    spec = {'controller': 'example.com/c', 'parameters': parameters}
    assert cells('networking.k8s.io', 'IngressClass', {'spec': spec}) == ['x', 'example.com/c', shown, '60m']


@pytest.mark.parametrize(
    ('parent', 'shown'),
    [
        (None, '<none>'),
        ({'resource': 'services', 'namespace': 'ns', 'name': 's'}, 'services/ns/s'),
        ({'group': 'Example.com', 'resource': 'things', 'name': 't'}, 'things.example.com/t'),
    ],
)
def test_an_address_tells_whose_it_is(parent: JSONObject | None, shown: str) -> None:
    assert cells('networking.k8s.io', 'IPAddress', {'spec': {'parentRef': parent}}) == ['x', shown, '60m']


def test_ranges_of_addresses_are_joined() -> None:
    shown = cells('networking.k8s.io', 'ServiceCIDR', {'spec': {'cidrs': ['10.0.0.0/16', 'fd00::/112']}})
    assert shown == ['x', '10.0.0.0/16,fd00::/112', '60m']


def test_a_policy_of_networks_tells_its_pods() -> None:
    selector = {'matchLabels': {'foo': 'bar'}}
    assert cells('networking.k8s.io', 'NetworkPolicy', {'spec': {'podSelector': selector}}) == ['x', 'foo=bar', '60m']
    assert cells('networking.k8s.io', 'NetworkPolicy', {'spec': {'podSelector': {}}}) == ['x', '<none>', '60m']
