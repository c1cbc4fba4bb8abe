"""The tests of the plugin, run where it is installed: it is what its authors would write."""

import json
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from kmock_journal import JournalStore

import kmock as kmock_module
from kmock_core.errors import UnknownPluginError
from kmock_k8s.store.testing import check_store

URL = '/api/v1/namespaces/default/configmaps'
KEY = 'v1/configmaps default/a'
MERGE = {'Content-Type': 'application/merge-patch+json'}


def test_the_store_keeps_its_promises() -> None:
    check_store(JournalStore)


@pytest.mark.kmock(cls='k8s-cluster', store='journal')
async def test_a_cluster_works_on_it(kmock: kmock_module.KubernetesCluster) -> None:
    store = cast('JournalStore', kmock.objects.store)
    begun = store.revision
    made = await (await kmock.post(URL, json={'metadata': {'name': 'a'}, 'data': {'k': 'v'}})).json()
    assert made['metadata']['resourceVersion'] == str(begun + 1)
    await kmock.patch(f'{URL}/a', json={'data': {'k': 'w'}}, headers=MERGE)
    kmock.objects['v1/configmaps', 'default', 'a'].patch({'data': {'k': 'x'}})
    listed = await (await kmock.get(URL)).json()
    assert [item['data'] for item in listed['items']] == [{'k': 'x'}]
    await kmock.delete(f'{URL}/a')
    types = ['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED']
    assert store.journal[-4:] == [f'{begun + number} {type} {KEY}' for number, type in enumerate(types, 1)]
    watch = await kmock.get(f'{URL}?watch=true&resourceVersion={begun}&timeoutSeconds=1')
    events = [json.loads(line) for line in (await watch.read()).splitlines()]
    assert [event['type'] for event in events] == types


@pytest.mark.kmock(cls='k8s-emulator', store='journal')
async def test_an_emulator_works_on_it(kmock: kmock_module.KubernetesEmulator) -> None:
    await kmock.post(URL, json={'metadata': {'name': 'a'}})
    assert cast('JournalStore', kmock.objects.store).journal[-1].endswith(f'ADDED {KEY}')
    assert kmock.objects == [{'metadata': {'name': 'a'}}]


async def test_a_cluster_goes_back_to_its_checkpoint() -> None:
    async with kmock_module.KubernetesCluster(store='journal') as kmock:
        kmock.objects['v1/configmaps', 'default', 'a'] = {}
        kmock.reset()
        assert kmock.objects['v1/configmaps'] == []
        assert ('v1/namespaces', None, 'default') in kmock.objects


def test_an_unknown_store_is_an_error_that_lists_it() -> None:
    with pytest.raises(UnknownPluginError, match=r"no store 'jornal' \(known: journal, memory\)"):
        kmock_module.KubernetesCluster(store='jornal')


def test_the_program_lists_it() -> None:
    program = Path(sys.executable).with_name('kmock')
    result = subprocess.run([program, 'plugins'], capture_output=True, text=True, check=True)
    assert 'kmock.k8s.stores\n  journal        kmock_journal:JournalStore  (kmock-journal)\n' in result.stdout
