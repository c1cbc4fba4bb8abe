"""Section 6 of the DSL: each kind of sinks, and what a request does to it."""

import asyncio
import collections
import concurrent.futures
import io
import queue
import threading
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import pytest

import kmock
from kmock_core.errors import UnsupportedSinkError
from kmock_core.testing import served, until


async def send(handler: kmock.RawHandler, *bodies: bytes) -> None:
    """Make requests that a rule answers after the effects."""
    handler.fallback << b'answer'
    for body in bodies:
        assert await (await handler.post('/', data=body)).read() == b'answer'


# ---- Files ----


async def test_a_path_is_overwritten_with_the_body(transport: str, tmp_path: Path) -> None:
    path = tmp_path / 'file'
    async with served(transport) as handler:
        handler >> path
        for body in (b'a long body', b'\xff\x00', b''):
            await send(handler, body)
            assert path.read_bytes() == body


async def test_a_path_that_can_not_be_written_is_an_error(transport: str, tmp_path: Path) -> None:
    async with served(transport, kmock.RawHandler()) as handler:
        handler >> tmp_path / 'absent' / 'file'
        handler << b'never'
        assert (await handler.get('/')).status == 500
        assert [type(error) for error in handler.errors] == [FileNotFoundError]


async def test_a_buffer_of_bytes_is_appended_to(transport: str) -> None:
    buffer = io.BytesIO(b'before ')
    buffer.seek(0, io.SEEK_END)
    async with served(transport) as handler:
        handler >> buffer
        await send(handler, b'\xff\x00', b'', b'more')
        assert buffer.getvalue() == b'before \xff\x00more'


async def test_a_buffer_of_text_is_appended_to(transport: str) -> None:
    buffer = io.StringIO()
    async with served(transport) as handler:
        handler >> buffer
        await send(handler, 'é'.encode(), b'', b'more')
        assert buffer.getvalue() == 'émore'


@pytest.mark.parametrize('mode', ['ab', 'a', 'wb', 'w'])
async def test_an_open_file_is_written_to(mode: str, transport: str, tmp_path: Path) -> None:
    path = tmp_path / 'file'
    async with served(transport) as handler:
        with path.open(mode, encoding=None if 'b' in mode else 'utf-8') as file:
            handler >> file
            await send(handler, 'é'.encode(), b'more')
        assert path.read_text('utf-8') == 'émore'


async def test_any_object_that_can_be_written_to_is_a_file(transport: str) -> None:
    class Writable:
        def __init__(self) -> None:
            self.written: list[bytes] = []

        def write(self, content: bytes) -> None:
            self.written.append(content)

    writable: Any = Writable()
    async with served(transport) as handler:
        handler >> writable
        await send(handler, b'a', b'b')
        assert writable.written == [b'a', b'b']


# ---- Collections ----


@pytest.mark.parametrize('kind', [list, collections.deque, collections.UserList])
async def test_a_list_gets_the_requests(kind: Any, transport: str) -> None:
    sink = kind()
    async with served(transport) as handler:
        handler >> sink
        await send(handler, b'a', b'b')
        assert list(sink) == list(handler)
        assert [request.body for request in sink] == [b'a', b'b']


async def test_a_set_gets_the_requests(transport: str) -> None:
    sink: set[kmock.Request] = set()
    async with served(transport) as handler:
        handler >> sink
        await send(handler, b'a', b'a')
        assert sink == set(handler)
        assert len(sink) == 2


@pytest.mark.parametrize('kind', [dict, collections.OrderedDict, collections.UserDict])
async def test_a_dict_gets_the_data_of_each_request_or_its_body_or_none(kind: Any, transport: str) -> None:
    sink = kind()
    async with served(transport) as handler:
        handler >> sink
        await send(handler, b'{"a": 1}', b'not json', b'', b'0', b'false', b'null')
        assert list(sink) == list(handler)
        assert list(sink.values()) == [{'a': 1}, b'not json', None, 0, False, b'null']


# ---- Primitives of asyncio and of threads ----


@pytest.mark.parametrize('kind', [asyncio.Event, threading.Event])
async def test_an_event_is_set(kind: Any, transport: str) -> None:
    sink = kind()
    async with served(transport) as handler:
        handler['post'] >> sink
        handler << b''
        await handler.get('/')
        assert not sink.is_set()
        await handler.post('/')
        assert sink.is_set()


async def test_a_condition_notifies_all_who_wait(transport: str) -> None:
    condition = asyncio.Condition()
    woken: list[int] = []

    async def wait(number: int) -> None:
        async with condition:
            await condition.wait()
            woken.append(number)

    waiting = [asyncio.ensure_future(wait(number)) for number in range(3)]
    await asyncio.sleep(0)
    async with served(transport) as handler:
        handler >> condition
        await send(handler, b'')
        await asyncio.gather(*waiting)
        assert sorted(woken) == [0, 1, 2]


async def test_a_condition_of_threads_notifies_all_who_wait(transport: str) -> None:
    condition = threading.Condition()
    entered = threading.Semaphore(0)

    def wait() -> bool:
        with condition:
            entered.release()  # and nobody notifies before it waits, as it has the lock till then
            return condition.wait(10)

    async with served(transport) as handler:
        handler >> condition
        waiting = [asyncio.ensure_future(asyncio.to_thread(wait)) for _ in range(2)]
        for _ in waiting:
            await asyncio.to_thread(entered.acquire)
        await send(handler, b'')
        assert await asyncio.gather(*waiting) == [True, True]


@pytest.mark.parametrize('kind', [asyncio.Queue, asyncio.LifoQueue, queue.Queue, queue.SimpleQueue])
async def test_a_queue_gets_the_requests(kind: Any, transport: str) -> None:
    sink = kind()
    async with served(transport) as handler:
        handler >> sink
        await send(handler, b'a', b'b')
        assert {sink.get_nowait() for _ in range(2)} == set(handler)


@pytest.mark.parametrize('kind', [asyncio.Queue, queue.Queue])
async def test_a_full_queue_holds_back_its_request_and_no_other(kind: Any, transport: str) -> None:
    sink = kind(1)
    async with served(transport) as handler:
        effects = handler['/full'] >> sink
        handler << b'x'
        assert await (await handler.get('/full')).read() == b'x'
        held = asyncio.ensure_future(get(handler, '/full'))
        await effects.wait(2)
        assert [await (await handler.get('/')).read() for _ in range(10)] == [b'x'] * 10
        assert not held.done()
        assert sink.get_nowait() is handler[0]
        assert await (await held).read() == b'x'
        assert sink.get_nowait() is handler[1]


async def get(handler: kmock.RawHandler, url: str) -> Any:
    return await handler.get(url)


@pytest.mark.parametrize('kind', [asyncio.Queue, queue.Queue])
async def test_a_client_that_leaves_a_full_queue_does_not_fill_it(kind: Any, transport: str) -> None:
    sink = kind(1)
    sink.put_nowait('before')
    async with served(transport) as handler:
        effects = handler >> sink
        handler << b'x'
        held = asyncio.ensure_future(get(handler, '/'))
        await effects.wait()
        for _ in range(10):
            await asyncio.sleep(0)
        held.cancel()
        await asyncio.wait([held])
        assert sink.get_nowait() == 'before'
        for _ in range(10):
            await asyncio.sleep(0)
        assert sink.empty()


@pytest.mark.parametrize('kind', ['asyncio', 'concurrent'])
async def test_a_future_gets_the_first_request(kind: str, transport: str) -> None:
    loop = asyncio.get_running_loop()
    sink: Any = loop.create_future() if kind == 'asyncio' else concurrent.futures.Future[Any]()
    async with served(transport) as handler:
        handler >> sink
        await send(handler, b'a', b'b')
        assert sink.result() is handler[0]


async def test_a_future_that_was_cancelled_is_left_alone(transport: str) -> None:
    sink: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    sink.cancel()
    async with served(transport) as handler:
        handler >> sink
        await send(handler, b'a')


# ---- What gives a sink ----


async def give(sink: Any) -> Any:
    await asyncio.sleep(0)
    return sink


class Giving:
    """An object that can be awaited, and is neither a coroutine nor a future."""

    def __init__(self, sink: Any) -> None:
        self.sink = sink

    def __await__(self) -> Generator[Any, None, Any]:
        yield from asyncio.sleep(0).__await__()
        return self.sink


@pytest.mark.parametrize('kind', ['coroutine', 'task', 'awaitable'])
async def test_what_an_awaitable_gives_is_the_sink_of_all_requests(kind: str, transport: str) -> None:
    received: list[Any] = []
    forms: dict[str, Any] = {
        'coroutine': lambda: give(received),
        'task': lambda: asyncio.ensure_future(give(received)),
        'awaitable': lambda: Giving(received),
    }
    async with served(transport) as handler:
        handler >> forms[kind]()
        await send(handler, b'a', b'b')
        assert received == list(handler)


async def nobody_awaits() -> None:
    raise AssertionError('nobody should come here')


async def test_a_coroutine_that_no_request_has_come_to_does_not_complain(transport: str) -> None:
    async with served(transport) as handler:
        handler['/other'] >> nobody_awaits()
        await send(handler, b'a')


async def test_a_callable_is_called_with_the_request_if_it_requires_one(transport: str) -> None:
    called: list[Any] = []

    def with_request(request: kmock.Request) -> None:
        called.append(request.body)

    async def with_request_later(request: kmock.Request) -> None:
        await asyncio.sleep(0)
        called.append(request.body)

    def by_default(request: object = 'default', *args: object, **kwargs: object) -> None:
        called.append(request)

    async with served(transport) as handler:
        handler.effect(with_request, with_request_later, by_default, lambda: called.append('lambda'), called.append)
        await send(handler, b'a')
        assert called == [b'a', b'a', 'default', 'lambda', handler[0]]


async def test_a_builtin_without_a_signature_is_called_without_the_request(transport: str) -> None:
    async with served(transport) as handler:
        handler >> dict
        await send(handler, b'a')


async def test_the_result_of_a_callable_is_a_sink_if_it_is_one(transport: str) -> None:
    received: list[Any] = []
    event = asyncio.Event()
    async with served(transport) as handler:
        handler >> (lambda: received)
        handler >> (lambda: received.append)
        handler >> (lambda: give(received))
        handler >> (lambda: asyncio.ensure_future(give(received)))
        handler >> (lambda: event)
        await send(handler, b'a')
        assert received == [handler[0]] * 4
        assert event.is_set()


def two_arguments(one: object, two: object) -> None:
    raise AssertionError('never called')


IGNORED: list[Any] = [
    5, b'x', 'x', True, 1.5, object(), (1,), frozenset(), ValueError('x'), ValueError, int, two_arguments, iter([]),
    bytearray(b'x'),
]  # fmt: skip


@pytest.mark.parametrize('result', IGNORED, ids=lambda result: type(result).__name__)
@pytest.mark.parametrize('is_async', [False, True], ids=['sync', 'async'])
async def test_the_result_of_a_callable_is_ignored_if_it_is_no_sink(
    result: Any, is_async: bool, transport: str
) -> None:
    async with served(transport) as handler:
        handler >> ((lambda: give(result)) if is_async else (lambda: result))
        await send(handler, b'a')


async def test_a_callable_that_fails_is_an_error_of_the_request(transport: str) -> None:
    error = ValueError('boo')

    async def fail(request: kmock.Request) -> None:
        raise error

    async with served(transport, kmock.RawHandler()) as handler:
        handler >> fail
        handler << b'never'
        response = await handler.get('/')
        assert response.status == 500
        assert 'boo' in await response.text()
        assert handler.errors == [error]


# ---- Generators ----


async def test_a_generator_is_primed_and_sent_each_request(transport: str) -> None:
    log: list[Any] = []

    def sink() -> Generator[str, kmock.Request, None]:
        log.append('primed')
        while True:
            request = yield 'ignored'
            log.append(request.body)

    async with served(transport) as handler:
        handler >> sink()
        await send(handler, b'a', b'b')
        assert log == ['primed', b'a', b'b']


async def test_an_async_generator_is_primed_and_sent_each_request(transport: str) -> None:
    log: list[Any] = []

    async def sink() -> AsyncGenerator[str, kmock.Request]:
        log.append('primed')
        while True:
            request = yield 'ignored'
            await asyncio.sleep(0)
            log.append(request.body)

    async with served(transport) as handler:
        generator = sink()
        handler >> generator
        await send(handler, b'a', b'b')
        assert log == ['primed', b'a', b'b']
        await generator.aclose()


async def test_an_async_generator_takes_the_requests_of_the_same_time_one_by_one(transport: str) -> None:
    log: list[Any] = []

    async def sink() -> AsyncGenerator[None, kmock.Request]:
        while True:
            request = yield
            log.append(('begin', request.id))
            await asyncio.sleep(0)
            log.append(('end', request.id))

    async with served(transport) as handler:
        generator = sink()
        handler >> generator
        handler << b'x'
        await asyncio.gather(*(get(handler, '/') for _ in range(5)))
        assert log[::2] == [('begin', request) for _, request in log[1::2]]
        assert sorted(request for _, request in log[::2]) == [0, 1, 2, 3, 4]
        await generator.aclose()


async def test_a_generator_that_was_begun_is_not_primed_again(transport: str) -> None:
    log: list[Any] = []

    def sink() -> Generator[None, Any, None]:
        while True:
            log.append((yield))

    generator = sink()
    next(generator)
    async with served(transport) as handler:
        handler >> generator
        await send(handler, b'a')
        assert log == [handler[0]]


async def test_a_generator_function_is_begun_for_each_request(transport: str) -> None:
    log: list[Any] = []

    def sink() -> Generator[None, kmock.Request, None]:
        try:
            while True:
                log.append((yield).body)
        finally:
            log.append('closed')

    async with served(transport) as handler:
        handler >> sink
        await send(handler, b'a', b'b')
        assert log == [b'a', 'closed', b'b', 'closed']


async def test_a_generator_that_has_ended_gets_no_more_requests(transport: str) -> None:
    log: list[Any] = []

    def sink() -> Generator[None, kmock.Request, None]:
        log.append((yield).body)

    async def sink_later() -> AsyncGenerator[None, kmock.Request]:
        log.append((yield).body)

    async with served(transport) as handler:
        handler >> sink() >> sink_later()
        await send(handler, b'a', b'b', b'c')
        assert log == [b'a', b'a']


# ---- Definition ----


async def test_none_is_no_sink(transport: str) -> None:
    async with served(transport) as handler:
        handler >> None
        await send(handler, b'a')


REFUSED: list[Any] = [
    5, 'text', b'bytes', True, 1.5, object(), (), frozenset(), bytearray(), ..., ValueError('x'), kmock.Request(),
    kmock.text('x'), threading.Lock(), asyncio.Lock(),
]  # fmt: skip


@pytest.mark.parametrize('sink', REFUSED, ids=lambda sink: type(sink).__name__)
class TestRefused:
    def test_what_is_no_sink_is_refused_when_the_rule_is_made(self, sink: Any) -> None:
        handler = kmock.RawHandler()
        with pytest.raises(UnsupportedSinkError, match=r'Unsupported type of a side effect: .*\(known: ') as caught:
            handler['/'] >> sink
        assert caught.value.sink is sink
        assert isinstance(caught.value, kmock.KMockError)
        assert handler.rules == []

    def test_it_is_refused_beside_a_body(self, sink: Any) -> None:
        handler = kmock.RawHandler()
        rule = handler << b'x'
        with pytest.raises(UnsupportedSinkError):
            rule >> sink
        assert handler.rules == [rule]

    def test_it_is_refused_for_a_feed_and_in_a_box(self, sink: Any) -> None:
        with pytest.raises(UnsupportedSinkError):
            kmock.RawHandler()[...] >> sink
        with pytest.raises(UnsupportedSinkError):
            kmock.SinkBox(sink)


def test_a_view_is_refused_as_a_sink() -> None:
    handler = kmock.RawHandler()
    view: Any = handler['get']
    with pytest.raises(NotImplementedError):
        handler >> view


def test_a_callable_that_requires_more_than_the_request_is_refused() -> None:
    with pytest.raises(TypeError, match=r'two_arguments at .* must require at most one argument'):
        kmock.RawHandler() >> two_arguments  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]  # refused


async def test_a_box_tells_a_sink_from_a_payload(transport: str) -> None:
    received: list[Any] = []
    async with served(transport) as handler:
        rule = handler << kmock.SinkBox(received) << b'x' << kmock.SinkBox(received)
        assert await (await handler.get('/')).read() == b'x'
        assert received == [handler[0]] * 2
        assert repr(kmock.SinkBox([])) == 'SinkBox([])'
        assert len(rule) == 1


async def test_what_a_thread_waits_for_is_set(transport: str) -> None:
    event = threading.Event()
    waiting = threading.Thread(target=event.wait, args=(10,))
    waiting.start()
    async with served(transport) as handler:
        handler >> event
        await send(handler, b'')
        await until(lambda: not waiting.is_alive(), 'the thread goes on')


async def test_an_object_that_knows_its_sink_delivers_to_it() -> None:
    class Journal:
        def __init__(self) -> None:
            self.requests: list[kmock.Request] = []

        def __kmock_sink__(self) -> list[kmock.Request]:
            return self.requests

    journal = Journal()
    async with kmock.RawHandler() as mock:
        mock['/'] >> journal << b'ok'
        await mock.get('/')
        assert journal.requests == list(mock)
