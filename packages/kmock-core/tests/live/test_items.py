"""The bus of items: many readers of what is put, as a sink, as a payload, and by itself."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

import kmock
from kmock_core.testing import served, until


async def take(items: AsyncIterator[Any], count: int) -> list[Any]:
    return [await anext(items) for _ in range(count)]


async def test_a_reader_gets_what_is_put_after_it_began() -> None:
    bus = kmock.Bus()
    await bus.put('before')
    reader = aiter(bus)
    reading = asyncio.ensure_future(take(reader, 3))
    await until(lambda: bus.consumer_count == 1)
    await bus.put(1, 2)
    await bus.put(3)
    assert await reading == [1, 2, 3]


async def test_several_readers_get_all_items() -> None:
    bus = kmock.Bus()
    readings = [asyncio.ensure_future(take(aiter(bus), 2)) for _ in range(3)]
    await until(lambda: bus.consumer_count == 3)
    await bus.put(1, 2)
    assert await asyncio.gather(*readings) == [[1, 2]] * 3


async def test_getting_waits_for_the_next_item() -> None:
    bus = kmock.Bus()
    await bus.put('before')
    getting = asyncio.ensure_future(bus.get())
    await until(lambda: bus.consumer_count == 1)
    await bus.put('after')
    assert await getting == 'after'
    assert bus.consumer_count == 0


async def test_getting_that_is_cancelled_is_not_a_reader_any_more() -> None:
    bus = kmock.Bus()
    getting = asyncio.ensure_future(bus.get())
    await until(lambda: bus.consumer_count == 1)
    getting.cancel()
    await asyncio.wait([getting])
    assert bus.consumer_count == 0
    await bus.put(1)
    assert bus.buffer_size == 0


async def test_a_mark_keeps_what_is_put_after_it_in_order() -> None:
    bus = kmock.Bus()
    await bus.put('before')
    mark = bus.mark()
    await bus.put(1, 2, 3)
    assert [await bus.get(mark) for _ in range(2)] == [1, 2]
    assert [item async for item in bus.stream(mark, limit=1)] == [3]


async def test_a_stream_from_a_mark_stops_at_its_limit_and_the_mark_moves_on() -> None:
    bus = kmock.Bus()
    mark = bus.mark()
    await bus.put(1, 2, 3)
    assert [item async for item in bus.stream(mark, limit=2)] == [1, 2]
    assert await bus.get(mark) == 3


async def test_a_mark_can_be_iterated() -> None:
    bus = kmock.Bus()
    mark = bus.mark()
    await bus.put(1, 2)
    assert await take(aiter(mark), 2) == [1, 2]


async def test_an_unknown_mark_is_an_error() -> None:
    bus, other = kmock.Bus(), kmock.Bus()
    mark = bus.mark()
    bus.unmark(mark)
    with pytest.raises(ValueError, match='Unknown bus marker: <BusMark 0>'):
        await bus.get(mark)
    with pytest.raises(ValueError, match='Unknown bus marker'):
        bus.unmark(mark)
    with pytest.raises(ValueError, match='Unknown bus marker'):
        await other.get(bus.mark())


async def test_items_are_kept_only_for_those_who_need_them() -> None:
    bus = kmock.Bus()
    await bus.put(1)
    assert (bus.buffer_size, bus.streamed_count, bus.removed_count) == (0, 1, 1)
    mark = bus.mark()
    await bus.put(2, 3)
    assert (bus.buffer_size, bus.streamed_count, bus.removed_count) == (2, 3, 1)
    await bus.get(mark)
    assert (bus.buffer_size, bus.removed_count) == (1, 2)
    bus.unmark(mark)
    assert (bus.buffer_size, bus.removed_count) == (0, 3)


async def test_items_are_removed_in_bulk_above_the_threshold() -> None:
    bus = kmock.Bus(flush_threshold=2)
    mark = bus.mark()
    await bus.put(1, 2, 3, 4)
    sizes: list[int] = []
    for _ in range(4):
        await bus.get(mark)
        sizes.append(bus.buffer_size)
    assert sizes == [4, 4, 1, 1]
    await bus.flush()
    assert bus.buffer_size == 0


async def test_a_reader_that_lags_too_far_is_told_and_goes_on_with_what_is_kept() -> None:
    bus = kmock.Bus(max_buffer_size=2)
    mark = bus.mark()
    await bus.put(1, 2, 3, 4)
    assert bus.buffer_size == 2
    with pytest.raises(kmock.BusGone, match='2 items are gone: only 2 are kept') as caught:
        await bus.get(mark)
    assert isinstance(caught.value, kmock.KMockError)
    assert [await bus.get(mark) for _ in range(2)] == [3, 4]


async def test_a_bus_tells_about_itself_in_one_line() -> None:
    bus = kmock.Bus()
    mark = bus.mark()
    await bus.put(1)
    assert repr(bus) == '<Bus: 1 items kept, 1 readers>'
    assert repr(mark) == '<BusMark 0>'


async def test_a_bus_is_a_sink_of_requests(transport: str) -> None:
    bus = kmock.Bus()
    mark = bus.mark()
    async with served(transport) as handler:
        handler['post'] >> bus
        handler << b'x'
        for method in ('POST', 'GET', 'POST'):
            await handler.request(method, '/')
        assert [await bus.get(mark) for _ in range(2)] == [handler[0], handler[2]]


async def test_a_bus_is_a_stream_of_items_for_each_request(transport: str) -> None:
    bus = kmock.Bus()
    async with served(transport) as handler:
        handler << bus
        calls = [asyncio.ensure_future(read(handler, 3)) for _ in range(2)]
        await until(lambda: bus.consumer_count == 2)
        await bus.put({'x': 1}, b'raw')
        await bus.put('end')
        assert await asyncio.gather(*calls) == [[b'{"x": 1}\n', b'raw', b'"end"\n']] * 2
        await until(lambda: bus.consumer_count == 0, 'the readers that left are forgotten')


async def read(handler: kmock.RawHandler, count: int) -> list[bytes]:
    async with handler.get('/') as response:
        return [(await response.content.readchunk())[0] for _ in range(count)]


async def test_a_bus_may_stand_in_a_stream(transport: str) -> None:
    bus = kmock.Bus()
    async with served(transport) as handler:
        handler << (b'<', bus)
        async with handler.get('/') as response:
            await until(lambda: bus.consumer_count == 1)
            await bus.put(1)
            assert await response.content.readexactly(3) == b'<1\n'


async def test_a_bus_that_has_dropped_items_is_an_error_of_the_stream(transport: str) -> None:
    bus = kmock.Bus(max_buffer_size=1)
    going_on = asyncio.Event()

    async def items() -> AsyncIterator[Any]:
        mark = bus.mark()
        yield b'a'
        await going_on.wait()
        async for item in bus.stream(mark):
            yield item

    async with served(transport, kmock.RawHandler()) as handler:
        handler << items
        response = await handler.get('/')
        await bus.put(1, 2)
        going_on.set()
        assert 'BusGone: 1 items are gone' in await response.text()
        assert [type(error) for error in handler.errors] == [kmock.BusGone]
