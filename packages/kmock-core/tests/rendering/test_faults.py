"""Faults as payloads, over the transports that have no connections: the call fails, or the reading does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import wraps
from random import Random
from typing import Any

import pytest

import kmock
from kmock import fault
from kmock_core.errors import FaultAbortedError, FaultError, FaultResetError
from kmock_core.testing import FakeTimeLoop, served, until

JSON = {'a': 1}
BODY = b'{"a": 1}'


async def read(handler: kmock.RawHandler, method: str = 'GET', url: str = '/') -> bytes:
    """The body as far as it came; a fault has to come after it."""
    response = await handler.request(method, url)
    parts: list[bytes] = []
    try:
        while part := await response.content.readany():
            parts.append(part)
    except FaultError:
        return b''.join(parts)
    raise AssertionError(f'no fault came after {parts}')


async def chunks_of(handler: kmock.RawHandler, url: str = '/') -> list[bytes]:
    response = await handler.get(url)
    return [chunk async for chunk, _ in response.content.iter_chunks()]


def in_fake_time(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Runs a test in a loop in which waiting takes no time."""

    @wraps(test)
    def run(**fixtures: Any) -> None:
        async def main() -> None:
            await test(**fixtures)

        with asyncio.Runner(loop_factory=FakeTimeLoop) as runner:
            runner.run(main())

    return run


def now() -> float:
    return asyncio.get_running_loop().time()


async def arrivals(handler: kmock.RawHandler, url: str = '/') -> list[tuple[Any, bytes]]:
    """When which part of the body has come, counted from the call."""
    begun = now()
    response = await handler.get(url)
    came: list[tuple[Any, bytes]] = []
    while part := await response.content.readany():
        came.append((pytest.approx(now() - begun), part))
    return came


# ---- Instead of an answer ----

UNHEARD: list[tuple[Any, type[Exception]]] = [
    (fault.reset(), FaultResetError),
    (fault.empty(), FaultAbortedError),
    (fault.garbage(), FaultAbortedError),
    (fault.garbage(b'SSH-2.0-x\r\n'), FaultAbortedError),
]


def label(value: object) -> str:
    return str(getattr(value, '__name__', None) or repr(value))


@pytest.mark.parametrize(('payload', 'error'), UNHEARD, ids=label)
async def test_a_fault_alone_fails_the_call(transport: str, payload: Any, error: type[Exception]) -> None:
    async with served(transport) as handler:
        handler << payload
        with pytest.raises(error, match=repr(payload).partition('(')[0]):
            await handler.get('/')


@pytest.mark.parametrize('method', ['HEAD', 'POST', 'DELETE'])
@pytest.mark.parametrize('payload', [payload for payload, _ in UNHEARD], ids=label)
async def test_a_fault_alone_fails_calls_by_any_method(transport: str, payload: Any, method: str) -> None:
    async with served(transport) as handler:
        handler << payload
        with pytest.raises(FaultError):
            await handler.request(method, '/')


@pytest.mark.parametrize('status', [204, 304, 404, 503])
async def test_a_fault_alone_fails_the_call_whatever_the_status(transport: str, status: int) -> None:
    async with served(transport) as handler:
        handler << status << {'X-A': 'b'} << fault.reset()
        with pytest.raises(ConnectionResetError):
            await handler.get('/')


async def test_faults_are_no_errors_of_the_test(transport: str) -> None:
    async with served(transport) as handler:
        rule = handler['/broken'] << fault.reset()
        handler << b'ok'
        with pytest.raises(FaultResetError):
            await handler.get('/broken')
        assert await (await handler.get('/')).read() == b'ok'
        assert handler.errors == []
        assert handler.unmatched == []
        assert handler.served_by(handler[0]) is rule
        assert len(rule) == 1


async def test_a_fault_serves_every_request(transport: str) -> None:
    async with served(transport) as handler:
        rule = handler << fault.empty()
        for _ in range(3):
            with pytest.raises(FaultAbortedError):
                await handler.get('/')
        assert len(rule) == 3


def give_reset() -> object:
    return fault.reset()


async def give_reset_later(request: kmock.Request) -> object:
    await asyncio.sleep(0)
    return fault.reset()


def generate_reset() -> Iterator[object]:
    yield None
    yield fault.reset()


async def generate_reset_later() -> AsyncIterator[object]:
    yield None
    yield fault.reset()


@pytest.mark.parametrize(
    'payload',
    [
        (fault.reset(),),
        (None, (fault.reset(), b'never')),
        give_reset,
        give_reset_later,
        generate_reset,
        generate_reset_later,
        kmock.Response(503, payload=fault.reset()),
    ],
    ids=label,
)
async def test_a_fault_with_nothing_before_it_fails_the_call_however_it_is_given(transport: str, payload: Any) -> None:
    async with served(transport) as handler:
        handler << payload
        with pytest.raises(FaultResetError):
            await handler.get('/')


async def test_a_request_that_waits_is_fed_with_a_fault(transport: str) -> None:
    async with served(transport) as handler:
        handler << ...
        call = asyncio.ensure_future(handler.get('/'))
        await handler[...].wait()
        handler[...] << fault.reset()
        with pytest.raises(FaultResetError):
            await call


@pytest.mark.parametrize('payload', [fault.reset(), fault.stall(), (b'a', fault.reset()), fault.truncate()], ids=label)
async def test_effects_beside_a_fault_fire(transport: str, payload: Any) -> None:
    async with served(transport) as handler:
        fired = asyncio.Event()
        handler << payload >> fired
        call = asyncio.ensure_future(handler.get('/'))
        await fired.wait()
        call.cancel()
        await asyncio.wait([call])


# ---- In the middle of an answer ----

ENDINGS = [fault.reset(), fault.empty(), fault.truncate(), fault.malformed_chunk(), fault.garbage()]


@pytest.mark.parametrize('ending', ENDINGS, ids=label)
async def test_a_fault_in_a_stream_comes_after_what_was_sent_before(transport: str, ending: Any) -> None:
    async with served(transport) as handler:
        handler['/tuple'] << (b'one', {'k': 'v'}, ending, b'never')
        handler['/shifts'] << b'one' << JSON << ending << b'never'
        assert await read(handler, url='/tuple') == b'one{"k": "v"}\n'
        assert await read(handler, url='/shifts') == b'one{"a": 1}\n'


async def test_status_and_headers_of_the_rule_are_sent_before_a_fault_in_the_stream(transport: str) -> None:
    async with served(transport) as handler:
        handler << 206 << {'X-A': 'b'} << (b'abc', fault.reset())
        response = await handler.get('/')
        assert (response.status, response.headers['X-A']) == (206, 'b')
        with pytest.raises(FaultResetError):
            await response.read()


async def test_an_open_stream_is_fed_with_a_fault(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'never')
        response = await handler.get('/')
        await handler[...].wait()
        handler[...] << (b'b', ...)
        await handler[...].wait()
        handler[...] << (b'c', fault.reset())
        assert await response.content.readexactly(3) == b'abc'
        with pytest.raises(FaultResetError):
            await response.content.read()


async def test_the_sources_of_a_stream_are_closed_by_a_fault(transport: str) -> None:
    closed: list[bool] = []

    def chunks() -> Iterator[object]:
        try:
            yield b'abc'
            yield fault.reset()
            yield b'never'
        finally:
            closed.append(True)

    async with served(transport) as handler:
        handler << chunks
        assert await read(handler) == b'abc'
        assert closed == [True]


async def test_a_head_request_gets_the_head_of_a_stream_that_breaks_later(transport: str) -> None:
    async with served(transport) as handler:
        handler << {'X-A': 'b'} << (b'abc', fault.reset())
        response = await handler.head('/')
        assert (response.headers['X-A'], await response.read()) == ('b', b'')


# ---- Stalling ----


@pytest.mark.parametrize('method', ['GET', 'HEAD'])
async def test_a_stalled_call_waits_until_the_client_leaves(transport: str, method: str) -> None:
    async with served(transport) as handler:
        rule = handler << fault.stall()
        call = asyncio.ensure_future(handler.request(method, '/'))
        await rule.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not call.done()
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()


async def test_a_stalled_stream_waits_after_what_was_sent_before(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'abc', fault.stall(), b'never')
        response = await handler.get('/')
        assert await response.content.readexactly(3) == b'abc'
        reading = asyncio.ensure_future(response.content.read())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not reading.done()
        reading.cancel()
        await asyncio.wait([reading])


async def test_what_stalls_is_ended_when_all_is_forgotten(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'abc', fault.stall())
        response = await handler.get('/')
        assert await response.content.readexactly(3) == b'abc'
        handler.reset()
        with pytest.raises(FaultAbortedError):
            await response.content.read()


# ---- Truncating ----


@pytest.mark.parametrize('n', [0, 1, 3, 7, 8])
async def test_a_body_is_cut_and_its_length_promises_the_whole(n: int) -> None:
    async with served('inprocess') as handler:
        handler['/after'] << JSON << fault.truncate(n)
        handler['/before'] << fault.truncate(n) << JSON
        for url in ('/after', '/before'):
            response = await handler.get(url)
            assert response.headers['Content-Length'] == '8'
            assert response.headers['Content-Type'] == 'application/json'
            assert await read(handler, url=url) == BODY[:n]


async def test_a_stream_is_cut_so_many_bytes_from_where_the_fault_stands(transport: str) -> None:
    async with served(transport) as handler:
        handler['/in'] << (b'abc', fault.truncate(4), b'def', b'ghi')
        handler['/of bodies'] << b'abc' << fault.truncate(4) << b'def' << b'ghi'
        handler['/beside'] << fault.truncate(4) << (b'abc', b'def', b'ghi')
        assert await read(handler, url='/in') == b'abcdefg'
        assert await read(handler, url='/of bodies') == b'abcdefg'
        assert await read(handler, url='/beside') == b'abcd'


async def test_a_stream_is_cut_at_once_and_not_with_the_chunk_after(transport: str) -> None:
    async with served(transport) as handler:
        handler['/at once'] << (b'abc', fault.truncate(0), ...)
        handler['/later'] << (fault.truncate(3), b'abc', ...)
        assert await read(handler, url='/at once') == b'abc'
        assert await read(handler, url='/later') == b'abc'


async def test_a_stream_that_is_shorter_than_its_cut_does_not_end_in_order_either(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'abc', b'def') << fault.truncate(100)
        assert await read(handler) == b'abcdef'


# ---- Fragments ----


async def test_a_body_goes_out_in_pieces(transport: str) -> None:
    async with served(transport) as handler:
        handler['/body'] << kmock.text('aé€') << fault.fragment()
        handler['/stream'] << (b'abc', fault.fragment(2), b'defgh', b'i')
        assert await chunks_of(handler, '/body') == [bytes([byte]) for byte in 'aé€'.encode()]
        assert await chunks_of(handler, '/stream') == [b'abc', b'de', b'fg', b'h', b'i']


async def test_a_feeding_point_goes_on_in_pieces_after_a_fault_was_fed(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'ab', ...)
        response = await handler.get('/')
        for fed in ((fault.fragment(1), ...), (b'cd', ...), b'ef'):
            await handler[...].wait()
            handler[...] << fed
        chunks = [chunk async for chunk, _ in response.content.iter_chunks()]
        assert chunks == [b'ab', b'c', b'd', b'e', b'f']


async def test_shaping_keeps_the_head_as_it_is(transport: str) -> None:
    async with served(transport) as handler:
        handler << 201 << {'X-A': 'b'} << JSON << fault.fragment(3) << kmock.cookies(c='d')
        response = await handler.get('/')
        assert response.status == 201
        assert {name.lower(): value for name, value in response.headers.items()} == {
            'x-a': 'b', 'set-cookie': 'c=d; Path=/', 'content-length': '8', 'content-type': 'application/json',
        }  # fmt: skip
        assert await response.read() == BODY


async def test_a_document_beside_a_shaping_fault_stays_live(transport: str) -> None:
    async with served(transport) as handler:
        document = {'a': 1}
        handler << document << fault.fragment(2)
        assert await (await handler.get('/')).json() == {'a': 1}
        document['a'] = 2
        assert await (await handler.get('/')).json() == {'a': 2}


@pytest.mark.parametrize('payload', [(), (None,), lambda: None, NotImplemented, StopIteration], ids=label)
async def test_a_rule_that_passes_on_does_so_beside_a_shaping_fault(transport: str, payload: Any) -> None:
    async with served(transport) as handler:
        handler << payload << fault.fragment(1)
        handler << b'next'
        assert await (await handler.get('/')).read() == b'next'


# ---- Latency ----


@in_fake_time
async def test_an_answer_is_late(transport: str) -> None:
    async with served(transport) as handler:
        handler['/after'] << JSON << fault.latency(0.5)
        handler['/before'] << fault.latency(0.5) << JSON
        handler['/stream'] << (b'a', b'b') << fault.latency(1)
        assert await arrivals(handler, '/after') == [(0.5, BODY)]
        assert await arrivals(handler, '/before') == [(0.5, BODY)]
        assert b''.join(part for _, part in await arrivals(handler, '/stream')) == b'ab'
        assert now() == pytest.approx(2.0)


@in_fake_time
async def test_a_late_answer_may_have_no_body(transport: str) -> None:
    async with served(transport) as handler:
        handler['/status'] << 404 << fault.latency(2)
        handler['/nothing'] << fault.latency(3)
        handler['/given'] << (lambda: fault.latency(4))
        assert ((await handler.get('/status')).status, now()) == (404, 2.0)
        assert ((await handler.get('/nothing')).status, now()) == (200, 5.0)
        assert ((await handler.get('/given')).status, now()) == (200, 9.0)


@in_fake_time
async def test_a_stream_pauses_where_the_fault_stands(transport: str) -> None:
    async with served(transport) as handler:
        handler['/tuple'] << (b'a', fault.latency(1), b'b', fault.latency(2), b'c')
        handler['/bodies'] << b'a' << fault.latency(1) << b'b' << fault.latency(2) << b'c'
        assert await arrivals(handler, '/tuple') == [(0, b'a'), (1, b'b'), (3, b'c')]
        assert await arrivals(handler, '/bodies') == [(0, b'a'), (1, b'b'), (3, b'c')]


@in_fake_time
async def test_a_fault_may_come_late(transport: str) -> None:
    async with served(transport) as handler:
        handler << fault.reset() << fault.latency(5)
        with pytest.raises(FaultResetError):
            await handler.get('/')
        assert now() == pytest.approx(5.0)


@in_fake_time
async def test_a_tuple_of_a_pause_alone_delays_what_the_next_rule_serves(transport: str) -> None:
    async with served(transport) as handler:
        handler << (fault.latency(5),)
        handler << b'next'
        assert await arrivals(handler) == [(5, b'next')]


@in_fake_time
async def test_the_latency_is_what_a_callable_gives(transport: str) -> None:
    def by_query(request: kmock.Request) -> float:
        return float(request.query['s'])

    async def later() -> float:
        return 3.0

    async with served(transport) as handler:
        handler['/query'] << JSON << fault.latency(by_query)
        handler['/later'] << JSON << fault.latency(later)
        assert await arrivals(handler, '/query?s=1.5') == [(1.5, BODY)]
        assert await arrivals(handler, '/query?s=2') == [(2, BODY)]
        assert await arrivals(handler, '/later') == [(3, BODY)]


@in_fake_time
async def test_latencies_are_drawn_evenly_by_the_seed(transport: str) -> None:
    async with served(transport) as handler:
        handler << JSON << fault.latency((1, 3), seed=7)
        draw = Random(7).random
        for _ in range(5):
            assert await arrivals(handler) == [(1 + 2 * draw(), BODY)]


@pytest.mark.parametrize('given', [None, 'soon', -1, float('nan'), True], ids=repr)
async def test_a_callable_that_gives_no_latency_is_an_error_of_the_test(transport: str, given: object) -> None:
    async with served(transport, kmock.RawHandler()) as handler:
        handler << JSON << fault.latency(lambda: given)
        assert (await handler.get('/')).status == 500
        assert [str(error) for error in handler.errors] == [
            f'latency({given!r}): a latency is a number of seconds from 0 on'
        ]


@in_fake_time
async def test_a_client_that_leaves_during_a_latency_is_no_error(transport: str) -> None:
    async with served(transport) as handler:
        closed = asyncio.Event()

        async def stream() -> AsyncIterator[bytes]:
            try:
                yield b'a'
            finally:
                closed.set()

        rule = handler << stream << fault.latency(1000)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await handler.get('/')
        await closed.wait()
        assert len(rule) == 1


# ---- Throttling ----


@in_fake_time
async def test_a_body_goes_out_at_a_rate(transport: str) -> None:
    async with served(transport) as handler:
        handler << b'abcdef' << fault.throttle(2)
        assert await arrivals(handler) == [(0.5 * n, b'abcdef'[n - 1 : n]) for n in range(1, 7)]


@in_fake_time
async def test_the_rest_of_a_stream_goes_out_at_a_rate(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'abc', fault.throttle('1B/s'), b'de', fault.latency(10), b'f')
        assert await arrivals(handler) == [(0, b'abc'), (1, b'd'), (2, b'e'), (13, b'f')]


@in_fake_time
async def test_the_head_comes_before_the_first_piece(transport: str) -> None:
    async with served(transport) as handler:
        handler << b'a' << fault.throttle(0.5)
        response = await handler.get('/')
        assert now() == 0
        assert (await response.read(), now()) == (b'a', 2)


@in_fake_time
async def test_large_bodies_go_out_in_a_few_pieces_a_second(transport: str) -> None:
    async with served(transport) as handler:
        handler << bytes(8192) << fault.throttle('8KiB/s')
        came = await arrivals(handler)
        assert 10 < len(came) < 40
        assert now() == pytest.approx(1.0)


@in_fake_time
async def test_shaping_faults_add_up(transport: str) -> None:
    async with served(transport) as handler:
        handler << 201 << b'abcdef' << fault.latency(3) << fault.throttle(1) << fault.truncate(2)
        response = await handler.get('/')
        assert (response.status, now()) == (201, 3)
        with pytest.raises(FaultAbortedError):
            await response.read()
        assert now() == 5


@in_fake_time
async def test_a_shaped_stream_may_be_fed(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'ab', ...) << fault.throttle(1)
        response = await handler.get('/')
        assert (await response.content.readexactly(2), now()) == (b'ab', 2)
        await handler[...].wait()
        handler[...] << (b'c', ...)
        assert (await response.content.readexactly(1), now()) == (b'c', 3)
        await handler[...].wait()
        handler[...] << b'de'
        assert (await response.content.read(), now()) == (b'de', 5)


async def test_a_stream_that_is_left_while_it_is_shaped_is_closed(transport: str) -> None:
    async with served(transport) as handler:
        closed = asyncio.Event()

        async def stream() -> AsyncIterator[bytes]:
            try:
                yield b'abc'
                yield b'def'
            finally:
                closed.set()

        handler << stream << fault.throttle(0.001)
        response = await handler.get('/')
        response.close()
        async with asyncio.timeout(5):
            await closed.wait()


# ---- Now and then ----


async def outcomes(handler: kmock.RawHandler, count: int, url: str = '/') -> list[bool]:
    """True for each call that a fault has failed."""
    failed: list[bool] = []
    for _ in range(count):
        try:
            assert await (await handler.get(url)).read() == b'ok'
        except FaultResetError:
            failed.append(True)
        else:
            failed.append(False)
    return failed


def drawn(seed: int, count: int, probability: float = 0.5) -> list[bool]:
    draw = Random(seed).random
    return [draw() < probability for _ in range(count)]


async def test_a_seed_decides_which_requests_fail(transport: str) -> None:
    async with served(transport) as handler:
        handler << fault.flaky(0.5, seed=3)
        handler << b'ok'
        assert await outcomes(handler, 20) == drawn(3, 20)


async def test_a_drawn_seed_can_be_used_again(transport: str) -> None:
    async with served(transport) as handler:
        first = fault.flaky(0.5)
        handler['/first'] << first
        handler['/again'] << fault.flaky(0.5, seed=first.seed)
        handler << b'ok'
        assert await outcomes(handler, 20, '/first') == await outcomes(handler, 20, '/again')


async def test_each_rule_draws_by_itself(transport: str) -> None:
    async with served(transport) as handler:
        flaky = fault.flaky(0.5, seed=3)
        handler['/a'] << flaky
        handler['/b'] << flaky
        handler << b'ok'
        both = [(await outcomes(handler, 1, '/a') + await outcomes(handler, 1, '/b')) for _ in range(20)]
        assert both == [[failed, failed] for failed in drawn(3, 20)]


async def test_a_rule_that_is_made_longer_goes_on_drawing(transport: str) -> None:
    async with served(transport) as handler:
        rule = handler << fault.flaky(0.5, seed=3)
        handler << b'ok'
        first = await outcomes(handler, 10)
        rule << {'X-A': 'b'}
        assert first + await outcomes(handler, 10) == drawn(3, 20)


@pytest.mark.parametrize(('probability', 'failed'), [(0, False), (0.0, False), (1, True), (1.0, True)])
async def test_never_and_always_are_probabilities_too(transport: str, probability: float, failed: bool) -> None:
    async with served(transport) as handler:
        handler << fault.flaky(probability)
        handler << b'ok'
        assert await outcomes(handler, 50) == [failed] * 50


async def test_a_flaky_rule_counts_only_the_requests_that_it_has_served(transport: str) -> None:
    async with served(transport) as handler:
        rule = handler << fault.flaky(0.5, seed=3)
        handler << b'ok'
        assert sum(await outcomes(handler, 20)) == len(rule)


@pytest.mark.parametrize('payload', [503, kmock.Response(503), kmock.Response(503, payload=JSON)], ids=repr)
async def test_a_flaky_answer_may_be_a_status(transport: str, payload: Any) -> None:
    async with served(transport) as handler:
        handler << fault.flaky(0.5, payload, seed=3)
        handler << b'ok'
        statuses = [(await handler.get('/')).status for _ in range(20)]
        assert statuses == [503 if failed else 200 for failed in drawn(3, 20)]


async def test_a_flaky_item_of_a_stream_is_nothing_when_it_is_not_drawn(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'o', fault.flaky(0.5, seed=3), b'k')
        assert await outcomes(handler, 20) == drawn(3, 20)


@in_fake_time
async def test_a_flaky_latency_delays_some_answers(transport: str) -> None:
    async with served(transport) as handler:
        handler << b'ok' << fault.flaky(0.5, fault.latency(1), seed=3)
        assert [await arrivals(handler) for _ in range(20)] == [[(float(late), b'ok')] for late in drawn(3, 20)]


# ---- What a failing test tells ----

SHOWN: list[tuple[fault.reset | Any, str]] = [
    (fault.reset(), 'reset()'),
    (fault.empty(), 'empty()'),
    (fault.truncate(), 'truncate()'),
    (fault.truncate(3), 'truncate(3)'),
    (fault.malformed_chunk(), 'malformed_chunk()'),
    (fault.garbage(), 'garbage()'),
    (fault.garbage(b'x'), "garbage(b'x')"),
    (fault.stall(), 'stall()'),
    (fault.latency(0.5), 'latency(0.5)'),
    (fault.latency((0.1, 0.5), seed=5), 'latency((0.1, 0.5), seed=5)'),
    (fault.throttle('8KiB/s'), "throttle('8KiB/s')"),
    (fault.fragment(), 'fragment(1)'),
    (fault.flaky(0.1, seed=5), 'flaky(0.1, reset(), seed=5)'),
    (fault.flaky(0.1, 503, seed=5), 'flaky(0.1, 503, seed=5)'),
    (fault.flaky(1, fault.latency((1, 2), seed=4), seed=5), 'flaky(1, latency((1, 2), seed=4), seed=5)'),
]


@pytest.mark.parametrize(('payload', 'shown'), SHOWN, ids=label)
def test_a_fault_shows_how_to_order_it_again(payload: object, shown: str) -> None:
    assert repr(payload) == shown


@pytest.mark.parametrize('payload', [fault.flaky(0.1), fault.latency((1, 2))], ids=['flaky', 'latency'])
def test_a_drawn_seed_is_shown_by_the_rule(payload: 'fault.flaky | fault.latency') -> None:
    rule = kmock.RawHandler()['/x'] << payload
    assert f'seed={payload.seed})' in rule.describe()


@pytest.mark.parametrize(
    'payload',
    [
        ('x' * 100, fault.flaky(0.1, seed=48211)),
        ('x' * 100, ('y', fault.latency((1, 2), seed=48211))),
        kmock.Response(payload=('x' * 100, fault.flaky(0.1, seed=48211))),
        fault.flaky(0.1, kmock.Response(payload='x' * 100), seed=48211),
    ],
    ids=['tuple', 'nested', 'response', 'payload'],
)
def test_a_seed_is_shown_by_the_rule_however_long_the_rest_is(payload: Any) -> None:
    rule = kmock.RawHandler()['/x'] << payload
    assert rule.describe().count('seed=48211)') == 1
    assert len(rule.describe()) < 150


# ---- Mistakes ----

MISTAKES: list[tuple[Callable[[], object], str]] = [
    (lambda: fault.truncate(-1), r'truncate\(-1\): type a number of bytes from 0 on'),
    (lambda: fault.truncate(True), r'truncate\(True\): type a number of bytes from 0 on'),
    (lambda: fault.fragment(0), r'fragment\(0\): type a number of bytes from 1 on'),
    (lambda: fault.latency(-1), r'latency\(-1\): a latency is a number of seconds from 0 on'),
    (lambda: fault.latency(float('inf')), r'latency\(inf\): a latency is a number of seconds from 0 on'),
    (lambda: fault.latency((2, 1)), r'type \(the least, the most\) in seconds'),
    (lambda: fault.latency((1, -1)), r'latency\(-1\): a latency is a number'),
    (lambda: fault.latency(1, seed=5), r'nothing is drawn; type \(the least, the most\)'),
    (lambda: fault.flaky(1.1), r'flaky\(1.1\): a probability is from 0 to 1'),
    (lambda: fault.flaky(-0.1), r'flaky\(-0.1\): a probability is from 0 to 1'),
]


@pytest.mark.parametrize(('mistake', 'message'), MISTAKES)
def test_a_mistake_is_refused_in_clear_words(mistake: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mistake()


@pytest.mark.parametrize(
    'rate',
    [0, -1, float('nan'), True, '8', '8 apples', '8kbit/s', '8kib/s', '0KiB/s', '-8KiB/s', '8KiB/m', '', 'KiB'],
    ids=repr,
)
def test_a_rate_that_is_none_is_refused_with_the_units_that_are_known(rate: Any) -> None:
    with pytest.raises(ValueError, match='known units: B, kB, KB, KiB, MB, MiB') as refusal:
        fault.throttle(rate)
    assert str(refusal.value).startswith(f'throttle({rate!r}): type bytes per second, or a text such as')


def test_garbage_has_to_be_bytes() -> None:
    text: Any = 'SSH-2.0-x'
    with pytest.raises(TypeError, match=r"garbage\('SSH-2.0-x'\): type bytes"):
        fault.garbage(text)


def test_a_flaky_thing_has_to_be_a_payload() -> None:
    with pytest.raises(NotImplementedError, match='Unsupported payload type'):
        fault.flaky(0.5, {1, 2})


@pytest.mark.parametrize(
    ('text', 'rate'),
    [
        (5, 5), (0.5, 0.5), ('5B', 5), ('5B/s', 5), ('1.5 KiB/s', 1536), ('2KB/s', 2000), ('2kB / s', 2000),
        ('1MB', 1e6), (' 1 MiB/s ', 1048576),
    ],
)  # fmt: skip
def test_a_rate_is_read(text: Any, rate: float) -> None:
    assert fault.throttle(text).rate == rate


# ---- Beside other rules ----


async def test_the_rule_above_a_fault_can_wait_for_the_requests_that_it_breaks(transport: str) -> None:
    async with served(transport) as handler:
        rule = handler['/x'] << fault.reset()
        call = asyncio.ensure_future(handler.get('/x'))
        await rule.wait()
        await until(call.done, 'the call fails')
        assert isinstance(call.exception(), FaultResetError)


async def test_a_handler_answers_the_faults_by_name(transport: str) -> None:
    async with served(transport) as handler:
        handler << handler.fault.reset()
        with pytest.raises(FaultResetError):
            await handler.get('/')


@pytest.mark.parametrize('seed', ['x', 1.5, [1], object()], ids=type)
def test_a_seed_that_is_no_int_is_refused_at_once(seed: Any) -> None:
    with pytest.raises(TypeError, match='a seed is an int'):
        fault.flaky(0.5, seed=seed)
    with pytest.raises(TypeError, match='a seed is an int'):
        fault.latency((1, 2), seed=seed)


def test_the_collection_of_all_faults_is_none_itself() -> None:
    with pytest.raises(TypeError, match=r'type e.g. fault.reset\(\)'):
        fault()
