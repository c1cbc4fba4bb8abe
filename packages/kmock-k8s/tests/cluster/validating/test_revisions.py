"""The validation of the revisions that controllers keep."""

from typing import Any

import pytest

from kmock_k8s.cluster.validating.revisions import validate_revision


@pytest.mark.parametrize(
    ('content', 'live', 'causes'),
    [
        ({'revision': 1, 'data': {'a': 1}}, None, []),
        ({'revision': 2, 'data': {'a': 1}}, {'revision': 1, 'data': {'a': 1}}, []),
        (
            {'revision': 1, 'data': {'a': 2}},
            {'revision': 1, 'data': {'a': 1}},
            [('data', 'Invalid value: {"a":2}: field is immutable')],
        ),
        ({'revision': 1}, None, [('data', 'Required value: data is mandatory')]),
        (
            {'revision': -1, 'data': {}},
            None,
            [('revision', 'Invalid value: -1: must be greater than or equal to 0')],
        ),
    ],
)
def test_the_data_of_a_revision_stay_as_they_were(content: Any, live: Any, causes: Any) -> None:
    assert [(cause.field, cause.message) for cause in validate_revision(content, live)] == causes
