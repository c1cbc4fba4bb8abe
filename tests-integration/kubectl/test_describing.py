"""``kubectl describe``, and the events that it shows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kmock import KubernetesCluster
from kubectl.manifests import CRONTAB, DEFINITION, DEPLOYMENT, configmap, pod
from programs import Kubectl, done, failed

pytestmark = pytest.mark.kmock(cls=KubernetesCluster)


def sections(kubectl: Kubectl, what: str) -> dict[str, str]:
    """What is described: the text after each key that is not indented, without what it is indented by."""
    code, text, error = kubectl(f'describe {what}')
    assert (code, error) == (0, '')
    found: dict[str, str] = {}
    key = ''
    for line in text.splitlines():
        if line[:1].strip() and ':' in line:
            key, _, rest = line.partition(':')
            found[key] = rest.strip()
        elif line.strip():
            found[key] = f'{found[key]}\n{" ".join(line.split())}'.strip()
    return found


def event(of: dict[str, Any], reason: str, message: str, **more: Any) -> dict[str, Any]:
    """An event of an object."""
    metadata = of['metadata']
    involved = {'apiVersion': of['apiVersion'], 'kind': of['kind'], 'name': metadata['name']}
    now = datetime.now(UTC)
    return {
        'apiVersion': 'v1',
        'kind': 'Event',
        'metadata': {'name': f'{metadata["name"]}.{reason.lower()}'},
        'involvedObject': {**involved, 'namespace': 'default', 'uid': metadata.get('uid', '')},
        'type': 'Normal',
        'reason': reason,
        'message': message,
        'firstTimestamp': f'{now - timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}',
        'lastTimestamp': f'{now - timedelta(minutes=10):%Y-%m-%dT%H:%M:%SZ}',
        'count': 3,
        'source': {'component': 'tests'},
        **more,
    }


def test_a_pod_is_described_with_its_events(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load(pod('p', {'app': 'x'}))
    stored = kmock.objects['v1/pods', 'default', 'p'].raw
    kmock.load([event(stored, 'Pulled', 'it was there'), event(pod('q'), 'Other', 'of another one')])
    found = sections(kubectl, 'pod p')
    assert (found['Name'], found['Labels'], found['Status'], found['Node']) == ('p', 'app=x', 'Pending', '<none>')
    assert found['Containers'].splitlines()[:2] == ['main:', 'Image: busybox']
    assert found['Events'].splitlines() == [
        'Type Reason Age From Message',
        '---- ------ ---- ---- -------',
        'Normal Pulled 10m (x3 over 30m) tests it was there',
    ]


def test_workloads_and_services_are_described(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    ports: list[dict[str, Any]] = [{'name': 'http', 'port': 80, 'targetPort': 8080}]
    spec = {'selector': {'app': 'web'}, 'ports': ports}
    kmock.load([DEPLOYMENT, {'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': 'web'}, 'spec': spec}])
    found = sections(kubectl, 'deploy web')
    assert found['Replicas'] == '2 desired | 0 updated | 0 total | 0 available | 0 unavailable'
    assert found['RollingUpdateStrategy'] == '25% max unavailable, 25% max surge'
    assert 'Image: nginx:1' in found['Pod Template']
    found = sections(kubectl, 'service/web')
    assert (found['Type'], found['Port'], found['TargetPort']) == ('ClusterIP', 'http  80/TCP', '8080/TCP')
    assert found['IP'].startswith('10.')


def test_data_is_shown_but_secrets_are_not(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    secret = {'apiVersion': 'v1', 'kind': 'Secret', 'metadata': {'name': 's'}, 'stringData': {'password': 'hidden'}}
    kmock.load([configmap('c', key='value'), secret])
    assert '\nkey:\n----\nvalue\n' in kubectl('describe cm c').text
    text = kubectl('describe secret s').text
    assert '\nType:  Opaque\n\nData\n====\npassword:  6 bytes\n' in text
    assert 'hidden' not in text


def test_nodes_namespaces_and_definitions_are_described(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    quota = {'apiVersion': 'v1', 'kind': 'ResourceQuota', 'metadata': {'name': 'q'}, 'spec': {'hard': {'pods': '5'}}}
    node = {
        'apiVersion': 'v1',
        'kind': 'Node',
        'metadata': {'name': 'node1', 'labels': {'node-role.kubernetes.io/x': ''}},
    }
    kmock.load([DEFINITION, quota, node, pod('p', nodeName='node1')])
    found = sections(kubectl, 'node node1')
    assert (found['Roles'], found['Unschedulable']) == ('x', 'false')
    assert found['Non-terminated Pods'].splitlines()[0] == '(1 in total)'
    found = sections(kubectl, 'ns default')
    assert found['Status'].splitlines()[:3] == ['Active', 'Resource Quotas', 'Name: q']
    assert sections(kubectl, 'crd crontabs.stable.example.com')['Name'] == 'crontabs.stable.example.com'


def test_custom_resources_are_described_field_by_field(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load([DEFINITION, CRONTAB])
    nightly = kmock.objects['stable.example.com/v1/crontabs', 'default', 'nightly']
    nightly.patch({'status': {'items': [1, 2], 'lastRun': 'never'}})
    kmock.load(event(nightly.raw, 'Ran', 'it ran', type='Warning'))
    found = sections(kubectl, 'ct')
    assert (found['API Version'], found['Kind']) == ('stable.example.com/v1', 'CronTab')
    assert found['Spec'].splitlines() == ['Cron: 0 0 * * *', 'Image: busybox', 'Replicas: 1']
    assert found['Status'].splitlines() == ['Items:', '1', '2', 'Last Run: never']
    assert found['Events'].splitlines()[-1] == 'Warning Ran 10m (x3 over 30m) tests it ran'
    assert kubectl('describe ct nope') == failed(
        'Error from server (NotFound): crontabs.stable.example.com "nope" not found'
    )


def test_events_are_listed(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load([event(pod('p'), 'Pulled', 'it was there'), event(configmap('c'), 'Read', 'by me', type='Warning')])
    assert kubectl('get events --sort-by=.reason') == done(
        'LAST SEEN   TYPE      REASON   OBJECT        MESSAGE',
        '10m         Normal    Pulled   pod/p         it was there',
        '10m         Warning   Read     configmap/c   by me',
    )
    assert kubectl('get events --field-selector=type=Warning -o name') == done('event/c.read')
    assert kubectl('events --for=pod/p') == done(
        'LAST SEEN           TYPE     REASON   OBJECT   MESSAGE',
        '10m (x3 over 30m)   Normal   Pulled   Pod/p    it was there',
    )
    assert kubectl('events --types=Warning --no-headers') == done(
        '10m (x3 over 30m)   Warning   Read   ConfigMap/c   by me'
    )
