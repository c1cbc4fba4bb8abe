"""What kubectl tells of the server: resources, versions, fields, configuration, raw documents."""

import json
import re
import urllib.request
from typing import Any

import pytest

from kmock import KubernetesCluster
from kubectl.manifests import CRONTAB, DEFINITION, configmap
from programs import Kubectl, done, failed

pytestmark = pytest.mark.kmock(cls=KubernetesCluster)


# ---- Resources ----


def test_resources_are_listed(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    assert kubectl('api-resources --api-group=apps') == done(
        'NAME                  SHORTNAMES   APIVERSION   NAMESPACED   KIND',
        'controllerrevisions                apps/v1      true         ControllerRevision',
        'daemonsets            ds           apps/v1      true         DaemonSet',
        'deployments           deploy       apps/v1      true         Deployment',
        'replicasets           rs           apps/v1      true         ReplicaSet',
        'statefulsets          sts          apps/v1      true         StatefulSet',
    )
    kmock.load(DEFINITION)
    names = kubectl('api-resources --verbs=list --namespaced -o name').text.split()
    assert {'pods', 'deployments.apps', 'crontabs.stable.example.com'} <= {*names}
    assert {'nodes', 'bindings'}.isdisjoint(names)
    lines = kubectl('api-resources --api-group=stable.example.com -o wide --no-headers').text.splitlines()
    assert [line.split() for line in lines] == [[
        'crontabs', 'ct', 'stable.example.com/v1', 'true', 'CronTab',
        'delete,deletecollection,get,list,patch,create,update,watch', 'all',
    ]]  # fmt: skip
    assert kubectl('api-resources --categories=all --sort-by=kind -o name').text.splitlines()[0] == 'cronjobs.batch'


def test_versions_are_listed_as_they_come_and_go(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    builtin = kubectl('api-versions').text.split()
    assert {'v1', 'apps/v1', 'autoscaling/v2', 'events.k8s.io/v1'} <= {*builtin}
    assert builtin == sorted(builtin)
    kmock.load(DEFINITION)
    assert {*kubectl('api-versions').text.split()} - {*builtin} == {'stable.example.com/v1'}
    assert kubectl('delete crd --all').code == 0
    assert kubectl('api-versions').text.split() == builtin


def test_a_definition_is_used_at_once(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    message = 'error: the server doesn\'t have a resource type "ct"'
    assert kubectl('get ct') == failed(message)  # and this is in the cache of kubectl now
    line = 'customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com created'
    assert kubectl('apply -f -', input=DEFINITION) == done(line)
    assert kubectl('apply -f -', input=CRONTAB) == done('crontab.stable.example.com/nightly created')
    for name in ('ct', 'crontab', 'CronTab', 'crontabs.stable.example.com', 'crontabs.v1.stable.example.com'):
        assert kubectl(f'get {name} -o name') == done('crontab.stable.example.com/nightly')


# ---- Fields ----


def test_fields_are_explained(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load(DEFINITION)
    lines = kubectl('explain pod.spec.restartPolicy').text.splitlines()
    assert lines[:5] == ['KIND:       Pod', 'VERSION:    v1', '', 'FIELD: restartPolicy <string>', 'ENUM:']
    assert [line.strip() for line in lines[5:8]] == ['Always', 'Never', 'OnFailure']
    text = kubectl('explain deploy --recursive').text
    assert re.search(r'\n {8}containers\t<\[\]Container> -required-\n', text)
    assert kubectl('explain pod.nope') == (
        1, 'KIND:       Pod\nVERSION:    v1\n\n', 'error: field "nope" does not exist\n'
    )  # fmt: skip
    text = kubectl('explain ct.spec').text
    assert text.startswith(
        'GROUP:      stable.example.com\nKIND:       CronTab\nVERSION:    v1\n\nFIELD: spec <Object>\n'
    )
    assert '\n  cron\t<string> -required-\n    When to run.\n\n' in text


def test_fields_are_explained_by_the_older_documents(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load(DEFINITION)
    text = kubectl('explain pod.spec.restartPolicy --output=plaintext-openapiv2').text
    assert text.startswith('KIND:     Pod\nVERSION:  v1\n\nFIELD:    restartPolicy <string>\n')
    text = kubectl('explain ct.spec --output=plaintext-openapiv2').text
    assert text.startswith('KIND:     CronTab\nVERSION:  stable.example.com/v1\n\nRESOURCE: spec <Object>\n')
    assert '\n   cron\t<string> -required-\n     When to run.\n' in text


# ---- The server ----


def test_the_server_is_told_of(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    code, text, _ = kubectl('version -o json')  # it warns that the server is newer
    assert code == 0
    assert json.loads(text)['serverVersion'].items() <= kmock.version.items()
    shown = kubectl('cluster-info').text
    assert re.sub(r'\x1b\[[\d;]*m', '', shown) == (
        f'Kubernetes control plane is running at {str(kmock.url).rstrip("/")}\n\n'
        "To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n"
    )
    dump = kubectl('cluster-info dump').text
    assert '"kind": "NodeList"' in dump
    assert '"kind": "PodList"' in dump


def test_the_configuration_is_shown(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    assert kubectl('config current-context') == done('kmock')
    view = kubectl.json('config view --minify -o json')
    assert [one['cluster']['server'] for one in view['clusters']] == [str(kmock.url).rstrip('/')]
    assert kubectl('config set-context --current --namespace=kube-system').code == 0
    assert kubectl('get cm') == (0, '', 'No resources found in kube-system namespace.\n')


# ---- Raw documents ----


def test_raw_paths_are_read_and_written(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    path = '/api/v1/namespaces/default/configmaps'
    assert kubectl('get --raw /readyz') == (0, 'ok', '')
    assert kubectl.json('get --raw /version') == kmock.version
    made = json.loads(kubectl(f'create --raw {path} -f -', input=configmap('a')).text)
    assert made['metadata']['uid']
    replaced = json.loads(kubectl(f'replace --raw {path}/a -f -', input=configmap('a', x='1')).text)
    assert replaced['data'] == {'x': '1'}
    assert [one['metadata']['name'] for one in kubectl.json(f'get --raw {path}?limit=5')['items']] == ['a']
    assert kubectl.json(f'delete --raw {path}/a')['status'] == 'Success'
    message = 'Error from server (NotFound): the server could not find the requested resource'
    assert kubectl('get --raw /nope') == failed(message)


def test_a_proxy_passes_requests_on(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load(configmap('a', x='1'))
    with kubectl.running('proxy --port=0') as running:
        address = re.search(r'127\.0\.0\.1:\d+', running.line())
        assert address is not None
        with urllib.request.urlopen(f'http://{address[0]}/api/v1/namespaces/default/configmaps/a') as response:
            found: Any = json.load(response)
    assert found['data'] == {'x': '1'}
