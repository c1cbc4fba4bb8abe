"""The names of operations, and what those at one path have in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.openapi.routes import Route, build_paths, capitalize, name_operation, name_tag


@pytest.mark.parametrize(
    ('group', 'version', 'operation', 'tag'),
    [
        ('', 'v1', 'listCoreV1Pods', 'core_v1'),
        ('apps', 'v1', 'listAppsV1Pods', 'apps_v1'),
        ('rbac.authorization.k8s.io', 'v1', 'listRbacAuthorizationV1Pods', 'rbacAuthorization_v1'),
        ('stable.example.com', 'v1beta1', 'listStableExampleComV1beta1Pods', 'stableExampleCom_v1beta1'),
        ('my-group.dev', 'v2', 'listMyGroupDevV2Pods', 'myGroupDev_v2'),
    ],
)
def test_operations_are_named_after_their_group_and_version(group: str, version: str, operation: str, tag: str) -> None:
    assert name_operation('list', group, version, 'Pods') == operation
    assert name_tag(group, version) == tag


@given(st.text())
def test_parts_of_names_are_identifiers_or_empty(text: str) -> None:
    made = capitalize(text)
    assert made == '' or all(char.isalpha() or char.isdigit() or char == '_' for char in made)


def test_parameters_of_all_operations_at_a_path_are_told_once() -> None:
    paths = build_paths(
        [
            Route('/a/{name}', 'get', 'tag', 'readA', ('pretty',)),
            Route('/a/{name}', 'put', 'tag', 'replaceA', ('dryRun', 'pretty'), body='A'),
        ]
    )
    item = paths['/a/{name}']
    assert [one['name'] for one in item['parameters']] == ['name', 'pretty']
    assert 'parameters' not in item['get']
    assert [one['name'] for one in item['put']['parameters']] == ['dryRun']


def test_a_path_without_parameters_tells_of_none() -> None:
    assert [*build_paths([Route('/a/', 'get', 'tag', 'getA')])['/a/']] == ['get']
