"""Big answers are compressed for who asks for it."""

import gzip
import json

import pytest

import kmock
from kmock_core.values.responses import Answer
from kmock_k8s.cluster.representing.compressing import BIG

MAPS = '/api/v1/namespaces/default/configmaps'
ORIGIN = ('http', 'localhost', None, '1.1')


@pytest.fixture
def cluster() -> kmock.KubernetesCluster:
    """A cluster with more than fits into a small answer."""
    cluster = kmock.KubernetesCluster()
    for name in ('big', 'bigger'):
        cluster.objects['v1/configmaps', 'default', name] = {'data': {'k': 'x' * BIG}}
    cluster.objects['v1/configmaps', 'default', 'small'] = {'data': {'k': 'x'}}
    return cluster


def ask(cluster: kmock.KubernetesCluster, url: str, accepted: str | None, accept: str = '*/*') -> Answer:
    headers = [(b'Accept', accept.encode()), *([(b'Accept-Encoding', accepted.encode())] if accepted else [])]
    found = cluster.serve('GET', url, tuple(headers), b'', ORIGIN)
    assert isinstance(found, Answer)
    return found


def is_compressed(answer: Answer) -> bool:
    assert isinstance(answer.body, bytes)
    assert answer.header('content-length') == str(len(answer.body))
    return answer.header('content-encoding') == 'gzip'


@pytest.mark.parametrize('accepted', ['gzip', 'deflate, gzip', 'gzip , br'])
@pytest.mark.parametrize('url', [MAPS, f'{MAPS}/big'])
def test_a_big_answer_is_compressed(cluster: kmock.KubernetesCluster, url: str, accepted: str) -> None:
    plain, answer = ask(cluster, url, None), ask(cluster, url, accepted)
    assert not is_compressed(plain)
    assert is_compressed(answer)
    assert answer.header('vary') == 'Accept-Encoding'
    assert answer.header('content-type') == 'application/json'
    assert isinstance(answer.body, bytes)
    assert gzip.decompress(answer.body) == plain.body


@pytest.mark.parametrize('accepted', [None, 'identity', 'deflate', 'gzip;q=1.0', 'x-gzip'])
def test_who_does_not_ask_for_it_gets_it_as_it_is(cluster: kmock.KubernetesCluster, accepted: str | None) -> None:
    answer = ask(cluster, MAPS, accepted)
    assert not is_compressed(answer)
    assert answer.header('vary') is None


def test_a_small_answer_is_not_compressed(cluster: kmock.KubernetesCluster) -> None:
    assert not is_compressed(ask(cluster, f'{MAPS}/small', 'gzip'))


@pytest.mark.parametrize(
    'media', ['application/yaml', 'application/vnd.kubernetes.protobuf', 'application/json;pretty=1']
)
def test_all_representations_are_compressed(cluster: kmock.KubernetesCluster, media: str) -> None:
    answer = ask(cluster, MAPS, 'gzip', media)
    assert is_compressed(answer)
    assert answer.header('content-type') == media.partition(';')[0]


def test_a_table_is_small_though_the_objects_are_big(cluster: kmock.KubernetesCluster) -> None:
    answer = ask(cluster, MAPS, 'gzip', 'application/json;as=Table;v=v1;g=meta.k8s.io')
    assert not is_compressed(answer)
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body)['kind'] == 'Table'
