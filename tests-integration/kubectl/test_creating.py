"""``kubectl create`` of kinds, ``run``, ``expose`` and ``autoscale``: what they send as protobuf is stored as told."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kmock import KubernetesCluster
from kubectl.manifests import DEPLOYMENT
from programs import Kubectl, done, failed

pytestmark = pytest.mark.kmock(cls=KubernetesCluster)

RBAC = 'rbac.authorization.k8s.io'
KINDS: list[tuple[str, str, dict[str, Any]]] = [
    ('namespace team', 'namespace/team', {'status': {'phase': 'Active'}}),
    ('configmap c --from-literal=a=1 --from-literal=b=2', 'configmap/c', {'data': {'a': '1', 'b': '2'}}),
    ('secret generic s --from-literal=p=q', 'secret/s', {'type': 'Opaque', 'data': {'p': 'cQ=='}}),
    (
        'secret docker-registry r --docker-server=example.com --docker-username=u --docker-password=p',
        'secret/r',
        {'type': 'kubernetes.io/dockerconfigjson', 'data': {'.dockerconfigjson': ...}},
    ),
    (
        'deployment d --image=nginx --replicas=3 --port=80',
        'deployment.apps/d',
        {'spec': {'replicas': 3, 'selector': {'matchLabels': {'app': 'd'}}, 'strategy': {'type': 'RollingUpdate'}}},
    ),
    (
        'service clusterip cl --tcp=80:8080',
        'service/cl',
        {
            'spec': {
                'type': 'ClusterIP',
                'ports': [{'name': '80-8080', 'port': 80, 'protocol': 'TCP', 'targetPort': 8080}],
                'selector': {'app': 'cl'},
                'clusterIP': ...,
            }
        },
    ),
    ('service clusterip headless --clusterip=None', 'service/headless', {'spec': {'clusterIP': 'None'}}),
    (
        'service nodeport np --tcp=80 --node-port=30080',
        'service/np',
        {'spec': {'type': 'NodePort', 'ports': [{'nodePort': 30080}]}},
    ),
    (
        'service loadbalancer lb --tcp=80',
        'service/lb',
        {'spec': {'type': 'LoadBalancer', 'ports': [{'nodePort': ...}]}},
    ),
    (
        'service externalname ex --external-name=example.com',
        'service/ex',
        {'spec': {'type': 'ExternalName', 'externalName': 'example.com'}},
    ),
    (
        'job j --image=busybox -- echo hello',
        'job.batch/j',
        {'spec': {'template': {'spec': {'containers': [{'command': ['echo', 'hello']}], 'restartPolicy': 'Never'}}}},
    ),
    (
        "cronjob cj --image=busybox --schedule='*/5 * * * *' -- date",
        'cronjob.batch/cj',
        {'spec': {'schedule': '*/5 * * * *', 'concurrencyPolicy': 'Allow'}},
    ),
    ('quota q --hard=pods=5,requests.cpu=2', 'resourcequota/q', {'spec': {'hard': {'pods': '5', 'requests.cpu': '2'}}}),
    (
        'role ro --verb=get,list --resource=pods,deployments.apps',
        f'role.{RBAC}/ro',
        {
            'rules': [
                {'apiGroups': [''], 'resources': ['pods'], 'verbs': ['get', 'list']},
                {'apiGroups': ['apps'], 'resources': ['deployments'], 'verbs': ['get', 'list']},
            ]
        },
    ),
    (
        'rolebinding rb --role=ro --user=ann --serviceaccount=default:robot',
        f'rolebinding.{RBAC}/rb',
        {
            'roleRef': {'apiGroup': RBAC, 'kind': 'Role', 'name': 'ro'},
            'subjects': [{'name': 'ann'}, {'name': 'robot', 'namespace': 'default'}],
        },
    ),
    (
        'clusterrole cr --verb=get --non-resource-url=/healthz',
        f'clusterrole.{RBAC}/cr',
        {'rules': [{'nonResourceURLs': ['/healthz'], 'verbs': ['get']}]},
    ),
    (
        'clusterrolebinding crb --clusterrole=cr --group=devs',
        f'clusterrolebinding.{RBAC}/crb',
        {'subjects': [{'apiGroup': RBAC, 'kind': 'Group', 'name': 'devs'}]},
    ),
    ('serviceaccount robot', 'serviceaccount/robot', {}),
    (
        "ingress in --rule='example.com/path*=web:80,tls=cert'",
        'ingress.networking.k8s.io/in',
        {
            'spec': {
                'rules': [
                    {
                        'host': 'example.com',
                        'http': {
                            'paths': [
                                {
                                    'path': '/path',
                                    'pathType': 'Prefix',
                                    'backend': {'service': {'name': 'web', 'port': {'number': 80}}},
                                }
                            ]
                        },
                    }
                ],
                'tls': [{'hosts': ['example.com'], 'secretName': 'cert'}],
            }
        },
    ),
    (
        'poddisruptionbudget pdb --selector=app=d --min-available=50%',
        'poddisruptionbudget.policy/pdb',
        {'spec': {'minAvailable': '50%', 'selector': {'matchLabels': {'app': 'd'}}}},
    ),
    (
        'priorityclass pc --value=1000 --description=high --preemption-policy=Never',
        'priorityclass.scheduling.k8s.io/pc',
        {'value': 1000, 'description': 'high', 'preemptionPolicy': 'Never'},
    ),
]


def one_of(kmock: KubernetesCluster, name: str) -> Any:
    """The object that kubectl names so."""
    kind, _, rest = name.partition('/')
    wanted = (kind.partition('.')[0], rest)
    (found,) = [one for one in kmock.objects.values() if (one['kind'].lower(), one['metadata']['name']) == wanted]
    return found


@pytest.mark.parametrize(('command', 'name', 'pattern'), KINDS, ids=[command.split(' -')[0] for command, _, _ in KINDS])
def test_an_object_of_a_kind_is_created(
    kmock: KubernetesCluster, kubectl: Kubectl, command: str, name: str, pattern: dict[str, Any]
) -> None:
    assert kubectl(f'create {command}') == done(f'{name} created')
    (request,) = kmock['create']
    assert request.headers['Content-Type'] == 'application/vnd.kubernetes.protobuf'
    assert one_of(kmock, name) >= pattern


def test_what_is_wrong_is_refused(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    assert kubectl('create configmap a').code == 0
    message = 'error: failed to create configmap: configmaps "a" already exists'
    assert kubectl('create configmap a') == failed(message)
    message = 'error: failed to create quota: ResourceQuota "B" is invalid: metadata.name: Invalid value: "B": '
    assert kubectl('create quota B --hard=pods=1').error.startswith(message)
    assert kubectl('create role r --verb=get --resource=nope') == failed(
        'the server doesn\'t have a resource type "nope"'
    )
    assert kubectl('create deployment d --image=x -n nowhere') == failed(
        'error: failed to create deployment: namespaces "nowhere" not found'
    )


def test_a_dry_run_creates_nothing(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    command = 'create deployment d --image=nginx --replicas=2'
    assert kubectl(f'{command} --dry-run=server') == done('deployment.apps/d created (server dry run)')
    local = kubectl.json(f'{command} --dry-run=client -o json')
    completed = kubectl.json(f'{command} --dry-run=server -o json')
    assert 'uid' not in local['metadata']
    assert completed['metadata']['uid']
    assert completed['spec']['revisionHistoryLimit'] == 10
    assert not kmock.objects['apps/v1/deployments'].keys()


def test_a_secret_is_made_of_a_certificate(kmock: KubernetesCluster, kubectl: Kubectl, tmp_path: Path) -> None:
    certificate = trustme.CA().issue_cert('example.com')
    certificate.cert_chain_pems[0].write_to_path(tmp_path / 'tls.crt')
    certificate.private_key_pem.write_to_path(tmp_path / 'tls.key')
    assert kubectl('create secret tls t --cert=tls.crt --key=tls.key') == done('secret/t created')
    secret = kmock.objects['v1/secrets', 'default', 't']
    assert secret['type'] == 'kubernetes.io/tls'
    assert base64.b64decode(secret['data']['tls.key']) == (tmp_path / 'tls.key').read_bytes()


def test_files_are_put_into_objects(kmock: KubernetesCluster, kubectl: Kubectl, tmp_path: Path) -> None:
    (tmp_path / 'text.txt').write_text('grüße\n')
    (tmp_path / 'raw.bin').write_bytes(b'\xff\x00')
    assert kubectl('create configmap c --from-file=text.txt --from-file=key=raw.bin') == done('configmap/c created')
    found = kmock.objects['v1/configmaps', 'default', 'c']
    assert (found['data'], found['binaryData']) == ({'text.txt': 'grüße\n'}, {'key': '/wA='})


def test_a_job_is_made_of_a_cron_job(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    assert kubectl('create cronjob nightly --image=busybox --schedule=@daily -- date').code == 0
    assert kubectl('create job now --from=cronjob/nightly') == done('job.batch/now created')
    job = kmock.objects['batch/v1/jobs', 'default', 'now']
    assert job['metadata']['annotations'] == {'cronjob.kubernetes.io/instantiate': 'manual'}
    (owner,) = job['metadata']['ownerReferences']
    assert (owner['kind'], owner['name'], owner['controller']) == ('CronJob', 'nightly', True)


def test_a_token_is_made_for_a_service_account(kubectl: Kubectl) -> None:
    kubectl('create serviceaccount robot')
    code, text, error = kubectl('create token robot --duration=1h --audience=me')
    assert (code, error) == (0, '')
    padded = text.split('.')[1] + '=='
    claims = json.loads(base64.urlsafe_b64decode(padded))
    assert (claims['sub'], claims['aud']) == ('system:serviceaccount:default:robot', ['me'])
    message = 'error: failed to create token: serviceaccounts "nope" not found'
    assert kubectl('create token nope') == failed(message)


def test_a_pod_is_run(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    command = 'run p --image=busybox --restart=Never --env=A=1 --labels=app=p --port=80 --command -- sleep 1d'
    assert kubectl(command) == done('pod/p created')
    found = kmock.objects['v1/pods', 'default', 'p']
    assert found['spec']['restartPolicy'] == 'Never'
    (container,) = found.raw['spec']['containers']
    assert (container['command'], container['env']) == (['sleep', '1d'], [{'name': 'A', 'value': '1'}])
    assert kubectl(command) == failed('Error from server (AlreadyExists): pods "p" already exists')


def test_a_deployment_is_exposed_and_scaled_automatically(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load(DEPLOYMENT)
    assert kubectl('expose deploy web --port=8080 --target-port=80 --type=NodePort') == done('service/web exposed')
    service = kmock.objects['v1/services', 'default', 'web']
    assert service['spec'] >= {
        'selector': {'app': 'web'},
        'type': 'NodePort',
        'ports': [{'port': 8080, 'targetPort': 80}],
    }
    line = 'horizontalpodautoscaler.autoscaling/web autoscaled'
    assert kubectl('autoscale deploy web --min=2 --max=5 --cpu-percent=80') == done(line)
    spec = kmock.objects['autoscaling/v1/horizontalpodautoscalers', 'default', 'web']['spec']
    target = {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'name': 'web'}
    assert spec == {'minReplicas': 2, 'maxReplicas': 5, 'scaleTargetRef': target, 'targetCPUUtilizationPercentage': 80}


def test_a_certificate_is_approved_or_denied(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    signed = request.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    pem = base64.b64encode(signed.public_bytes(serialization.Encoding.PEM)).decode()
    spec = {'request': pem, 'signerName': 'example.com/signer', 'usages': ['client auth']}
    for name in ('ann', 'eve'):
        manifest = {'apiVersion': 'certificates.k8s.io/v1', 'kind': 'CertificateSigningRequest', 'spec': spec}
        assert kubectl('create -f -', input={**manifest, 'metadata': {'name': name}}).code == 0
    line = 'certificatesigningrequest.certificates.k8s.io'
    assert kubectl('certificate approve ann') == done(f'{line}/ann approved')
    assert kubectl('certificate deny eve') == done(f'{line}/eve denied')
    found = kmock.objects['certificates.k8s.io/v1/certificatesigningrequests', None]
    conditions = [found[name]['status']['conditions'][0] for name in ('ann', 'eve')]
    assert [one['type'] for one in conditions] == ['Approved', 'Denied']
