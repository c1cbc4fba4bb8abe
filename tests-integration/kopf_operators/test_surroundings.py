"""Definitions and namespaces come and go while an operator runs, and it follows them."""

import copy
from typing import Any

import kopf
import pytest

from kmock import KubernetesCluster
from operators import Operator
from websites import DEFINITION, KEY, WEBSITES, website

CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
MERGE = {'Content-Type': 'application/merge-patch+json'}


@pytest.fixture
def marking(operator: Operator) -> Operator:
    """An operator that marks what it has seen."""

    @kopf.on.create(*KEY, registry=operator.registry)
    async def create(patch: kopf.Patch, **_: Any) -> None:
        patch.status['phase'] = 'Ready'

    return operator


def namespace(name: str) -> dict[str, Any]:
    return {'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': name}}


async def test_a_resource_that_is_defined_later_is_served(kmock: KubernetesCluster, marking: Operator) -> None:
    await kmock.delete(f'{CRDS}/websites.acme.dev')
    async with marking.running(kmock):
        await kmock['watch apiextensions.k8s.io/v1/customresourcedefinitions'].wait(timeout=10)
        assert not kmock['list', WEBSITES]
        await kmock.post(CRDS, json=DEFINITION)
        await kmock['list', WEBSITES].wait(timeout=10)
        kmock.load(website())
        await kmock.objects[WEBSITES, 'default', 'tea'].wait({'status': {'phase': 'Ready'}}, timeout=10)


async def test_a_definition_can_go_and_come_again(kmock: KubernetesCluster, marking: Operator) -> None:
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with marking.running(kmock):
        await kmock['watch', WEBSITES].wait(timeout=10)
        for lists in (2, 3):
            scans = len(kmock['get /apis'])
            await kmock.delete(f'{CRDS}/websites.acme.dev')
            await kmock['get /apis'].wait(scans + 1, timeout=10)
            await kmock.post(CRDS, json=DEFINITION)
            await kmock['list', WEBSITES].wait(lists, timeout=10)
            kmock.load(website())
            await tea.wait({'status': {'phase': 'Ready'}}, timeout=10)


async def test_objects_that_are_held_outlive_the_deletion_of_their_definition(
    kmock: KubernetesCluster, operator: Operator
) -> None:
    @kopf.on.delete(*KEY, registry=operator.registry)
    async def delete(**_: Any) -> None:
        operator.calls.note('delete')

    definition = kmock.objects['customresourcedefinitions', None, 'websites.acme.dev']
    kmock.load(website())
    async with operator.running(kmock):
        await kmock.objects[WEBSITES, 'default', 'tea'].wait({'metadata': {'finalizers': ...}}, timeout=10)
        await kmock.delete(f'{CRDS}/websites.acme.dev')
        await operator.calls.next('delete')
        await definition.wait(lambda: definition.deleted, timeout=10)
    assert not kmock.objects['customresourcedefinitions']


async def test_another_version_is_served_when_it_is_preferred(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.on.event('acme.dev', 'websites', registry=operator.registry)
    async def look(body: kopf.Body, **_: Any) -> None:
        operator.calls.note('look', version=body['apiVersion'])

    kmock.load(website())
    newer = copy.deepcopy(DEFINITION)
    newer['spec']['versions'].append({**newer['spec']['versions'][0], 'name': 'v2', 'storage': False})
    async with operator.running(kmock):
        assert (await operator.calls.next('look'))['version'] == 'acme.dev/v1'
        await kmock.patch(f'{CRDS}/websites.acme.dev', json={'spec': newer['spec']}, headers=MERGE)
        assert (await operator.calls.next('look'))['version'] == 'acme.dev/v2'


async def test_a_namespace_that_appears_later_is_served_by_its_pattern(
    kmock: KubernetesCluster, marking: Operator
) -> None:
    kmock.load(namespace('team-a'), namespace('others'), website(namespace='team-a'), website(namespace='others'))
    async with marking.running(kmock, namespaces=['team-*,!team-x']):
        await kmock.objects[WEBSITES, 'team-a', 'tea'].wait({'status': {'phase': 'Ready'}}, timeout=10)
        kmock.load(namespace('team-x'), namespace('team-b'), website(namespace='team-x'), website(namespace='team-b'))
        await kmock.objects[WEBSITES, 'team-b', 'tea'].wait({'status': {'phase': 'Ready'}}, timeout=10)
    listed = {request.namespace for request in kmock['list', WEBSITES]}
    assert listed >= {'team-a', 'team-b'}
    assert not listed & {None, 'team-x', 'others', 'default'}
    assert 'status' not in kmock.objects[WEBSITES, 'others', 'tea']


async def test_a_namespace_that_is_deleted_is_left(kmock: KubernetesCluster, marking: Operator) -> None:
    kmock.load(namespace('team-a'), website(namespace='team-a'))
    async with marking.running(kmock, namespaces=['team-*']):
        await kmock.objects[WEBSITES, 'team-a', 'tea'].wait({'status': {'phase': 'Ready'}}, timeout=10)
        await kmock.delete('/api/v1/namespaces/team-a')
        kmock.load(namespace('team-a'), website(namespace='team-a'))
        await kmock.objects[WEBSITES, 'team-a', 'tea'].wait({'status': {'phase': 'Ready'}}, timeout=10)


async def test_all_namespaces_are_served_by_one_watch(kmock: KubernetesCluster, marking: Operator) -> None:
    kmock.load(namespace('team-a'), website(namespace='team-a'), website(namespace='default'))
    ready = {'status': {'phase': 'Ready'}}
    async with marking.running(kmock, clusterwide=True):
        await kmock.objects[WEBSITES].wait([ready, ready], timeout=10)
    assert {request.path for request in kmock['list', WEBSITES]} == {'/apis/acme.dev/v1/websites'}


async def test_an_operator_asks_only_for_what_it_serves(kmock: KubernetesCluster, marking: Operator) -> None:
    async with marking.running(kmock, namespaces=['default']):
        await kmock['watch', WEBSITES].wait(timeout=10)
    assert {request.path for request in kmock['get'] - kmock['list'] - kmock['watch']} == {
        '/api',
        '/apis',
        '/api/v1',
        '/apis/acme.dev/v1',
        '/apis/admissionregistration.k8s.io/v1',
        '/apis/apiextensions.k8s.io/v1',
    }
    assert kmock.unmatched == []
