"""Section 5 of the DSL: feeding points, and what is fed to those who stand at them."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import kmock
from kmock_core.errors import FeedingError
from kmock_core.testing import served, until

JSON = 'application/json'
BINARY = 'application/octet-stream'


def label(value: object) -> str:
    return str(getattr(value, '__name__', None) or (value.name if isinstance(value, Path) else repr(value)))


async def get(handler: kmock.RawHandler, url: str = '/') -> Any:
    return await handler.get(url)


async def at_points(handler: kmock.RawHandler, count: int = 1, url: str = '/') -> list[Any]:
    """Begin requests, and wait until they stand at a feeding point; as tasks, for some have no first chunk yet."""
    calls = [asyncio.ensure_future(get(handler, url)) for _ in range(count)]
    await handler[...].wait(count)
    return calls


async def body_of(call: Any) -> bytes:
    return bytes(await (await call).read())


async def chunks_of(call: Any) -> list[bytes]:
    return [chunk async for chunk, _ in (await call).content.iter_chunks()]


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def one_later() -> bytes:
    await asyncio.sleep(0)
    return b'one'


def path_of(request: kmock.Request) -> bytes:
    return request.path.encode()


def is_a(request: kmock.Request) -> bool:
    return request.path == '/a'


# ---- Batches ----


async def test_a_feeding_takes_the_place_of_the_feeding_point(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        handler[...] << b'1'
        assert await chunks_of(call) == [b'a', b'1', b'z']


BATCHES: dict[str, Callable[[kmock.RawHandler], Any]] = {
    'one after another': lambda handler: [handler[...] << b'1', handler[...] << b'2', handler[...] << b'3'],
    'a chain': lambda handler: handler[...] << b'1' << b'2' << b'3',
    'a call': lambda handler: handler[...].feed(b'1', b'2', b'3'),
    'chained calls': lambda handler: handler[...].respond(b'1', b'2').respond(b'3'),
    'calls of the view': lambda handler: [handler.feed(b'1', b'2'), handler.feed(b'3')],
    'a tuple': lambda handler: handler[...] << (b'1', b'2', b'3'),
    'tails': lambda handler: [handler[...] << (b'1', ...), handler[...] << (b'2', ...), handler[...] << b'3'],
    'a tail at last': lambda handler: [handler[...] << b'1', handler[...] << (b'2', ...), handler[...] << b'3'],
    'reflected': lambda handler: [b'1' >> handler[...], b'2' >> handler[...], b'3' >> handler[...]],
}


@pytest.mark.parametrize('form', BATCHES)
async def test_feedings_without_an_await_are_one_batch_and_nothing_is_lost(form: str, transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        calls = await at_points(handler, 3)
        BATCHES[form](handler)
        assert [await chunks_of(call) for call in calls] == [[b'a', b'1', b'2', b'3', b'z']] * 3


async def test_ten_thousand_feedings_without_an_await_are_one_batch(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        for number in range(10_000):
            handler[...] << (b'%d,' % number, ...)
        handler[...] << b'end'
        assert await body_of(call) == b'a' + b''.join(b'%d,' % n for n in range(10_000)) + b'endz'


async def test_a_batch_grows_until_it_is_consumed(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        batch = handler[...] << b'1'
        batch << b'2'
        batch.feed(b'3')
        assert await body_of(call) == b'a123z'


AGAIN: dict[str, Callable[[Any], Any]] = {
    '<<': lambda batch: batch << b'2',
    '>>': lambda batch: batch >> [],
    'feed': lambda batch: batch.feed(b'2'),
    'effect': lambda batch: batch.effect([]),
    'reflected': lambda batch: b'2' >> batch,
}


@pytest.mark.parametrize('how', AGAIN)
async def test_a_consumed_batch_can_not_be_fed_again(how: str, transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'b', ..., b'z')
        (call,) = await at_points(handler)
        batch = handler[...] << b'1'
        await handler[...].wait()
        with pytest.raises(FeedingError, match=r'already consumed batch. Create a new batch with') as caught:
            AGAIN[how](batch)
        assert isinstance(caught.value, RuntimeError)
        assert isinstance(caught.value, kmock.KMockError)
        handler[...] << b'3'
        assert await body_of(call) == b'a1b3z'


async def test_a_view_of_the_waiting_may_be_kept_and_fed_once_they_are_there(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        waiting = handler[...]
        (call,) = await at_points(handler)
        waiting << b'1'
        assert await body_of(call) == b'a1z'


async def test_a_kept_batch_that_nobody_got_is_fed_to_those_who_are_there_next(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        batch = handler[...] << b'gone'
        (call,) = await at_points(handler)
        batch << b'1'
        assert await body_of(call) == b'a1z'


async def nobody_awaits() -> bytes:
    raise AssertionError('nobody should come here')


async def test_feeding_nobody_is_silent(transport: str) -> None:
    async with served(transport) as handler:
        handler[...] << b'1' << (b'2', ...) << None
        handler[...].feed(b'1', nobody_awaits(), (nobody_awaits(), ...))
        handler[...] >> [] >> {}
        handler << b'x'
        assert await body_of(get(handler)) == b'x'


async def test_feeding_a_client_that_has_left_is_silent(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ...)
        (call,) = await at_points(handler)
        handler[...] << b'1' << nobody_awaits()
        (await call).close()
        await until(lambda: not handler[...], 'the stream is left')
        handler[...] << b'2'
        await turns()
        assert handler.errors == []


async def test_what_was_fed_before_is_gone(transport: str) -> None:
    async with served(transport) as handler:
        going_on = asyncio.Event()
        handler << (b'a', going_on, ..., b'z')
        handler[...] << b'before the request'
        response = await handler.get('/')
        handler[...] << b'before the feeding point'
        await turns()
        going_on.set()
        await handler[...].wait()
        handler[...] << b'1'
        assert await response.read() == b'a1z'


async def test_what_was_fed_at_one_feeding_point_is_not_for_the_next(transport: str) -> None:
    async with served(transport) as handler:
        going_on = asyncio.Event()
        handler << (b'a', ..., b'b', ..., b'z')
        (call,) = await at_points(handler)
        handler[...] << (b'1', going_on)
        await turns()
        handler[...] << b'late'  # the first feeding point is not waiting any more, and will not again
        await turns()
        going_on.set()
        await handler[...].wait()
        handler[...] << b'2'
        assert await body_of(call) == b'a1b2z'


async def test_a_stream_that_still_plays_a_feeding_with_a_tail_gets_the_next_ones(transport: str) -> None:
    async with served(transport) as handler:
        going_on = asyncio.Event()
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        handler[...] << (b'1', going_on, ...)
        await turns()
        handler[...] << (b'2', ...)
        await turns()
        handler[...] << b'3'
        await turns()
        going_on.set()
        assert await body_of(call) == b'a123z'


# ---- Tails ----


@pytest.mark.parametrize('nothing', [None, (), (None, ()), lambda: None, NotImplemented], ids=label)
async def test_a_feeding_of_nothing_ends_the_feeding_point(nothing: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        handler[...] << nothing
        assert await body_of(call) == b'az'


@pytest.mark.parametrize('tail', [..., (...,), (None, ...), lambda: ..., lambda: (...,)], ids=label)
async def test_a_feeding_of_a_feeding_point_waits_on(tail: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        for _ in range(3):
            handler[...] << tail
            await handler[...].wait()
        handler[...] << b'1'
        assert await body_of(call) == b'a1z'


async def test_the_stream_goes_on_after_the_batch_without_a_tail(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., {'b': 1}, ..., b'z')
        (call,) = await at_points(handler)
        response = await call
        handler[...] << (b'1', ...)
        await handler[...].wait()
        handler[...] << b'2'
        await handler[...].wait()
        assert await response.content.readexactly(12) == b'a12{"b": 1}\n'
        handler[...] << b'3'
        assert await response.read() == b'3z'


async def test_nested_tails_unwind_innermost_first(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        handler[...] << (b'(', ..., b')')
        await handler[...].wait()
        handler[...] << (b'[', ..., b']')
        await handler[...].wait()
        handler[...] << (b'{', lambda: (b'<', ..., b'>'), b'}')
        await handler[...].wait()
        handler[...] << b'!'
        assert await body_of(call) == b'a([{<!>}])z'


async def test_nested_tails_in_one_batch_unwind_innermost_first(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        handler[...] << (b'(', ..., b')')
        handler[...] << (b'[', ..., b']')
        handler[...] << b'!'
        assert await body_of(call) == b'a([!])z'


async def test_several_feeding_points_of_one_feeding_are_fed_one_by_one(transport: str) -> None:
    async with served(transport) as handler:
        handler << (..., b'z')
        (call,) = await at_points(handler)
        handler[...] << (..., b',', ..., b';')
        for item in (b'1', b'2'):
            await handler[...].wait()
            handler[...] << item
        assert await body_of(call) == b'1,2;z'


def generate(*items: Any) -> Iterator[Any]:
    yield from items


async def generate_later(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        await asyncio.sleep(0)
        yield item


FORMS: dict[str, Callable[..., Any]] = {
    'a tuple': lambda *items: items,
    'nested tuples': lambda *items: (items[:-1], (items[-1:],)),
    'a callable': lambda *items: lambda: items,
    'a callable of a callable': lambda *items: lambda: lambda: items,
    'a coroutine function': lambda *items: lambda: asyncio.sleep(0, items),
    'a response': lambda *items: kmock.Response(payload=items),
    'a generator function': lambda *items: lambda: generate(*items),
    'an async generator function': lambda *items: lambda: generate_later(*items),
}


@pytest.mark.parametrize('form', FORMS)
async def test_a_tail_may_stand_in_any_form(form: str, transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        for item in (b'1', b'2', b'3'):
            handler[...] << FORMS[form](item, ...)
            await handler[...].wait()
        handler[...] << FORMS[form](b'4', b'5')
        assert await body_of(call) == b'a12345z'


async def depth_of(call: Any) -> int:
    """How deep the stack of the stream is."""
    response = await call
    stream: Any = response._stream
    return len(stream._stack)


@pytest.mark.parametrize('form', [form for form in FORMS if 'generator' not in form])
async def test_ten_thousand_tails_do_not_grow_the_stack(form: str) -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        depth = await depth_of(call)
        for number in range(10_000):
            handler[...] << FORMS[form](b'.', ...)
            if number % 100 == 0:
                await handler[...].wait()
        assert await depth_of(call) == depth
        handler[...] << None
        assert await body_of(call) == b'a' + b'.' * 10_000 + b'z'


async def test_ten_thousand_tails_of_generators_are_played_and_unwound() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        for number in range(10_000):
            handler[...] << generate(b'.', ...)
            if number % 100 == 0:
                await handler[...].wait()
        handler[...] << None
        assert await body_of(call) == b'a' + b'.' * 10_000 + b'z'


async def test_a_rule_that_goes_round_for_ever_does_not_grow_the_stack() -> None:
    def again() -> Any:
        return (..., b',', again)

    async with kmock.RawHandler(strict=True) as handler:
        handler << (b'a', again)
        (call,) = await at_points(handler)
        depth = await depth_of(call)
        for _ in range(1_000):
            handler[...] << b'.'
            await handler[...].wait()
        assert await depth_of(call) == depth
        handler[...] << StopIteration
        assert await body_of(call) == b'a' + b'.,' * 1_000


# ---- Items ----


ITEMS: list[Any] = [
    (b'x', b'x'), ({'X-A': '1'}, b'{"X-A": "1"}\n'), (201, b'201\n'), ('é', b'"\\u00e9"\n'), ([1], b'[1]\n'),
    (kmock.text('é'), 'é'.encode()), (kmock.data(404), b'404\n'), (one_later, b'one'), (path_of, b'/'),
    (kmock.Response(status=404, payload=b'x'), b'x'), (kmock.headers(A='1'), b''), ((200, b'x'), b'200\nx'),
    (Path(__file__), Path(__file__).read_bytes()), (lambda: (b'x', 'y'), b'x"y"\n'),
]  # fmt: skip


@pytest.mark.parametrize(('item', 'expected'), ITEMS, ids=label)
async def test_what_is_fed_into_a_stream_is_an_item_of_it(item: Any, expected: bytes, transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'<', ..., b'>')
        calls = await at_points(handler, 2)
        handler[...] << item
        assert [await body_of(call) for call in calls] == [b'<' + expected + b'>'] * 2


async def test_a_callable_is_called_for_each_stream_with_its_request(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'<', ..., b'>')
        calls = [asyncio.ensure_future(get(handler, path)) for path in ('/a', '/b')]
        await handler[...].wait(2)
        handler[...] << path_of
        assert [await body_of(call) for call in calls] == [b'</a>', b'</b>']


@pytest.mark.parametrize('is_async', [False, True], ids=['sync', 'async'])
async def test_an_iterator_is_fed_to_the_first_stream(is_async: bool, transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'<', ..., b'>')
        calls = await at_points(handler, 3)
        handler[...] << (generate_later(b'1', b'2') if is_async else generate(b'1', b'2'))
        assert sorted([await body_of(call) for call in calls]) == [b'<12>', b'<>', b'<>']


async def test_a_coroutine_is_fed_to_all_streams(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'<', ..., b'>')
        calls = await at_points(handler, 3)
        handler[...] << one_later()
        assert [await body_of(call) for call in calls] == [b'<one>'] * 3


async def test_an_exception_fed_into_a_stream_is_an_error_of_each(transport: str) -> None:
    error = ValueError('boo')
    async with served(transport, kmock.RawHandler()) as handler:
        handler << (b'a', ..., b'never')
        calls = await at_points(handler, 2)
        handler[...] << error
        for call in calls:
            body = await body_of(call)
            assert body.startswith(b'aTraceback')
            assert body.endswith(b'ValueError: boo\n')
        assert handler.errors == [error, error]


@pytest.mark.parametrize('stop', [StopIteration, StopAsyncIteration('x'), lambda: next(iter(()))], ids=label)
async def test_stop_iteration_fed_into_a_stream_ends_it_quietly(stop: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'never')
        calls = await at_points(handler, 2)
        handler[...] << (b'1', stop, b'never')
        assert [await body_of(call) for call in calls] == [b'a1', b'a1']


# ---- A feeding point alone ----


ANSWERS: list[Any] = [
    (b'x', 200, b'x', BINARY), ({'a': 1}, 200, b'{"a": 1}', JSON), (201, 200, b'201', JSON), ('s', 200, b'"s"', JSON),
    ({'X-A': '1'}, 200, b'{"X-A": "1"}', JSON), (lambda: {'a': 1}, 200, b'{"a": 1}', JSON), (b'', 200, b'', None),
    (kmock.text('x'), 200, b'x', 'text/plain; charset=utf-8'), ((b'a', 'b'), 200, b'a"b"\n', BINARY),
    (kmock.Response(status=202, payload={'a': 1}), 202, b'{"a": 1}', JSON), (one_later, 200, b'one', BINARY),
    (kmock.Response(status=204), 204, b'', None), (path_of, 200, b'/', BINARY),
    (lambda: kmock.Response(status=202, payload=b'x'), 202, b'x', BINARY),
]  # fmt: skip


@pytest.mark.parametrize(('item', 'status', 'body', 'content_type'), ANSWERS, ids=label)
async def test_a_feeding_point_alone_answers_with_what_it_is_fed_with(
    item: Any, status: int, body: bytes, content_type: str | None, transport: str
) -> None:
    async with served(transport) as handler:
        handler << ...
        calls = await at_points(handler, 2)
        assert not any(call.done() for call in calls)
        handler[...] << item
        for call in calls:
            response = await call
            assert (response.status, await response.read()) == (status, body)
            assert response.headers.get('Content-Type') == content_type


async def test_a_feeding_point_alone_keeps_the_metadata_of_its_rule(transport: str) -> None:
    async with served(transport) as handler:
        handler << 201 << {'X-A': '1'} << ...
        (call,) = await at_points(handler)
        handler[...] << {'a': 1}
        response = await call
        assert (response.status, response.headers['X-A'], await response.json()) == (201, '1', {'a': 1})


@pytest.mark.parametrize(
    'nothing', [None, (), NotImplemented, StopIteration, lambda: None, kmock.SinkBox([])], ids=label
)
async def test_a_feeding_point_alone_lets_the_next_rule_serve_if_nothing_is_fed(nothing: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << ...
        handler << b'next'
        (call,) = await at_points(handler)
        handler[...] << nothing
        assert await body_of(call) == b'next'


async def test_a_feeding_point_alone_may_go_on_with_a_tail(transport: str) -> None:
    async with served(transport) as handler:
        handler << ...
        (call,) = await at_points(handler)
        handler[...] << ...
        await handler[...].wait()
        handler[...] << (b'1', ...)
        await handler[...].wait()
        response = await call
        handler[...] << b'2'
        assert await response.read() == b'12'


async def test_a_batch_of_several_feedings_is_a_stream_for_a_feeding_point_alone(transport: str) -> None:
    async with served(transport) as handler:
        handler << ...
        (call,) = await at_points(handler)
        handler[...] << {'a': 1}
        handler[...] << {'b': 2}
        assert await body_of(call) == b'{"a": 1}\n{"b": 2}\n'


async def test_an_error_fed_to_a_feeding_point_alone_is_answered(transport: str) -> None:
    error = ValueError('boo')
    async with served(transport, kmock.RawHandler()) as handler:
        handler << ...
        (call,) = await at_points(handler)
        handler[...] << error
        response = await call
        assert (response.status, handler.errors) == (500, [error])


async def test_a_callable_may_give_a_feeding_point(transport: str) -> None:
    async with served(transport) as handler:
        handler << (lambda: ...)
        (call,) = await at_points(handler)
        handler[...] << {'a': 1}
        assert (await call).headers['Content-Type'] == JSON


# ---- Who is fed ----


async def test_all_who_wait_are_fed_in_any_number(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        calls = await at_points(handler, 100)
        handler[...] << (b'1', ...)
        handler[...] << b'2'
        assert {await body_of(call) for call in calls} == {b'a12z'}


SCOPES: dict[str, tuple[Callable[[kmock.RawHandler], Any], list[str]]] = {
    'all': (lambda handler: handler[...], ['GET /a', 'GET /b', 'POST /a', 'POST /b']),
    'a path': (lambda handler: handler['/a'][...], ['GET /a', 'POST /a']),
    'a method': (lambda handler: handler['get'][...], ['GET /a', 'GET /b']),
    'in one pair of brackets': (lambda handler: handler['get', '/a', ...], ['GET /a']),
    'none': (lambda handler: handler['/c'][...], []),
    'a union': (lambda handler: (handler['get /a'] | handler['post /b'])[...], ['GET /a', 'POST /b']),
    'an intersection': (lambda handler: (handler['get'] & handler['/b'])[...], ['GET /b']),
    'a difference': (lambda handler: (handler - handler['get'])[...], ['POST /a', 'POST /b']),
    'the others': (lambda handler: (~handler['/a'])[...], ['GET /b', 'POST /b']),
    'a slice': (lambda handler: handler[:2][...], ['GET /a', 'GET /b']),
    'the last': (lambda handler: handler[-1:][...], ['POST /b']),
    'a reaction': (lambda handler: handler.rules[0][...], ['GET /a', 'POST /a']),
    'a priority': (lambda handler: (handler['/a'] ** 5)[...], ['GET /a', 'POST /a']),
    'a function': (lambda handler: handler[is_a][...], ['GET /a', 'POST /a']),
}


@pytest.mark.parametrize('scope', SCOPES)
async def test_feeding_a_view_reaches_its_requests_only(scope: str, transport: str) -> None:
    select, expected = SCOPES[scope]
    async with served(transport) as handler:
        handler['/a'] << (b'a', ..., b'z')
        handler << (b'b', ..., b'z')
        calls: dict[str, Any] = {}
        for name in ('GET /a', 'GET /b', 'POST /a', 'POST /b'):
            calls[name] = await handler.request(*name.split())
            await handler[...].wait(len(calls))
        waiting = select(handler)
        assert [f'{request.method} {request.path}' for request in waiting] == expected
        assert len(waiting) == len(expected)
        assert bool(waiting) == bool(expected)
        waiting << b'!'
        await turns()
        assert len(handler[...]) == 4 - len(expected)
        handler[...] << b'.'
        for name, response in calls.items():
            assert (await response.read())[1:] == (b'!z' if name in expected else b'.z')


async def test_no_rule_can_be_made_of_those_who_wait() -> None:
    handler = kmock.RawHandler()
    with pytest.raises(kmock.KMockError, match='can have no reactions of its own'):
        handler[...]['get'] << b'x'


async def test_requests_stand_in_the_order_of_their_arrival(transport: str) -> None:
    async with served(transport) as handler:
        gates = [asyncio.Event() for _ in range(3)]

        def gate_of(request: kmock.Request) -> asyncio.Event:
            return gates[request.id]

        handler << (b'a', gate_of, ...)
        responses = [await handler.get('/') for _ in range(3)]
        for number in (1, 2, 0):
            gates[number].set()
            await handler[...].wait()
        await handler[...].wait(3)
        assert [request.id for request in handler[...]] == [0, 1, 2]
        assert handler[...][0] is handler[0]
        handler[...] << None
        assert [await response.read() for response in responses] == [b'a'] * 3


# ---- The end ----


async def test_a_stream_at_a_feeding_point_ends_cleanly_when_the_handler_is_left() -> None:
    ended: list[str] = []

    def stream() -> Iterator[Any]:
        try:
            yield b'a'
            yield ...
        finally:
            ended.append('stream')

    async with kmock.RawHandler(strict=True) as handler:
        handler << stream
        response = await handler.get('/')
        await handler[...].wait()
        handler[...] << (b'1', ...)
        await handler[...].wait()
    assert ended == ['stream']
    assert await response.read() == b'a1'
    assert len(handler[...]) == 0


async def test_a_stream_at_a_feeding_point_ends_cleanly_when_its_transport_is_left(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'never')
        response = await handler.get('/')
        assert await response.content.readexactly(1) == b'a'
        await handler[...].wait()
    assert await response.read() == b''
    assert len(handler[...]) == 0


async def test_a_background_task_broadcasts_into_open_streams_until_it_ends_them(transport: str) -> None:
    async def broadcast(handler: kmock.RawHandler) -> None:
        for number in range(5):
            handler[...] << (b'%d\n' % number, ...)
            await asyncio.sleep(0)
        handler[...] << b'end'

    async with served(transport) as handler:
        handler << (b'a', lambda: asyncio.sleep(0), {'k': 'v'}, lambda: (b'%d\n' % i for i in (3, 2, 1)), ...)
        calls = await at_points(handler, 3)
        task = asyncio.create_task(broadcast(handler))
        assert [await body_of(call) for call in calls] == [b'a{"k": "v"}\n3\n2\n1\n0\n1\n2\n3\n4\nend'] * 3
        await task


# ---- Threads ----


async def test_feedings_come_from_any_thread_and_none_is_lost(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        calls = await at_points(handler, 3)

        def feed(name: bytes) -> None:
            for number in range(250):
                handler[...] << (name + b'%d,' % number, ...)

        threads = [threading.Thread(target=feed, args=(name,)) for name in (b'a', b'b', b'c', b'd')]
        for thread in threads:
            thread.start()
        for thread in threads:
            await asyncio.to_thread(thread.join)
        await handler[...].wait(3)
        handler[...] << b'end'
        for call in calls:
            items = (await body_of(call)).removeprefix(b'a').removesuffix(b'endz').split(b',')[:-1]
            assert len(items) == 1000
            for name in (b'a', b'b', b'c', b'd'):
                assert [item for item in items if item.startswith(name)] == [name + b'%d' % n for n in range(250)]


async def test_one_call_from_a_thread_is_one_batch(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        await asyncio.to_thread(lambda: handler.feed(b'1', b'2', {'c': 3}))
        assert await body_of(call) == b'a12{"c": 3}\nz'


def test_feeding_streams_of_a_loop_that_is_closed_is_silent() -> None:
    handler = kmock.RawHandler()

    async def leave_open() -> None:
        handler << (b'a', ...)
        await handler.get('/')
        await handler[...].wait()

    asyncio.run(leave_open())
    handler[...] << b'1'
    assert len(handler[...]) == 0


# ---- Sinks ----


async def test_a_sink_of_a_feed_is_called_for_each_request_that_receives_it(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        calls = await at_points(handler, 3)
        received: list[kmock.Request] = []
        handler[...] >> received
        assert [await body_of(call) for call in calls] == [b'az'] * 3
        assert received == list(handler)


async def test_a_sink_of_a_feed_may_stand_beside_an_item(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        calls = await at_points(handler, 2)
        received: list[Any] = []
        boxed: list[Any] = []
        handler[...] << (b'1', ...) << kmock.SinkBox(boxed) >> received
        await handler[...].wait(2)
        assert (received, boxed) == (list(handler), list(handler))
        received << handler[...]
        assert [await body_of(call) for call in calls] == [b'a1z'] * 2
        assert received == list(handler) * 2


async def test_a_sink_of_a_feed_is_done_before_its_items_are_played(transport: str) -> None:
    order: list[str] = []

    async def sink(request: kmock.Request) -> None:
        await asyncio.sleep(0)
        order.append('sink')

    def item() -> bytes:
        order.append('item')
        return b'1'

    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        (call,) = await at_points(handler)
        handler[...] << item >> sink
        assert await body_of(call) == b'a1z'
        assert order == ['sink', 'item']


async def test_a_sink_of_a_feed_that_fails_is_an_error_of_the_stream(transport: str) -> None:
    error = ValueError('boo')

    def fail(request: kmock.Request) -> None:
        raise error

    async with served(transport, kmock.RawHandler()) as handler:
        handler << (b'a', ..., b'never')
        (call,) = await at_points(handler)
        handler[...] << b'never' >> fail
        assert (await body_of(call)).startswith(b'aTraceback')
        assert handler.errors == [error]


async def test_a_sink_of_a_feed_alone_lets_a_feeding_point_alone_go_on(transport: str) -> None:
    async with served(transport) as handler:
        handler << ...
        handler << b'next'
        (call,) = await at_points(handler)
        received: list[Any] = []
        handler[...] >> received
        assert await body_of(call) == b'next'
        assert received == [handler[0]]
