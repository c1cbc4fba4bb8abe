from typing import Any

import pytest

from kmock_k8s.ownership.scopes import EVERYTHING, Scope, scope_of_builtin, scope_of_custom

FIELDS: dict[str, Any] = {
    'f:metadata': {'f:labels': {'.': {}, 'f:a': {}}, 'f:annotations': {'f:a': {}}},
    'f:spec': {'.': {}, 'f:a': {}},
    'f:status': {'.': {}, 'f:a': {}},
}


def only(*names: str) -> dict[str, Any]:
    return {f'f:{name}': FIELDS[f'f:{name}'] for name in names}


@pytest.mark.parametrize(
    ('scope', 'fields'),
    [
        (EVERYTHING, FIELDS),
        (scope_of_custom('', has_status=False), FIELDS),
        (scope_of_custom('', has_status=True), only('metadata', 'spec')),
        (scope_of_custom('status', has_status=True), only('status')),
        (scope_of_custom('scale', has_status=True), FIELDS),
        (scope_of_builtin('', kind='ConfigMap', has_status=False), FIELDS),
        (scope_of_builtin('', kind='Pod', has_status=True), only('metadata', 'spec')),
        (scope_of_builtin('status', kind='Pod', has_status=True), only('metadata', 'status')),
        (scope_of_builtin('scale', kind='Deployment', has_status=True), FIELDS),
    ],
)
def test_requests_write_their_part_of_the_object(scope: Scope, fields: Any) -> None:
    assert scope(FIELDS) == fields


def test_the_status_of_deployments_is_written_with_annotations_but_not_with_labels() -> None:
    scope = scope_of_builtin('status', kind='Deployment', has_status=True)

    assert scope(FIELDS) == {'f:metadata': {'f:annotations': {'f:a': {}}}, **only('status')}
