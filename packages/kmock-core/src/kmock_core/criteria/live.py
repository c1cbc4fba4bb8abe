"""Criteria whose answer is not in the request: truth values, events, futures, functions of the user.

They are asked once about each request, when it arrives.
"""

import asyncio
import concurrent.futures
import inspect
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from kmock_core.criteria.base import Criteria, Verdict
from kmock_core.values.calls import describe_callable, takes_request
from kmock_core.values.requests import Request

Judge = Callable[[object], Criteria | bool]
"""Makes criteria (or a plain verdict) of what a function or a future of the user has returned."""


class BoolCriteria(Criteria):
    """A constant, or an object whose truth is asked for at each arrival."""

    __slots__ = ('pure', 'value')

    def __init__(self, value: object) -> None:
        self.value: object = value
        self.pure: bool = isinstance(value, bool)

    def __repr__(self) -> str:
        return f'BoolCriteria({self.value!r})'

    @property
    def notation(self) -> str:
        return repr(self.value)

    def check(self, request: Request, /) -> bool:
        return bool(self.value)


class EventCriteria(Criteria):
    """True for the requests that arrive while the event (of asyncio or threading) is set."""

    __slots__ = ('event',)
    pure = False

    def __init__(self, event: 'asyncio.Event | threading.Event') -> None:
        self.event: asyncio.Event | threading.Event = event

    def __repr__(self) -> str:
        return f'EventCriteria({self.event!r})'

    def check(self, request: Request, /) -> bool:
        return self.event.is_set()


class FutureCriteria(Criteria):
    """False until the future (of asyncio or concurrent) is done; then its result is a criterion."""

    __slots__ = ('_judge', 'future')
    pure = False

    def __init__(self, future: 'asyncio.Future[Any] | concurrent.futures.Future[Any]', judge: Judge) -> None:
        self.future: asyncio.Future[Any] | concurrent.futures.Future[Any] = future
        self._judge = judge

    def __repr__(self) -> str:
        return f'FutureCriteria({self.future!r})'

    def check(self, request: Request, /) -> Verdict:
        if not self.future.done() or self.future.cancelled():
            return False
        return verdict_of(self._judge(self.future.result()), request)


class FnCriteria(Criteria):
    """A function of the user; called with the request if it requires an argument. May be async."""

    __slots__ = ('_judge', '_with_request', 'fn')
    pure = False

    def __init__(self, fn: Callable[..., Any], judge: Judge) -> None:
        self.fn: Callable[..., Any] = fn
        self._judge = judge
        self._with_request = takes_request(fn)

    def __repr__(self) -> str:
        return f'FnCriteria({self.notation})'

    @property
    def notation(self) -> str:
        return describe_callable(self.fn)

    def check(self, request: Request, /) -> Verdict:
        result = self.fn(request) if self._with_request else self.fn()
        if type(result) is bool:
            return result
        if inspect.isawaitable(result):
            return self._later(result, request)
        return verdict_of(self._judge(result), request)

    async def _later(self, awaitable: Awaitable[object], request: Request) -> bool:
        verdict = verdict_of(self._judge(await awaitable), request)
        return verdict if isinstance(verdict, bool) else await verdict


def verdict_of(judged: Criteria | bool, request: Request) -> Verdict:
    """Ask what came out of a function or a future."""
    return judged if isinstance(judged, bool) else judged.check(request)
