"""``kubectl apply`` and ``diff``: what was applied is compared with what is there, by the client or by the server."""

import json
from pathlib import Path
from typing import Any

import pytest

from kmock import KubernetesCluster
from kubectl.manifests import CRONTAB, DEFINITION, DEPLOYMENT, changed, configmap, save
from programs import Kubectl, done, failed

pytestmark = pytest.mark.kmock(cls=KubernetesCluster)

IMAGE = 'spec.template.spec.containers.0.image'
LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'


def nginx_of(entry: dict[str, Any]) -> dict[str, Any]:
    """The fields of the container that a manager of a Deployment owns."""
    pod: dict[str, Any] = entry['fieldsV1']['f:spec']['f:template']['f:spec']
    found: dict[str, Any] = pod['f:containers']['k:{"name":"nginx"}']
    return found


# ---- By the client ----


def test_a_field_that_is_not_applied_any_more_is_removed(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    assert kubectl('apply -f -', input=DEPLOYMENT) == done('deployment.apps/web created')
    assert kubectl('apply -f -', input=DEPLOYMENT) == done('deployment.apps/web unchanged')
    web = kmock.objects['apps/v1/deployments', 'default', 'web']
    web.patch({'metadata': {'labels': {'by': 'others'}}})

    less = changed(changed(DEPLOYMENT, IMAGE, 'nginx:2'), 'spec.template.spec.containers.0.env', ...)
    assert kubectl('apply -f -', input=less) == done('deployment.apps/web configured')
    nginx, sidecar = web['spec']['template']['spec']['containers']
    assert (nginx['image'], sidecar['image']) == ('nginx:2', 'busybox')
    assert 'env' not in nginx
    assert web['metadata']['labels'] == {'app': 'web', 'by': 'others'}
    last = json.loads(web['metadata']['annotations'][LAST_APPLIED])
    assert last['spec'] == less['spec']
    assert last['metadata'] == {**less['metadata'], 'namespace': 'default', 'annotations': {}}

    assert kubectl('apply view-last-applied deploy/web -o json').text == json.dumps(last, indent=2) + '\n'


def test_what_was_created_is_applied_with_a_warning(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kubectl('create -f -', input=configmap('a', x='1', y='1'))
    code, text, error = kubectl('apply -f -', input=configmap('a', x='2'))
    assert (code, text) == (0, 'configmap/a configured\n')
    assert error.startswith(f'Warning: resource configmaps/a is missing the {LAST_APPLIED} annotation')
    assert kmock.objects['v1/configmaps', 'default', 'a']['data'] == {'x': '2', 'y': '1'}


def test_files_folders_and_lists_are_applied(kmock: KubernetesCluster, kubectl: Kubectl, tmp_path: Path) -> None:
    kinds = {'apiVersion': 'v1', 'kind': 'List', 'items': [configmap('c'), DEPLOYMENT]}
    save(tmp_path / 'tree' / 'a.yaml', configmap('a'), configmap('b'))
    save(tmp_path / 'tree' / 'sub' / 'list.json', kinds)
    (tmp_path / 'tree' / 'notes.txt').write_text('not a manifest')
    lines = ['configmap/a created', 'configmap/b created', 'configmap/c created', 'deployment.apps/web created']
    assert kubectl('apply -f tree') == done(*lines[:2])
    lines[:2] = ['configmap/a unchanged', 'configmap/b unchanged']
    assert kubectl('apply -R -f tree') == done(*lines)
    assert [key.name for key in kmock.objects['v1/configmaps', 'default']] == ['a', 'b', 'c']


def test_what_is_wrong_stops_nothing_but_itself(kmock: KubernetesCluster, kubectl: Kubectl, tmp_path: Path) -> None:
    save(tmp_path / 'all.yaml', configmap('a'), configmap('B'), configmap('c'))
    code, text, error = kubectl('apply -f all.yaml')
    assert (code, text) == (1, 'configmap/a created\nconfigmap/c created\n')
    assert error.startswith('The ConfigMap "B" is invalid: metadata.name: Invalid value: "B": a lowercase RFC 1123')

    elsewhere = changed(configmap('a'), 'metadata.namespace', 'nowhere')
    message = 'Error from server (NotFound): error when creating "STDIN": namespaces "nowhere" not found'
    assert kubectl('apply -f -', input=elsewhere) == failed(message)
    unknown = changed(configmap('a'), 'apiVersion', 'example.com/v1')
    assert kubectl('apply -f -', input=unknown) == failed(
        'error: resource mapping not found for name: "a" namespace: "" from "STDIN": '
        'no matches for kind "ConfigMap" in version "example.com/v1"',
        'ensure CRDs are installed first',
    )


def test_a_kustomization_is_applied_compared_and_deleted(
    kmock: KubernetesCluster, kubectl: Kubectl, tmp_path: Path
) -> None:
    save(tmp_path / 'base' / 'settings.yaml', configmap('settings', x='1'))
    save(tmp_path / 'base' / 'kustomization.yaml', {'resources': ['settings.yaml', 'web.yaml']})
    save(tmp_path / 'base' / 'web.yaml', DEPLOYMENT)
    overlay = {
        'resources': ['../base'],
        'namePrefix': 'my-',
        'images': [{'name': 'nginx', 'newTag': '9'}],
        'labels': [{'pairs': {'env': 'test'}}],
        'configMapGenerator': [{'name': 'made', 'literals': ['a=1']}],
    }
    save(tmp_path / 'overlay' / 'kustomization.yaml', overlay)
    names = ['configmap/my-made-h29d89cmmt', 'configmap/my-settings', 'deployment.apps/my-web']
    assert kubectl('apply -k overlay') == done(*(f'{name} created' for name in names))
    web = kmock.objects['apps/v1/deployments', 'default', 'my-web']
    assert web['metadata']['labels'] == {'app': 'web', 'env': 'test'}
    assert web['spec']['template']['spec']['containers'][0]['image'] == 'nginx:9'
    assert kubectl('diff -k overlay') == done()
    kinds = ['configmap "my-made-h29d89cmmt"', 'configmap "my-settings"', 'deployment.apps "my-web"']
    assert kubectl('delete -k overlay') == done(*(f'{kind} deleted' for kind in kinds))
    assert not kmock.objects['v1/configmaps', 'default'].keys()


def test_what_was_applied_last_is_set_and_edited(kmock: KubernetesCluster, kubectl: Kubectl, tmp_path: Path) -> None:
    kmock.load(configmap('a', x='1'))
    annotations = kmock.objects['v1/configmaps', 'default', 'a']['metadata']
    save(tmp_path / 'a.yaml', configmap('a', x='1', old='2'))
    assert kubectl('apply set-last-applied -f a.yaml --create-annotation') == done('configmap/a configured')
    assert json.loads(annotations['annotations'][LAST_APPLIED])['data'] == {'x': '1', 'old': '2'}
    edited = kubectl('apply edit-last-applied cm/a', EDITOR='sed -i s/old/new/')
    assert edited == done('configmap/a edited')
    assert json.loads(annotations['annotations'][LAST_APPLIED])['data'] == {'x': '1', 'new': '2'}


# ---- Pruning ----


def test_what_is_not_among_the_manifests_any_more_is_pruned(
    kmock: KubernetesCluster, kubectl: Kubectl, tmp_path: Path
) -> None:
    labels = {'set': 'one'}
    save(
        tmp_path / 'all.yaml',
        configmap('a', labels),
        configmap('b', labels),
        changed(DEPLOYMENT, 'metadata.labels', labels),
    )
    kubectl('create -f -', input=configmap('by-others', labels))
    assert kubectl('apply -f all.yaml').code == 0
    save(tmp_path / 'all.yaml', configmap('a', labels))
    code, text, _ = kubectl('apply -f all.yaml --prune -l set=one')
    assert (code, text) == (0, 'configmap/a unchanged\nconfigmap/b pruned\ndeployment.apps/web pruned\n')
    assert {key.name for key in kmock.objects['v1/configmaps', 'default']} == {'a', 'by-others'}


def test_a_set_that_is_applied_knows_its_members(kmock: KubernetesCluster, kubectl: Kubectl, tmp_path: Path) -> None:
    command = 'apply -f all.yaml -n default --prune --applyset=web'
    save(tmp_path / 'all.yaml', configmap('a'), DEPLOYMENT)
    lines = ['configmap/a created', 'deployment.apps/web created']
    assert kubectl(command, KUBECTL_APPLYSET='true') == done(*lines)
    parent = kmock.objects['v1/secrets', 'default', 'web']['metadata']
    assert parent['annotations']['applyset.kubernetes.io/contains-group-kinds'] == 'ConfigMap,Deployment.apps'
    member = kmock.objects['v1/configmaps', 'default', 'a']['metadata']['labels']
    assert member == {'applyset.kubernetes.io/part-of': parent['labels']['applyset.kubernetes.io/id']}

    save(tmp_path / 'all.yaml', DEPLOYMENT)
    lines = ['deployment.apps/web unchanged', 'configmap/a pruned']
    assert kubectl(command, KUBECTL_APPLYSET='true') == done(*lines)
    assert parent['annotations']['applyset.kubernetes.io/contains-group-kinds'] == 'Deployment.apps'


# ---- By the server ----


def test_who_applies_owns_and_others_have_to_force(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    applied = done('deployment.apps/web serverside-applied')
    assert kubectl('apply --server-side -f -', input=DEPLOYMENT) == applied
    assert kubectl('apply --server-side --field-manager=team -f -', input=DEPLOYMENT) == applied

    other = changed(DEPLOYMENT, IMAGE, 'nginx:2')
    code, text, error = kubectl('apply --server-side --field-manager=team -f -', input=other)
    assert (code, text) == (1, '')
    field = '.spec.template.spec.containers[name="nginx"].image'
    assert error.splitlines()[:2] == [
        f'error: Apply failed with 1 conflict: conflict with "kubectl": {field}',
        'Please review the fields above--they currently have other managers. Here',
    ]
    dry = kubectl('apply --server-side --dry-run=server --field-manager=team --force-conflicts -f -', input=other)
    assert dry == done('deployment.apps/web serverside-applied (server dry run)')
    web = kmock.objects['apps/v1/deployments', 'default', 'web']
    assert web['spec']['template']['spec']['containers'][0]['image'] == 'nginx:1'
    assert kubectl('apply --server-side --field-manager=team --force-conflicts -f -', input=other) == applied
    assert web['spec']['template']['spec']['containers'][0]['image'] == 'nginx:2'
    owners = {one['manager']: one for one in web.raw['metadata']['managedFields']}
    assert {*owners} == {'kubectl', 'team'}
    (image,) = [name for name, one in owners.items() if 'f:image' in nginx_of(one)]
    assert image == 'team'
    assert (
        kubectl.json('get deploy web -o json --show-managed-fields')['metadata']['managedFields']
        == (web.raw['metadata']['managedFields'])
    )


def test_what_the_client_has_applied_becomes_what_the_server_applies(
    kmock: KubernetesCluster, kubectl: Kubectl
) -> None:
    kubectl('apply -f -', input=configmap('a', x='1', y='1'))
    assert kubectl('apply --server-side -f -', input=configmap('a', x='2')) == done('configmap/a serverside-applied')
    state = kmock.objects['v1/configmaps', 'default', 'a']
    assert state['data'] == {'x': '2'}
    owners = {(one['manager'], one['operation']) for one in state['metadata']['managedFields']}
    assert owners == {('kubectl', 'Apply'), ('kubectl-last-applied', 'Apply')}


def test_custom_resources_are_owned_too(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    assert kubectl('apply --server-side -f -', input=DEFINITION).code == 0
    applied = done('crontab.stable.example.com/nightly serverside-applied')
    assert kubectl('apply --server-side -f -', input=CRONTAB) == applied
    less = changed(CRONTAB, 'spec.image', ...)
    assert kubectl('apply --server-side -f -', input=less) == applied
    state = kmock.objects['stable.example.com/v1/crontabs', 'default', 'nightly']
    assert state['spec'] == {'cron': '0 0 * * *', 'replicas': 1}


# ---- Differences ----


def test_a_diff_ends_with_1_if_there_is_one(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    code, text, error = kubectl('diff -f -', input=configmap('a', x='1'))
    assert (code, error) == (1, '')
    assert '\n+data:\n+  x: "1"\n+kind: ConfigMap\n' in text
    assert not kmock.objects['v1/configmaps', 'default'].keys()
    kubectl('apply -f -', input=configmap('a', x='1'))
    assert kubectl('diff -f -', input=configmap('a', x='1')) == done()
    assert '\n-  x: "1"\n+  x: "2"\n' in kubectl('diff --server-side -f -', input=configmap('a', x='2')).text
    wrong = changed(configmap('a'), 'data', 5)
    assert kubectl('diff -f -', input=wrong).code > 1
