"""A transport that breaks a promise is told which one, and how."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

import kmock
from kmock_core.registry import TRANSPORTS
from kmock_core.spi import Endpoint, TransportOptions
from kmock_core.testing import check_transport, served, transport_promises
from kmock_core.testing.transports import PROMISES
from kmock_core.transports.inprocess import InProcessClient
from kmock_core.values.responses import Answer

Serve = Callable[[str, str, Any, bytes, Any], Any]


class Broken:
    """The transport in process with something between it and the handler."""

    def __init__(self, between: Callable[[Serve], Serve]) -> None:
        self.between = between

    @asynccontextmanager
    async def __call__(self, handler: Any, options: TransportOptions, /) -> AsyncGenerator[Endpoint, None]:
        async with TRANSPORTS.get('inprocess')(handler, options) as endpoint:
            between = self.between(handler.serve)

            class Serving:
                serve = staticmethod(between)

            client = InProcessClient(Serving())
            yield _Endpoint(endpoint.url, client)
            await client.aclose()


class _Endpoint:
    def __init__(self, url: Any, client: Any) -> None:
        self.url = url
        self.client = client


async def answer_of(answer: Answer | Awaitable[Answer]) -> Answer:
    return answer if isinstance(answer, Answer) else await answer


def lower_case_paths(serve: Serve) -> Serve:
    return lambda method, target, headers, body, origin: serve(method, target.lower(), headers, body, origin)


def decoded_paths(serve: Serve) -> Serve:
    return lambda method, target, headers, body, origin: serve(
        method, target.replace('%2F', '/'), headers, body, origin
    )


def single_headers(serve: Serve) -> Serve:
    return lambda method, target, headers, body, origin: serve(
        method, target, tuple(dict(headers).items()), body, origin
    )


def short_bodies(serve: Serve) -> Serve:
    return lambda method, target, headers, body, origin: serve(method, target, headers, body[:1000], origin)


def everything_is_get(serve: Serve) -> Serve:
    return lambda method, target, headers, body, origin: serve('GET', target, headers, body, origin)


def one_at_a_time(serve: Serve) -> Serve:
    lock = asyncio.Lock()

    async def locked(*request: Any) -> Answer:
        async with lock:
            async with asyncio.timeout(0.05):
                return await answer_of(serve(*request))

    return locked


def joined_chunks(serve: Serve) -> Serve:
    async def joined(*request: Any) -> Answer:
        answer = await answer_of(serve(*request))
        if not isinstance(answer.body, bytes):
            body = b''.join([chunk async for chunk in answer.body])
            return Answer(answer.status, answer.reason, answer.headers, body)
        return answer

    return joined


def always_200(serve: Serve) -> Serve:
    async def changed(*request: Any) -> Answer:
        answer = await answer_of(serve(*request))
        return Answer(200, 'OK', answer.headers, answer.body)

    return changed


def no_headers(serve: Serve) -> Serve:
    async def changed(*request: Any) -> Answer:
        answer = await answer_of(serve(*request))
        return Answer(answer.status, answer.reason, (), answer.body)

    return changed


def heals_faults(serve: Serve) -> Serve:
    async def healed(*request: Any) -> Answer:
        answer = await answer_of(serve(*request))
        if not isinstance(answer.body, bytes) and answer.body.is_unheard:
            await answer.body.aclose()
            return Answer(200, 'OK', (), b'healed')
        return answer

    return healed


def leaves_tasks(serve: Serve) -> Serve:
    async def leaving(*request: Any) -> Answer:
        TASKS.append(asyncio.create_task(asyncio.Event().wait(), name='forgotten'))
        return await answer_of(serve(*request))

    return leaving


TASKS: 'list[asyncio.Task[Any]]' = []

BREAKING: list[Any] = [
    (lower_case_paths, 'unicode paths and queries arrive decoded', 'path: expected'),
    (decoded_paths, 'encoded slashes in paths can be told from others', 'raw path: expected'),
    (single_headers, 'request headers arrive in any case and order', 'the repeated header X-Two: expected'),
    (short_bodies, 'bodies arrive whole', 'a megabyte of a body: expected'),
    (everything_is_get, 'methods arrive as they were sent', 'methods: expected'),
    (one_at_a_time, 'requests are served at the same time', 'TimeoutError'),
    (joined_chunks, 'the chunks of a stream keep their boundaries', "chunks: expected [b'one'"),
    (always_200, 'statuses are answered', 'status: expected 201, got 200'),
    (no_headers, 'response headers and cookies are sent', "the repeated header X-Two: expected ['a', 'b'], got []"),
    (
        heals_faults,
        'faults break answers and are no errors',
        "a fault alone does not fail the client, which gets b'healed'",
    ),
    (heals_faults, 'answers that stall end with their clients', 'a call that stalls has ended'),
    (leaves_tasks, 'static answers are the same each time', "tasks are left behind: ['forgotten'"),
]


@pytest.mark.parametrize(('between', 'promise', 'message'), BREAKING)
async def test_a_broken_promise_is_named(between: Any, promise: str, message: str) -> None:
    try:
        with pytest.raises(AssertionError) as caught:
            await check_transport(Broken(between), promise=promise)
    finally:
        while TASKS:
            TASKS.pop().cancel()
    lines = str(caught.value).splitlines()
    assert lines[0] == 'The transport Broken breaks:'
    assert lines[1] == f'{promise}:'
    assert message in lines[2]


async def test_all_broken_promises_are_named_at_once() -> None:
    with pytest.raises(AssertionError) as caught:
        await check_transport(Broken(everything_is_get))
    broken = [line.removesuffix(':') for line in str(caught.value).splitlines() if line.removesuffix(':') in PROMISES]
    assert broken[0] == 'methods arrive as they were sent'
    assert 'head has the headers and no body' in broken
    assert 'statuses are answered' not in broken


def test_promises_are_sentences() -> None:
    promises = transport_promises()
    assert len(promises) == len(set(promises)) > 25
    assert all(len(promise.split()) > 1 for promise in promises)


async def test_the_options_reach_the_transport() -> None:
    seen: list[TransportOptions] = []

    @asynccontextmanager
    async def transport(handler: Any, options: TransportOptions, /) -> AsyncGenerator[Endpoint, None]:
        seen.append(options)
        async with TRANSPORTS.get('inprocess')(handler, options) as endpoint:
            yield endpoint

    options = TransportOptions(port=1234)
    await check_transport(transport, options, promise='cookies arrive')
    async with served(transport, options=options):
        pass
    assert seen == [options, options]


# ---- Serving ----


async def test_the_calls_of_a_served_handler_go_by_its_transport() -> None:
    async with served('asgi') as handler:
        handler << b'x'
        assert len(handler.servers) == 1
        response = await handler.get('/')
        assert 'content-type' in [name for name, _ in response.headers.items()]  # ASGI has lower-case names
    assert handler.servers == []


async def test_a_handler_that_is_served_by_default_is_strict_and_entered() -> None:
    async with served() as handler:
        assert (type(handler), handler.strict, handler.active) == (kmock.RawHandler, True, True)


async def test_a_transport_that_registers_itself_is_not_registered_twice() -> None:
    @asynccontextmanager
    async def transport(handler: Any, options: TransportOptions, /) -> AsyncGenerator[Endpoint, None]:
        async with TRANSPORTS.get('inprocess')(handler, options) as endpoint:
            handler.servers.append(endpoint)
            yield endpoint
            handler.servers.remove(endpoint)

    async with served(transport, kmock.RawHandler()) as handler:
        assert len(handler.servers) == 1
    assert handler.servers == []


async def test_an_unknown_transport_is_told_with_those_that_are_known() -> None:
    with pytest.raises(LookupError, match=r"no transport 'aiohtp' \(known: .*asgi.*inprocess"):
        await served('aiohtp').__aenter__()
