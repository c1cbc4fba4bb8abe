"""The errors of the Kubernetes API as payloads of the raw handler."""

from collections.abc import Callable
from typing import Any

import pytest

import kmock
from kmock_core.errors import KMockError
from kmock_k8s import (
    KubernetesEndpointNotFoundError,
    KubernetesError,
    KubernetesNotFoundError,
    KubernetesObjectConflictError,
    KubernetesObjectNotFoundError,
    KubernetesResourceNotFoundError,
)

CODES = [
    (KubernetesError, 500, None),
    (KubernetesNotFoundError, 404, 'Not Found'),
    (KubernetesEndpointNotFoundError, 404, 'Endpoint Not Found'),
    (KubernetesResourceNotFoundError, 404, 'Resource Not Found'),
    (KubernetesObjectNotFoundError, 404, 'Object Not Found'),
    (KubernetesObjectConflictError, 409, 'Object Already Exists'),
]


async def answer(payload: Any) -> tuple[int, Any, list[Exception]]:
    """The status and the JSON that a rule with this payload answers, and the errors that are collected."""
    async with kmock.RawHandler() as mock:
        mock['get /'] << payload
        response = await mock.get('/')
        return response.status, await response.json(), list(mock.errors)


@pytest.mark.parametrize(('error', 'code', 'reason'), CODES)
async def test_an_error_class_is_answered_as_a_status(
    error: type[KubernetesError], code: int, reason: str | None
) -> None:
    status, data, errors = await answer(error)
    assert (status, data['code'], data.get('reason')) == (code, code, reason)
    assert (data['kind'], data['apiVersion'], data['status']) == ('Status', 'v1', 'Failure')
    assert errors == []


async def test_an_error_instance_says_everything_in_its_own_words() -> None:
    error = KubernetesError({'name': 'pod1'}, 418, 'Teapot', 'no coffee')
    status, data, _ = await answer(error)
    assert status == 418
    assert data == {
        'apiVersion': 'v1', 'kind': 'Status', 'metadata': {}, 'status': 'Failure',
        'code': 418, 'reason': 'Teapot', 'message': 'no coffee', 'details': {'name': 'pod1'},
    }  # fmt: skip
    assert str(error) == 'no coffee'


def raising() -> Any:
    raise KubernetesObjectConflictError


async def raising_late() -> Any:
    raise KubernetesObjectConflictError


@pytest.mark.parametrize('function', [raising, raising_late])
async def test_an_error_that_a_function_raises_is_meant_and_not_collected(function: Callable[[], Any]) -> None:
    status, data, errors = await answer(function)
    assert (status, data['reason'], errors) == (409, 'Object Already Exists', [])


def test_the_errors_are_names_of_the_facade() -> None:
    for error, _, _ in CODES:
        assert getattr(kmock, error.__name__) is error
    assert issubclass(kmock.KubernetesError, KMockError)
