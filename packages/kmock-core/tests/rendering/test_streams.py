"""Section 4 of the DSL: how streams begin, pass on, deplete and end."""

import asyncio
import gc
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

import kmock
from kmock_core.testing import served, until


def label(value: object) -> str:
    return str(getattr(value, '__name__', None) or re.sub(' at 0x[0-9a-f]+', '', repr(value)))


async def body_of(handler: kmock.RawHandler, url: str = '/') -> bytes:
    return await (await handler.get(url)).read()


async def chunks_of(handler: kmock.RawHandler, url: str = '/') -> list[bytes]:
    response = await handler.get(url)
    return [chunk async for chunk, _ in response.content.iter_chunks()]


async def nothing_later() -> None:
    await asyncio.sleep(0)


# ---- Chunks ----


async def test_each_item_is_a_chunk_of_its_own(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', {'b': 1}, 'c', (b'd', [2]), lambda: b'e', nothing_later, b'f')
        assert await chunks_of(handler) == [b'a', b'{"b": 1}\n', b'"c"\n', b'd', b'[2]\n', b'e', b'f']


async def test_a_list_is_a_document_even_in_a_stream(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', lambda: [1, {'b': 2}])
        assert await chunks_of(handler) == [b'a', b'[1, {"b": 2}]\n']


async def test_bytes_pause_document_and_countdown_are_a_stream(transport: str) -> None:
    async with served(transport) as handler:
        handler << (
            b'a',
            lambda: asyncio.sleep(0),
            {'k': 'v'},
            lambda: ((f'{i}…\n'.encode(), lambda: asyncio.sleep(0)) for i in (3, 2, 1)),
            ...,
        )
        response = await handler.get('/')
        await handler[...].wait()
        for tick in (b'tick\n', b'tock\n'):
            handler[...] << (tick, ...)
            await handler[...].wait()
        handler[...] << b'bang'
        assert await response.read() == 'a{"k": "v"}\n3…\n2…\n1…\ntick\ntock\nbang'.encode()


async def test_a_stream_of_many_chunks_is_whole_and_in_order(transport: str) -> None:
    async with served(transport) as handler:
        handler << (lambda: (b'%d,' % n for n in range(20_000)))
        assert await body_of(handler) == b''.join(b'%d,' % n for n in range(20_000))


async def test_a_long_stream_that_never_waits_lets_others_be_served(transport: str) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(10_000)

    async with served(transport) as handler:
        handler['/endless'] << endless
        handler << b'other'
        response = await handler.get('/endless')
        assert await body_of(handler) == b'other'
        assert len(await response.content.readexactly(100_000)) == 100_000
        response.close()


async def test_a_stream_waits_for_a_client_that_does_not_read(transport: str) -> None:
    count = 0

    def endless() -> Iterator[bytes]:
        nonlocal count
        while True:
            count += 1
            yield bytes(10_000)

    async with served(transport) as handler:
        handler << endless
        response = await handler.get('/')
        counts: list[int] = []
        for _ in range(5):
            for _ in range(20):
                await asyncio.sleep(0)
            counts.append(count)
        assert counts[-1] == counts[-2] < 100
        await response.content.readexactly(1_000_000)
        assert count > counts[-1]


async def test_deeply_nested_streams_do_not_need_deep_recursion(transport: str) -> None:
    def nested(depth: int) -> Callable[[], Any]:
        return lambda: (b'.', nested(depth - 1)) if depth else b'!'

    async with served(transport) as handler:
        handler << nested(5_000)
        assert await body_of(handler) == b'.' * 5_000 + b'!'


# ---- The first chunk ----


@pytest.mark.parametrize(
    'stream',
    [
        (),
        (None,),
        ((), (None, ())),
        (nothing_later,),
        (lambda: None, lambda: NotImplemented, NotImplemented),
        (StopIteration, b'never'),
        (lambda: next(iter(())), b'never'),
        lambda: iter(()),
        lambda: (),
        kmock.Response(payload=()),
    ],
    ids=label,
)
async def test_a_stream_without_a_chunk_lets_the_next_rule_serve_each_time(stream: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << 404 << {'X-A': '1'} << stream
        handler << b'next'
        for _ in range(3):
            response = await handler.get('/')
            assert (response.status, await response.read()) == (200, b'next')
            assert 'X-A' not in response.headers


@pytest.mark.parametrize('nothing', [lambda: None, nothing_later], ids=['sync', 'async'])
async def test_a_status_is_answered_when_the_callable_beside_it_gives_none(nothing: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << 404 << nothing
        handler << b'next'
        for _ in range(2):
            response = await handler.get('/')
            assert (response.status, await response.read()) == (404, b'')


@pytest.mark.parametrize('stream', [(b'',), (None, b''), (nothing_later, b'', StopIteration), (b'', None)], ids=label)
async def test_an_empty_chunk_counts_as_a_chunk(stream: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << 201 << stream
        handler << b'next'
        response = await handler.get('/')
        assert (response.status, await response.read()) == (201, b'')


async def test_the_head_goes_out_with_the_first_chunk_and_not_before(transport: str) -> None:
    before, first, then = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def begin() -> None:
        before.set()
        await first.wait()

    async with served(transport) as handler:
        handler << 201 << (None, begin, b'', then, b'x')
        call = asyncio.ensure_future(handler_get(handler))
        await before.wait()
        assert not call.done()
        first.set()
        response = await call
        assert response.status == 201
        then.set()
        assert await response.read() == b'x'


async def handler_get(handler: kmock.RawHandler) -> Any:
    return await handler.get('/')


async def test_a_rule_can_step_aside_after_it_has_waited(transport: str) -> None:
    async with served(transport) as handler:
        rule = handler << (None, nothing_later, lambda: StopIteration, b'never')
        handler << b'next'
        assert await body_of(handler) == b'next'
        assert await body_of(handler) == b'next'
        assert len(rule) == 2  # it was asked, and has let it go on, as a spy does


# ---- Depletion ----


@pytest.mark.parametrize('stop', [StopIteration, StopIteration('x'), StopAsyncIteration(), StopAsyncIteration])
async def test_a_rule_of_stop_iteration_is_depleted(stop: Any, transport: str) -> None:
    async with served(transport) as handler:
        rule = handler << stop
        handler << b'next'
        assert [await body_of(handler) for _ in range(2)] == [b'next', b'next']
        assert len(rule) == 0


async def raise_async(error: Any) -> bytes:
    await asyncio.sleep(0)
    raise error


def raise_sync(error: Any) -> bytes:
    raise error


@pytest.mark.parametrize('stop', [StopIteration, StopAsyncIteration('x')], ids=repr)
@pytest.mark.parametrize('fail', [raise_sync, raise_async])
@pytest.mark.parametrize('after', [0, 1, 2])
async def test_a_callable_that_raises_stop_iteration_depletes_its_rule(
    stop: Any, fail: Any, after: int, transport: str
) -> None:
    calls = 0

    def serve() -> Any:
        nonlocal calls
        calls += 1
        return b'%d' % calls if calls <= after else fail(stop)

    async with served(transport) as handler:
        rule = handler << serve
        handler << b'next'
        answers = [b'1', b'2'][:after]
        assert [await body_of(handler) for _ in range(4)] == [*answers, *[b'next'] * (4 - after)]
        assert [request.id for request in rule] == list(range(after))
        assert calls == after + 1  # and is never called again


@pytest.mark.parametrize('is_async', [False, True], ids=['sync', 'async'])
async def test_next_of_an_iterator_in_a_callable_serves_its_items_one_by_one(is_async: bool, transport: str) -> None:
    items = iter([b'a', {'b': 1}])

    async def later() -> Any:
        await asyncio.sleep(0)
        return next(items)

    async with served(transport) as handler:
        handler << (later if is_async else lambda: next(items))
        handler << b'next'
        assert [await body_of(handler) for _ in range(4)] == [b'a', b'{"b": 1}', b'next', b'next']


async def test_anext_of_an_async_iterator_in_a_callable_serves_its_items_one_by_one(transport: str) -> None:
    async def generate() -> AsyncIterator[bytes]:
        yield b'a'
        yield b'b'

    items = generate()

    async def later() -> bytes:
        return await anext(items)

    async with served(transport) as handler:
        handler << later
        handler << b'next'
        assert [await body_of(handler) for _ in range(3)] == [b'a', b'b', b'next']


@pytest.mark.parametrize(
    'stop',
    [
        StopIteration,
        StopAsyncIteration('x'),
        lambda: raise_sync(StopIteration),
        lambda: raise_async(StopAsyncIteration),
        lambda: next(iter(())),
        lambda: raise_async(StopIteration),
    ],
    ids=['class', 'instance', 'raised', 'raised async', 'next()', 'next() async'],
)
@pytest.mark.parametrize('nested', [False, True], ids=['direct', 'nested'])
async def test_stop_iteration_in_a_stream_ends_it_quietly_for_this_request(
    stop: Any, nested: bool, transport: str
) -> None:
    async with served(transport) as handler:
        rule = handler << (b'a', (stop, b'never') if nested else stop, b'never')
        handler << b'next'
        assert [await body_of(handler) for _ in range(2)] == [b'a', b'a']
        assert len(rule) == 2


async def test_next_in_a_generator_ends_the_stream_quietly(transport: str) -> None:
    items = iter([b'a', b'b'])

    def generate() -> Iterator[bytes]:
        while True:
            yield next(items)

    async def generate_later() -> AsyncIterator[bytes]:
        yield b'z'
        yield next(items)

    async with served(transport) as handler:
        handler['/sync'] << (generate, b'never')
        handler['/async'] << (generate_later, b'never')
        assert await body_of(handler, '/sync') == b'ab'
        assert await body_of(handler, '/async') == b'z'


# ---- Iterators ----


def iterated(*items: Any) -> Iterator[Any]:
    return iter(items)


def generated(*items: Any) -> Iterator[Any]:
    yield from items


async def generated_later(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        await asyncio.sleep(0)
        yield item


@pytest.mark.parametrize('make', [iterated, generated, generated_later])
class TestIterators:
    async def test_an_iterator_is_consumed_by_the_first_request(self, make: Any, transport: str) -> None:
        async with served(transport) as handler:
            rule = handler << make(b'a', b'b')
            handler << b'next'
            assert [await body_of(handler) for _ in range(3)] == [b'ab', b'next', b'next']
            assert [request.id for request in rule] == [0]

    async def test_an_iterator_is_not_shared_by_requests_at_the_same_time(self, make: Any, transport: str) -> None:
        going_on = asyncio.Event()
        async with served(transport) as handler:
            handler << make(b'a', going_on, b'b')
            handler << b'next'
            first = await handler.get('/')
            assert await first.content.readexactly(1) == b'a'
            assert await body_of(handler) == b'next'
            going_on.set()
            assert await first.read() == b'b'

    async def test_the_depleted_part_of_a_stream_is_skipped(self, make: Any, transport: str) -> None:
        async with served(transport) as handler:
            handler << (b'<', make(b'a', b'b'), b'>')
            assert [await body_of(handler) for _ in range(3)] == [b'<ab>', b'<>', b'<>']

    async def test_a_depleted_stream_lets_the_next_rule_serve(self, make: Any, transport: str) -> None:
        async with served(transport) as handler:
            handler << (make(b'a'),)
            handler << b'next'
            assert [await body_of(handler) for _ in range(3)] == [b'a', b'next', b'next']

    async def test_an_iterator_may_give_payloads_of_all_kinds(self, make: Any, transport: str) -> None:
        async with served(transport) as handler:
            handler << make(b'a', 1, None, (b'b', [2]), lambda: b'c', nothing_later, make(b'd'), kmock.text('e'))
            assert await body_of(handler) == b'a1\nb[2]\ncde'

    async def test_an_iterator_without_items_lets_the_next_rule_serve(self, make: Any, transport: str) -> None:
        async with served(transport) as handler:
            handler << make()
            handler << b'next'
            assert [await body_of(handler) for _ in range(2)] == [b'next', b'next']


# ---- Clients that leave ----


class Waits:
    """Waits for ever, and tells when it has begun and how it has ended."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def __call__(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@pytest.mark.parametrize('place', ['first chunk', 'later'])
@pytest.mark.parametrize('form', ['callable', 'coroutine', 'in a generator', 'in an async generator', 'fed'])
async def test_a_client_that_leaves_cancels_what_it_waited_for(place: str, form: str, transport: str) -> None:
    waits = Waits()

    async def generate_later() -> AsyncIterator[Any]:
        await waits()
        yield b'never'

    async with served(transport) as handler:
        forms: dict[str, Any] = {
            'callable': waits,
            'coroutine': waits() if form == 'coroutine' else None,
            'in a generator': generated(waits),
            'in an async generator': generate_later,
            'fed': ...,
        }
        handler << ((b'a', forms[form], b'never') if place == 'later' else (forms[form], b'never'))
        call = asyncio.ensure_future(handler_get(handler))
        if form == 'fed':
            await handler[...].wait()
            handler[...] << (waits, ...)
        await waits.begun.wait()
        if place == 'later':
            response = await call
            assert await response.content.readexactly(1) == b'a'
            response.close()
        else:
            call.cancel()
            await asyncio.wait([call])
        await waits.cancelled.wait()
        assert handler.errors == []
        assert len(handler[...]) == 0


@pytest.mark.parametrize('form', ['sync', 'async'])
@pytest.mark.parametrize('at', ['a chunk', 'a pause', 'a feeding point'])
async def test_a_client_that_leaves_ends_generators_at_once(form: str, at: str, transport: str) -> None:
    ended = asyncio.Event()
    pause = asyncio.Event()
    items: dict[str, Any] = {'a chunk': b'x' * 100_000, 'a pause': pause, 'a feeding point': ...}

    def generate() -> Iterator[Any]:
        try:
            yield b'a'
            yield items[at]
        finally:
            ended.set()

    async def generate_later() -> AsyncIterator[Any]:
        try:
            yield b'a'
            yield items[at]
        finally:
            await asyncio.sleep(0)
            ended.set()

    gc.disable()  # nothing is to be left to it
    try:
        async with served(transport) as handler:
            handler << (generate if form == 'sync' else generate_later)
            async with handler.get('/') as response:
                assert await response.content.readexactly(1) == b'a'
            await ended.wait()
            assert handler.errors == []
    finally:
        gc.enable()


async def test_a_client_that_leaves_closes_all_nested_generators_innermost_first(transport: str) -> None:
    ended: list[str] = []

    def generate(name: str, *items: Any) -> Iterator[Any]:
        try:
            yield from items
        finally:
            ended.append(name)

    async with served(transport) as handler:
        handler << (lambda: generate('outer', b'a', (b'b', lambda: generate('inner', b'c', ...))))
        response = await handler.get('/')
        await handler[...].wait()
        assert await response.content.readexactly(3) == b'abc'
        response.close()
        await until(lambda: ended, 'the generators are closed')
        assert ended == ['inner', 'outer']


async def test_a_generator_that_fails_when_it_is_closed_is_an_error_of_the_test(transport: str) -> None:
    error = ValueError('on the way out')

    def generate() -> Iterator[Any]:
        try:
            yield b'a'
            yield ...
        finally:
            raise error

    async with served(transport, kmock.RawHandler()) as handler:
        handler << generate
        async with handler.get('/'):
            await handler[...].wait()
        await until(lambda: handler.errors, 'the error is collected')
        assert handler.errors == [error]


async def test_a_client_that_leaves_at_once_leaves_nothing_unawaited(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', nothing_later, b'b', nothing_later)
        for _ in range(3):
            response = await handler.get('/')
            response.close()
        for _ in range(10):
            await asyncio.sleep(0)
        assert len(handler) == 3


async def test_a_stream_is_left_when_its_call_is_entered_and_left(transport: str) -> None:
    waits = Waits()
    async with served(transport) as handler:
        handler << (b'a', waits)
        async with handler.get('/') as response:
            assert response.status == 200
            await waits.begun.wait()
        await waits.cancelled.wait()
