"""``kubectl label``, ``annotate``, ``patch``, ``set``, ``scale``, ``replace`` and ``edit``."""

import json
from pathlib import Path
from typing import Any

import pytest

from kmock import KubernetesCluster
from kubectl.manifests import CRONTAB, DEFINITION, DEPLOYMENT, changed, configmap, pod, save
from programs import Kubectl, done, failed

pytestmark = pytest.mark.kmock(cls=KubernetesCluster)

WEB = 'apps/v1/deployments', 'default', 'web'


@pytest.fixture
def web(kmock: KubernetesCluster) -> Any:
    """A Deployment of two containers."""
    kmock.load(DEPLOYMENT)
    return kmock.objects[WEB]


# ---- Labels and annotations ----


def test_labels_are_set_changed_and_removed(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load([configmap('a', {'app': 'x'}), configmap('b', {'app': 'y'})])
    labels = [kmock.objects['v1/configmaps', 'default', name]['metadata'] for name in 'ab']
    assert kubectl('label cm a tier=front') == done('configmap/a labeled')
    assert kubectl('label cm a tier=front') == done('configmap/a not labeled')
    assert kubectl('label cm a tier=back') == failed(
        "error: 'tier' already has a value (front), and --overwrite is false"
    )
    assert kubectl('label cm a tier=back --overwrite') == done('configmap/a labeled')
    assert labels[0]['labels'] == {'app': 'x', 'tier': 'back'}
    assert kubectl('label cm -l app=y app- by=me') == done('configmap/b labeled')
    assert labels[1]['labels'] == {'by': 'me'}
    listed = ['Listing labels for ConfigMap./a:', 'Listing labels for ConfigMap./b:', ' app=x', ' by=me', ' tier=back']
    assert sorted(kubectl('label cm --all --list').text.splitlines()) == sorted(listed)
    code, _, error = kubectl('label cm a tier=not/valid --overwrite')
    assert code == 1
    assert 'invalid label value: "tier=not/valid": a valid label must be an empty string or consist of' in error
    assert kubectl('label cm a --resource-version=1 x=y') == failed(
        'Error from server (Conflict): Operation cannot be fulfilled on configmaps "a": the object has been modified; '
        'please apply your changes to the latest version and try again'
    )


def test_annotations_are_set_and_removed(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load([DEFINITION, CRONTAB])
    nightly = kmock.objects['stable.example.com/v1/crontabs', 'default', 'nightly']
    assert kubectl('annotate ct nightly note=x y=z') == done('crontab.stable.example.com/nightly annotated')
    assert kubectl('annotate ct nightly y-') == done('crontab.stable.example.com/nightly annotated')
    assert nightly['metadata']['annotations'] == {'note': 'x'}
    assert nightly['metadata']['generation'] == 1


# ---- Patches ----


@pytest.mark.parametrize(
    ('sort', 'patch', 'images'),
    [
        (
            'strategic',
            {'spec': {'template': {'spec': {'containers': [{'name': 'sidecar', 'image': 'new'}]}}}},
            ['new', 'nginx:1'],
        ),
        ('merge', {'spec': {'template': {'spec': {'containers': [{'name': 'only', 'image': 'new'}]}}}}, ['new']),
        (
            'json',
            [{'op': 'replace', 'path': '/spec/template/spec/containers/1/image', 'value': 'new'}],
            ['nginx:1', 'new'],
        ),
    ],
)
def test_each_sort_of_patches_has_its_own_way_with_lists(
    kubectl: Kubectl, web: Any, sort: str, patch: Any, images: list[str]
) -> None:
    command = f'patch deployment/web --type={sort} -p', json.dumps(patch)
    assert kubectl(*command) == done('deployment.apps/web patched')
    assert sorted(one['image'] for one in web['spec']['template']['spec']['containers']) == sorted(images)
    assert web['metadata']['generation'] == 2
    assert kubectl(*command) == done('deployment.apps/web patched (no change)')


def test_subresources_are_patched(kmock: KubernetesCluster, kubectl: Kubectl, web: Any) -> None:
    status = json.dumps({'spec': {'replicas': 9}, 'status': {'replicas': 2}})
    assert kubectl('patch deploy web --subresource=status --type=merge -p', status) == done(
        'deployment.apps/web patched'
    )
    assert (web['spec']['replicas'], web['status']['replicas'], web['metadata']['generation']) == (2, 2, 1)
    scale = json.dumps({'spec': {'replicas': 5}})
    assert kubectl('patch deploy web --subresource=scale --type=merge -p', scale) == done(
        'scale.autoscaling/web patched'
    )
    assert (web['spec']['replicas'], web['metadata']['generation']) == (5, 2)
    assert kubectl.json('get deploy web --subresource=scale -o json')['status'] == {
        'replicas': 2,
        'selector': 'app=web',
    }


def test_patches_that_can_not_be_are_refused(kmock: KubernetesCluster, kubectl: Kubectl, web: Any) -> None:
    kmock.load([DEFINITION, CRONTAB])
    assert kubectl('patch ct nightly -p', '{"spec":{"replicas":3}}') == failed(
        'error: application/strategic-merge-patch+json is not supported by stable.example.com/v1, Kind=CronTab: '
        'the body of the request was in an unknown format - accepted media types include: '
        'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml'
    )
    assert kubectl('patch ct nightly --type=merge -p', '{"spec":{"replicas":-1}}') == failed(
        'The CronTab "nightly" is invalid: ',
        '* spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0',
        '* .spec.replicas: Invalid value: -1: should be a non-negative integer',
    )
    removal = '[{"op":"remove","path":"/spec/nothing"}]'
    message = 'The request is invalid: the server rejected our request due to an error in our request'
    assert kubectl('patch deploy web --type=json -p', removal) == failed(message)
    selector = '{"spec":{"selector":{"matchLabels":{"app":"y"}}}}'
    assert ': field is immutable' in kubectl('patch deploy web -p', selector).error


# ---- Commands for single fields ----


def test_parts_of_a_template_are_set(kubectl: Kubectl, web: Any) -> None:
    assert kubectl('set image deploy/web nginx=nginx:2 sidecar=alpine') == done('deployment.apps/web image updated')
    assert kubectl('set env deploy/web -c nginx B=2 A-') == done('deployment.apps/web env updated')
    assert kubectl('set resources deploy web -c=sidecar --limits=cpu=200m --requests=cpu=100m') == done(
        'deployment.apps/web resource requirements updated'
    )
    assert kubectl('set serviceaccount deploy web robot') == done('deployment.apps/web serviceaccount updated')
    spec = web['spec']['template']['spec']
    nginx, sidecar = spec['containers']
    assert (nginx['image'], sidecar['image']) == ('nginx:2', 'alpine')
    assert nginx['env'] == [{'name': 'B', 'value': '2'}]
    assert sidecar['resources'] == {'limits': {'cpu': '200m'}, 'requests': {'cpu': '100m'}}
    assert spec['serviceAccountName'] == 'robot'
    assert web['metadata']['generation'] == 5
    assert kubectl('set env deploy/web --list') == done(
        '# Deployment web, container nginx', 'B=2', '# Deployment web, container sidecar'
    )
    assert kubectl('set image deploy/web nope=x') == failed('error: unable to find container named "nope"')


def test_the_selector_and_the_subjects_are_set(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    ports: list[dict[str, Any]] = [{'port': 80}]
    service = {'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': 'web'}, 'spec': {'ports': ports}}
    role = {'apiGroup': 'rbac.authorization.k8s.io', 'kind': 'ClusterRole', 'name': 'view'}
    binding = {
        'apiVersion': 'rbac.authorization.k8s.io/v1',
        'kind': 'RoleBinding',
        'metadata': {'name': 'viewers'},
        'roleRef': role,
    }
    kmock.load([service, binding])
    assert kubectl('set selector service web app=web,tier=front') == done('service/web selector updated')
    assert kmock.objects['v1/services', 'default', 'web']['spec']['selector'] == {'app': 'web', 'tier': 'front'}
    lines = done('rolebinding.rbac.authorization.k8s.io/viewers subjects updated')
    assert kubectl('set subject rolebinding viewers --user=ann --serviceaccount=default:robot') == lines
    subjects = kmock.objects['rbac.authorization.k8s.io/v1/rolebindings', 'default', 'viewers']['subjects']
    assert [one['name'] for one in subjects] == ['ann', 'robot']


def test_what_has_replicas_is_scaled(kmock: KubernetesCluster, kubectl: Kubectl, web: Any) -> None:
    kmock.load([DEFINITION, CRONTAB])
    lines = ['deployment.apps/web scaled', 'crontab.stable.example.com/nightly scaled']
    assert kubectl('scale deploy/web ct/nightly --replicas=4') == done(*lines)
    nightly = kmock.objects['stable.example.com/v1/crontabs', 'default', 'nightly']
    assert (web['spec']['replicas'], nightly['spec']['replicas']) == (4, 4)
    assert kubectl('scale ct nightly --replicas=5 --current-replicas=3') == failed(
        'error: Expected replicas to be 3, was 4'
    )
    assert kubectl('scale --replicas=1 deploy --all') == done(lines[0])
    kmock.load(configmap('a'))
    assert kubectl('scale cm a --replicas=1') == failed(
        'Error from server (NotFound): the server could not find the requested resource'
    )


def test_a_container_is_added_to_debug_a_pod(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load(pod('p'))
    assert kubectl('debug p --image=alpine -c debugger --profile=general --target=main').code == 0
    (added,) = kmock.objects['v1/pods', 'default', 'p'].raw['spec']['ephemeralContainers']
    assert (added['name'], added['image'], added['targetContainerName']) == ('debugger', 'alpine', 'main')
    assert kubectl('debug p --image=alpine -c extra --profile=general --copy-to=q').code == 0
    containers = kmock.objects['v1/pods', 'default', 'q']['spec']['containers']
    assert [one['name'] for one in containers] == ['main', 'extra']


# ---- Whole objects ----


def test_objects_are_replaced(kmock: KubernetesCluster, kubectl: Kubectl, web: Any) -> None:
    uid = web['metadata']['uid']
    other = changed(DEPLOYMENT, 'metadata.labels', {'app': 'other'})
    assert kubectl('replace -f -', input=other) == done('deployment.apps/web replaced')
    assert (web['metadata']['labels'], web['metadata']['uid']) == ({'app': 'other'}, uid)
    lines = ['deployment.apps "web" deleted', 'deployment.apps/web replaced']
    assert kubectl('replace --force -f -', input=other) == done(*lines)
    assert kmock.objects[WEB]['metadata']['uid'] != uid

    assert kubectl('replace -f -', input=configmap('nope')) == failed(
        'Error from server (NotFound): error when replacing "STDIN": configmaps "nope" not found'
    )
    stale = {**kmock.objects[WEB].raw}
    kmock.objects[WEB].patch({'metadata': {'labels': {'app': 'newer'}}})
    assert kubectl('replace -f -', input=stale) == failed(
        'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on deployments.apps '
        '"web": the object has been modified; please apply your changes to the latest version and try again'
    )


def test_objects_are_edited_in_an_editor(kmock: KubernetesCluster, kubectl: Kubectl, tmp_path: Path) -> None:
    kmock.load([configmap('a', x='old'), configmap('b', x='old')])
    assert kubectl('edit cm a', EDITOR='sed -i s/old/new/') == done('configmap/a edited')
    assert kmock.objects['v1/configmaps', 'default', 'a']['data'] == {'x': 'new'}
    assert kubectl('edit cm a', EDITOR='true') == failed('Edit cancelled, no changes made.', code=0)
    lines = ['configmap/a skipped', 'configmap/b edited']
    assert kubectl('edit cm', EDITOR='sed -i s/old/newer/') == done(*lines)
    code, _, error = kubectl('edit cm a', EDITOR='sed -i s/name:.a/name:.A/')
    assert (code, 'Edit cancelled, no valid changes were saved' in error) == (1, True)

    kmock.load([DEFINITION, CRONTAB])
    line = 'crontab.stable.example.com/nightly edited'
    assert kubectl('edit ct nightly', EDITOR='sed -i s/busybox/alpine/') == done(line)
    nightly = kmock.objects['stable.example.com/v1/crontabs', 'default', 'nightly']
    assert nightly['spec']['image'] == 'alpine'
    nightly.patch({'status': {'state': 'old'}})
    assert kubectl('edit ct nightly --subresource=status', EDITOR='sed -i s/old/done/') == done(line)
    assert nightly['status'] == {'state': 'done'}


def test_objects_are_changed_by_files(kmock: KubernetesCluster, kubectl: Kubectl, tmp_path: Path) -> None:
    save(tmp_path / 'all.yaml', configmap('a'), configmap('b'))
    assert kubectl('create -f all.yaml') == done('configmap/a created', 'configmap/b created')
    assert kubectl('label -f all.yaml x=y') == done('configmap/a labeled', 'configmap/b labeled')
    assert kubectl('get -f all.yaml -o name') == done('configmap/a', 'configmap/b')
    assert kubectl('create -f all.yaml') == failed(
        'Error from server (AlreadyExists): error when creating "all.yaml": configmaps "a" already exists',
        'Error from server (AlreadyExists): error when creating "all.yaml": configmaps "b" already exists',
    )
