"""The scaffold: what clients ask for before they ask for objects; all else is up to the rules of the test."""

from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

import pytest

import kmock
from kmock_core.errors import UnmatchedRequestError

PODS = '/api/v1/namespaces/ns1/pods'

Make: TypeAlias = Callable[[kmock.KubernetesScaffold], object]


@pytest.fixture
async def mock() -> AsyncIterator[kmock.KubernetesScaffold]:
    async with kmock.KubernetesScaffold() as mock:
        yield mock


async def names(mock: kmock.KubernetesScaffold, url: str) -> list[str]:
    return [one['name'] for one in (await (await mock.get(url)).json())['resources']]


@pytest.mark.parametrize('url', ['/', '/version', '/api', '/apis', '/api/v1', '/healthz', '/livez', '/readyz'])
@pytest.mark.parametrize('method', ['GET', 'HEAD'])
async def test_it_answers_what_clients_begin_with(mock: kmock.KubernetesScaffold, method: str, url: str) -> None:
    response = await mock.request(method, url)
    assert response.status == 200
    assert (await response.read() == b'') is (method == 'HEAD')
    assert (mock.errors, mock.unmatched) == ([], [])


async def test_it_tells_the_version_that_it_was_given() -> None:
    async with kmock.KubernetesScaffold(version={'gitVersion': 'v1.99.0'}) as mock:
        assert await (await mock.get('/version')).json() == {'gitVersion': 'v1.99.0'}
        mock.version = {'gitVersion': 'v2.0.0'}
        assert await (await mock.get('/version')).json() == {'gitVersion': 'v2.0.0'}


async def test_it_tells_of_the_declared_resources(mock: kmock.KubernetesScaffold) -> None:
    mock.resources['kopf.dev/v1/kexes'] = {'kind': 'Kex'}
    assert await names(mock, '/apis/kopf.dev/v1') == ['kexes']
    assert [str(one) for one in mock.known_resources()] == ['kopf.dev/v1/kexes']


KNOWN: list[Make] = [
    lambda mock: mock['list kopf.dev/v1/kexes'] << 200,
    lambda mock: mock['kexes.v1.kopf.dev'] << None,
    lambda mock: mock[kmock.resource('kopf.dev', 'v1', 'kexes')] >> [],
    lambda mock: mock['watch kopf.dev/v1/kexes', kmock.namespace('ns1')] << 200,
    lambda mock: mock['kopf.dev/v1/kexes']['get'][:1] << 503,
    lambda mock: mock.fallback['kopf.dev/v1/kexes'] << 404,
    lambda mock: mock['kopf.dev/v1/kexes'].override << 404,
    lambda mock: mock['kopf.dev/v1/kexes'] ** 5 << 404,
    lambda mock: (mock['kopf.dev/v1/kexes'] | mock['/elsewhere']) << 200,
    lambda mock: (mock['get'] & mock['kopf.dev/v1/kexes']) << 200,
    lambda mock: (mock['kopf.dev/v1/kexes'] - mock['kopf.dev/v1/others']) << 200,
    lambda mock: mock[{'kopf.dev/v1/kexes', '/elsewhere'}] << 200,
]


@pytest.mark.parametrize('make', KNOWN)
async def test_it_tells_of_the_resources_of_rules(mock: kmock.KubernetesScaffold, make: Make) -> None:
    make(mock)
    assert [str(one) for one in mock.known_resources()] == ['kopf.dev/v1/kexes']
    assert len(mock.resources) == 0


UNKNOWN: list[Make] = [
    lambda mock: mock['kopf.dev/v1/kexes'],  # a spy that only looks
    lambda mock: mock['list kexes'] << 200,
    lambda mock: mock['kopf.dev/v1'] << 200,
    lambda mock: mock['/apis/kopf.dev/v1/kexes'] << 200,
    lambda mock: ~mock['kopf.dev/v1/kexes'] << 200,
    lambda mock: (mock['get'] - mock['kopf.dev/v1/kexes']) << 200,
]


@pytest.mark.parametrize('make', UNKNOWN)
async def test_other_rules_make_no_resources_known(mock: kmock.KubernetesScaffold, make: Make) -> None:
    make(mock)
    assert dict(mock.known_resources()) == {}


async def test_reading_declares_nothing(mock: kmock.KubernetesScaffold) -> None:
    mock['list kopf.dev/v1/kexes'] << 200
    for url in ('/apis', '/apis/kopf.dev', '/apis/kopf.dev/v1', '/apis/kopf.dev/v1/kexes'):
        assert (await mock.get(url)).status == 200
    assert mock.resources['kopf.dev/v1/others'].kind is None
    assert len(mock.resources) == 0


@pytest.mark.parametrize(
    ('method', 'url', 'body'),
    [
        ('GET', PODS, None),
        ('GET', f'{PODS}?watch=true', None),
        ('GET', f'{PODS}/x', None),
        ('POST', PODS, b'{"metadata":{"name":"x"}}'),
        ('POST', PODS, b'\xff'),
        ('PATCH', f'{PODS}/x/status', b'{}'),
        ('PUT', f'{PODS}/x', b'{}'),
        ('DELETE', f'{PODS}/x', None),
        ('DELETE', PODS, None),
        ('HEAD', PODS, None),
    ],
)
@pytest.mark.parametrize('known', ['declared', 'ruled', None])
async def test_what_no_rule_answers_about_resources_is_an_error_of_the_test(
    mock: kmock.KubernetesScaffold, known: str | None, method: str, url: str, body: bytes | None
) -> None:
    if known == 'declared':
        mock.resources['v1/pods'] = {}
    elif known == 'ruled':
        mock['v1/pods', kmock.name('another')] << 200

    response = await mock.request(method, url, data=body)

    (error,) = mock.errors
    assert isinstance(error, UnmatchedRequestError)
    assert (response.status, mock.unmatched) == (404, [mock[0]])
    if method != 'HEAD':
        told = await response.json()
        assert (told['kind'], told['code']) == ('Status', 404)
        assert told['reason'] == ('Endpoint Not Found' if known else 'Resource Not Found')
        assert told['message'].endswith(str(error))
        assert ("kmock.resources['v1/pods'] = {}" in told['message']) is (known is None)


@pytest.mark.parametrize(
    ('method', 'url'), [('GET', '/elsewhere'), ('POST', '/version'), ('DELETE', '/apis'), ('OPTIONS', '/api')]
)
async def test_what_is_not_of_the_api_is_an_error_of_the_test(
    mock: kmock.KubernetesScaffold, method: str, url: str
) -> None:
    response = await mock.request(method, url)
    told = await response.json()
    assert (response.status, told['reason'], told['message']) == (404, 'Endpoint Not Found', str(mock.errors[0]))


@pytest.mark.parametrize(
    'url', ['/', '/version', '/api', '/apis/nosuch.dev', '/healthz', PODS, f'{PODS}/x', '/elsewhere', '/api/v1']
)
@pytest.mark.parametrize('is_fallback', [False, True])
async def test_a_rule_answers_instead_of_what_is_built_in(
    mock: kmock.KubernetesScaffold, is_fallback: bool, url: str
) -> None:
    view = mock.fallback['get'] if is_fallback else mock['get']
    view << 418 << b'by the rule'
    response = await mock.get(url)
    assert (response.status, await response.read(), mock.errors) == (418, b'by the rule', [])


async def test_nothing_is_stored(mock: kmock.KubernetesScaffold) -> None:
    mock['post v1/pods'] << 201
    mock['list v1/pods'] << {'items': []}
    await mock.post(PODS, json={'metadata': {'name': 'x'}})
    assert await (await mock.get(PODS)).json() == {'items': []}
    assert not hasattr(mock, 'objects')


async def test_errors_of_rules_are_statuses(mock: kmock.KubernetesScaffold) -> None:
    mock['/elsewhere'] << ZeroDivisionError('boo')
    response = await mock.get('/elsewhere')
    told = await response.json()
    assert (response.status, told['kind'], told['code'], told['reason']) == (500, 'Status', 500, 'InternalError')
    assert 'ZeroDivisionError: boo' in told['message']
    assert [str(error) for error in mock.errors] == ['boo']


@pytest.mark.parametrize(
    ('error', 'code', 'is_meant'),
    [
        (ZeroDivisionError('boo'), 500, False),
        (kmock.KubernetesError(status=410, reason='Expired', message='too old'), 410, True),
    ],
)
async def test_errors_in_streams_of_watches_are_events(
    mock: kmock.KubernetesScaffold, error: Exception, code: int, is_meant: bool
) -> None:
    mock['watch v1/pods'] << ({'type': 'ADDED', 'object': {}}, error)
    lines = (await (await mock.get(f'{PODS}?watch=true')).read()).splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(b'{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1"')
    assert b'"code":%d' % code in lines[1]
    assert mock.errors == ([] if is_meant else [error])


async def test_other_streams_end_with_the_text_of_their_error(mock: kmock.KubernetesScaffold) -> None:
    mock['/elsewhere'] << (b'begin\n', ZeroDivisionError('boo'))
    text = await (await mock.get('/elsewhere')).text()
    assert text.startswith('begin\nTraceback')
    assert text.endswith('ZeroDivisionError: boo\n')


async def test_too_many_requests_are_a_status() -> None:
    async with kmock.KubernetesScaffold(limit=0) as mock:
        response = await mock.get('/version')
        told = await response.json()
        assert (response.status, told['kind'], told['reason']) == (500, 'Status', 'InternalError')
        assert 'only 0 are served' in told['message']


async def test_a_reset_forgets_what_was_declared_since_the_checkpoint(mock: kmock.KubernetesScaffold) -> None:
    mock.resources['v1/pods'].kind = 'Pod'
    mock['v1/nodes'] << 200
    mock.checkpoint()
    mock.resources['v1/pods'].kind = 'Changed'
    mock.resources['v1/services'] = {}
    mock['v1/secrets'] << 200
    mock.reset()
    assert [str(one) for one in mock.known_resources()] == ['v1/pods', 'v1/nodes']
    assert mock.resources['v1/pods'].kind == 'Pod'


async def test_a_reset_forgets_all_that_was_declared(mock: kmock.KubernetesScaffold) -> None:
    mock.resources.load_bundled()
    mock['v1/nodes'] << 200
    mock.reset()
    assert dict(mock.known_resources()) == {}
