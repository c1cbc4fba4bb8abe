"""The official client: watches that go on after all that ends them, informers, and the election of leaders."""

import json
import threading
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

import kubernetes as official
import pytest
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock import configmaplock

import kmock
from clients.shop import configmap

library: Any = official
client: Any = library.client
electing: Any = leaderelection


@pytest.fixture
def core(kubeconfig: str) -> Generator[Any, None, None]:
    with library.config.new_client_from_config(kubeconfig) as api:
        yield client.CoreV1Api(api)


class Following:
    """A watch in a thread of its own: what has come, and the requests it took."""

    def __init__(self, core: Any, count: int, **options: Any) -> None:
        self.seen: list[tuple[str, str]] = []
        self.error: Any = None
        self._thread = threading.Thread(target=self._follow, args=(core, count, options))
        self._thread.start()

    def _follow(self, core: Any, count: int, options: dict[str, Any]) -> None:
        watcher = library.watch.Watch()
        try:
            for event in watcher.stream(core.list_namespaced_config_map, 'default', **options):
                self.seen.append((event['type'], event['object'].metadata.name))
                if len(self.seen) == count:
                    watcher.stop()
        except client.ApiException as exc:
            self.error = exc

    def end(self) -> list[tuple[str, str]]:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.seen


def test_changes_by_others_are_followed(cluster: kmock.KubernetesCluster, core: Any) -> None:
    core.create_namespaced_config_map('default', configmap('a'))
    following = Following(core, 4)
    cluster['watch v1/configmaps'].wait_sync(timeout=20)

    cluster.objects['v1/configmaps', 'default', 'b'] = {'data': {}}
    core.patch_namespaced_config_map('a', 'default', {'data': {'a': '2'}})
    core.delete_namespaced_config_map('a', 'default')

    assert following.end() == [('ADDED', 'a'), ('ADDED', 'b'), ('MODIFIED', 'a'), ('DELETED', 'a')]


def test_a_watch_that_the_server_ends_is_resumed(cluster: kmock.KubernetesCluster, core: Any) -> None:
    made = core.create_namespaced_config_map('default', configmap('a'))
    content = client.ApiClient().sanitize_for_serialization(made)
    watches = cluster['watch v1/configmaps']
    watches[:2] << ({'type': 'ADDED', 'object': {**content, 'kind': 'ConfigMap', 'apiVersion': 'v1'}},)

    following = Following(core, 3)
    watches.wait_sync(3, timeout=20)
    cluster.objects['v1/configmaps', 'default', 'b'] = {'data': {}}

    assert following.end() == [('ADDED', 'a'), ('ADDED', 'a'), ('ADDED', 'b')]
    assert [request.params.get('resourceVersion') for request in watches] == [
        None,
        *[made.metadata.resource_version] * 2,
    ]


def test_what_is_forgotten_is_told_by_an_exception(cluster: kmock.KubernetesCluster, core: Any) -> None:
    version = core.list_namespaced_config_map('default').metadata.resource_version
    core.create_namespaced_config_map('default', configmap('a'))
    cluster.compact()

    following = Following(core, 1, resource_version=version)

    assert following.end() == []
    assert isinstance(following.error, client.ApiException)
    assert following.error.status == 410
    assert 'Expired: too old resource version' in str(following.error)
    assert len(cluster['watch v1/configmaps']) == 2  # it has tried it twice


def test_a_watch_of_one_second_ends_by_itself(cluster: kmock.KubernetesCluster, core: Any) -> None:
    core.create_namespaced_config_map('default', configmap('a'))
    following = Following(core, 9, timeout_seconds=1, allow_watch_bookmarks=False)
    assert following.end() == [('ADDED', 'a')]


def test_a_log_is_followed_line_by_line(cluster: kmock.KubernetesCluster, core: Any) -> None:
    cluster.objects['v1/pods', 'default', 'web'] = {'spec': {'containers': [{'name': 'main', 'image': 'nginx'}]}}
    cluster.pod_logs['default', 'web'] = 'one\n'
    lines = library.watch.Watch().stream(core.read_namespaced_pod_log, 'web', 'default')
    assert next(lines) == 'one'
    cluster.pod_logs['default', 'web'] += 'two\n'
    assert next(lines) == 'two'
    cluster.pod_logs.end('default', 'web')
    lines.close()


# ---- Informers ----


class Store:
    """An informer, and what it has told so far."""

    def __init__(self, core: Any) -> None:
        informing: Any = pytest.importorskip('kubernetes.informer', reason='of kubernetes 37 and later')
        self.changed = threading.Condition()
        self.told: list[tuple[str, Any]] = []
        self.informer = informing.SharedInformer(core.list_namespaced_config_map, namespace='default')
        for kind in ('ADDED', 'MODIFIED', 'DELETED', 'ERROR'):
            self.informer.add_event_handler(kind, partial(self._note, kind))

    def _note(self, kind: str, item: Any) -> None:
        with self.changed:
            self.told.append((kind, item if isinstance(item, Exception) else item.metadata.name))
            self.changed.notify_all()

    def wait(self, *told: tuple[str, Any]) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: {*told} <= {*self.told}, 20), self.told

    def wait_for(self, found: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(found, 20), self.told


@pytest.fixture
def store(core: Any) -> Generator[Store, None, None]:
    store = Store(core)
    yield store
    store.informer.stop()


def test_an_informer_keeps_what_is_there(cluster: kmock.KubernetesCluster, core: Any, store: Store) -> None:
    core.create_namespaced_config_map('default', configmap('a'))
    store.informer.start()
    store.wait(('ADDED', 'a'))
    core.create_namespaced_config_map('default', configmap('b'))
    core.patch_namespaced_config_map('a', 'default', {'data': {'a': '2'}})
    core.delete_namespaced_config_map('b', 'default')
    store.wait(('ADDED', 'b'), ('MODIFIED', 'a'), ('DELETED', 'b'))

    assert store.informer.cache.list_keys() == ['default/a']
    assert store.informer.cache.get_by_key('default/a').data == {'a': '2'}


def test_an_informer_lists_again_when_its_watch_expires(
    cluster: kmock.KubernetesCluster, core: Any, store: Store
) -> None:
    core.create_namespaced_config_map('default', configmap('a'))
    cluster['watch v1/configmaps'][:2] << (b'', kmock.KubernetesExpiredError())

    store.informer.start()
    store.wait_for(lambda: any(isinstance(item, client.ApiException) for _, item in store.told))
    cluster['watch v1/configmaps'].wait_sync(3, timeout=20)
    core.create_namespaced_config_map('default', configmap('b'))

    store.wait(('ADDED', 'a'), ('MODIFIED', 'a'), ('ADDED', 'b'))
    assert len(cluster['list v1/configmaps']) == 2


# ---- Leaders ----


class Clock:
    """The time of the candidates: it stands still but for those who sleep in it, who take turns with the test."""

    def __init__(self) -> None:
        self.now = 1_900_000_000.5  # leases have fractions of seconds, or they are refused: as on a real server
        self._turns = threading.Semaphore(0)

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert self._turns.acquire(timeout=20)
        self.now += seconds

    def let(self, turns: int = 1) -> None:
        self._turns.release(turns)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(electing, 'time', clock)
    return clock


@pytest.fixture(params=['configmaps', 'leases'])
def lock(request: pytest.FixtureRequest, core: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    monkeypatch.setattr(client.Configuration, '_default', core.api_client.configuration)  # the locks make a client
    if request.param == 'configmaps':
        kind: Any = configmaplock.ConfigMapLock
    else:
        kind = pytest.importorskip('kubernetes.leaderelection.resourcelock.leaselock').LeaseLock
    return lambda identity: kind('leader', 'default', identity)


def candidate(lock: Any, *, started: Callable[[], object] = int, stopped: Callable[[], object] = int) -> Any:
    config: Any = electionconfig.Config
    return electing.LeaderElection(
        config(lock, lease_duration=17, renew_deadline=15, retry_period=5, onstarted_leading=started,
               onstopped_leading=stopped)
    )  # fmt: skip


def test_a_lock_is_taken_over_when_its_time_is_over(
    cluster: kmock.KubernetesCluster, lock: Callable[[str], Any], clock: Clock
) -> None:
    one, two = candidate(lock('one')), candidate(lock('two'))
    assert one.try_acquire_or_renew()
    assert not two.try_acquire_or_renew()
    clock.now += 10
    assert one.try_acquire_or_renew()
    clock.now += 10
    assert not two.try_acquire_or_renew()  # it sees that it was renewed
    clock.now += 18
    assert two.try_acquire_or_renew()
    assert not one.try_acquire_or_renew()
    assert holders(cluster) == ['two']


def test_a_leader_that_can_not_renew_stops_and_another_one_leads(
    cluster: kmock.KubernetesCluster, lock: Callable[[str], Any], clock: Clock
) -> None:
    led, lost = threading.Event(), threading.Event()
    leader = candidate(lock('one'), started=led.set, stopped=lost.set)
    thread = threading.Thread(target=leader.run)
    thread.start()
    assert led.wait(20)

    for kind in ('v1/configmaps', 'coordination.k8s.io/v1/leases'):
        cluster[f'update {kind}'][:3] << 500  # within its 15 seconds, it tries it each 5 seconds
    clock.let(9)
    assert lost.wait(20)
    thread.join(20)

    other = candidate(lock('two'))
    assert not other.try_acquire_or_renew()
    assert holders(cluster) == ['one']
    clock.now += 18
    assert other.try_acquire_or_renew()
    assert holders(cluster) == ['two']


def holders(cluster: kmock.KubernetesCluster) -> list[str]:
    leases = [lease['spec']['holderIdentity'] for lease in cluster.objects['coordination.k8s.io/v1/leases'].values()]
    notes = [found['metadata']['annotations'] for found in cluster.objects['v1/configmaps'].values()]
    return leases + [json.loads(note['control-plane.alpha.kubernetes.io/leader'])['holderIdentity'] for note in notes]
