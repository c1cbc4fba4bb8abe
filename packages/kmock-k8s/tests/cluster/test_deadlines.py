"""How long clients would wait: the query ``timeout``, as Go reads it; and paths that go on below subresources."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmock
from kmock_k8s.cluster.deadlines import explain_duration

CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
NUMBERS = st.one_of(st.integers(0, 10**6).map(str), st.sampled_from(['.5', '1.', '2.25']))
PARTS = st.tuples(NUMBERS, st.sampled_from(['ns', 'us', '\xb5s', 'ms', 's', 'm', 'h'])).map(''.join)


@pytest.mark.parametrize(
    ('given', 'why'),
    [
        ('abc', 'invalid duration "abc"'),
        ('+', 'invalid duration "+"'),
        ('.', 'invalid duration "."'),
        ('5', 'missing unit in duration "5"'),
        ('1.5.2s', 'missing unit in duration "1.5.2s"'),
        ('5s5', 'missing unit in duration "5s5"'),
        ('5x', 'unknown unit "x" in duration "5x"'),
    ],
)
@pytest.mark.parametrize('url', [CONFIGMAPS, f'{CONFIGMAPS}/nope', '/healthz', '/apis'])
async def test_a_timeout_that_is_no_duration_is_a_bad_request(
    cluster: kmock.KubernetesCluster, url: str, given: str, why: str
) -> None:
    response = await cluster.get(url, params={'timeout': given})
    message = f'invalid timeout specified in the request URL - time: {why}'
    assert (response.status, (await response.json())['message']) == (400, message)


@pytest.mark.parametrize('given', ['5s', '0', '', '-1s', '+1h2.5m', '.5s'])
async def test_a_timeout_that_is_a_duration_is_taken(cluster: kmock.KubernetesCluster, given: str) -> None:
    response = await cluster.get(CONFIGMAPS, params={'timeout': given})
    assert response.status == 200


async def test_what_may_take_long_has_no_timeout(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get(CONFIGMAPS, params={'watch': '1', 'timeoutSeconds': '-1', 'timeout': 'x'})
    assert response.status == 200
    response = await cluster.get('/api/v1/namespaces/default/pods/p/log', params={'timeout': 'x'})
    assert response.status == 404


@given(sign=st.sampled_from(['', '-', '+']), parts=st.lists(PARTS, min_size=1, max_size=4))
def test_all_sums_of_units_are_durations(sign: str, parts: list[str]) -> None:
    assert explain_duration(sign + ''.join(parts)) is None


@pytest.mark.parametrize(
    'url',
    [
        '/api/v1/namespaces/default/pods/p/log/c',
        '/apis/apps/v1/namespaces/default/deployments/d/status/x',
        '/api/v1/nodes/n/status/x/y',
    ],
)
async def test_nothing_is_below_most_subresources(cluster: kmock.KubernetesCluster, url: str) -> None:
    response = await cluster.get(url)
    message = 'the server could not find the requested resource'
    assert (response.status, (await response.json())['message']) == (404, message)


@pytest.mark.parametrize('url', ['/api/v1/namespaces/default/status', '/api/v1/namespaces/default/status/'])
async def test_a_slash_after_a_subresource_does_not_matter(cluster: kmock.KubernetesCluster, url: str) -> None:
    response = await cluster.get(url)
    assert response.status == 200


async def test_proxies_reach_below_themselves(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get('/api/v1/nodes/n/proxy/metrics/cadvisor')
    assert (await response.json())['message'] == 'nodes "n" not found'
