"""Bodies in protobuf, as clients in Go send them: the cluster does with them what it does with JSON."""

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kmock
from kmock_k8s.model.versions import root_of
from kmock_k8s.protobuf import Envelope, encode
from kmock_k8s.protobuf.encoding import encode_message
from kmock_k8s.protobuf.envelopes import seal_envelope
from kmock_k8s.protobuf.wire import write_bytes
from samples import Sample, broken_bodies, load_samples

PROTOBUF = 'application/vnd.kubernetes.protobuf'
CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
DEFINITION: dict[str, Any] = {
    'apiVersion': 'apiextensions.k8s.io/v1',
    'kind': 'CustomResourceDefinition',
    'metadata': {'name': 'widgets.example.com'},
    'spec': {
        'group': 'example.com',
        'scope': 'Namespaced',
        'names': {'plural': 'widgets', 'kind': 'Widget'},
        'versions': [
            {
                'name': 'v1',
                'served': True,
                'storage': True,
                'additionalPrinterColumns': [{'name': 'Size', 'type': 'integer', 'jsonPath': '.spec.size'}],
                'schema': {
                    'openAPIV3Schema': {
                        'type': 'object',
                        'properties': {
                            'spec': {
                                'type': 'object',
                                'properties': {
                                    'size': {'type': 'integer', 'default': 1, 'minimum': 0, 'maximum': 1.5},
                                    'any': {'x-kubernetes-preserve-unknown-fields': True},
                                    'texts': {'type': 'array', 'items': {'type': 'string', 'enum': ['a', 'b']}},
                                    'map': {'type': 'object', 'additionalProperties': {'type': 'boolean'}},
                                },
                            }
                        },
                    }
                },
                'subresources': {
                    'status': {},
                    'scale': {'specReplicasPath': '.spec.size', 'statusReplicasPath': '.status.size'},
                },
            }
        ],
    },
}


async def send(
    cluster: kmock.KubernetesCluster, method: str, url: str, body: bytes, kind: str = PROTOBUF
) -> tuple[int, Any]:
    """The status and the answer, where uids are all the same."""
    headers = {'Content-Type': kind, 'User-Agent': 'tests/1.0'}
    response = await cluster.request(method, url, data=body, headers=headers)
    text = await response.text()
    return response.status, json.loads(re.sub('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '<uid>', text))


def encoded(content: dict[str, Any]) -> bytes:
    """The body of an object."""
    found = encode(content)
    assert found is not None
    return found


async def create(sample: Sample, body: bytes, kind: str) -> tuple[int, Any]:
    """Create an object in a cluster of its own, where it is always the same time."""
    async with kmock.KubernetesCluster(clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as cluster:
        namespace = sample.manifest['metadata'].get('namespace', 'default')
        if namespace != 'default':
            cluster.load({'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': namespace}})
        return await send(cluster, 'POST', url_of(cluster, sample, namespace), body, kind)


def url_of(cluster: kmock.KubernetesCluster, sample: Sample, namespace: str) -> str:
    """Where objects of a kind are created; those of some kinds are not, then it is where others are."""
    group, _, version = sample.manifest['apiVersion'].rpartition('/')
    kind = (group, version, sample.manifest['kind'])
    found = (one for one, info in cluster.resources.items() if (one.group, one.version, info.kind) == kind)
    one = next(found, kmock.resource('v1/configmaps'))
    place = f'/namespaces/{namespace}' if cluster.resources[one].namespaced else ''
    return f'{root_of(*one.key[:2])}{place}/{one.plural}'


@pytest.mark.parametrize('sample', load_samples(), ids=str)
async def test_what_go_sends_is_stored_as_its_json_would_be(sample: Sample) -> None:
    found = await create(sample, sample.body, PROTOBUF)
    assert found[0] == 201
    assert found == await create(sample, json.dumps(sample.json).encode(), 'application/json')
    assert found == await create(sample, json.dumps(sample.manifest).encode(), 'application/json')


async def test_an_object_is_replaced(cluster: kmock.KubernetesCluster) -> None:
    content = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'x'}, 'data': {'a': '1'}}
    assert (await send(cluster, 'POST', CONFIGMAPS, encoded(content)))[0] == 201
    status, found = await send(cluster, 'PUT', f'{CONFIGMAPS}/x', encoded({**content, 'data': {'a': '2'}}))
    assert (status, found['data']) == (200, {'a': '2'})


@pytest.mark.parametrize('options', [{}, {'propagationPolicy': 'Orphan'}, {'gracePeriodSeconds': 0, 'dryRun': []}])
@pytest.mark.parametrize('version', ['v1', 'apps/v1', 'meta.k8s.io/v1'])
async def test_an_object_is_deleted_with_options(
    cluster: kmock.KubernetesCluster, options: dict[str, Any], version: str
) -> None:
    cluster.load({'apiVersion': 'apps/v1', 'kind': 'ControllerRevision', 'metadata': {'name': 'x'}, 'data': {}})
    options_message = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'
    body = seal_envelope(Envelope(version, 'DeleteOptions', encode_message(options_message, options)))
    url = '/apis/apps/v1/namespaces/default/controllerrevisions/x'
    status, found = await send(cluster, 'DELETE', url, body)
    assert (status, found['kind']) == (200, 'ControllerRevision' if 'propagationPolicy' in options else 'Status')


async def test_the_preconditions_of_a_deletion_hold(cluster: kmock.KubernetesCluster) -> None:
    cluster.load({'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'x'}})
    body = encoded({'apiVersion': 'v1', 'kind': 'DeleteOptions', 'preconditions': {'uid': 'other'}})
    assert (await send(cluster, 'DELETE', f'{CONFIGMAPS}/x', body))[0] == 409
    assert (await send(cluster, 'DELETE', CONFIGMAPS, body))[0] == 409


async def test_collections_are_deleted_with_options(cluster: kmock.KubernetesCluster) -> None:
    cluster.load({'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'x'}})
    body = encoded({'apiVersion': 'v1', 'kind': 'DeleteOptions', 'propagationPolicy': 'Background'})
    status, found = await send(cluster, 'DELETE', CONFIGMAPS, body)
    assert (status, len(found['items'])) == (200, 1)
    assert not [*cluster.objects['v1/configmaps', 'default']]


async def test_options_of_another_kind_are_refused(cluster: kmock.KubernetesCluster) -> None:
    body = encoded({'apiVersion': 'v1', 'kind': 'Pod'})
    status, found = await send(cluster, 'DELETE', f'{CONFIGMAPS}/x', body)
    assert status == 400
    assert found['message'].startswith('no kind "Pod" is registered for version "v1" in scheme')


async def test_broken_options_are_refused(cluster: kmock.KubernetesCluster) -> None:
    status, found = await send(cluster, 'DELETE', f'{CONFIGMAPS}/x', b'k8s\x00\x12\x05')
    assert (status, found['message']) == (400, 'unexpected EOF')


async def test_subresources_are_written(cluster: kmock.KubernetesCluster) -> None:
    sample = next(sample for sample in load_samples() if str(sample) == 'Deployment none')
    cluster.load(sample.manifest, {'apiVersion': 'v1', 'kind': 'ServiceAccount', 'metadata': {'name': 'default'}})
    scale = encoded({
        'apiVersion': 'autoscaling/v1', 'kind': 'Scale', 'metadata': {'name': 'none'}, 'spec': {'replicas': 3},
    })  # fmt: skip
    url = '/apis/apps/v1/namespaces/default/deployments/none'
    status, found = await send(cluster, 'PUT', f'{url}/scale', scale)
    assert (status, found['spec']) == (200, {'replicas': 3})
    deployed = encoded({**sample.manifest, 'status': {'replicas': 3, 'observedGeneration': 2}})
    status, found = await send(cluster, 'PUT', f'{url}/status', deployed)
    assert (status, found['status']) == (200, {'replicas': 3, 'observedGeneration': 2})
    wanted = {'apiVersion': 'authentication.k8s.io/v1', 'kind': 'TokenRequest', 'spec': {'expirationSeconds': 600}}
    url = '/api/v1/namespaces/default/serviceaccounts/default/token'
    status, found = await send(cluster, 'POST', url, encoded(wanted))
    assert (status, found['spec']['expirationSeconds']) == (201, 600)


async def test_a_pod_is_bound_and_evicted(cluster: kmock.KubernetesCluster) -> None:
    pod = {'metadata': {'name': 'x'}, 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}
    cluster.load({'apiVersion': 'v1', 'kind': 'Pod', **pod})
    url = '/api/v1/namespaces/default/pods/x'
    binding = {
        'apiVersion': 'v1',
        'kind': 'Binding',
        'metadata': {'name': 'x'},
        'target': {'kind': 'Node', 'name': 'n'},
    }
    assert (await send(cluster, 'POST', f'{url}/binding', encoded(binding)))[0] == 201
    assert cluster.objects['v1/pods', 'default', 'x']['spec']['nodeName'] == 'n'
    eviction = {
        'apiVersion': 'policy/v1', 'kind': 'Eviction', 'metadata': {'name': 'x'},
        'deleteOptions': {'gracePeriodSeconds': 0},
    }  # fmt: skip
    assert (await send(cluster, 'POST', f'{url}/eviction', encoded(eviction)))[0] == 201
    assert ('v1/pods', 'default', 'x') not in cluster.objects or cluster.objects['v1/pods', 'default', 'x'].deleted


async def test_definitions_of_custom_resources_are_created(cluster: kmock.KubernetesCluster) -> None:
    url = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    status, _ = await send(cluster, 'POST', url, encoded(DEFINITION))
    assert status == 201
    stored = cluster.objects['apiextensions.k8s.io/v1/customresourcedefinitions', None, 'widgets.example.com']
    assert stored['spec'] >= DEFINITION['spec']
    widget = {'apiVersion': 'example.com/v1', 'kind': 'Widget', 'metadata': {'name': 'x'}, 'spec': {}}
    url = '/apis/example.com/v1/namespaces/default/widgets'
    status, found = await send(cluster, 'POST', url, json.dumps(widget).encode(), 'application/json')
    assert (status, found['spec']) == (201, {'size': 1})


async def test_custom_resources_have_no_such_encoding(cluster: kmock.KubernetesCluster) -> None:
    cluster.load(DEFINITION)
    body = b'k8s\x00\n\x18\n\x0eexample.com/v1\x12\x06Widget\x12\x00'
    status, found = await send(cluster, 'POST', '/apis/example.com/v1/namespaces/default/widgets', body)
    assert status == 400
    assert found['message'].startswith('Widget in version "v1" cannot be handled as a Widget: ')


OTHER = 'the object provided is unrecognized (must be of type ConfigMap): '
WRONG = 'in version "v1" cannot be handled as a ConfigMap: '
PREFIX = 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'
SCHEME = 'in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"'


@pytest.mark.parametrize(
    ('body', 'expected'),
    [
        (b'', f'{OTHER}empty data (<empty>)'),
        (b'k8s\x00', f'{OTHER}empty body (6b387300)'),
        (b'{"a": 1}', f'{OTHER}{PREFIX} ({{"a": 1}})'),
        (b'k8s\x00' + b'\xff' * 40, f'{OTHER}proto: integer overflow (6b387300{"ff" * 26} ...)'),
        (b'k8s\x00\x12\x02\x0a\x05', f'ConfigMap {WRONG}unexpected EOF'),
        (
            seal_envelope(Envelope('v1', 'Other', b'')),
            f'Other {WRONG}no kind "Other" is registered for version "v1" {SCHEME}',
        ),
        (
            seal_envelope(Envelope('v1', 'Secret', b'')),
            f'Secret {WRONG}converting (v1.Secret) to (core.ConfigMap): unknown conversion',
        ),
        (
            seal_envelope(Envelope('v9', 'ConfigMap', b'')),
            f'ConfigMap {WRONG}no kind "ConfigMap" is registered for version "v9" {SCHEME}'.replace('v1', 'v9'),
        ),
    ],
)
async def test_broken_bodies_are_refused_as_by_a_real_server(
    cluster: kmock.KubernetesCluster, body: bytes, expected: str
) -> None:
    status, found = await send(cluster, 'POST', CONFIGMAPS, body)
    assert (status, found['reason'], found['message']) == (400, 'BadRequest', expected)


async def test_a_body_that_tells_no_kind_is_of_that_of_the_url(cluster: kmock.KubernetesCluster) -> None:
    status, found = await send(cluster, 'POST', CONFIGMAPS, b'k8s\x00\x12\x05\x0a\x03\x0a\x01x')
    assert (status, found['kind'], found['metadata']['name']) == (201, 'ConfigMap', 'x')


async def test_quantities_are_checked(cluster: kmock.KubernetesCluster) -> None:
    content = {
        'apiVersion': 'v1',
        'kind': 'ResourceQuota',
        'metadata': {'name': 'x'},
        'spec': {'hard': {'cpu': 'many'}},
    }
    status, found = await send(cluster, 'POST', '/api/v1/namespaces/default/resourcequotas', encoded(content))
    assert status == 400
    assert 'quantities must match' in found['message']


async def test_what_is_nested_too_deep_is_refused(cluster: kmock.KubernetesCluster) -> None:
    schema = b''
    for _ in range(3000):
        schema = write_bytes(28, schema)  # not
    version = write_bytes(7, write_bytes(4, write_bytes(1, schema)))
    body = seal_envelope(Envelope('apiextensions.k8s.io/v1', 'CustomResourceDefinition', write_bytes(2, version)))
    status, found = await send(cluster, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body)
    assert (status, found['message']) == (400, 'exceeded max depth')


@settings(max_examples=100)
@given(broken=broken_bodies(), replaces=st.booleans())
def test_no_broken_body_breaks_the_cluster(broken: tuple[Sample, bytes], replaces: bool) -> None:
    sample, body = broken

    async def run() -> tuple[int, Any]:
        async with kmock.KubernetesCluster() as cluster:
            url = url_of(cluster, sample, 'default')
            return await send(cluster, *(('PUT', f'{url}/a') if replaces else ('POST', url)), body)

    status, found = asyncio.run(run())
    assert status < 500 or found['message'].startswith(KNOWN_500)


KNOWN_500 = ('resourceVersion should not be set on objects to be created', 'target.kind: Unsupported value')
"""Of what the real server says that it is its own fault."""
