import json
from pathlib import Path
from typing import Any

import pytest

from kmock_k8s import schemas
from kmock_k8s.ownership.reconciling import reconcile
from kmock_k8s.schemas import Schema

SCHEMA = Schema.of(json.loads((Path(__file__).parent / 'schema.json').read_text()))


@pytest.mark.parametrize(
    ('fields', 'reconciled'),
    [
        ({'f:whole': {'.': {}, 'f:a': {}}}, {'f:whole': {}}),
        ({'f:list': {'v:"a"': {}}}, {'f:list': {}}),
        (
            {'f:items': {'k:{"name":"a"}': {'.': {}, 'f:value': {'f:x': {}}}}},
            {'f:items': {'k:{"name":"a"}': {'.': {}, 'f:value': {}}}},
        ),
    ],
)
def test_owners_of_parts_own_the_whole_that_these_became(fields: Any, reconciled: Any) -> None:
    assert reconcile(fields, SCHEMA) == reconciled


def test_a_set_that_fits_is_the_same() -> None:
    fields: Any = {'f:part': {'f:a': {}}, 'f:set': {'v:"a"': {}}, 'f:whole': {}, 'f:nope': {'f:a': {}}}

    assert reconcile(fields, SCHEMA) is fields


def test_built_in_kinds_are_not_looked_at() -> None:
    fields: Any = {'f:spec': {'f:selector': {'f:matchLabels': {}}}}

    assert reconcile(fields, schemas.builtin('apps', 'v1', 'Deployment')) is fields
    assert reconcile(fields, None) is fields
