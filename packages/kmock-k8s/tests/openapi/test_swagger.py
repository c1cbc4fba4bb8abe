"""The OpenAPI v2 document of built-in resources is that of a real server: a kube-apiserver 1.36, as with v3."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kmock_k8s.api.documents import Catalog
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.openapi.serving import Source
from kmock_k8s.openapi.together import JSON, PROTOBUF, Together, choose

RECORDED = Path(__file__).parent / 'kubernetes-1.36-openapi-v2.json.gz'
FORMER = PROTOBUF.replace('v2.v1', 'v2@v1')

DIFFERENCES = {
    '/.well-known/openid-configuration/': 'not told of in other documents either',
    '/openid/v1/jwks/': 'not told of in other documents either',
}
"""The paths that are not in the document, and why."""
OF_ALL_GROUPS = ('DeleteOptions', 'WatchEvent')
"""Kinds of groups and versions that are not served, too."""


def resolve(document: dict[str, Any]) -> dict[str, Any]:
    """A document with all parameters where they are used, and without descriptions: they are not in the file."""
    shared = document['parameters']
    for item in document['paths'].values():
        for method, told in item.items():
            if method == 'parameters':
                item[method] = [_resolve(one, shared) for one in told]
            else:
                told['parameters'] = [_resolve(one, shared) for one in told.get('parameters', [])]
                for answer in told['responses'].values():
                    answer.pop('description', None)
    return document


def _resolve(parameter: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = shared[parameter['$ref'].rpartition('/')[2]] if '$ref' in parameter else parameter
    return found


@cache
def recorded() -> dict[str, Any]:
    return resolve(json.loads(gzip.decompress(RECORDED.read_bytes())))


def list_sources() -> list[Source]:
    resources = ResourcesArray()
    resources.load_bundled()
    catalog = Catalog(dict(resources.items()))
    sources = [Source(path, '', '', (), (), '1.36') for path in ('version', 'api', 'apis')]
    for group in ['', *catalog.groups]:
        if group:
            sources.append(Source(f'apis/{group}', group, '', (), (), '1.36'))
        for version in catalog.versions(group):
            path = f'apis/{group}/{version}' if group else f'api/{version}'
            sources.append(Source(path, group, version, tuple(catalog.resources(group, version)), (), '1.36'))
    return sources


@cache
def made() -> dict[str, Any]:
    return resolve(json.loads(Together(list_sources()).encode(JSON)))


def test_the_paths_are_those_of_a_real_server() -> None:
    assert {*recorded()['paths']} - {*made()['paths']} == {*DIFFERENCES}
    assert {*made()['paths']} <= {*recorded()['paths']}


@pytest.mark.parametrize('root', ['/api/', '/apis/apps/', '/apis/batch/', '/apis/autoscaling/', '/apis/', '/version/'])
def test_the_operations_are_those_of_a_real_server(root: str) -> None:
    paths = [path for path in made()['paths'] if path.startswith(root)]
    assert paths
    for path in paths:
        assert made()['paths'][path] == recorded()['paths'][path]


def test_the_definitions_are_those_of_a_real_server() -> None:
    names = [name for name in recorded()['definitions'] if not name.endswith(OF_ALL_GROUPS)]
    assert {*made()['definitions']} == {*recorded()['definitions']}
    for name in names:
        assert made()['definitions'][name] == recorded()['definitions'][name]


@pytest.mark.parametrize('part', ['swagger', 'info', 'security', 'securityDefinitions'])
def test_all_else_is_that_of_a_real_server(part: str) -> None:
    assert made()[part] == recorded()[part]


def test_parameters_that_clients_look_for_stand_where_they_are_used() -> None:
    document = json.loads(Together(list_sources()).encode(JSON))
    patch = document['paths']['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']['patch']
    assert [one['name'] for one in patch['parameters'] if 'name' in one] == ['dryRun', 'fieldValidation']


def test_what_is_built_in_is_encoded_once_for_all_servers() -> None:
    first, second = Together(list_sources()), Together(list_sources())
    assert first.encode(PROTOBUF) == second.encode(PROTOBUF)
    assert first.tag == second.tag


@pytest.mark.parametrize(
    ('accept', 'expected'),
    [
        ('', JSON),
        ('*/*', JSON),
        ('application/*', JSON),
        ('application/json', JSON),
        ('text/html, application/json;q=0.1', JSON),
        (FORMER, PROTOBUF),
        (PROTOBUF, PROTOBUF),
        (f'application/json;q=0.5, {FORMER}', PROTOBUF),
        (f'*/*, {PROTOBUF}', PROTOBUF),
        (f'{PROTOBUF};q=0', PROTOBUF),
        (f'{PROTOBUF};q=nonsense, application/json;q=0.1', JSON),
        ('text/html', None),
        ('application/yaml', None),
    ],
)
def test_clients_choose_the_encoding(accept: str, expected: str | None) -> None:
    assert choose(accept) == expected
