"""Handlers that fail are called again, with their progress kept in the object."""

import json
from typing import Any

import kopf
import pytest

from kmock import KubernetesCluster
from operators import Operator
from websites import KEY, URL, WEBSITES, website

HANDLED = 'kopf.zalando.org/last-handled-configuration'
PROGRESS = 'kopf.zalando.org/create'


def progress_of(kmock: KubernetesCluster) -> list[dict[str, Any]]:
    """What was noted on the progress of the creation, state by state."""
    history = kmock.objects[WEBSITES, 'default', 'tea'].history
    noted = [state['metadata'].get('annotations', {}) for state in history if state]
    return [json.loads(annotations[PROGRESS]) for annotations in noted if PROGRESS in annotations]


@pytest.mark.parametrize('error', [kopf.TemporaryError('Not yet.', delay=0.01), ValueError('Not yet.')])
async def test_a_failing_handler_is_called_until_it_succeeds(
    kmock: KubernetesCluster, operator: Operator, error: Exception
) -> None:
    @kopf.on.create(*KEY, id='create', registry=operator.registry)
    async def create(retry: int, patch: kopf.Patch, **_: Any) -> None:
        patch.status['attempts'] = retry + 1
        if retry < 2:
            raise error

    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await tea.wait({'status': {'attempts': 3}}, timeout=10)

    assert {noted['retries'] for noted in progress_of(kmock)} == {1, 2}
    assert {noted['message'] for noted in progress_of(kmock)} == {'Not yet.'}
    assert set(tea['metadata']['annotations']) == {HANDLED}
    assert [state['status']['attempts'] for state in tea.history if state and 'status' in state][-1] == 3


async def test_a_permanent_error_ends_it(kmock: KubernetesCluster, operator: Operator) -> None:
    operator.settings.posting.loggers = True  # failures are posted as events

    @kopf.on.create(*KEY, id='create', registry=operator.registry)
    async def create(retry: int, **_: Any) -> None:
        operator.calls.note('create', retry=retry)
        raise kopf.PermanentError('It never will.')

    message = "Handler 'create' failed permanently: It never will."
    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await kmock['create v1/events', kmock.data({'type': 'Error', 'message': message})].wait(timeout=10)
        await kmock.objects[WEBSITES, 'default', 'tea'].wait({'metadata': {'annotations': {HANDLED: ...}}}, timeout=10)
    assert [call['retry'] for call in operator.calls.left('create')] == [0]


@pytest.mark.parametrize('option', [{'retries': 3}, {'timeout': 0.1}])
async def test_a_handler_that_fails_for_long_is_given_up(
    kmock: KubernetesCluster, operator: Operator, option: dict[str, Any]
) -> None:
    @kopf.on.create(*KEY, id='create', backoff=0.01, registry=operator.registry, **option)
    async def create(retry: int, **_: Any) -> None:
        operator.calls.note('create', retry=retry)
        raise ValueError('Not yet.')

    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await kmock.objects[WEBSITES, 'default', 'tea'].wait({'metadata': {'annotations': {HANDLED: ...}}}, timeout=10)

    attempts = [call['retry'] for call in operator.calls.left('create')]
    assert attempts == list(range(len(attempts)))
    assert 'retries' not in option or len(attempts) == 3
    assert PROGRESS not in kmock.objects[WEBSITES, 'default', 'tea']['metadata']['annotations']


async def test_handlers_are_retried_apart_from_each_other(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.on.create(*KEY, id='steady', registry=operator.registry)
    async def steady(**kwargs: Any) -> dict[str, int]:
        operator.calls.note('steady', **kwargs)
        return {'retry': kwargs['retry']}

    @kopf.on.create(*KEY, id='shaky', registry=operator.registry)
    async def shaky(retry: int, **_: Any) -> dict[str, int]:
        if retry < 2:
            raise kopf.TemporaryError('Not yet.', delay=0.01)
        return {'retry': retry}

    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await kmock.objects[WEBSITES, 'default', 'tea'].wait(
            {'status': {'steady': {'retry': 0}, 'shaky': {'retry': 2}}}, timeout=10
        )
    assert len(operator.calls.left('steady')) == 1


async def test_a_successor_takes_the_progress_over(kmock: KubernetesCluster, operator: Operator) -> None:
    patient = Operator()

    @kopf.on.create(*KEY, id='create', registry=patient.registry)
    async def fail(**_: Any) -> None:
        raise kopf.TemporaryError('Not yet.', delay=0.3)

    @kopf.on.create(*KEY, id='create', registry=operator.registry)
    async def create(retry: int, **_: Any) -> None:
        operator.calls.note('create', retry=retry)

    async with patient.running(kmock):
        await kmock.post(URL, json=website())
        await kmock.objects[WEBSITES, 'default', 'tea'].wait({'metadata': {'annotations': {PROGRESS: ...}}}, timeout=10)
    async with operator.running(kmock):
        assert (await operator.calls.next('create'))['retry'] >= 1


@pytest.mark.parametrize('status', [429, 500, 502, 503, 504])
async def test_a_refused_status_is_sent_again(kmock: KubernetesCluster, operator: Operator, status: int) -> None:
    @kopf.on.create(*KEY, registry=operator.registry)
    async def create(patch: kopf.Patch, **_: Any) -> None:
        patch.status['phase'] = 'Ready'

    statuses = kmock['patch', WEBSITES, kmock.subresource('status')]
    statuses[:2] << status
    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await kmock.objects[WEBSITES, 'default', 'tea'].wait({'status': {'phase': 'Ready'}}, timeout=10)
    assert len(statuses) == 3


async def test_an_object_that_is_gone_in_between_is_left_alone(
    kmock: KubernetesCluster, operator: Operator, caplog: pytest.LogCaptureFixture
) -> None:
    @kopf.on.create(*KEY, registry=operator.registry)
    async def create(patch: kopf.Patch, name: str, **_: Any) -> None:
        patch.status['phase'] = 'Ready'
        if name == 'milk':
            await kmock.delete(f'{URL}/milk')

    async with operator.running(kmock):
        await kmock.post(URL, json=website('milk'))
        await kmock['patch', WEBSITES, kmock.name('milk')].wait()
        await kmock.post(URL, json=website('tea'))
        await kmock.objects[WEBSITES, 'default', 'tea'].wait({'status': {'phase': 'Ready'}}, timeout=10)

    assert kmock.objects[WEBSITES, 'default', 'milk'].deleted
    assert 'ERROR' not in {record.levelname for record in caplog.records}
