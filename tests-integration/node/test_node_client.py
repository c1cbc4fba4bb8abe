"""The client for Node.js works with the cluster as with a real one: @kubernetes/client-node, over http and https."""

from typing import TYPE_CHECKING, Any

import pytest

from kmock import KubernetesCluster
from websites import DEFINITION, WEBSITES, website

if TYPE_CHECKING:
    from node.conftest import Start

HTTP: dict[str, Any] = {'cls': KubernetesCluster}
HTTPS: dict[str, Any] = {'cls': KubernetesCluster, 'tls': True}


@pytest.fixture
def kmock_options() -> dict[str, Any]:
    return HTTP


@pytest.mark.parametrize('kmock_options', [HTTP, HTTPS], ids=['http', 'https'])
def test_objects_are_created_read_changed_and_deleted(kmock: KubernetesCluster, start: 'Start') -> None:
    with start('crud.mjs') as program:
        written = program.finish()
    assert [(line['step'], line['got']) for line in written] == [
        ('create', [True, 'RollingUpdate']),
        ('replace', 3),
        ('patch', [4, ['main']]),
        ('patch', [5, ['main']]),
        ('patch', [5, ['side', 'main']]),
        ('scale', 7),
        ('status', 7),
        ('list', [2, 1]),
        ('delete collection', ['3']),
        ('delete', 'Deployment'),
        ('secret', {'key': 'dmFsdWU='}),
    ]


def test_objects_of_any_kind_are_found_by_discovery(kmock: KubernetesCluster, start: 'Start') -> None:
    kmock.load(DEFINITION)
    with start('generic.mjs') as program:
        written = program.finish()
    conflict = 'Apply failed with 1 conflict: conflict with "one": .data.a'
    assert [(line['step'], line['got']) for line in written] == [
        ('create', {'host': 'tea.dev', 'replicas': 2}),
        ('read', 1),
        ('apply', ['Apply']),
        ('conflict', [409, conflict]),
        ('force', {'a': '2'}),
        ('patch', {'host': 'tea.dev', 'replicas': 7}),
        ('list', 1),
        ('delete', 'Success'),
        ('status', [{'host': 'a.dev', 'replicas': 2}, {'phase': 'Ready'}]),
        ('custom', ['tea']),
    ]


def test_refusals_are_told_as_a_real_server_does(kmock: KubernetesCluster, start: 'Start') -> None:
    with start('errors.mjs') as program:
        written = program.finish()
    assert {(line['class'], line['kind']) for line in written} == {('ApiException', 'Status')}
    told = [(line['code'], line['reason'], line['message']) for line in written]
    assert [(code, reason) for code, reason, _ in told] == [
        (404, 'NotFound'),
        (409, 'AlreadyExists'),
        (422, 'Invalid'),
        (409, 'Conflict'),
        (400, 'BadRequest'),
        (404, 'NotFound'),
    ]
    assert told[0][2] == 'pods "absent" not found'
    assert told[1][2] == 'configmaps "settings" already exists'
    assert told[-1][2] == 'namespaces "nowhere" not found'


@pytest.mark.parametrize('kmock_options', [HTTP, HTTPS], ids=['http', 'https'])
def test_an_informer_follows_objects_over_broken_connections(kmock: KubernetesCluster, start: 'Start') -> None:
    configmaps = kmock.objects['v1/configmaps']
    labels = {'labels': {'seen': 'yes'}}
    configmaps['default', 'a'] = {'metadata': labels}
    configmaps['default', 'other'] = {}
    watches = kmock['watch v1/configmaps', kmock.namespace('default')]

    def miss() -> bytes:
        configmaps['default', 'b'] = {'metadata': labels}
        return b''

    def miss_and_forget() -> bytes:
        configmaps['default', 'c'] = {'metadata': labels}
        kmock.compact()
        return b''

    watches[:1] << miss
    watches[1:2] << miss_and_forget
    with start('informer.mjs') as program:
        begun = program.read(7)
        configmaps['default', 'a'].patch({'data': {'k': 'v'}})
        configmaps['default', 'b'].delete()
        seen = program.read(2)
        ended = program.finish('stop\n')

    added = [line for line in begun if line[0] == 'add']
    assert added == [['add', name, None] for name in 'abc']
    assert seen == [['update', 'a', {'k': 'v'}], ['delete', 'b', None]]
    assert ended[-1] == ['stop', ['a', 'c']]
    assert len(kmock['list v1/configmaps']) == 2  # the second one after what was forgotten


def test_a_watch_and_a_log_are_streams(kmock: KubernetesCluster, start: 'Start') -> None:
    kmock.load(DEFINITION, website())
    kmock.objects['v1/pods', 'default', 'web'] = {'spec': {'containers': [{'name': 'main', 'image': 'nginx'}]}}
    kmock.pod_logs['default', 'web'] = 'one\ntwo\n'
    with start('watch.mjs') as program:
        assert sorted(program.read(2)) == [['ADDED', 'tea', 'default'], ['log', 'two\n']]
        kmock.pod_logs['default', 'web'] += 'three\n'
        assert program.read(1) == [['log', 'three\n']]
        kmock.pod_logs.end('default', 'web')
        assert program.read(1) == [['log', None]]
        kmock.objects[WEBSITES, 'default', 'tea'].patch({'spec': {'replicas': 7}})
        assert program.read(1) == [['MODIFIED', 'tea', 'default']]
        kmock.objects[WEBSITES, 'default', 'tea'].delete()
        assert program.read(1) == [['DELETED', 'tea', 'default']]
        assert program.finish('stop\n') == [['done', 'AbortError']]
