"""The cluster is tested by its own OpenAPI documents: no request breaks it, and each one gets its answer.

``KMOCK_SCHEMATHESIS=20 pytest tests-integration/test_schemathesis.py -o faulthandler_timeout=0`` takes all operations,
with 20 examples of each, and half an hour.
"""

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis as untyped_schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from kmock import KubernetesCluster

schemathesis: Any = untyped_schemathesis

EXAMPLES = int(os.environ.get('KMOCK_SCHEMATHESIS', '0'))
HEALTH = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example)
SAMPLES = {GenerationMode.POSITIVE: 5, GenerationMode.NEGATIVE: 1}
"""How many operations are taken of each document, if not all: each one of another action. Wrong data takes its time."""

KNOWN = (
    'Too large resource version',
    'the spec replicas field',
    'nothing runs in',
    'resourceVersion should not be set on objects to be created',
    'strconv.ParseUint',
    'target.kind: Unsupported value',
    'target.name: Required value',
)
"""What a real server says to be its own fault."""

POD: dict[str, Any] = {'containers': [{'name': 'main', 'image': 'nginx'}]}
TEMPLATE = {'metadata': {'labels': {'app': 'a'}}, 'spec': POD}
WORKLOAD = {'selector': {'matchLabels': {'app': 'a'}}, 'template': TEMPLATE}
DEFINITION: dict[str, Any] = {
    'apiVersion': 'apiextensions.k8s.io/v1',
    'kind': 'CustomResourceDefinition',
    'metadata': {'name': 'crontabs.stable.example.com'},
    'spec': {
        'group': 'stable.example.com',
        'scope': 'Namespaced',
        'names': {'plural': 'crontabs', 'kind': 'CronTab'},
        'versions': [
            {
                'name': 'v1',
                'served': True,
                'storage': True,
                'subresources': {
                    'status': {},
                    'scale': {'specReplicasPath': '.spec.replicas', 'statusReplicasPath': '.status.replicas'},
                },
                'schema': {
                    'openAPIV3Schema': {
                        'type': 'object',
                        'properties': {
                            'spec': {
                                'type': 'object',
                                'properties': {
                                    'cron': {'type': 'string', 'pattern': '^[a-z*]+$'},
                                    'replicas': {'type': 'integer', 'default': 1, 'minimum': 0},
                                    'size': {'x-kubernetes-int-or-string': True},
                                    'any': {'x-kubernetes-preserve-unknown-fields': True},
                                },
                            },
                            'status': {'type': 'object', 'properties': {'replicas': {'type': 'integer'}}},
                        },
                    }
                },
            }
        ],
    },
}
OBJECTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ('v1', 'ConfigMap', {'data': {'a': 'b'}}),
    ('v1', 'Secret', {'stringData': {'a': 'b'}}),
    ('v1', 'Pod', {'spec': POD}),
    ('v1', 'Service', {'spec': {'ports': [{'port': 80}]}}),
    ('v1', 'ServiceAccount', {}),
    ('apps/v1', 'Deployment', {'spec': WORKLOAD}),
    ('apps/v1', 'StatefulSet', {'spec': {**WORKLOAD, 'serviceName': 'a'}}),
    ('batch/v1', 'Job', {'spec': {'template': {'spec': {**POD, 'restartPolicy': 'Never'}}}}),
    ('rbac.authorization.k8s.io/v1', 'Role', {'rules': []}),
    ('stable.example.com/v1', 'CronTab', {'spec': {'cron': 'a'}}),
)

pytestmark = [
    pytest.mark.kmock(cls=KubernetesCluster),
    pytest.mark.filterwarnings('ignore'),  # of schemathesis, which is not what is tested
]


def iterate_documents(mock: KubernetesCluster) -> Iterator[dict[str, Any]]:
    """All documents that the index tells of."""
    url = str(mock.url).rstrip('/')
    index = requests.get(f'{url}/openapi/v3', timeout=10).json()
    for told in index['paths'].values():
        yield requests.get(url + told['serverRelativeURL'], timeout=10).json()


def choose(document: dict[str, Any], mode: GenerationMode) -> list[Any]:
    """Some operations of a document: each one of another action, of any resource."""
    operations = [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]
    if EXAMPLES:
        return operations
    chooser = random.Random(next(iter(document['paths'])))
    chooser.shuffle(operations)
    chosen = {one.definition.raw.get('x-kubernetes-action'): one for one in operations}
    return [*chosen.values()][: SAMPLES[mode]]


def shape(case: Any, chooser: random.Random) -> None:
    """Let most requests be about something that is there, and let watches end."""
    places: dict[str, Any] = case.path_parameters or {}
    for name, known in (('namespace', 'default'), ('name', 'a')):
        if name in places and chooser.random() < 0.9:
            places[name] = known
    if case.media_type and case.method in {'POST', 'PUT', 'DELETE'} and chooser.random() < 0.8:
        case.media_type = 'application/json'
    query: dict[str, Any] = case.query or {}
    case.query = query
    for name in [*query]:
        if chooser.random() < 0.6:
            del query[name]
    if 'watch' in query or '/watch/' in case.path:
        query['timeoutSeconds'] = -1  # it is over at once
    query.pop('follow', None)
    kind: dict[str, str] = case.operation.definition.raw.get('x-kubernetes-group-version-kind', {})
    body: dict[str, Any] = case.body
    if isinstance(case.body, dict) and kind and case.method in {'POST', 'PUT'} and chooser.random() < 0.8:
        version = f'{kind["group"]}/{kind["version"]}'.removeprefix('/')
        metadata = {'name': 'a' if case.method == 'PUT' else f'b{chooser.randrange(10**9)}'}
        case.body = {**body, 'apiVersion': version, 'kind': kind['kind'], 'metadata': metadata}


@pytest.fixture
def mock(kmock: KubernetesCluster) -> KubernetesCluster:
    kmock.load(DEFINITION)
    for version, kind, content in OBJECTS:
        metadata = {'name': 'a', 'namespace': 'default', 'labels': {'app': 'a'}}
        kmock.load({'apiVersion': version, 'kind': kind, 'metadata': metadata, **content})
    return kmock


@pytest.mark.parametrize('mode', [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=['valid', 'invalid'])
def test_no_request_of_the_documents_breaks_the_cluster(mock: KubernetesCluster, mode: GenerationMode) -> None:
    url, before, chooser = str(mock.url).rstrip('/'), mock.snapshot(), random.Random(1)
    refused: list[str] = []
    statuses: set[int] = set()
    with requests.Session() as session:

        def ask(case: Any) -> None:
            shape(case, chooser)
            response = case.call(base_url=url, session=session, timeout=10)
            statuses.add(response.status_code)
            if response.status_code >= 500 and not any(one in response.text for one in KNOWN):
                refused.append(f'{case.as_curl_command()}\n{response.text}')

        for document in iterate_documents(mock):
            mock.restore(before)
            for operation in choose(document, mode):
                try:
                    explore(operation, mode, ask)
                except Unsatisfiable:  # nothing can be wrong in it
                    continue
    assert not refused, '\n'.join(refused)
    assert {200, 400, 404} <= statuses


def explore(operation: Any, mode: GenerationMode, ask: Any) -> None:
    """Send some requests of one operation."""
    quick = settings(
        max_examples=EXAMPLES or 2,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=HEALTH,
    )
    decorate: Any = given(operation.as_strategy(generation_mode=mode))
    run: Any = seed(1)(quick(decorate(ask)))
    run()
