"""GET in a cluster: one object, lists, selectors, pages of one state."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmock
from kmock_k8s.cluster.paging import LATEST, Mark, make_token, read_token
from kmock_k8s.errors import KubernetesError

NAMESPACED = '/api/v1/namespaces/default/configmaps'
CONFIGMAPS = '/api/v1/configmaps'
PODS = '/api/v1/namespaces/default/pods'


async def make(cluster: kmock.KubernetesCluster, *names: str, url: str = NAMESPACED, **metadata: Any) -> None:
    for name in names:
        assert (await cluster.post(url, json={'metadata': {'name': name, **metadata}})).status == 201


async def fetch(cluster: kmock.KubernetesCluster, url: str = NAMESPACED, **query: object) -> Any:
    response = await cluster.get(url, params={name: str(value) for name, value in query.items()})
    assert response.status == 200, await response.text()
    return await response.json()


async def fail(cluster: kmock.KubernetesCluster, url: str = NAMESPACED, **query: object) -> tuple[int, str]:
    response = await cluster.get(url, params={name: str(value) for name, value in query.items()})
    status = await response.json()
    assert (status['kind'], status['code']) == ('Status', response.status)
    return response.status, status['message']


def names_of(page: Any) -> list[str]:
    return [item['metadata']['name'] for item in page['items']]


async def test_answers_are_compact_json_and_not_to_be_cached(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get(NAMESPACED)
    assert (response.headers['Content-Type'], response.headers['Cache-Control']) == (
        'application/json',
        'no-cache, private',
    )
    text = await response.text()
    assert text == json.dumps(json.loads(text), separators=(',', ':')) + '\n'


async def test_the_items_of_a_list_do_not_repeat_their_kind(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    found = await fetch(cluster)
    assert (found['kind'], found['apiVersion']) == ('ConfigMapList', 'v1')
    assert found['items'][0].keys() == {'metadata'}


async def test_a_list_is_by_namespace_and_name(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'b', 'a')
    await make(cluster, 'c', url='/api/v1/namespaces/kube-system/configmaps')
    await make(cluster, '0')
    assert names_of(await fetch(cluster, CONFIGMAPS)) == ['0', 'a', 'b', 'c']


async def test_a_list_has_the_one_revision(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    await make(cluster, 'ns1', url='/api/v1/namespaces')
    item = await fetch(cluster, '/api/v1/namespaces/ns1')
    assert (await fetch(cluster))['metadata'] == {'resourceVersion': item['metadata']['resourceVersion']}


# ---- URLs, methods. ----


@pytest.mark.parametrize('url', ['/nope', '/apis/nope.io/v1/things', '/apis/nope.io/v1/namespaces/a/things/b', '//api'])
async def test_where_nothing_is_there_is_no_page(cluster: kmock.KubernetesCluster, url: str) -> None:
    response = await cluster.get(url)
    assert (response.status, response.headers['Content-Type'], await response.text()) == (
        404,
        'text/plain; charset=utf-8',
        '404 page not found\n',
    )


@pytest.mark.parametrize(
    'url',
    [
        '/api/v1/nope',
        '/apis/apps/v1/namespaces/default/nope/x',
        f'{PODS}/a/nope',
        '/api/v1//namespaces',
        '/api/v9',
        '/api/v9/pods',
        '/apis/apps/v9',
        '/apis/apps/v9/deployments',
    ],
)
async def test_where_a_group_is_there_no_resource_is_found(cluster: kmock.KubernetesCluster, url: str) -> None:
    assert await fail(cluster, url) == (404, 'the server could not find the requested resource')


@pytest.mark.parametrize(
    ('method', 'url'),
    [
        ('POST', CONFIGMAPS),
        ('DELETE', CONFIGMAPS),
        ('PUT', NAMESPACED),
        ('PATCH', NAMESPACED),
        ('POST', f'{NAMESPACED}/a'),
        ('OPTIONS', NAMESPACED),
        ('BREW', NAMESPACED),
        ('DELETE', '/apis/apps/v1/namespaces/default/deployments/d/status'),
        ('GET', '/api/v1/namespaces/default/finalize'),
        ('GET', f'{PODS}/a/eviction'),
        ('POST', '/api/v1'),
    ],
)
async def test_a_method_that_means_nothing_is_not_allowed(
    cluster: kmock.KubernetesCluster, method: str, url: str
) -> None:
    response = await cluster.request(method, url)
    assert response.status == 405
    assert (await response.json())['message'] == 'the server does not allow this method on the requested resource'


# ---- Selectors. ----


@pytest.mark.parametrize(
    ('selector', 'names'),
    [
        ('app=x', ['a']),
        ('app==x', ['a']),
        ('app!=x', ['b', 'c']),
        ('app', ['a', 'b']),
        ('!app', ['c']),
        ('app in (x, y)', ['a', 'b']),
        ('app notin (x)', ['b', 'c']),
        ('app,app!=x', ['b']),
    ],
)
async def test_objects_are_selected_by_labels(
    cluster: kmock.KubernetesCluster, selector: str, names: list[str]
) -> None:
    await make(cluster, 'a', labels={'app': 'x'})
    await make(cluster, 'b', labels={'app': 'y'})
    await make(cluster, 'c')
    assert names_of(await fetch(cluster, labelSelector=selector)) == names


@pytest.mark.parametrize('selector', ['app=x,', 'a b', 'app in x', '-=a'])
async def test_a_malformed_label_selector_is_a_bad_request(cluster: kmock.KubernetesCluster, selector: str) -> None:
    assert (await fail(cluster, labelSelector=selector))[0] == 400


@pytest.mark.parametrize(
    ('selector', 'names'),
    [
        ('metadata.name=a', ['a']),
        ('metadata.name!=a', ['b']),
        ('metadata.namespace=default', ['a', 'b']),
        ('metadata.namespace=other', []),
    ],
)
async def test_objects_are_selected_by_names(cluster: kmock.KubernetesCluster, selector: str, names: list[str]) -> None:
    await make(cluster, 'a', 'b')
    assert names_of(await fetch(cluster, CONFIGMAPS, fieldSelector=selector)) == names


async def test_pods_are_selected_by_their_phase_and_node(cluster: kmock.KubernetesCluster) -> None:
    for name, phase in [('a', 'Running'), ('b', 'Pending')]:
        pod = {'spec': {'nodeName': f'node-{name}'}, 'status': {'phase': phase}}
        cluster.objects['v1/pods', 'default', name] = pod
    assert names_of(await fetch(cluster, PODS, fieldSelector='status.phase=Running')) == ['a']
    assert names_of(await fetch(cluster, PODS, fieldSelector='spec.nodeName!=node-a')) == ['b']


@pytest.mark.parametrize(
    ('url', 'field', 'message'),
    [
        (
            NAMESPACED,
            'data.k',
            '"data.k" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        (PODS, 'spec.nope', 'field label not supported: spec.nope'),
    ],
)
async def test_a_field_that_is_not_selected_by_is_a_bad_request(
    cluster: kmock.KubernetesCluster, url: str, field: str, message: str
) -> None:
    code, text = await fail(cluster, url, fieldSelector=f'{field}=x')
    assert (code, message in text) == (400, True)


# ---- Pages. ----


async def read_pages(cluster: kmock.KubernetesCluster, limit: int, **query: object) -> list[Any]:
    pages = [await fetch(cluster, NAMESPACED, limit=limit, **query)]
    while token := pages[-1]['metadata'].get('continue'):
        pages.append(await fetch(cluster, NAMESPACED, **{'limit': limit, 'continue': token, **query}))
    return pages


@pytest.mark.parametrize('limit', [1, 2, 3, 4, 5])
async def test_pages_are_the_whole_list(cluster: kmock.KubernetesCluster, limit: int) -> None:
    await make(cluster, *'abcd')
    pages = await read_pages(cluster, limit)
    assert ''.join(name for page in pages for name in names_of(page)) == 'abcd'
    assert [len(page['items']) for page in pages[:-1]] == [limit] * (len(pages) - 1)


async def test_a_page_says_how_many_objects_remain(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, *'abcd')
    remaining = [page['metadata'].get('remainingItemCount') for page in await read_pages(cluster, 2)]
    assert remaining == [2, None]


async def test_pages_of_selected_objects_do_not_count(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, *'abc', labels={'x': 'y'})
    pages = await read_pages(cluster, 2, labelSelector='x=y')
    assert [page['metadata'].get('remainingItemCount') for page in pages] == [None, None]
    assert ''.join(name for page in pages for name in names_of(page)) == 'abc'


async def test_all_pages_are_of_one_state(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, *'acd')
    first = await fetch(cluster, limit=1)
    await make(cluster, 'b')
    await cluster.delete(f'{NAMESPACED}/c')
    second = await fetch(cluster, **{'continue': first['metadata']['continue']})
    assert names_of(second) == ['c', 'd']
    assert second['metadata']['resourceVersion'] == first['metadata']['resourceVersion']


async def test_a_page_can_be_read_again(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, *'abc')
    token = (await fetch(cluster, limit=1))['metadata']['continue']
    assert await fetch(cluster, **{'continue': token}) == await fetch(cluster, **{'continue': token})


async def test_a_limit_is_ignored_for_any_state(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, *'abc')
    assert names_of(await fetch(cluster, limit=1, resourceVersion=0)) == ['a', 'b', 'c']


@pytest.mark.parametrize('limit', ['0', '-1', '99999'])
async def test_a_limit_may_be_none(cluster: kmock.KubernetesCluster, limit: str) -> None:
    await make(cluster, *'abc')
    assert names_of(await fetch(cluster, limit=limit)) == ['a', 'b', 'c']


@pytest.mark.parametrize(
    ('limit', 'why'),
    [
        ('x', 'invalid syntax'),
        ('1_0', 'invalid syntax'),
        ('²', 'invalid syntax'),
        (' 1', 'invalid syntax'),
        ('9' * 19, 'value out of range'),
        ('9' * 5000, 'value out of range'),
    ],
)
async def test_a_limit_is_a_number_of_64_bits(cluster: kmock.KubernetesCluster, limit: str, why: str) -> None:
    assert await fail(cluster, limit=limit) == (400, f'strconv.ParseInt: parsing "{limit}": {why}')


async def test_a_token_of_the_past_is_too_old_when_that_is_forgotten(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, *'abc')
    first = await fetch(cluster, limit=1)
    await make(cluster, 'b2')
    cluster.compact()
    response = await cluster.get(NAMESPACED, params={'continue': first['metadata']['continue']})
    status = await response.json()
    assert (response.status, status['reason'], status['message'][:44]) == (
        410,
        'Expired',
        'The provided continue parameter is too old t',
    )


async def test_a_list_can_go_on_with_what_is_there_now(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, *'abc')
    first = await fetch(cluster, limit=1)
    await make(cluster, 'b2')
    cluster.compact()
    response = await cluster.get(NAMESPACED, params={'continue': first['metadata']['continue']})
    token = (await response.json())['metadata']['continue']
    rest = await fetch(cluster, **{'continue': token})
    assert names_of(rest) == ['b', 'b2', 'c']
    assert int(rest['metadata']['resourceVersion']) > int(first['metadata']['resourceVersion'])


@pytest.mark.parametrize(
    'token',
    [
        'bogus',
        '!',
        'e30',
        'bnVsbA',
        '/w',
        base64.urlsafe_b64encode(b'{"v":"v0","rv":1,"start":"x"}').decode(),
        base64.urlsafe_b64encode(b'{"v":"meta.k8s.io/v1","rv":0,"start":"x"}').decode(),
        base64.urlsafe_b64encode(b'{"v":"meta.k8s.io/v1","rv":1,"start":""}').decode(),
        base64.urlsafe_b64encode(b'{"v":"meta.k8s.io/v1","rv":true,"start":"x"}').decode(),
        base64.urlsafe_b64encode(b'{"v":"meta.k8s.io/v1","rv":1,"start":7}').decode(),
        base64.urlsafe_b64encode(b'{"v":"meta.k8s.io/v1","rv":1,"start":"../x"}').decode(),
        base64.urlsafe_b64encode(b'{"v":"meta.k8s.io/v1","rv":1,"start":"//x"}').decode(),
    ],
)
async def test_what_is_no_token_is_a_bad_request(cluster: kmock.KubernetesCluster, token: str) -> None:
    code, message = await fail(cluster, **{'continue': token})
    assert (code, message.startswith('invalid continue token: continue key is not valid: ')) == (400, True)


async def test_a_token_has_its_own_revision(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, *'abc')
    first = await fetch(cluster, limit=1)
    query = {'continue': first['metadata']['continue'], 'resourceVersion': '1'}
    assert await fail(cluster, **query) == (
        400,
        'specifying resource version is not allowed when using continue',
    )


@given(
    revision=st.integers(min_value=1, max_value=2**63) | st.just(LATEST),
    after=st.from_regex('[a-z]{0,3}/[a-z0-9.-]*[a-z0-9]', fullmatch=True),
)
def test_a_token_says_where_it_was_made(revision: int, after: str) -> None:
    mark = Mark(revision, after.rstrip('\0') or '/')
    assert read_token(make_token(mark)) == mark


@given(token=st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_whatever_a_token_is_it_is_read_or_refused(token: str) -> None:
    try:
        assert read_token(token).revision
    except KubernetesError as exc:
        assert exc.status == 400  # noqa: PT017 - it is read, or it is refused


# ---- Revisions. ----


async def test_a_list_can_be_of_the_past(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a', 'b')
    then = await fetch(cluster)
    await cluster.delete(f'{NAMESPACED}/a')
    await cluster.patch(
        f'{NAMESPACED}/b', json={'data': {'k': 'v'}}, headers={'Content-Type': 'application/merge-patch+json'}
    )
    await make(cluster, 'c')
    revision = then['metadata']['resourceVersion']
    assert await fetch(cluster, resourceVersion=revision, resourceVersionMatch='Exact') == then


async def test_a_list_of_the_past_is_selected_by_what_was(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a', labels={'x': 'y'})
    await make(cluster, 'b')
    revision = (await fetch(cluster))['metadata']['resourceVersion']
    labels = {'metadata': {'labels': {'x': None}}}
    await cluster.patch(f'{NAMESPACED}/a', json=labels, headers={'Content-Type': 'application/merge-patch+json'})
    query = {'resourceVersion': revision, 'resourceVersionMatch': 'Exact', 'labelSelector': 'x=y'}
    assert names_of(await fetch(cluster, **query)) == ['a']


async def test_a_list_of_the_forgotten_past_is_too_old(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    revision = (await fetch(cluster))['metadata']['resourceVersion']
    await make(cluster, 'b')
    cluster.compact()
    assert await fail(cluster, resourceVersion=revision, resourceVersionMatch='Exact') == (
        410,
        'The resourceVersion for the provided list is too old.',
    )


async def test_a_list_not_older_than_something_is_the_latest(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    revision = (await fetch(cluster))['metadata']['resourceVersion']
    await make(cluster, 'b')
    query = {'resourceVersion': revision, 'resourceVersionMatch': 'NotOlderThan'}
    assert names_of(await fetch(cluster, **query)) == ['a', 'b']


async def test_a_revision_of_the_future_times_out(cluster: kmock.KubernetesCluster) -> None:
    now = int((await fetch(cluster))['metadata']['resourceVersion'])
    response = await cluster.get(NAMESPACED, params={'resourceVersion': str(now + 9)})
    status = await response.json()
    assert (response.status, response.headers['Retry-After'], status['message']) == (
        504,
        '1',
        f'Timeout: Too large resource version: {now + 9}, current: {now}',
    )
    assert status['details']['causes'][0]['reason'] == 'ResourceVersionTooLarge'


@pytest.mark.parametrize(('version', 'why'), [('x', 'invalid syntax'), ('-1', 'invalid syntax'), ('9' * 24, 'range')])
@pytest.mark.parametrize(('url', 'code'), [(NAMESPACED, 400), (f'{NAMESPACED}/a', 500)])
async def test_what_is_no_revision_is_refused(
    cluster: kmock.KubernetesCluster, url: str, code: int, version: str, why: str
) -> None:
    await make(cluster, 'a')
    got, message = await fail(cluster, url, resourceVersion=version)
    assert (got, message.endswith(why)) == (code, True)


@pytest.mark.parametrize(
    ('query', 'reason'),
    [
        ({'resourceVersionMatch': 'Exact'}, 'FieldValueForbidden'),
        ({'resourceVersionMatch': 'Exact', 'resourceVersion': '0'}, 'FieldValueForbidden'),
        ({'resourceVersionMatch': 'Nope', 'resourceVersion': '1'}, 'FieldValueNotSupported'),
        ({'sendInitialEvents': 'true'}, 'FieldValueForbidden'),
    ],
)
async def test_options_that_contradict_each_other_are_invalid(
    cluster: kmock.KubernetesCluster, query: dict[str, str], reason: str
) -> None:
    response = await cluster.get(NAMESPACED, params=query)
    status = await response.json()
    assert (response.status, status['details']['causes'][0]['reason']) == (422, reason)
