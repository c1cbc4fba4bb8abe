"""A real operator of Kopf runs against the emulator, and does there what it does on a cluster.

The emulator adds nothing to objects. Of what an API server would add, Kopf needs the `resourceVersion` for one thing
alone: it puts finalizers on objects, and takes them away, by JSON patches that test it first. The tests seed it.
"""

import asyncio
import itertools
import json
import re
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import kopf
import pytest
from kopf.testing import KopfRunner

import kmock
from kmock import KubernetesEmulator

EXAMPLES = kmock.resource('kopf.dev/v1/kopfexamples')
CRDS = kmock.resource('apiextensions.k8s.io/v1/customresourcedefinitions')
NAMESPACES = kmock.resource('v1/namespaces')
EVENTS = kmock.resource('v1/events')

FINALIZER = 'example.com/finalizer'
PROGRESS = 'kopf.zalando.org/create'
HANDLED = 'kopf.zalando.org/last-handled-configuration'
URL = '/apis/kopf.dev/v1/namespaces/ns1/kopfexamples'

pytestmark = pytest.mark.kmock(cls=KubernetesEmulator)


class Operator:
    """A small operator; what its handlers are called with can be awaited."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.registry = kopf.OperatorRegistry()
        self.settings = make_settings()
        self._calls: Mapping[str, asyncio.Queue[dict[str, Any]]] = defaultdict(asyncio.Queue)
        self._ticks = itertools.count(1)
        self._register(self.registry)

    async def called(self, handler: str) -> dict[str, Any]:
        """The keyword arguments of the next call of a handler that was not asked for yet."""
        async with asyncio.timeout(5):
            return await self._calls[handler].get()

    def was_called(self, handler: str) -> bool:
        """If there is a call that was not asked for yet."""
        return not self._calls[handler].empty()

    def _note(self, handler: str, kwargs: dict[str, Any]) -> None:
        self._calls[handler].put_nowait(kwargs)

    def _register(self, registry: kopf.OperatorRegistry) -> None:
        @kopf.on.login(registry=registry)
        async def login(**_: Any) -> kopf.ConnectionInfo:
            return kopf.ConnectionInfo(server=self.url)

        @kopf.on.create(*EXAMPLES.key, id='create', registry=registry)
        async def create(
            patch: kopf.Patch, body: kopf.Body, spec: kopf.Spec, retry: int, **kwargs: Any
        ) -> dict[str, Any]:
            if retry < spec.get('failures', 0):
                raise kopf.TemporaryError('Not yet.', delay=0.01)
            patch.status['phase'] = 'Ready'
            kopf.info(body, reason='Created', message=f'It is {spec.get("size")} big.')
            self._note('create', kwargs)
            return {'size': spec.get('size')}

        @kopf.on.resume(*EXAMPLES.key, id='resume', registry=registry)
        async def resume(**kwargs: Any) -> None:
            self._note('resume', kwargs)

        @kopf.on.update(*EXAMPLES.key, id='update', registry=registry)
        async def update(patch: kopf.Patch, spec: kopf.Spec, **kwargs: Any) -> None:
            patch.status['size'] = spec.get('size')
            patch.spec['legacy'] = None
            self._note('update', kwargs)

        @kopf.on.delete(*EXAMPLES.key, id='delete', registry=registry)
        async def delete(**kwargs: Any) -> None:
            self._note('delete', kwargs)

        @kopf.timer(*EXAMPLES.key, labels={'ticks': kopf.PRESENT}, interval=0.01, registry=registry)
        async def tick(patch: kopf.Patch, **kwargs: Any) -> None:
            patch.status['ticks'] = next(self._ticks)
            self._note('tick', kwargs)

        @kopf.daemon(*EXAMPLES.key, labels={'served': kopf.PRESENT}, registry=registry)
        async def serve(stopped: kopf.DaemonStopped, **kwargs: Any) -> None:
            self._note('daemon starts', kwargs)
            _ = await stopped.wait()
            self._note('daemon stops', {**kwargs, 'stopped': stopped})


def make_settings() -> kopf.OperatorSettings:
    """Nothing waits for longer than it takes."""
    settings = kopf.OperatorSettings()
    settings.persistence.finalizer = FINALIZER
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix='kopf.zalando.org')
    settings.watching.reconnect_backoff = 0
    settings.queueing.idle_timeout = 0.01
    settings.posting.loggers = False  # only the events that handlers post themselves
    return settings


@asynccontextmanager
async def running(kmock: KubernetesEmulator, operator: Operator, **options: Any) -> AsyncGenerator[Operator, None]:
    """Run an operator as long as the context lasts, from when it is ready."""
    # When it stops, Kopf waits for all tasks of the loop that began after it, for some seconds: also for those of the
    # server that serve connections of other clients. The connection of the test is there before, and stays.
    await kmock.head('/readyz')
    ready, stop = asyncio.Event(), asyncio.Event()
    options = {'standalone': True, 'namespaces': ['ns1'], **options}
    task = asyncio.create_task(
        kopf.operator(
            registry=operator.registry, settings=operator.settings, ready_flag=ready, stop_flag=stop, **options
        )
    )
    try:
        await ready.wait()
        yield operator
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


@pytest.fixture
def operator(kmock: KubernetesEmulator) -> Operator:
    kmock.resources[EXAMPLES] = {'kind': 'KopfExample', 'namespaced': True, 'subresources': ['status']}
    kmock.resources[NAMESPACES] = {}
    kmock.resources[EVENTS] = {}
    kmock.resources[CRDS] = {}
    kmock.objects[NAMESPACES, None, 'ns1'] = {'metadata': {'name': 'ns1'}}
    kmock.objects[NAMESPACES, None, 'ns2'] = {'metadata': {'name': 'ns2'}}
    return Operator(str(kmock.url))


def example(name: str = 'ex1', namespace: str = 'ns1', **metadata: Any) -> dict[str, Any]:
    """An object as clients would send it, with what Kopf needs of what an API server would add."""
    return {
        'apiVersion': 'kopf.dev/v1',
        'kind': 'KopfExample',
        'metadata': {'name': name, 'namespace': namespace, 'resourceVersion': '1', **metadata},
        'spec': {'size': 1},
    }


async def have_created(kmock: KubernetesEmulator, operator: Operator, **metadata: Any) -> kmock.Object:
    """Create an object as a client does; the operator is done with it."""
    await kmock.post(URL, json=example(**metadata))
    await kmock['patch', EXAMPLES, kmock.subresource('status'), kmock.data({'status': {'create': ...}})].wait()
    await operator.called('create')
    return kmock.objects[EXAMPLES, 'ns1', 'ex1']


# ---- At the start ----


async def test_an_operator_discovers_what_it_serves_and_watches_only_that(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    async with running(kmock, operator):
        await kmock['watch', EXAMPLES].wait()

    discovery = kmock['get'] - kmock['list'] - kmock['watch']
    paths = ['/api', '/api/v1', '/apis', '/apis/apiextensions.k8s.io/v1', '/apis/kopf.dev/v1']
    assert sorted(request.path for request in discovery) == paths
    assert [(request.resource, request.namespace) for request in kmock['list', EXAMPLES]] == [(EXAMPLES, 'ns1')]
    assert {request.resource for request in kmock['watch']} == {EXAMPLES, NAMESPACES, CRDS}
    assert kmock.unmatched == []


async def test_objects_that_exist_at_the_start_are_taken_as_created(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    kmock.objects[EXAMPLES, 'ns1', 'ex1'] = example('ex1')
    kmock.objects[EXAMPLES, 'ns1', 'ex2'] = example('ex2')
    kmock.objects[EXAMPLES, 'ns2', 'ex3'] = example('ex3', 'ns2')

    async with running(kmock, operator):
        found = {(await operator.called('create'))['name'] for _ in range(2)}
        await kmock['patch', EXAMPLES, kmock.subresource('status')].wait(2)

    assert found == {'ex1', 'ex2'}
    assert kmock.objects[EXAMPLES, 'ns1'] >= [
        {'metadata': {'name': name, 'finalizers': [FINALIZER]}, 'status': {'phase': 'Ready', 'create': {'size': 1}}}
        for name in ('ex1', 'ex2')
    ]
    assert len(kmock.objects[EXAMPLES, 'ns2', 'ex3'].history) == 1


async def test_objects_that_were_served_before_are_resumed(kmock: KubernetesEmulator, operator: Operator) -> None:
    handled: dict[str, Any] = {'finalizers': [FINALIZER], 'annotations': {HANDLED: '{"spec":{"size":1}}'}}
    kmock.objects[EXAMPLES, 'ns1', 'ex1'] = example(**handled)

    async with running(kmock, operator):
        assert (await operator.called('resume'))['name'] == 'ex1'

    assert not operator.was_called('create')
    assert kmock.objects[EXAMPLES, 'ns1', 'ex1'] == example(**handled)
    assert kmock['patch'] == []


async def test_an_operator_goes_on_where_its_predecessor_has_stopped(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    async with running(kmock, operator):
        obj = await have_created(kmock, operator)
    obj.patch({'spec': {'size': 2}})
    async with running(kmock, operator):
        diff = (await operator.called('update'))['diff']
    assert list(diff) == [('change', ('spec', 'size'), 1, 2)]


# ---- Creation ----


async def test_a_created_object_gets_a_finalizer_and_then_a_status(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    async with running(kmock, operator):
        obj = await have_created(kmock, operator)

    noted = {'metadata': {'annotations': {HANDLED: '{"spec":{"size":1}}\n'}}}
    assert obj.history[:2] == [example(), example(finalizers=[FINALIZER])]
    assert obj.history[2:] >= [noted, {**noted, 'status': {'phase': 'Ready', 'create': {'size': 1}}}]
    assert obj == obj.history[3]
    assert len(obj.history) == 4


async def test_finalizers_are_added_by_a_json_patch_that_tests_the_version(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    async with running(kmock, operator):
        await have_created(kmock, operator)

    request = kmock['patch', EXAMPLES][0]
    assert request.content_type == 'application/json-patch+json'
    assert request.data == [
        {'op': 'test', 'path': '/metadata/resourceVersion', 'value': '1'},
        {'op': 'add', 'path': '/metadata/finalizers', 'value': [FINALIZER]},
    ]


async def test_events_of_handlers_are_posted(kmock: KubernetesEmulator, operator: Operator) -> None:
    async with running(kmock, operator):
        await have_created(kmock, operator, uid='uid1')
        (request,) = await kmock['create', EVENTS].wait()

    assert request.namespace == 'ns1'
    assert request.data['metadata'] == {'namespace': 'ns1', 'generateName': 'kopf-event-'}
    assert kmock.objects[EVENTS, 'ns1'] >= [
        {
            'metadata': {'name': re.compile('kopf-event-.+')},
            'involvedObject': {'kind': 'KopfExample', 'name': 'ex1', 'namespace': 'ns1', 'uid': 'uid1'},
            'type': 'Normal',
            'reason': 'Created',
            'message': 'It is 1 big.',
        }
    ]


async def test_what_a_failing_handler_notes_is_gone_when_it_succeeds(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    kmock.objects[EXAMPLES, 'ns1', 'ex1'] = {**example(), 'spec': {'size': 1, 'failures': 2}}
    async with running(kmock, operator):
        await operator.called('create')
        await kmock['patch', EXAMPLES, kmock.subresource('status')].wait()

    noted = [
        state['metadata'].get('annotations', {}) for state in kmock.objects[EXAMPLES, 'ns1', 'ex1'].history if state
    ]
    assert {json.loads(found[PROGRESS])['retries'] for found in noted if PROGRESS in found} == {1, 2}
    assert set(noted[-1]) == {HANDLED}


async def test_objects_that_the_test_creates_are_seen_too(kmock: KubernetesEmulator, operator: Operator) -> None:
    async with running(kmock, operator):
        await kmock['watch', EXAMPLES].wait()
        kmock.objects[EXAMPLES, 'ns1', 'ex1'] = example()
        assert (await operator.called('create'))['name'] == 'ex1'


# ---- Updates ----


async def test_an_update_is_handled_with_its_difference(kmock: KubernetesEmulator, operator: Operator) -> None:
    async with running(kmock, operator):
        obj = await have_created(kmock, operator)
        await kmock.patch(f'{URL}/ex1', json={'spec': {'size': 2, 'legacy': True}})
        call = await operator.called('update')
        await kmock['patch', EXAMPLES, kmock.subresource('status'), kmock.data({'status': {'size': 2}})].wait()

    assert set(call['diff']) == {('change', ('spec', 'size'), 1, 2), ('add', ('spec', 'legacy'), None, True)}
    assert obj['spec'] == {'size': 2}
    assert obj['status'] == {'phase': 'Ready', 'create': {'size': 1}, 'size': 2}


async def test_a_change_by_the_test_is_handled_as_one_of_a_client(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    async with running(kmock, operator):
        obj = await have_created(kmock, operator)
        obj['spec']['size'] = 2
        call = await operator.called('update')
    assert list(call['diff']) == [('change', ('spec', 'size'), 1, 2)]


# ---- Deletion ----


async def test_a_deleted_object_is_gone_once_the_operator_lets_it_go(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    async with running(kmock, operator):
        obj = await have_created(kmock, operator)
        await kmock.delete(f'{URL}/ex1')
        await operator.called('delete')
        removal = kmock['patch', EXAMPLES, kmock.data([{}, {'op': 'remove', 'path': '/metadata/finalizers'}])]
        await removal.wait()

    marked, released, gone = obj.history[-3:]
    assert marked is not None
    assert marked['metadata'] >= {'finalizers': [FINALIZER], 'deletionTimestamp': ...}
    assert released is not None
    assert 'finalizers' not in released['metadata']
    assert gone is None
    assert obj.deleted
    assert len(removal) == 1


async def test_an_object_with_a_finalizer_of_another_stays(kmock: KubernetesEmulator, operator: Operator) -> None:
    async with running(kmock, operator):
        obj = await have_created(kmock, operator, finalizers=['example.com/other'])
        await kmock.delete(f'{URL}/ex1')
        await operator.called('delete')
        await kmock['patch', EXAMPLES, kmock.data([{}, {'op': 'remove'}])].wait()

    assert obj['metadata'] >= {'finalizers': ['example.com/other'], 'deletionTimestamp': ...}


async def test_a_finalizer_waits_for_an_operator_that_is_started_later(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    kmock.objects[EXAMPLES, 'ns1', 'ex1'] = example(finalizers=[FINALIZER])
    await kmock.delete(f'{URL}/ex1')
    assert not kmock.objects[EXAMPLES, 'ns1', 'ex1'].deleted

    async with running(kmock, operator):
        await operator.called('delete')
        await kmock['patch', EXAMPLES, kmock.data([{}, {'op': 'remove'}])].wait()
    assert kmock.objects[EXAMPLES, 'ns1', 'ex1'].deleted


async def test_an_object_that_the_test_takes_away_can_be_created_anew(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    async with running(kmock, operator):
        obj = await have_created(kmock, operator)
        obj.delete()
        await have_created(kmock, operator)

    assert not operator.was_called('delete')
    assert [state is None for state in obj.history] == [False] * 4 + [True] + [False] * 4


# ---- Timers and daemons ----


async def test_a_timer_ticks_and_patches(kmock: KubernetesEmulator, operator: Operator) -> None:
    ticks = kmock['patch', EXAMPLES, kmock.subresource('status'), kmock.data({'status': {'ticks': ...}})]
    async with running(kmock, operator):
        obj = await have_created(kmock, operator, labels={'ticks': 'yes'})
        await ticks.wait(3)

    assert [request.data['status']['ticks'] for request in ticks[:3]] == [1, 2, 3]
    assert obj['status']['ticks'] == len(ticks)
    assert obj.history >= [{'status': {'ticks': count}} for count in range(1, len(ticks) + 1)]


async def test_a_timer_stops_when_its_object_does_not_match_any_more(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    async with running(kmock, operator):
        obj = await have_created(kmock, operator, labels={'ticks': 'yes'})
        await operator.called('tick')
        await kmock.patch(f'{URL}/ex1', json={'metadata': {'labels': None}})
        await operator.called('update')  # the diff of labels; the timer has been stopped before
        while operator.was_called('tick'):
            await operator.called('tick')
        await kmock.delete(f'{URL}/ex1')
        await operator.called('delete')

    assert not operator.was_called('tick')
    assert obj.deleted


async def test_a_daemon_runs_from_the_creation_to_the_deletion(kmock: KubernetesEmulator, operator: Operator) -> None:
    async with running(kmock, operator):
        obj = await have_created(kmock, operator, labels={'served': 'yes'})
        assert (await operator.called('daemon starts'))['name'] == 'ex1'
        assert not operator.was_called('daemon stops')

        await kmock.delete(f'{URL}/ex1')
        await operator.called('daemon stops')
        await kmock['patch', EXAMPLES, kmock.data([{}, {'op': 'remove'}])].wait()

    assert obj.deleted


async def test_a_daemon_stops_with_the_operator(kmock: KubernetesEmulator, operator: Operator) -> None:
    async with running(kmock, operator):
        obj = await have_created(kmock, operator, labels={'served': 'yes'})
        await operator.called('daemon starts')
    assert operator.was_called('daemon stops')
    assert obj['metadata']['finalizers'] == [FINALIZER]


# ---- The cluster around ----


async def test_a_namespace_that_appears_later_is_served_by_its_pattern(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    kmock.objects[EXAMPLES, 'team-a', 'ex1'] = example('ex1', 'team-a')
    async with running(kmock, operator, namespaces=['team-*']):
        await kmock['watch', NAMESPACES].wait()
        assert not operator.was_called('create')
        kmock.objects[NAMESPACES, None, 'team-a'] = {'metadata': {'name': 'team-a'}}
        assert (await operator.called('create'))['namespace'] == 'team-a'
    assert {request.namespace for request in kmock['list', EXAMPLES]} == {'team-a'}


async def test_all_namespaces_are_served_by_one_watch(kmock: KubernetesEmulator, operator: Operator) -> None:
    kmock.objects[EXAMPLES, 'ns1', 'ex1'] = example('ex1', 'ns1')
    kmock.objects[EXAMPLES, 'ns2', 'ex2'] = example('ex2', 'ns2')
    async with running(kmock, operator, namespaces=[], clusterwide=True):
        found = {(await operator.called('create'))['namespace'] for _ in range(2)}
    assert found == {'ns1', 'ns2'}
    assert [request.path for request in kmock['watch', EXAMPLES]] == ['/apis/kopf.dev/v1/kopfexamples']


async def test_a_resource_that_is_defined_later_is_discovered(kmock: KubernetesEmulator, operator: Operator) -> None:
    del kmock.resources[EXAMPLES]
    async with running(kmock, operator):
        await kmock['watch', CRDS].wait()
        kmock.resources[EXAMPLES] = {'kind': 'KopfExample', 'namespaced': True}
        kmock.objects[CRDS, None, 'kopfexamples.kopf.dev'] = {'metadata': {}, 'spec': {'group': 'kopf.dev'}}
        await kmock['watch', EXAMPLES].wait()
        kmock.objects[EXAMPLES, 'ns1', 'ex1'] = example()
        await operator.called('create')


async def test_peers_see_each_other(kmock: KubernetesEmulator, operator: Operator) -> None:
    peerings = kmock.resource('kopf.dev/v1/kopfpeerings')
    kmock.resources[peerings] = {'kind': 'KopfPeering', 'namespaced': True}
    kmock.objects[peerings, 'ns1', 'default'] = {'metadata': {'name': 'default', 'namespace': 'ns1'}}
    async with running(kmock, operator, standalone=False, identity='me@here'):
        await kmock['patch', peerings, kmock.data({'status': {'me@here': {'lifetime': 60}}})].wait()
        assert kmock.objects[peerings, 'ns1', 'default'] >= {'status': {'me@here': {'priority': 0}}}
    assert kmock.objects[peerings, 'ns1', 'default']['status'] == {}


# ---- Mishaps ----


async def test_what_happens_while_a_watch_is_broken_is_seen_by_the_next_one(
    kmock: KubernetesEmulator, operator: Operator
) -> None:
    def miss() -> bytes:
        kmock.objects[EXAMPLES, 'ns1', 'ex1'] = example()
        return b''

    kmock['watch', EXAMPLES][:1] << miss
    async with running(kmock, operator):
        await operator.called('create')
    first, second = kmock['watch', EXAMPLES]
    assert first.params['resourceVersion'] == second.params['resourceVersion']
    assert len(kmock['list', EXAMPLES]) == 1


async def test_a_watch_that_came_too_late_is_begun_anew(kmock: KubernetesEmulator, operator: Operator) -> None:
    kmock['watch', EXAMPLES][:1] << ({'type': 'ERROR', 'object': {'code': 410}},)
    async with running(kmock, operator):
        await kmock['watch', EXAMPLES].wait(2)
        kmock.objects[EXAMPLES, 'ns1', 'ex1'] = example()
        await operator.called('create')
    assert len(kmock['list', EXAMPLES]) == 2


async def test_a_failing_server_is_asked_again(kmock: KubernetesEmulator, operator: Operator) -> None:
    operator.settings.networking.error_backoffs = [0, 0]
    kmock['patch', EXAMPLES, kmock.subresource('status'), :2] << 503
    async with running(kmock, operator):
        obj = await have_created(kmock, operator)
        statuses = kmock['patch', EXAMPLES, kmock.subresource('status')]
        await statuses.wait(3)
    assert obj['status']['phase'] == 'Ready'


async def test_finalizers_need_a_version_of_the_object(kmock: KubernetesEmulator, operator: Operator) -> None:
    unversioned = example()
    del unversioned['metadata']['resourceVersion']
    async with running(kmock, operator):
        await kmock['watch', EXAMPLES].wait()
        kmock.objects[EXAMPLES, 'ns1', 'ex1'] = unversioned
        await kmock['patch', EXAMPLES].wait()
    assert kmock['patch', EXAMPLES][0].data[0]['value'] is None
    assert kmock.objects[EXAMPLES, 'ns1', 'ex1'] == unversioned
    assert not operator.was_called('create')


# ---- The command line ----


CODE = """
import kopf

@kopf.on.login()
def login(**kwargs):
    return kopf.login_with_kubeconfig(**kwargs)

@kopf.on.create('kopf.dev', 'v1', 'kopfexamples')
def create(patch, **_):
    patch.status['phase'] = 'Ready'
"""


def test_the_runner_of_kopf_finds_the_emulator_by_a_kubeconfig(
    kmock: KubernetesEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kmock.write_kubeconfig(tmp_path / 'kubeconfig')
    monkeypatch.setenv('KUBECONFIG', str(tmp_path / 'kubeconfig'))
    (tmp_path / 'operator.py').write_text(CODE, 'utf-8')
    kmock.resources.load_bundled()
    kmock.objects[NAMESPACES, None, 'ns1'] = {'metadata': {'name': 'ns1'}}
    kmock.resources[EXAMPLES] = {'kind': 'KopfExample', 'namespaced': True, 'subresources': ['status']}
    kmock.objects[EXAMPLES, 'ns1', 'ex1'] = example()

    with KopfRunner(['run', '--standalone', '-n', 'ns1', str(tmp_path / 'operator.py')], timeout=10) as runner:
        kmock['patch', EXAMPLES, kmock.subresource('status')].wait_sync()

    assert runner.exit_code == 0
    assert kmock.objects[EXAMPLES, 'ns1', 'ex1']['status'] == {'phase': 'Ready'}
