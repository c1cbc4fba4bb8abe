"""Operators that are peers know of each other: the most important one works, and the others pause."""

import logging
import threading
from collections.abc import Generator
from typing import Any

import kopf
import pytest

from kmock import KubernetesCluster
from operators import Operator
from websites import KEY, WEBSITES, website


def peering(kind: str, scope: str) -> dict[str, Any]:
    """The definition of a resource where operators meet."""
    plural = f'{kind.lower()}s'
    status = {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}
    schema = {'openAPIV3Schema': {'type': 'object', 'properties': {'status': status}}}
    return {
        'apiVersion': 'apiextensions.k8s.io/v1',
        'kind': 'CustomResourceDefinition',
        'metadata': {'name': f'{plural}.kopf.dev'},
        'spec': {
            'group': 'kopf.dev',
            'scope': scope,
            'names': {'kind': kind, 'plural': plural},
            'versions': [{'name': 'v1', 'served': True, 'storage': True, 'schema': schema}],
        },
    }


class Heard(logging.Handler):
    """What the operators say, which can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Remember a line, with its thread."""
        with self._changed:
            self._lines.append(f'{record.threadName}: {record.getMessage()}')
            self._changed.notify_all()

    def wait(self, text: str) -> None:
        """Wait until a line begins so; the lines up to then are forgotten."""
        with self._changed:
            assert self._changed.wait_for(lambda: any(line.startswith(text) for line in self._lines), 10), self._lines
            while not self._lines.pop(0).startswith(text):
                pass


@pytest.fixture
def heard() -> Generator[Heard, None, None]:
    logger, heard = logging.getLogger('kopf'), Heard()
    level = logger.level
    logger.addHandler(heard)
    logger.setLevel(logging.DEBUG)
    yield heard
    logger.setLevel(level)
    logger.removeHandler(heard)


@pytest.fixture(params=['KopfPeering', 'ClusterKopfPeering'])
def peers(request: pytest.FixtureRequest, kmock: KubernetesCluster, operator: Operator) -> Any:
    """The object where operators meet."""
    kind = str(request.param)
    namespaced = kind == 'KopfPeering'
    kmock.load(peering(kind, 'Namespaced' if namespaced else 'Cluster'))
    kmock.load({'apiVersion': 'kopf.dev/v1', 'kind': kind, 'metadata': {'name': 'default'}})
    return kmock.objects[f'kopf.dev/v1/{kind.lower()}s', 'default' if namespaced else None, 'default']


def make_peer(name: str) -> Operator:
    """An operator that writes who has seen a website."""
    peer = Operator()

    @kopf.on.create(*KEY, registry=peer.registry)
    async def create(patch: kopf.Patch, **_: Any) -> None:
        patch.status['seen-by'] = name

    return peer


def options(peers: Any, identity: str, **kwargs: Any) -> dict[str, Any]:
    """How an operator is run that is to meet others there."""
    where: dict[str, Any] = {'clusterwide': True} if 'Cluster' in peers['kind'] else {'namespaces': ['default']}
    return {**where, 'standalone': False, 'peering_name': 'default', 'identity': identity, **kwargs}


def test_a_peer_is_written_down_while_it_runs(kmock: KubernetesCluster, peers: Any) -> None:
    with make_peer('me').beside(**options(peers, 'me@here', priority=7)):
        peers.wait_sync({'status': {'me@here': {'priority': 7, 'lifetime': 60}}}, timeout=10)
    assert peers['status'] == {}


def test_the_less_important_peer_pauses_and_resumes(kmock: KubernetesCluster, peers: Any, heard: Heard) -> None:
    tea, coffee, milk = [kmock.objects[WEBSITES, 'default', name] for name in ('tea', 'coffee', 'milk')]
    with make_peer('minor').beside(**options(peers, 'minor@here')):
        kmock.load(website('tea'))
        tea.wait_sync({'status': {'seen-by': 'minor'}}, timeout=10)
        with make_peer('major').beside(**options(peers, 'major@here', priority=10)):
            heard.wait('minor@here: Pausing operations in favour of')
            heard.wait('minor@here: Pausing the watch-stream for websites.v1.acme.dev')
            assert set(peers['status']) == {'minor@here', 'major@here'}
            kmock.load(website('coffee'))
            coffee.wait_sync({'status': {'seen-by': 'major'}}, timeout=10)
        heard.wait('minor@here: Resuming operations after the pause')
        kmock.load(website('milk'))
        milk.wait_sync({'status': {'seen-by': 'minor'}}, timeout=10)
    assert [state['status'] for state in coffee.history if state and 'status' in state] == [{'seen-by': 'major'}]


def test_a_peer_that_is_dead_is_wiped_off(kmock: KubernetesCluster, peers: Any) -> None:
    dead = {'priority': 100, 'lifetime': 10, 'lastseen': '2020-01-01T00:00:00+00:00'}
    peers.patch({'status': {'dead@there': dead}})
    with make_peer('me').beside(**options(peers, 'me@here')):
        kmock.load(website('tea'))
        kmock.objects[WEBSITES, 'default', 'tea'].wait_sync({'status': {'seen-by': 'me'}}, timeout=10)
        peers.wait_sync(lambda: 'dead@there' not in peers['status'], timeout=10)


def test_who_has_to_have_peers_waits_for_the_place_to_meet(
    kmock: KubernetesCluster, operator: Operator, heard: Heard
) -> None:
    settled = make_peer('me')
    settled.settings.peering.mandatory = True
    kmock.load(website('tea'))
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    with settled.beside(standalone=False, clusterwide=True, peering_name='default', identity='me@here'):
        kmock['watch apiextensions.k8s.io/v1/customresourcedefinitions'].wait_sync(timeout=10)
        heard.wait('me@here: Pausing the watch-stream for websites.v1.acme.dev')
        kmock.load(peering('ClusterKopfPeering', 'Cluster'))
        kmock.load({'apiVersion': 'kopf.dev/v1', 'kind': 'ClusterKopfPeering', 'metadata': {'name': 'default'}})
        tea.wait_sync({'status': {'seen-by': 'me'}}, timeout=10)
