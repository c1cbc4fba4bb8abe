"""``kubectl get`` in its outputs: tables, which the server makes, and what kubectl makes of objects by itself."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pytest

from kmock import KubernetesCluster
from kubectl.manifests import CRONTAB, DEFINITION, DEPLOYMENT, changed, configmap, pod
from programs import Kubectl, done, failed

pytestmark = pytest.mark.kmock(cls=KubernetesCluster)

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
Load: TypeAlias = Callable[..., None]


@pytest.fixture
def load(kmock: KubernetesCluster) -> Load:
    """Create objects that are five minutes old then."""

    def load(*manifests: dict[str, Any]) -> None:
        kmock.clock = lambda: NOW
        kmock.load([*manifests])
        kmock.clock = lambda: NOW + timedelta(minutes=5)

    return load


# ---- Tables ----


def test_objects_are_shown_in_a_table(kubectl: Kubectl, load: Load) -> None:
    load(configmap('a', {'app': 'x'}, k='v'), configmap('b', {'app': 'y'}))
    assert kubectl('get configmaps') == done('NAME   DATA   AGE', 'a      1      5m', 'b      0      5m')
    assert kubectl('get cm b') == done('NAME   DATA   AGE', 'b      0      5m')
    assert kubectl('get cm -A') == done(
        'NAMESPACE   NAME   DATA   AGE', 'default     a      1      5m', 'default     b      0      5m'
    )
    assert kubectl('get cm -l app=x --no-headers') == done('a     1     5m')
    assert kubectl("get cm -l 'app in (x,z),app!=z' --show-labels") == done(
        'NAME   DATA   AGE   LABELS', 'a      1      5m    app=x'
    )
    assert kubectl('get cm --field-selector=metadata.name=b -L app') == done(
        'NAME   DATA   AGE   APP', 'b      0      5m    y'
    )
    assert kubectl('get cm --sort-by=.metadata.labels.app --show-kind') == done(
        'NAME          DATA   AGE', 'configmap/a   1      5m', 'configmap/b   0      5m'
    )
    assert kubectl('get cm --chunk-size=1') == kubectl('get cm')
    lines = kubectl('get cm --server-print=false').text.splitlines()
    assert [line.split()[0] for line in lines] == ['NAME', 'a', 'b']


def test_a_pod_is_shown_by_what_its_status_says(kmock: KubernetesCluster, kubectl: Kubectl, load: Load) -> None:
    load(pod('p'))
    assert kubectl('get pods') == done(
        'NAME   READY   STATUS    RESTARTS   AGE', 'p      0/1     Pending   0          5m'
    )
    running: dict[str, Any] = {'name': 'main', 'ready': True, 'restartCount': 2, 'state': {'running': {}}}
    running |= {'image': 'i', 'imageID': ''}
    status: dict[str, Any] = {
        'phase': 'Running',
        'podIP': '10.0.0.7',
        'podIPs': [{'ip': '10.0.0.7'}],
        'conditions': [{'type': 'Ready', 'status': 'True'}],
        'containerStatuses': [running],
    }
    kmock.objects['v1/pods', 'default', 'p'].patch({'spec': {'nodeName': 'node1'}, 'status': status})
    assert kubectl('get pods -o wide') == done(
        'NAME   READY   STATUS    RESTARTS   AGE   IP         NODE    NOMINATED NODE   READINESS GATES',
        'p      1/1     Running   2          5m    10.0.0.7   node1   <none>           <none>',
    )
    assert kubectl('get pods --field-selector=status.phase=Pending') == (
        0, '', 'No resources found in default namespace.\n'
    )  # fmt: skip
    assert kubectl('get pods --field-selector=spec.nodeName=node1 -o name') == done('pod/p')


def test_several_kinds_are_shown_one_after_another(kubectl: Kubectl, load: Load) -> None:
    ports: list[dict[str, Any]] = [{'port': 80}]
    spec = {'ports': ports, 'clusterIP': '10.96.0.99'}
    service = {'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': 'web'}, 'spec': spec}
    load(DEFINITION, DEPLOYMENT, service, CRONTAB, pod('web-1'))
    assert kubectl('get all') == done(
        'NAME        READY   STATUS    RESTARTS   AGE',
        'pod/web-1   0/1     Pending   0          5m',
        '',
        'NAME          TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE',
        'service/web   ClusterIP   10.96.0.99   <none>        80/TCP    5m',
        '',
        'NAME                  READY   UP-TO-DATE   AVAILABLE   AGE',
        'deployment.apps/web   0/2     0            0           5m',
        '',
        'NAME                                 CRON        REPLICAS',
        'crontab.stable.example.com/nightly   0 0 * * *   1',
    )
    assert kubectl('get deploy/web svc/web -o name') == done('deployment.apps/web', 'service/web')
    assert kubectl('get deploy web --subresource=scale') == done(
        'NAME   DESIRED   AVAILABLE   AGE', 'web    2         0           5m'
    )


def test_custom_resources_have_the_columns_of_their_definition(
    kmock: KubernetesCluster, kubectl: Kubectl, load: Load
) -> None:
    load(DEFINITION, CRONTAB, changed(CRONTAB, 'metadata.name', 'weekly'))
    assert kubectl('get ct -o wide') == done(
        'NAME      CRON        REPLICAS   IMAGE',
        'nightly   0 0 * * *   1          busybox',
        'weekly    0 0 * * *   1          busybox',
    )
    kmock.load(changed(DEFINITION, 'spec.versions.0.additionalPrinterColumns', []))
    assert kubectl('get ct weekly') == done('NAME     AGE', 'weekly   5m')
    assert kubectl('get crd') == done(
        'NAME                          CREATED AT', 'crontabs.stable.example.com   2026-01-01T12:00:00Z'
    )


def test_a_table_grows_while_it_is_watched(kmock: KubernetesCluster, kubectl: Kubectl, load: Load) -> None:
    load(DEPLOYMENT)
    with kubectl.running('get deploy --watch') as running:
        assert running.line() == 'NAME   READY   UP-TO-DATE   AVAILABLE   AGE'
        assert running.line() == 'web    0/2     0            0           5m'
        kmock['watch apps/v1/deployments'].wait_sync()
        web = kmock.objects['apps/v1/deployments', 'default', 'web']
        web.patch({'status': {'replicas': 2, 'readyReplicas': 1, 'availableReplicas': 1}})
        assert running.line() == 'web    1/2     0            1           5m'
        web.delete()
        assert running.line() == 'web    1/2     0            1           5m'


# ---- Objects ----


def test_objects_are_written_in_any_format(kmock: KubernetesCluster, kubectl: Kubectl, load: Load) -> None:
    load(configmap('a', {'app': 'x'}, k='v'), configmap('b'))
    stored = {**kmock.objects['v1/configmaps', 'default', 'a'].raw}
    shown = {**stored, 'metadata': {**stored['metadata'], 'managedFields': None}}
    del shown['metadata']['managedFields']
    assert kubectl.json('get cm a -o json') == shown
    assert kubectl.json('get cm a -o json --show-managed-fields') == stored
    several = kubectl.json('get cm -o json')
    assert (several['kind'], several['apiVersion'], len(several['items'])) == ('List', 'v1', 2)
    assert several['items'][0] == shown
    metadata = shown['metadata']
    assert kubectl('get cm a -o yaml') == done(
        'apiVersion: v1',
        'data:',
        '  k: v',
        'kind: ConfigMap',
        'metadata:',
        '  creationTimestamp: "2026-01-01T12:00:00Z"',
        '  labels:',
        '    app: x',
        '  name: a',
        '  namespace: default',
        f'  resourceVersion: "{metadata["resourceVersion"]}"',
        f'  uid: {metadata["uid"]}',
    )
    assert kubectl('get cm -o name') == done('configmap/a', 'configmap/b')
    assert kubectl('get cm -o', 'jsonpath={.items[*].metadata.name}') == (0, 'a b', '')
    assert kubectl('get cm -o', 'jsonpath-as-json={.items[?(@.data.k=="v")].metadata.name}').text.split() == [
        '[',
        '"a"',
        ']',
    ]
    columns = 'custom-columns=NAME:.metadata.name,VALUE:.data.k'
    assert kubectl(f'get cm -o {columns}') == done('NAME   VALUE', 'a      v', 'b      <none>')
    assert kubectl('get cm a -o', 'go-template={{.metadata.name}}:{{index .data "k"}}') == (0, 'a:v', '')


# ---- What is not there ----


def test_what_is_not_there_is_told(kubectl: Kubectl, load: Load) -> None:
    load(configmap('a'))
    assert kubectl('get pods') == (0, '', 'No resources found in default namespace.\n')
    assert kubectl('get pods -A') == (0, '', 'No resources found\n')
    assert kubectl('get cm a nope') == (
        1, 'NAME   DATA   AGE\na      0      5m\n', 'Error from server (NotFound): configmaps "nope" not found\n'
    )  # fmt: skip
    assert kubectl('get cm nope --ignore-not-found') == done()
    assert kubectl('get nopes') == failed('error: the server doesn\'t have a resource type "nopes"')
    assert kubectl('get cm -n nowhere') == (0, '', 'No resources found in nowhere namespace.\n')
    assert kubectl('get cm --field-selector=data.k=v') == failed(
        'Error from server (BadRequest): Unable to find "/v1, Resource=configmaps" that match label selector "", '
        'field selector "data.k=v": "data.k" is not a known field selector: only "metadata.name", "metadata.namespace"'
    )
    assert json.loads(kubectl('get pods -o json').text)['items'] == []
