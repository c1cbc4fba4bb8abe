"""What all checks are made of: expectations that say in one line what was promised, and what was found."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

PATIENCE = 30.0
"""Seconds after which a check takes what it waits for as hung."""


def expect(actual: object, expected: object, what: str) -> None:
    """Raise an `AssertionError` if the two are not equal; `what` names the thing they are about."""
    if actual != expected:
        raise AssertionError(f'{what}: expected {_short(expected)}, got {_short(actual)}')


def expect_that(condition: object, message: str) -> None:
    """Raise an `AssertionError` with the message if the condition is not true."""
    if not condition:
        raise AssertionError(message)


@asynccontextmanager
async def patience(what: str, seconds: float = PATIENCE) -> AsyncGenerator[None, None]:
    """Raise an `AssertionError` if the block takes longer: what hangs must fail, not hang the test run."""
    scope = asyncio.timeout(seconds)
    try:
        async with scope:
            yield
    except TimeoutError as exc:
        if not scope.expired():
            raise
        raise AssertionError(f'{what}: not done in {seconds:g} s') from exc


async def until(condition: Callable[[], object], what: str = 'the condition', seconds: float = PATIENCE) -> None:
    """Let others run until the condition is true: for what no event tells; an `AssertionError` if it never is."""
    async with patience(what, seconds):
        while not condition():  # noqa: ASYNC110  # the point of it
            await asyncio.sleep(0)


def describe(thing: Any) -> str:
    """The name of a plugin in messages: that of its function or class."""
    return str(getattr(thing, '__qualname__', None) or type(thing).__qualname__)


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 200 else f'{shown[:150]}… ({len(shown)} characters)'
