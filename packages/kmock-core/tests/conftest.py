"""Runs async tests with no plugin: this package is tested where nothing but itself, pytest and Hypothesis is installed.

Where another plugin runs async tests (pytest-asyncio in the tests of the whole repository), it has done so before.
"""

import asyncio
import functools
import inspect
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from kmock_core import Criterion, RawHandler, Request, exports, registry
from kmock_core.criteria import notations
from kmock_core.values.responses import Answer

# No test here may depend on the time that it takes; other profiles (of CI, of the command line) are left as they are.
if settings.default is not None and settings.default.deadline is not None:
    unhurried = [HealthCheck.too_slow, HealthCheck.data_too_large]
    settings.register_profile('kmock', settings(deadline=None, suppress_health_check=unhurried))
    settings.load_profile('kmock')

# Else pytest-asyncio 1.x makes Python before 3.14 create a loop that nobody closes, and some later test is blamed.
asyncio.set_event_loop(None)

Send = Callable[[RawHandler, Request], Awaitable[Answer]]
Ask = Callable[[Any, Request], Awaitable[bool]]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    test: Any = pyfuncitem.obj
    inner: Any = getattr(getattr(test, 'hypothesis', None), 'inner_test', None)
    if inspect.iscoroutinefunction(inner):
        test.hypothesis.inner_test = _in_a_loop(inner)
    if not inspect.iscoroutinefunction(test):
        return None
    _in_a_loop(test)(**{name: pyfuncitem.funcargs[name] for name in inspect.signature(test).parameters})
    return True


def _in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if 'KMOCK_ISOLATED' in os.environ:
        items.sort(key=lambda item: item.path.name != 'test_isolation.py')


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hides the extensions that are installed: the tests of the whole repository have those of the siblings."""
    registry.forget()
    exports.forget()
    with monkeypatch.context() as context:
        context.setattr('kmock_core.registry._installed', {})
        yield
    registry.forget()
    exports.forget()


@pytest.fixture
def send() -> Send:
    """Carries a request as it is, with no client that would add headers."""
    return _send


async def _send(handler: RawHandler, request: Request) -> Answer:
    answer = handler.serve(*request.record[1:])
    return answer if isinstance(answer, Answer) else await answer


@pytest.fixture(params=['criteria', 'rule', 'view made before', 'view made after', 'filter of a filter'])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Asks if a criterion holds for a request, in each of the ways that users have; they must agree."""
    return _WAYS[request.param]


async def _ask_criteria(criterion: Criterion[Request], request: Request) -> bool:
    verdict = notations.parse(criterion).check(request)
    return verdict if isinstance(verdict, bool) else await verdict


async def _ask_rule(criterion: Criterion[Request], request: Request) -> bool:
    async with RawHandler(strict=True) as kmock:
        rule = kmock[criterion] << 299
        kmock << 200
        answer = await _send(kmock, request)
        assert len(rule) == (answer.status == 299)
        return answer.status == 299


async def _ask_before(criterion: Criterion[Request], request: Request) -> bool:
    async with RawHandler(strict=True) as kmock:
        view = kmock[criterion]
        kmock << 200
        await _send(kmock, request)
        return len(view) == 1


async def _ask_after(criterion: Criterion[Request], request: Request) -> bool:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        await _send(kmock, request)
        return len(kmock[criterion]) == 1


async def _ask_filter(criterion: Criterion[Request], request: Request) -> bool:
    async with RawHandler(strict=True) as kmock:
        rule = kmock[:1][criterion] << 299
        kmock << 200
        await _send(kmock, request)
        return len(rule) == 1


_WAYS: dict[str, Ask] = {
    'criteria': _ask_criteria,
    'rule': _ask_rule,
    'view made before': _ask_before,
    'view made after': _ask_after,
    'filter of a filter': _ask_filter,
}


@pytest.fixture(params=['inprocess', 'asgi'])
def transport(request: pytest.FixtureRequest) -> str:
    """The transports of this package, by the names of their entry points: what handlers do, they do over each."""
    return str(request.param)
