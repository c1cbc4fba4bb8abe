"""LIST: which objects there are, how they are selected, and page by page."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

import kmock
from kmock_k8s.api.listing import MAX_PAGED

PODS = '/api/v1/namespaces/ns1/pods'


@pytest.fixture
async def mock() -> AsyncIterator[kmock.KubernetesEmulator]:
    async with kmock.KubernetesEmulator() as mock:
        yield mock


def pod(name: str, namespace: str | None = 'ns1', **labels: str) -> dict[str, Any]:
    return {'metadata': {'name': name, 'namespace': namespace, 'labels': labels}, 'spec': {'nodeName': f'node-{name}'}}


@pytest.fixture
def pods(mock: kmock.KubernetesEmulator) -> None:
    """Two pods in one namespace, one in another, and one in none."""
    mock.objects['v1/pods', 'ns1', 'b'] = pod('b', app='x')
    mock.objects['v1/pods', 'ns2', 'a'] = pod('a', 'ns2', app='x', tier='web')
    mock.objects['v1/pods', 'ns1', 'a'] = pod('a', app='y')
    mock.objects['v1/pods', None, 'c'] = pod('c', None)


async def ask(mock: kmock.KubernetesEmulator, url: str, **params: Any) -> Any:
    response = await mock.get(url, params=params)
    assert response.status == 200
    return await response.json()


async def names(mock: kmock.KubernetesEmulator, url: str, **params: Any) -> list[str]:
    items = (await ask(mock, url, **params))['items']
    return [f'{item["metadata"]["namespace"]}/{item["metadata"]["name"]}' for item in items]


# ---- Which resources are known. ----


async def test_resources_are_known_if_they_are_declared(mock: kmock.KubernetesEmulator) -> None:
    mock.resources['kopf.dev/v1/kexes'].kind = 'KopfExample'
    found = await ask(mock, '/apis/kopf.dev/v1/namespaces/ns1/kexes')
    assert list(found) == ['kind', 'apiVersion', 'metadata', 'items']
    assert (found['kind'], found['apiVersion'], found['items']) == ('KopfExampleList', 'kopf.dev/v1', [])


@pytest.mark.parametrize('criterion', ['v1/pods', 'watch pods.v1', 'delete v1/pods'])
async def test_resources_are_known_if_a_rule_is_about_them(mock: kmock.KubernetesEmulator, criterion: str) -> None:
    mock[criterion][:0] << 503  # for no request at all
    assert await names(mock, PODS) == []


async def test_resources_are_not_known_just_because_somebody_looks(mock: kmock.KubernetesEmulator) -> None:
    spy = mock['list v1/pods']
    assert mock.resources['v1/pods'].kind is None
    assert mock.objects['v1/pods', 'ns1', 'a'].empty
    assert (await mock.get(PODS)).status == 404
    assert len(spy) == 1


async def test_resources_are_known_if_they_have_or_had_objects(mock: kmock.KubernetesEmulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = {}
    assert len((await ask(mock, PODS))['items']) == 1
    mock.objects['v1/pods', 'ns1', 'a'].delete()
    assert await names(mock, PODS) == []
    del mock.objects['v1/pods', 'ns1', 'a']
    assert (await mock.get(PODS)).status == 404


@pytest.mark.parametrize(
    ('url', 'kind'),
    [
        ('/api/v1/pods', 'PodList'),
        ('/api/v1/endpoints', 'EndpointsList'),
        ('/apis/networking.k8s.io/v1/ingresses', 'IngressList'),
        ('/apis/kopf.dev/v1/kopfexamples', 'KopfexampleList'),
    ],
)
async def test_the_kind_of_a_list_is_derived_where_it_is_not_declared(
    mock: kmock.KubernetesEmulator, url: str, kind: str
) -> None:
    await mock.post(url, json={'metadata': {'name': 'x'}})
    assert (await ask(mock, url))['kind'] == kind


# ---- What is selected. ----


@pytest.mark.usefixtures('pods')
@pytest.mark.parametrize(
    ('url', 'expected'),
    [
        (PODS, ['ns1/b', 'ns1/a']),
        (f'{PODS}/', ['ns1/b', 'ns1/a']),
        ('/api/v1/namespaces/ns2/pods', ['ns2/a']),
        ('/api/v1/namespaces/nosuch/pods', []),
        ('/api/v1/pods', ['ns1/b', 'ns1/a', 'ns2/a', 'None/c']),
        ('/api/v1/pods?watch=0', ['ns1/b', 'ns1/a', 'ns2/a', 'None/c']),
        ('/api/v1/pods?labelSelector=app', ['ns1/b', 'ns1/a', 'ns2/a']),
        ('/api/v1/pods?labelSelector=app%3Dx,!tier', ['ns1/b']),
        ('/api/v1/pods?labelSelector=app+in+(x,z)', ['ns1/b', 'ns2/a']),
        ('/api/v1/pods?labelSelector=', ['ns1/b', 'ns1/a', 'ns2/a', 'None/c']),
        ('/api/v1/pods?fieldSelector=metadata.name%3Da', ['ns1/a', 'ns2/a']),
        ('/api/v1/pods?fieldSelector=metadata.name!%3Da', ['ns1/b', 'None/c']),
        ('/api/v1/pods?fieldSelector=metadata.namespace%3Dns2', ['ns2/a']),
        ('/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-b', ['ns1/b']),
        ('/api/v1/pods?fieldSelector=metadata.name%3Da&labelSelector=app%3Dy', ['ns1/a']),
        (f'{PODS}?fieldSelector=metadata.namespace%3Dns2', []),
        ('/api/v1/pods?labelSelector=app%3Dx&labelSelector=app%3Dy', ['ns1/b', 'ns2/a']),  # the first one counts
        ('/api/v1/pods?resourceVersion=0&pretty=true&unknown=1', ['ns1/b', 'ns1/a', 'ns2/a', 'None/c']),
    ],
)
async def test_a_list_has_those_of_its_namespace_that_are_selected(
    mock: kmock.KubernetesEmulator, url: str, expected: list[str]
) -> None:
    assert await names(mock, url) == expected


async def test_the_namespace_is_that_of_the_url_whatever_the_object_says(mock: kmock.KubernetesEmulator) -> None:
    await mock.post(PODS, json={'metadata': {'name': 'a', 'namespace': 'ns2'}})
    assert await names(mock, PODS) == ['ns2/a']
    assert await names(mock, '/api/v1/namespaces/ns2/pods') == []


@pytest.mark.usefixtures('pods')
@pytest.mark.parametrize(
    ('query', 'status', 'message'),
    [
        ('labelSelector=a===b', 400, 'unable to parse'),
        ('labelSelector=-a', 400, '-a'),
        ('fieldSelector=spec', 400, "invalid selector: 'spec'"),
        ('limit=many', 400, "limit is a whole number, not 'many'"),
        ('limit=1.5', 400, 'limit is a whole number'),
        ('limit=%D9%A1', 400, 'limit is a whole number'),
        ('limit=99999999999999999999', 400, 'value out of range'),
        ('timeoutSeconds=1s', 400, "timeoutSeconds is a whole number, not '1s'"),
        (f'timeoutSeconds={"9" * 5000}', 400, 'value out of range'),
        ('watch=1&timeoutSeconds=' + '9' * 400, 400, 'value out of range'),
        ('resourceVersion=latest', 400, 'resourceVersion: Invalid value: "latest"'),
        ('allowWatchBookmarks=maybe', 400, "allowWatchBookmarks is true or false, not 'maybe'"),
        ('sendInitialEvents=true', 422, 'sendInitialEvents requires setting resourceVersionMatch'),
        ('continue=nonsense', 400, 'continue key is not valid'),
        ('continue=%C3%A9', 400, 'continue key is not valid'),
        ('continue=W0luZmluaXR5LDFd', 400, 'continue key is not valid'),
        ('continue=' + base64.b64encode(b'[' * 3000).decode(), 400, 'continue key is not valid'),
        ('continue=' + base64.b64encode(b'1/-1').decode(), 400, 'continue key is not valid'),
        ('continue=' + base64.b64encode(b'777/1').decode(), 410, 'The provided continue parameter is too old'),
    ],
)
async def test_bad_options_are_explained(mock: kmock.KubernetesEmulator, query: str, status: int, message: str) -> None:
    response = await mock.get(f'{PODS}?{query}')
    told = await response.json()
    assert (response.status, told['kind'], told['code']) == (status, 'Status', status)
    assert message in told['message']
    assert mock.errors == []


# ---- The revision. ----


async def test_each_change_raises_the_revision_of_lists(mock: kmock.KubernetesEmulator) -> None:
    mock.resources['v1/pods'] = {}
    revisions: list[int] = []

    async def note() -> None:
        revisions.append(int((await ask(mock, PODS))['metadata']['resourceVersion']))

    await note()
    await mock.post(PODS, json={'metadata': {'name': 'a', 'finalizers': ['f']}})
    await note()
    await mock.patch(f'{PODS}/a', json={'spec': 1})
    await note()
    await mock.put(f'{PODS}/a', json={'metadata': {'name': 'a', 'finalizers': ['f']}})
    await note()
    await mock.delete(f'{PODS}/a')
    await note()
    await mock.patch(f'{PODS}/a', json={'metadata': {'finalizers': None}})
    await note()
    mock.objects['v1/nodes', None, 'x'] = {}  # one revision for all of them
    await note()

    assert revisions == sorted(set(revisions))
    assert revisions[0] > 0


async def test_reading_does_not_raise_the_revision(mock: kmock.KubernetesEmulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod('a')
    first = await ask(mock, PODS)
    await mock.get(f'{PODS}/a')
    await mock.head(PODS)
    await mock.delete(f'{PODS}/nosuch')
    assert await ask(mock, PODS) == first


# ---- Page by page. ----


@pytest.fixture
def five(mock: kmock.KubernetesEmulator) -> None:
    for name in 'abcde':
        mock.objects['v1/pods', 'ns1', name] = pod(name, odd=str('abcde'.index(name) % 2))


@pytest.mark.usefixtures('five')
async def test_pages_are_of_one_snapshot_whatever_is_written_in_between(mock: kmock.KubernetesEmulator) -> None:
    first = await ask(mock, PODS, limit=2)
    await mock.delete(f'{PODS}/c')
    await mock.patch(f'{PODS}/d', json={'spec': {'changed': True}})
    await mock.post(PODS, json=pod('f'))
    second = await ask(mock, PODS, limit=2, **{'continue': first['metadata']['continue']})
    third = await ask(mock, PODS, limit=2, **{'continue': second['metadata']['continue']})

    assert [[item['metadata']['name'] for item in page['items']] for page in (first, second, third)] == [
        ['a', 'b'],
        ['c', 'd'],
        ['e'],
    ]
    assert second['items'][1] == pod('d', odd='1')
    assert len({page['metadata']['resourceVersion'] for page in (first, second, third)}) == 1
    assert [page['metadata'].get('remainingItemCount') for page in (first, second, third)] == [3, 1, None]
    assert 'continue' not in third['metadata']
    assert await names(mock, PODS) == ['ns1/a', 'ns1/b', 'ns1/d', 'ns1/e', 'ns1/f']


@pytest.mark.usefixtures('five')
async def test_a_page_can_be_asked_for_again_and_with_another_limit(mock: kmock.KubernetesEmulator) -> None:
    token = (await ask(mock, PODS, limit=1))['metadata']['continue']
    assert await names(mock, PODS, limit=1, **{'continue': token}) == ['ns1/b']
    assert await names(mock, PODS, limit=3, **{'continue': token}) == ['ns1/b', 'ns1/c', 'ns1/d']
    assert await names(mock, PODS, **{'continue': token}) == ['ns1/b', 'ns1/c', 'ns1/d', 'ns1/e']


@pytest.mark.usefixtures('five')
@pytest.mark.parametrize('limit', ['0', '-1', '', '5', '+5', '6', '9223372036854775807'])
async def test_what_fits_on_a_page_is_the_whole_list(mock: kmock.KubernetesEmulator, limit: str) -> None:
    found = await ask(mock, PODS, limit=limit)
    assert (len(found['items']), list(found['metadata'])) == (5, ['resourceVersion'])


@pytest.mark.usefixtures('five')
async def test_of_selected_objects_it_is_not_said_how_many_remain(mock: kmock.KubernetesEmulator) -> None:
    first = await ask(mock, PODS, limit=2, labelSelector='odd=0')
    assert [item['metadata']['name'] for item in first['items']] == ['a', 'c']
    assert 'remainingItemCount' not in first['metadata']
    token = first['metadata']['continue']
    assert await names(mock, PODS, limit=2, labelSelector='odd=0', **{'continue': token}) == ['ns1/e']


@pytest.mark.usefixtures('five')
async def test_the_lists_read_the_longest_ago_expire(mock: kmock.KubernetesEmulator) -> None:
    old, kept = [(await ask(mock, PODS, limit=1))['metadata']['continue'] for _ in range(2)]
    for _ in range(MAX_PAGED):
        await mock.get(PODS, params={'limit': 1})
        assert await names(mock, PODS, limit=1, **{'continue': kept}) == ['ns1/b']

    response = await mock.get(PODS, params={'continue': old})

    told = await response.json()
    assert (response.status, told['code'], told['reason']) == (410, 410, 'Expired')
    assert 'List anew' in told['message']
    assert mock.errors == []


@pytest.mark.usefixtures('five')
async def test_a_reset_ends_all_pages(mock: kmock.KubernetesEmulator) -> None:
    mock.checkpoint()
    token = (await ask(mock, PODS, limit=1))['metadata']['continue']
    mock.reset()
    assert (await mock.get(PODS, params={'continue': token})).status == 410


async def test_a_token_of_another_resource_does_not_give_its_objects(mock: kmock.KubernetesEmulator) -> None:
    for name in 'ab':
        mock.objects['v1/pods', 'ns1', name] = {}
    mock.objects['v1/secrets', 'ns1', 'a'] = {}
    token = (await (await mock.get('/api/v1/pods?limit=1')).json())['metadata']['continue']
    response = await mock.get('/api/v1/secrets', params={'continue': token})
    assert response.status == 400
    assert 'is that of a list of v1/pods' in (await response.json())['message']
