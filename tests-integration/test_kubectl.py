"""kubectl works with the emulator, as far as a server can go that adds nothing to objects."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import kmock
import programs
from kmock import KubernetesEmulator

EXAMPLES = kmock.resource('kopf.dev/v1/kopfexamples')

Kubectl: TypeAlias = Callable[..., str]

pytestmark = pytest.mark.kmock(cls=KubernetesEmulator)


class RefusedError(Exception):
    """kubectl has failed; the text is what it has written."""


@pytest.fixture
def kubectl(kmock: KubernetesEmulator, tmp_path: Path) -> Kubectl:
    kmock.resources.load_bundled()
    kmock.resources[EXAMPLES] = {'kind': 'KopfExample', 'shortnames': ['kex']}
    kmock.write_kubeconfig(tmp_path / 'config')

    client = programs.Kubectl(tmp_path)

    def run(*args: str, input: str | None = None) -> str:
        done = client.run(*args, input=input)
        if done.code:
            raise RefusedError(done.error)
        assert not done.error
        return done.text

    return run


def example(name: str = 'one', kind: str = 'ConfigMap', **labels: str) -> dict[str, Any]:
    version = 'v1' if kind == 'ConfigMap' else 'kopf.dev/v1'
    metadata = {'name': name, 'namespace': 'default', 'labels': labels}
    return {'apiVersion': version, 'kind': kind, 'metadata': metadata, 'data': {'x': '1'}}


def names(kmock: KubernetesEmulator, resource: str = 'v1/configmaps') -> list[str]:
    return [key.name for key in kmock.objects[resource, 'default']]


# ---- Reading ----


def test_raw_paths_are_shown_as_they_are(kmock: KubernetesEmulator, kubectl: Kubectl) -> None:
    kmock.objects['v1/configmaps', 'default', 'one'] = example()
    assert json.loads(kubectl('get', '--raw', '/version')) == kmock.version
    assert json.loads(kubectl('get', '--raw', '/api/v1/namespaces/default/configmaps/one')) == example()


def test_resources_are_told_of(kubectl: Kubectl) -> None:
    header, line, *rest = kubectl('api-resources', '--api-group=kopf.dev').splitlines()
    assert header.split() == ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND']
    assert line.split() == ['kopfexamples', 'kex', 'kopf.dev/v1', 'true', 'KopfExample']
    assert not any(rest)


def test_versions_are_told_of(kubectl: Kubectl) -> None:
    assert {'v1', 'apps/v1', 'batch/v1', 'kopf.dev/v1'} <= set(kubectl('api-versions').split())


@pytest.mark.parametrize('kind', ['configmaps', 'configmap', 'cm', 'ConfigMap'])
def test_objects_are_listed_by_any_name_of_their_kind(kmock: KubernetesEmulator, kubectl: Kubectl, kind: str) -> None:
    kmock.objects['v1/configmaps', 'default', 'one'] = example('one')
    kmock.objects['v1/configmaps', 'default', 'two'] = example('two')
    kmock.objects['v1/configmaps', 'other', 'three'] = example('three')
    assert json.loads(kubectl('get', kind, '-o', 'json'))['items'] == [example('one'), example('two')]


def test_objects_of_all_namespaces_are_listed_in_a_table(kmock: KubernetesEmulator, kubectl: Kubectl) -> None:
    kmock.objects[EXAMPLES, 'ns1', 'one'] = {
        **example('one', 'KopfExample'),
        'metadata': {'name': 'one', 'namespace': 'ns1'},
    }
    lines = kubectl('get', 'kex', '--all-namespaces').splitlines()
    assert [line.split() for line in lines] == [['NAMESPACE', 'NAME', 'AGE'], ['ns1', 'one', '<unknown>']]


def test_objects_are_selected_by_labels(kmock: KubernetesEmulator, kubectl: Kubectl) -> None:
    kmock.objects['v1/configmaps', 'default', 'one'] = example('one', app='a')
    kmock.objects['v1/configmaps', 'default', 'two'] = example('two', app='b')
    assert kubectl('get', 'cm', '-l', 'app in (b, c)', '-o', 'name') == 'configmap/two\n'


def test_what_is_not_there_is_an_error_that_tells_how_to_add_it(kubectl: Kubectl) -> None:
    with pytest.raises(RefusedError, match=r'does not exist. Add it as: kmock\.objects\['):
        kubectl('get', 'cm', 'one')


def test_objects_are_described(kmock: KubernetesEmulator, kubectl: Kubectl) -> None:
    kmock.objects['v1/configmaps', 'default', 'one'] = example('one', app='a')
    shown = kubectl('describe', 'cm', 'one')
    assert 'Labels:       app=a\n' in shown


def test_a_change_is_waited_for(kmock: KubernetesEmulator, kubectl: Kubectl) -> None:
    def change() -> None:
        kmock.objects['v1/configmaps', 'default', 'one'].patch({'data': {'x': '2'}})

    kmock.objects['v1/configmaps', 'default', 'one'] = example()
    kmock['watch v1/configmaps'] >> change
    assert kubectl('wait', 'cm/one', '--for=jsonpath={.data.x}=2') == 'configmap/one condition met\n'


# ---- Writing ----


@pytest.mark.parametrize('kind', ['ConfigMap', 'KopfExample'])
def test_manifests_are_created_without_validation(kmock: KubernetesEmulator, kubectl: Kubectl, kind: str) -> None:
    kubectl('create', '--validate=false', '-f', '-', input=json.dumps(example(kind=kind)))
    resource = 'v1/configmaps' if kind == 'ConfigMap' else EXAMPLES
    assert kmock.objects[resource, 'default', 'one'] == example(kind=kind)


def test_manifests_are_applied_by_the_client(kmock: KubernetesEmulator, kubectl: Kubectl) -> None:
    for value in ('1', '2'):
        manifest = {**example(), 'data': {'x': value}}
        kubectl('apply', '--validate=false', '-f', '-', input=json.dumps(manifest))
    assert [state['data'] for state in kmock.objects['v1/configmaps', 'default', 'one'].history if state] == [
        {'x': '1'}, {'x': '2'},
    ]  # fmt: skip


def test_manifests_are_replaced(kmock: KubernetesEmulator, kubectl: Kubectl) -> None:
    kmock.objects['v1/configmaps', 'default', 'one'] = example()
    kubectl('replace', '--validate=false', '-f', '-', input=json.dumps({**example(), 'data': {'y': '2'}}))
    assert kmock.objects['v1/configmaps', 'default', 'one']['data'] == {'y': '2'}


def test_objects_are_labelled(kmock: KubernetesEmulator, kubectl: Kubectl) -> None:
    kmock.objects['v1/configmaps', 'default', 'one'] = example('one', app='a', old='b')
    assert kubectl('label', 'cm', 'one', 'new=c', 'old-') == 'configmap/one labeled\n'
    assert kmock.objects['v1/configmaps', 'default', 'one'] == example('one', app='a', new='c')


def test_objects_are_annotated(kmock: KubernetesEmulator, kubectl: Kubectl) -> None:
    kmock.objects[EXAMPLES, 'default', 'one'] = example(kind='KopfExample')
    kubectl('annotate', 'kex', 'one', 'a=b')
    assert kmock.objects[EXAMPLES, 'default', 'one']['metadata']['annotations'] == {'a': 'b'}


@pytest.mark.parametrize(
    ('sort', 'patch'),
    [
        ('strategic', '{"data": {"x": "2"}}'),
        ('merge', '{"data": {"x": "2"}}'),
        ('json', '[{"op": "replace", "path": "/data/x", "value": "2"}]'),
    ],
)
def test_objects_are_patched(kmock: KubernetesEmulator, kubectl: Kubectl, sort: str, patch: str) -> None:
    kmock.objects['v1/configmaps', 'default', 'one'] = example()
    kubectl('patch', 'cm', 'one', f'--type={sort}', '-p', patch)
    assert kmock.objects['v1/configmaps', 'default', 'one'] == {**example(), 'data': {'x': '2'}}


@pytest.mark.parametrize(
    ('args', 'left'), [(['one'], ['two']), (['one', 'two'], []), (['--all'], []), (['-l', 'app=b'], ['one'])]
)
def test_objects_are_deleted(kmock: KubernetesEmulator, kubectl: Kubectl, args: list[str], left: list[str]) -> None:
    kmock.objects['v1/configmaps', 'default', 'one'] = example('one', app='a')
    kmock.objects['v1/configmaps', 'default', 'two'] = example('two', app='b')
    kubectl('delete', 'cm', *args)
    assert names(kmock) == left


def test_a_deletion_waits_for_the_finalizers(kmock: KubernetesEmulator, kubectl: Kubectl) -> None:
    def release() -> None:
        kmock.objects['v1/configmaps', 'default', 'one'].delete()

    kept = example()
    kept['metadata'] |= {'finalizers': ['example.com/kept'], 'uid': 'uid1'}
    kmock.objects['v1/configmaps', 'default', 'one'] = kept
    kmock['watch v1/configmaps'] >> release
    kubectl('delete', 'cm', 'one')
    assert len(kmock['watch v1/configmaps']) == 1
    assert names(kmock) == []
