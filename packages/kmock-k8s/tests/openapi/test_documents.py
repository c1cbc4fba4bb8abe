"""The documents of built-in resources are those of a real server: a kube-apiserver 1.36 is where the file is from."""

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kmock_k8s.api.documents import Catalog
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.openapi.documents import document_group, document_groups, document_release, document_version

RECORDED = Path(__file__).parent / 'kubernetes-1.36-openapi-v3.json.gz'
RELEASE = '1.36'

DIFFERENCES = {
    '.well-known/openid-configuration': 'there is no issuer of tokens',
    'openid/v1/jwks': 'there is no issuer of tokens',
}
"""The documents that are not served, and why."""


@cache
def recorded() -> dict[str, Any]:
    documents: dict[str, Any] = json.loads(gzip.decompress(RECORDED.read_bytes()))['documents']
    return documents


@cache
def catalog() -> Catalog:
    resources = ResourcesArray()
    resources.load_bundled()
    return Catalog(dict(resources.items()))


def make(path: str) -> dict[str, Any]:
    match path.split('/'):
        case ['version']:
            return document_release(RELEASE)
        case ['apis']:
            return document_groups(RELEASE)
        case ['api', version]:
            return document_version('', version, catalog().resources('', version), RELEASE)
        case ['apis', group, version]:
            return document_version(group, version, catalog().resources(group, version), RELEASE)
        case _:
            return document_group(path.removeprefix('api').removeprefix('s/'), RELEASE)


def iterate_operations(paths: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in paths.values():
        for method, operation in item.items():
            if method != 'parameters':
                yield operation


def without_descriptions(paths: dict[str, Any]) -> dict[str, Any]:
    """Paths as they are in the file: descriptions were removed there, those that each answer has to have too."""
    copied: dict[str, Any] = json.loads(json.dumps(paths))
    for operation in iterate_operations(copied):
        for answer in operation['responses'].values():
            answer.pop('description')
    return copied


PATHS = sorted(path for path in recorded() if path not in DIFFERENCES)


@pytest.mark.parametrize('path', PATHS)
def test_the_paths_are_those_of_a_real_server(path: str) -> None:
    assert without_descriptions(make(path)['paths']) == recorded()[path]['paths']


@pytest.mark.parametrize('path', PATHS)
def test_all_besides_the_paths_is_that_of_a_real_server(path: str) -> None:
    made, real = make(path), recorded()[path]
    assert {**made, 'paths': None} == {**real, 'paths': None}


def test_there_are_documents_of_all_groups_and_versions() -> None:
    groups = {f'apis/{group}' for group in catalog().groups}
    versions = {f'apis/{group}/{version}' for group in catalog().groups for version in catalog().versions(group)}
    assert {*PATHS} == {'version', 'api', 'apis', 'api/v1', *groups, *versions}


@pytest.mark.parametrize('path', PATHS)
def test_each_answer_says_what_it_means(path: str) -> None:
    operations = [*iterate_operations(make(path)['paths'])]
    assert operations
    assert all(answer['description'] for operation in operations for answer in operation['responses'].values())


def test_the_ids_of_operations_are_unique() -> None:
    ids: list[str] = [one['operationId'] for path in PATHS for one in iterate_operations(make(path)['paths'])]
    assert len(ids) == len({*ids})
