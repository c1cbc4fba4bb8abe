"""Handlers of creation, updates, resuming and deletion are called for what happens in the cluster."""

import functools
import json
from typing import Any

import kopf
import pytest

from kmock import KubernetesCluster
from operators import FINALIZER, Operator
from websites import KEY, URL, WEBSITES, website

HANDLED = 'kopf.zalando.org/last-handled-configuration'
MERGE = {'Content-Type': 'application/merge-patch+json'}


def note_all(operator: Operator, *names: str) -> None:
    """Register handlers that note that they were called."""
    for handler in names:
        register = getattr(kopf.on, handler)(*KEY, id=handler, registry=operator.registry)
        register(functools.partial(note, operator, handler))


async def note(operator: Operator, handler: str, **kwargs: Any) -> None:
    operator.calls.note(handler, **kwargs)


@pytest.fixture
def configured(operator: Operator) -> Operator:
    """An operator that tells the address of a website."""

    @kopf.on.create(*KEY, id='create', registry=operator.registry)
    async def create(patch: kopf.Patch, spec: kopf.Spec, **_: Any) -> dict[str, Any]:
        patch.status['url'] = f'https://{spec["host"]}/'
        return {'replicas': spec['replicas']}

    @kopf.on.delete(*KEY, registry=operator.registry)
    async def delete(**_: Any) -> None:
        pass

    return operator


async def test_a_created_object_gets_a_finalizer_then_a_status(kmock: KubernetesCluster, configured: Operator) -> None:
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with configured.running(kmock):
        await kmock.post(URL, json=website())
        await tea.wait({'status': {'url': 'https://tea.dev/'}}, timeout=10)

    states = [state for state in tea.history if state is not None]
    created, adopted, handled, described = states
    assert 'finalizers' not in created['metadata']
    assert adopted['metadata']['finalizers'] == [FINALIZER]
    assert set(handled['metadata']['annotations']) == {HANDLED}
    assert described['status'] == {'url': 'https://tea.dev/', 'create': {'replicas': 2}}
    assert json.loads(described['metadata']['annotations'][HANDLED]) == {'spec': {'host': 'tea.dev', 'replicas': 2}}
    versions = [int(state['metadata']['resourceVersion']) for state in states]
    assert versions == sorted(set(versions))
    assert {state['metadata']['generation'] for state in states} == {1}


async def test_the_operator_owns_the_fields_that_it_writes(kmock: KubernetesCluster, configured: Operator) -> None:
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with configured.running(kmock):
        await kmock.post(URL, json=website(), params={'fieldManager': 'tester'})
        await tea.wait({'status': {'url': 'https://tea.dev/'}}, timeout=10)

    owners = {
        (entry['manager'], entry['operation'], entry.get('subresource')): set(entry['fieldsV1'])
        for entry in tea['metadata']['managedFields']
    }
    assert owners == {
        ('tester', 'Update', None): {'f:spec'},
        ('kopf', 'Update', None): {'f:metadata'},
        ('kopf', 'Update', 'status'): {'f:status'},
    }


async def test_objects_that_are_there_before_are_taken_as_created(
    kmock: KubernetesCluster, configured: Operator
) -> None:
    kmock.load(website('tea'), website('coffee'))
    async with configured.running(kmock):
        await kmock.objects[WEBSITES].wait([{'status': {'url': ...}}, {'status': {'url': ...}}], timeout=10)
    assert len(kmock['list', WEBSITES]) == 1


async def test_an_update_is_handled_with_its_difference(kmock: KubernetesCluster, operator: Operator) -> None:
    note_all(operator, 'create', 'update')
    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await operator.calls.next('create')
        await kmock.patch(f'{URL}/tea', json={'spec': {'host': 'tea.org', 'replicas': 5}}, headers=MERGE)
        call = await operator.calls.next('update')

    assert set(call['diff']) == {
        ('change', ('spec', 'host'), 'tea.dev', 'tea.org'),
        ('change', ('spec', 'replicas'), 2, 5),
    }
    assert (call['meta']['generation'], call['old']['spec']['replicas'], call['new']['spec']['replicas']) == (2, 2, 5)


async def test_a_status_of_somebody_else_is_no_update(kmock: KubernetesCluster, operator: Operator) -> None:
    note_all(operator, 'create', 'update', 'event')
    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await operator.calls.next('create')
        await kmock.patch(f'{URL}/tea/status', json={'status': {'phase': 'Ready'}}, headers=MERGE)
        while 'phase' not in (await operator.calls.next('event'))['status']:
            pass
        await kmock.patch(f'{URL}/tea', json={'spec': {'replicas': 5}}, headers=MERGE)
        call = await operator.calls.next('update')

    assert list(call['diff']) == [('change', ('spec', 'replicas'), 2, 5)]
    assert call['status'] == {'phase': 'Ready'}


async def test_a_field_is_handled_with_its_values(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.on.field(*KEY, field='spec.replicas', registry=operator.registry)
    async def scale(**kwargs: Any) -> None:
        operator.calls.note('scale', **kwargs)

    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        first = await operator.calls.next('scale')
        await kmock.patch(f'{URL}/tea', json={'spec': {'host': 'tea.org'}}, headers=MERGE)
        await kmock.patch(f'{URL}/tea', json={'spec': {'replicas': 5}}, headers=MERGE)
        second = await operator.calls.next('scale')

    assert (first['old'], first['new']) == (None, 2)
    assert (second['old'], second['new']) == (2, 5)
    assert not operator.calls.left('scale')


async def test_a_successor_resumes_and_sees_what_it_missed(kmock: KubernetesCluster, operator: Operator) -> None:
    note_all(operator, 'create', 'update', 'resume')
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with operator.running(kmock):
        await kmock.post(URL, json=website('tea'))
        await operator.calls.next('create')
        await tea.wait({'metadata': {'annotations': {HANDLED: ...}}}, timeout=10)
    seen = len(tea.history)
    async with operator.running(kmock):
        assert (await operator.calls.next('resume'))['name'] == 'tea'
    assert len(tea.history) == seen  # nothing to write down

    await kmock.patch(f'{URL}/tea', json={'spec': {'replicas': 5}}, headers=MERGE)
    async with operator.running(kmock):
        assert list((await operator.calls.next('update'))['diff']) == [('change', ('spec', 'replicas'), 2, 5)]
    assert not operator.calls.left('create')


async def test_subhandlers_note_their_progress_until_all_are_done(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.on.create(*KEY, id='create', registry=operator.registry)
    async def create(**_: Any) -> None:
        for number in range(3):

            @kopf.subhandler(id=f'part{number}')
            async def work(retry: int, number: int = number, **_: Any) -> dict[str, int]:
                if number == 1 and retry == 0:
                    raise kopf.TemporaryError('Not yet.', delay=0.01)
                return {'number': number}

    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await tea.wait({'status': {'create/part1': {'number': 1}}}, timeout=10)

    noted = {name for state in tea.history if state for name in state['metadata'].get('annotations', {})}
    assert noted >= {f'kopf.zalando.org/create.part{number}' for number in range(3)}
    assert set(tea['metadata']['annotations']) == {HANDLED}


async def test_the_progress_can_be_kept_in_the_status(kmock: KubernetesCluster, operator: Operator) -> None:
    operator.settings.persistence.progress_storage = kopf.StatusProgressStorage(field='status.kopf.progress')
    operator.settings.persistence.diffbase_storage = kopf.StatusDiffBaseStorage(field='status.kopf.handled')

    @kopf.on.create(*KEY, id='create', registry=operator.registry)
    async def create(retry: int, **_: Any) -> None:
        if retry == 0:
            raise kopf.TemporaryError('Not yet.', delay=0.01)

    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await tea.wait({'status': {'kopf': {'handled': ...}}}, timeout=10)

    noted = [state['status']['kopf']['progress'] for state in tea.history if state and 'status' in state]
    assert noted[0]['create'] >= {'retries': 1, 'message': 'Not yet.'}
    assert 'create' not in (noted[-1] or {})
    assert 'annotations' not in tea['metadata']


async def test_events_tell_what_was_there_and_what_happens(kmock: KubernetesCluster, operator: Operator) -> None:
    note_all(operator, 'event')
    kmock.load(website('tea'))
    async with operator.running(kmock):
        found = [await operator.calls.next('event')]
        await kmock.post(URL, json=website('coffee'))
        found += [await operator.calls.next('event')]
        await kmock.patch(f'{URL}/coffee', json={'spec': {'replicas': 5}}, headers=MERGE)
        found += [await operator.calls.next('event')]
        await kmock.delete(f'{URL}/coffee')
        found += [await operator.calls.next('event')]

    assert [(call['type'], call['name']) for call in found] == [
        (None, 'tea'),
        ('ADDED', 'coffee'),
        ('MODIFIED', 'coffee'),
        ('DELETED', 'coffee'),
    ]
    assert len(kmock['patch']) == 1  # that of the test: who only looks on leaves no trace


async def test_an_index_knows_all_objects(kmock: KubernetesCluster, operator: Operator) -> None:
    kmock.load(website('tea', host='a.dev'), website('coffee', host='a.dev'), website('milk', host='b.dev'))

    @kopf.index(*KEY, id='hosts', registry=operator.registry)
    async def hosts(name: str, spec: kopf.Spec, **_: Any) -> dict[str, str]:
        return {spec['host']: name}

    @kopf.on.event('v1', 'configmaps', registry=operator.registry)
    async def look(**kwargs: Any) -> None:
        hosts: kopf.Index[str, str] = kwargs['hosts']
        operator.calls.note('look', hosts={host: sorted(names) for host, names in hosts.items()})

    kmock.objects['v1/configmaps', 'default', 'a'] = {}
    async with operator.running(kmock):
        first = await operator.calls.next('look')
        await kmock.delete(f'{URL}/milk')
        await kmock.patch(f'{URL}/coffee', json={'spec': {'host': 'c.dev'}}, headers=MERGE)
        found = first
        while found['hosts'] != {'a.dev': ['tea'], 'c.dev': ['coffee']}:
            kmock.objects['v1/configmaps', 'default', 'a'].patch({'data': {'seen': json.dumps(found['hosts'])}})
            found = await operator.calls.next('look')

    assert first['hosts'] == {'a.dev': ['coffee', 'tea'], 'b.dev': ['milk']}


async def test_only_what_is_labelled_is_handled(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.on.create(*KEY, labels={'served': 'yes'}, registry=operator.registry)
    async def create(**kwargs: Any) -> None:
        operator.calls.note('create', **kwargs)

    kmock.load(website('milk'), website('tea', labels={'served': 'yes'}))
    async with operator.running(kmock):
        assert (await operator.calls.next('create'))['name'] == 'tea'
    assert len(kmock.objects[WEBSITES, 'default', 'milk'].history) == 1


async def test_adopted_children_go_with_their_owner(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.on.create(*KEY, id='create', registry=operator.registry)
    async def create(name: str, spec: kopf.Spec, **_: Any) -> None:
        child: dict[str, Any] = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'data': {'host': spec['host']}}
        kopf.adopt(child)  # pyright: ignore[reportUnknownMemberType] - models of clients that are not there
        kopf.label(child, {'website': name})  # pyright: ignore[reportUnknownMemberType]
        response = await kmock.post('/api/v1/namespaces/default/configmaps', json=child)
        operator.calls.note('create', status=response.status, child=await response.json())

    @kopf.on.event('v1', 'configmaps', labels={'website': kopf.PRESENT}, registry=operator.registry)
    async def look(type: str | None, **_: Any) -> None:
        operator.calls.note('look', type=type)

    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        made = await operator.calls.next('create')
        assert (await operator.calls.next('look'))['type'] == 'ADDED'
        owner = {'kind': 'Website', 'name': 'tea', 'uid': tea['metadata']['uid'], 'controller': True}
        assert made['status'] == 201
        assert made['child']['metadata']['ownerReferences'][0].items() >= owner.items()
        assert made['child']['metadata']['name'].startswith('tea-')

        await kmock.delete(f'{URL}/tea')
        assert (await operator.calls.next('look'))['type'] == 'DELETED'
    assert not kmock.objects['v1/configmaps']


async def test_kinds_that_are_built_in_are_handled_too(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.on.create('apps', 'v1', 'deployments', registry=operator.registry)
    async def create(patch: kopf.Patch, spec: kopf.Spec, **_: Any) -> None:
        patch.status['observedGeneration'] = 1
        patch.metadata.labels['strategy'] = spec['strategy']['type']

    pod = {'metadata': {'labels': {'a': 'b'}}, 'spec': {'containers': [{'name': 'main', 'image': 'nginx'}]}}
    kmock.load(
        {
            'apiVersion': 'apps/v1',
            'kind': 'Deployment',
            'metadata': {'name': 'web', 'namespace': 'default'},
            'spec': {'selector': {'matchLabels': {'a': 'b'}}, 'template': pod},
        }
    )
    async with operator.running(kmock):
        await kmock.objects['apps/v1/deployments', 'default', 'web'].wait(
            {'metadata': {'labels': {'strategy': 'RollingUpdate'}}, 'status': {'observedGeneration': 1}}, timeout=10
        )


async def test_what_the_schema_forbids_is_refused_to_the_operator_too(
    kmock: KubernetesCluster, operator: Operator, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = iter([0, 7])

    @kopf.on.create(*KEY, registry=operator.registry)
    async def create(patch: kopf.Patch, **_: Any) -> None:
        patch.spec['replicas'] = next(wanted)

    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await kmock['patch', WEBSITES, kmock.data({'spec': {'replicas': 0}})].wait(timeout=10)
        await kmock.patch(f'{URL}/tea', json={'metadata': {'labels': {'try': 'again'}}}, headers=MERGE)
        await kmock.objects[WEBSITES, 'default', 'tea'].wait({'spec': {'replicas': 7}}, timeout=10)
    assert 'spec.replicas in body should be greater than or equal to 1' in caplog.text
