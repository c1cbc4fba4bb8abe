"""What strings and objects of Kubernetes mean in the brackets."""

from dataclasses import dataclass
from unittest.mock import Mock

import pytest

import kmock
from kmock_core.criteria.notations import parse
from kmock_core.testing import check_notation
from kmock_k8s import K8sCriteria, action, resource
from kmock_k8s.notation import KUBERNETES

LISTED = kmock.Request('GET', '/api/v1/pods')
WATCHED = kmock.Request('GET', '/apis/kopf.dev/v1/kopfexamples?watch=1')
CREATED = kmock.Request('POST', '/api/v1/namespaces/ns1/pods', data={'metadata': {'name': 'p1'}})
DELETED = kmock.Request('DELETE', '/api/v1/namespaces/ns1/pods/p1')


async def test_the_notation_keeps_the_promises_of_notations() -> None:
    await check_notation(
        KUBERNETES,
        [
            ('list', LISTED, WATCHED),
            ('list pods.v1', LISTED, WATCHED),
            ('watch kopf.dev/v1/kopfexamples', WATCHED, LISTED),
            ('delete pods', DELETED, LISTED),
            ('post v1/pods', CREATED, LISTED),
            ('v1/pods', LISTED, WATCHED),
            ('kopfexamples.v1.kopf.dev', WATCHED, LISTED),
            (kmock.LIST, LISTED, WATCHED),
            (kmock.DELETE, DELETED, LISTED),
            (kmock.resource['pods'], LISTED, WATCHED),
        ],
    )


NOTATIONS = [
    ('list', K8sCriteria(action='list')),
    ('LIST', K8sCriteria(action='list')),
    (' watch ', K8sCriteria(action='watch')),
    ('fetch', K8sCriteria(action='fetch')),
    ('create', K8sCriteria(action='create')),
    ('update', K8sCriteria(action='update')),
    ('list pods.v1', K8sCriteria(action='list', resource='v1/pods')),
    ('list pods', K8sCriteria(action='list', resource='pods')),
    ('List  pods', K8sCriteria(action='list', resource='pods')),
    ('list kopf.dev/v1', K8sCriteria(action='list', resource='kopf.dev/v1')),
    ('list v1', K8sCriteria(action='list', resource='v1')),
    ('watch kopf.dev/v1/kopfexamples', K8sCriteria(action='watch', resource='kopf.dev/v1/kopfexamples')),
    ('watch kopfexamples.kopf.dev', K8sCriteria(action='watch', resource='kopfexamples.kopf.dev')),
    ('delete pods', K8sCriteria(action='delete', resource='pods')),
    ('delete v1/pods', K8sCriteria(action='delete', resource='v1/pods')),
    ('get pods', K8sCriteria(method='get', resource='pods')),
    ('post v1/pods', K8sCriteria(method='post', resource='v1/pods')),
    ('PATCH pods.v1', K8sCriteria(method='patch', resource='v1/pods')),
    ('v1/pods', K8sCriteria(resource='v1/pods')),
    ('pods.v1', K8sCriteria(resource='v1/pods')),
    ('kopf.dev/v1/kopfexamples', K8sCriteria(resource='kopf.dev/v1/kopfexamples')),
    ('kopfexamples.v1.kopf.dev', K8sCriteria(resource='kopf.dev/v1/kopfexamples')),
    ('patch pods/status', K8sCriteria(method='patch', resource='pods', subresource='status')),
    ('create pods/eviction', K8sCriteria(action='create', resource='pods', subresource='eviction')),
    ('update kexes.kopf.dev/status', K8sCriteria(action='update', resource='kexes.kopf.dev', subresource='status')),
    ('get apps/v1/deployments/scale', K8sCriteria(method='get', resource='apps/v1/deployments', subresource='scale')),
    ('list kopf.dev/v1/log', K8sCriteria(action='list', resource='kopf.dev/v1/log')),
    ('v1/pods/log', K8sCriteria(resource='v1/pods', subresource='log')),
    ('metrics.k8s.io/v1beta1/pods', K8sCriteria(resource='metrics.k8s.io/v1beta1/pods')),
]


@pytest.mark.parametrize(('text', 'criteria'), NOTATIONS)
def test_a_text_is_an_action_a_method_and_a_resource(text: str, criteria: K8sCriteria) -> None:
    assert parse(text) == criteria


@pytest.mark.parametrize(
    'text', ['get', 'delete', 'GET', 'DELETE', 'post', '/v1/pods', 'get /v1/pods', '?list', 'get ?list']
)
def test_a_text_in_the_notation_of_http_stays_one(text: str) -> None:
    assert isinstance(parse(text), kmock.HTTPCriteria)


@pytest.mark.parametrize(
    'text',
    [
        'pods', 'hello', 'v1', 'kopf.dev/v1', 'kopfexamples.kopf.dev', 'example.com', 'a/b/c', 'a/b', 'Hello.v1',
        'listing', 'list of pods', 'list pods/logs', 'get apps/deployments',
        'list Pods', 'list *', 'get *', 'get ready!', 'list a//b', 'v1.v1',
        'v1/', 'store', 'application/json', 'propfind pods', 'list v1.apps', 'a.b.v1', 'v1/pods/x',
    ],
)  # fmt: skip
def test_any_other_text_stays_a_text(text: str) -> None:
    assert parse(text) == kmock.StrCriteria(text)


@dataclass(frozen=True)
class Selector:
    group: str | None
    version: str | None
    plural: str | None


WORDS = [
    *((item, K8sCriteria(action=item)) for item in action),
    (action('approve'), K8sCriteria(action='approve')),
    (resource['pods'], K8sCriteria(resource='pods')),
    (resource('kopf.dev/v1'), K8sCriteria(resource='kopf.dev/v1')),
    (Selector('kopf.dev', 'v1', 'kopfexamples'), K8sCriteria(resource='kopf.dev/v1/kopfexamples')),
]


@pytest.mark.parametrize(('item', 'criteria'), WORDS, ids=repr)
def test_actions_and_resources_stand_for_the_requests_about_them(item: object, criteria: K8sCriteria) -> None:
    assert parse(item) == criteria


def test_the_action_delete_is_not_the_method() -> None:
    assert kmock.RawHandler()[kmock.DELETE] != parse('delete')
    assert parse(kmock.DELETE) == K8sCriteria(action='delete')
    assert parse(kmock.method.DELETE) == kmock.HTTPCriteria(method='DELETE')


@pytest.mark.parametrize(
    'item', [Selector, Mock(), Selector(None, None, None).__eq__, 5], ids=['class', 'mock', 'method', 'number']
)
def test_what_only_seems_to_have_the_parts_of_a_resource_is_none(item: object) -> None:
    assert KUBERNETES.parse(item) is NotImplemented


def test_a_mock_that_has_any_attribute_is_asked_as_a_function() -> None:
    assert isinstance(parse(Mock(return_value=True)), kmock.FnCriteria)


async def test_rules_and_spies_tell_requests_apart() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler['list', kmock.resource['pods']] << {'items': []}
        handler['watch v1/pods', kmock.namespace('ns*')] << ({'type': 'ADDED'},)
        handler[kmock.DELETE, kmock.name('p1')] << 404
        handler.fallback << 418

        assert await (await handler.get('/api/v1/pods')).json() == {'items': []}
        assert await (await handler.get('/api/v1/namespaces/ns1/pods?watch=true')).json() == {'type': 'ADDED'}
        assert (await handler.delete('/api/v1/namespaces/ns1/pods/p1')).status == 404
        assert (await handler.delete('/other/p1')).status == 418

        assert len(handler['v1/pods']) == 3
        assert len(handler[{kmock.LIST, kmock.WATCH}]) == 2
        assert len(handler['delete']) == 2
        assert len(handler[kmock.DELETE]) == 1
        assert len(handler[kmock.namespace('ns1')]) == 2
        assert handler[kmock.resource('v1/pods')][-1].method == 'DELETE'
