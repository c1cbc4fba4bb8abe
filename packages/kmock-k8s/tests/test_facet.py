"""What requests mean to the API, as their attributes."""

import gc
import pickle
import weakref
from typing import Any

import pytest

import kmock
from kmock_core.testing import check_facet
from kmock_k8s.facet import KubernetesFacet

PODS = '/api/v1/namespaces/ns1/pods'

NOTHING: dict[str, object] = {'action': None, 'resource': None, 'namespace': None, 'name': None, 'subresource': None}

REQUESTS: list[tuple[kmock.Request, dict[str, object]]] = [
    (kmock.Request('GET', '/anything'), NOTHING),
    (kmock.Request('GET', '/api/v1'), NOTHING),
    (
        kmock.Request('GET', f'{PODS}/p1/log'),
        {'action': kmock.FETCH, 'resource': 'v1/pods', 'namespace': 'ns1', 'name': 'p1', 'subresource': 'log'},
    ),
    (
        kmock.Request('GET', '/apis/kopf.dev/v1/kopfexamples?watch=true'),
        {**NOTHING, 'action': kmock.WATCH, 'resource': 'kopf.dev/v1/kopfexamples'},
    ),
    (
        kmock.Request('GET', '/api/v1/namespaces/ns1'),
        {'action': kmock.FETCH, 'resource': 'v1/namespaces', 'namespace': None, 'name': 'ns1'},
    ),
]


def test_the_facet_keeps_the_promises_of_facets() -> None:
    check_facet(KubernetesFacet, REQUESTS)


@pytest.mark.parametrize(('request_', 'expected'), REQUESTS, ids=repr)
def test_the_parts_are_attributes_of_any_request(request_: Any, expected: dict[str, object]) -> None:
    assert {name: getattr(request_, name) for name in expected} == expected


@pytest.mark.parametrize(
    ('target', 'metadata', 'namespace', 'name'),
    [
        ('/api/v1/pods', {'name': 'p1', 'namespace': 'ns1'}, 'ns1', 'p1'),
        (PODS, {'name': 'p1'}, 'ns1', 'p1'),
        (PODS, {'name': 'p1', 'namespace': 'ns2'}, 'ns1', 'p1'),
        (f'{PODS}/p1/eviction', {'name': 'p2', 'namespace': 'ns2'}, 'ns1', 'p1'),
        (PODS, {'generateName': 'p'}, 'ns1', None),
        (PODS, {'name': 5}, 'ns1', None),
        (PODS, {'name': '', 'namespace': ['x']}, 'ns1', None),
        ('/api/v1/pods', None, None, None),
        ('/api/v1/pods', [{'name': 'p1'}], None, None),
        ('/api/v1/namespaces', {'name': 'ns1'}, None, 'ns1'),
        ('/somewhere', {'name': 'p1', 'namespace': 'ns1'}, None, None),
    ],
)
def test_what_the_url_of_a_post_lacks_comes_from_the_metadata(
    target: str, metadata: Any, namespace: str | None, name: str | None
) -> None:
    request = kmock.KubernetesRequest('POST', target, data={'metadata': metadata})
    assert (request.namespace, request.name) == (namespace, name)


@pytest.mark.parametrize('method', ['GET', 'PATCH', 'PUT', 'DELETE'])
def test_bodies_of_other_methods_do_not_matter(method: str) -> None:
    request = kmock.KubernetesRequest(method, PODS, data={'metadata': {'name': 'p1'}})
    assert request.name is None


@pytest.mark.parametrize('body', [b'', b'{', b'[]', b'null', b'"metadata"', b'\xff', b'{"metadata": 5}'])
def test_odd_bodies_of_a_post_leave_the_rest_readable(body: bytes) -> None:
    request = kmock.KubernetesRequest('POST', PODS, body=body)
    assert request.action is kmock.CREATE
    assert request.resource == 'v1/pods'
    assert (request.namespace, request.name) == ('ns1', None)


class Handler(kmock.RawHandler[kmock.KubernetesRequest]):
    request_type = kmock.KubernetesRequest


def name_its_class(request: kmock.KubernetesRequest) -> str:
    return type(request).__name__


async def test_a_handler_of_kubernetes_requests_records_them() -> None:
    async with Handler() as handler:
        handler['list'] << name_its_class
        response = await handler.get(f'{PODS}?limit=1')
        assert await response.json() == 'KubernetesRequest'
        assert handler[0].namespace == 'ns1'
        assert handler[0].action is kmock.LIST
        assert handler['list'][0] is handler[0]
        assert [type(request) for request in handler] == [kmock.KubernetesRequest]


async def test_an_unmatched_request_is_one_of_kubernetes_too() -> None:
    async with Handler() as handler:
        await handler.get(PODS)
        assert [request.namespace for request in handler.unmatched] == ['ns1']


def test_a_copy_of_a_kubernetes_request_is_one_too() -> None:
    copied = pickle.loads(pickle.dumps(kmock.KubernetesRequest('GET', PODS)))
    assert type(copied) is kmock.KubernetesRequest
    assert copied.namespace == 'ns1'


def test_a_kubernetes_request_can_not_be_changed() -> None:
    with pytest.raises(AttributeError, match='can not be changed'):
        kmock.KubernetesRequest('GET', PODS).name = 'x'  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def test_a_request_that_was_read_is_freed_without_the_collector() -> None:
    request = kmock.KubernetesRequest('POST', PODS, data={'metadata': {'name': 'p1'}})
    assert request.name == 'p1'
    known = weakref.ref(request)
    gc.disable()
    try:
        del request
        assert known() is None
    finally:
        gc.enable()


def test_a_facet_shows_what_it_has_read() -> None:
    facet = kmock.Request('GET', f'{PODS}/p1').facet(KubernetesFacet)
    assert repr(facet) == 'KubernetesFacet(action=FETCH, name=p1, namespace=ns1, resource=v1/pods)'
