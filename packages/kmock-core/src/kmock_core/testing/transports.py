"""The promises of transports (group ``kmock.transports``), and the checks of them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar, overload

from kmock_core.handlers.raw import RawHandler
from kmock_core.registry import TRANSPORTS
from kmock_core.rendering.faults import fault
from kmock_core.spi import Endpoint, Transport, TransportOptions
from kmock_core.testing.expectations import describe, expect, expect_that, patience
from kmock_core.values.boxes import body, cookies, headers, text
from kmock_core.values.requests import Request

HandlerT = TypeVar('HandlerT', bound=RawHandler)

Promise = Callable[[RawHandler, Endpoint], Awaitable[Callable[[], None] | None]]
"""Uses the endpoint; a function that it returns is called when the transport was left."""

PROMISES: dict[str, Promise] = {}
"""What transports promise, by sentences."""


def transport_promises() -> list[str]:
    """The sentences of all promises: for tests that are parametrized by them."""
    return list(PROMISES)


async def check_transport(
    transport: Transport, options: TransportOptions | None = None, *, promise: str | None = None
) -> None:
    """Check that a transport carries requests to a handler, and answers back, as the others do.

    Args:
        transport: the factory, as it stands in the entry point.
        options: how the handler is to be reached.
        promise: check this one only, of those in `transport_promises`; by default all of them.

    Raises:
        AssertionError: some promises are broken; the message names all of them.
    """
    failures: list[tuple[str, BaseException]] = []
    for name in PROMISES if promise is None else [promise]:
        try:
            await _check(transport, options or TransportOptions(), name)
        except Exception as exc:  # one broken promise must not hide another
            failures.append((name, exc))
    if failures:
        lines = [f'{name}:\n    {_describe_failure(exc)}' for name, exc in failures]
        raise AssertionError('\n'.join([f'The transport {describe(transport)} breaks:', *lines])) from failures[0][1]


@overload
def served(
    transport: Transport | str = 'inprocess', *, options: TransportOptions | None = None
) -> AbstractAsyncContextManager[RawHandler]: ...
@overload
def served(
    transport: Transport | str, handler: HandlerT, *, options: TransportOptions | None = None
) -> AbstractAsyncContextManager[HandlerT]: ...
def served(
    transport: Transport | str = 'inprocess', handler: Any = None, *, options: TransportOptions | None = None
) -> AbstractAsyncContextManager[Any]:
    """Enter a handler and serve it: its own calls (``await kmock.get('/')``) go by that transport.

    Args:
        transport: the factory, or the name of its entry point.
        handler: by default a strict `RawHandler`: what goes wrong on the server side is raised at the end.
        options: how the handler is to be reached.
    """
    factory = TRANSPORTS.get(transport) if isinstance(transport, str) else transport
    return _served(factory, RawHandler(strict=True) if handler is None else handler, options or TransportOptions())


@asynccontextmanager
async def _served(
    transport: Transport, handler: RawHandler, options: TransportOptions
) -> AsyncGenerator[RawHandler, None]:
    async with handler, transport(handler, options) as endpoint:
        if endpoint in handler.servers:
            yield handler
            return
        handler.servers.append(endpoint)
        try:
            yield handler
        finally:
            handler.servers.remove(endpoint)


async def _check(transport: Transport, options: TransportOptions, name: str) -> None:
    before = asyncio.all_tasks()
    afterwards = None
    async with patience('the promise and the end of the transport'), RawHandler() as kmock:
        async with transport(kmock, options) as endpoint:
            afterwards = await PROMISES[name](kmock, endpoint)
        if afterwards is not None:
            afterwards()
        for _ in range(10):
            await asyncio.sleep(0)
    left = asyncio.all_tasks() - before
    expect_that(not left, f'tasks are left behind: {sorted(task.get_name() for task in left)}')


def _describe_failure(exc: BaseException) -> str:
    return str(exc) if isinstance(exc, AssertionError) else f'{type(exc).__name__}: {exc}'


def _promise(promise: Promise) -> Promise:
    PROMISES[promise.__name__.removeprefix('_').replace('_', ' ')] = promise
    return promise


async def _expect_answer(call: Any, content: bytes, status: int = 200) -> Any:
    response = await call
    expect(response.status, status, 'status')
    expect(await response.read(), content, 'body')
    return response


async def _chunks_of(response: Any) -> list[bytes]:
    chunks = [b'']
    async for data, ended in response.content.iter_chunks():
        chunks[-1] += data
        if ended:
            chunks.append(b'')
    return [chunk for chunk in chunks if chunk]


def _echo(request: Request) -> bytes:
    return request.target.encode()


class _Forever:
    """Waits for ever as a callable payload, and tells when it has begun and when it was cancelled."""

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


# ---- Requests ----


@_promise
async def _methods_arrive_as_they_were_sent(kmock: RawHandler, endpoint: Endpoint) -> None:
    methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']
    kmock.respond(b'done')
    for method in methods:
        await _expect_answer(endpoint.client.request(method, '/'), b'done')
    expect([request.method.value for request in kmock], methods, 'methods')


@_promise
async def _unicode_paths_and_queries_arrive_decoded(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock.respond(b'')
    await _expect_answer(endpoint.client.request('GET', '/Mixed/ü/日本?q=É&r=a+b%26&s'), b'')
    await _expect_answer(endpoint.client.request('GET', '/p', params={'k': 'ü&='}), b'')
    expect(kmock[0].path, '/Mixed/ü/日本', 'path')
    expect(list(kmock[0].query.items()), [('q', 'É'), ('r', 'a b&'), ('s', '')], 'query')
    expect(list(kmock[1].query.items()), [('k', 'ü&=')], 'query of params=')


@_promise
async def _encoded_slashes_in_paths_can_be_told_from_others(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock.respond(b'')
    await _expect_answer(endpoint.client.request('GET', '/a%2Fb/c%20d'), b'')
    expect(kmock[0].raw_path, '/a%2Fb/c%20d', 'raw path')
    expect(kmock[0].path, '/a/b/c d', 'path')


@_promise
async def _absolute_urls_reach_the_handler(kmock: RawHandler, endpoint: Endpoint) -> None:
    expect_that(endpoint.url.scheme in {'http', 'https'}, f'the scheme of {endpoint.url} is neither http nor https')
    kmock['/path'].respond(b'here')
    await _expect_answer(endpoint.client.request('GET', str(endpoint.url.with_path('/path'))), b'here')
    expect(kmock[0].host, str(endpoint.url.origin()).partition('://')[2], 'host')
    expect(kmock[0].url.path, '/path', 'path of the URL')


@_promise
async def _request_headers_arrive_in_any_case_and_order(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock.respond(b'')
    sent = [('X-One', '1'), ('X-Two', 'a'), ('X-Two', 'b'), ('X-Text', 'ü, "q"'), ('X-Empty', '')]
    await _expect_answer(endpoint.client.request('GET', '/', headers=sent), b'')
    got = kmock[0].headers
    expect(got.get('x-one'), '1', 'header X-One')
    expect(got.getall('X-TWO', []), ['a', 'b'], 'the repeated header X-Two')
    expect(got.get('X-Text'), 'ü, "q"', 'header X-Text, in UTF-8')
    expect(got.get('X-Empty'), '', 'the empty header X-Empty')


@_promise
async def _cookies_arrive(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock.respond(b'')
    await _expect_answer(endpoint.client.request('GET', '/', headers={'Cookie': 'a=1; b="2"'}), b'')
    expect(dict(kmock[0].cookies), {'a': '1', 'b': '2'}, 'cookies')


@_promise
async def _bodies_arrive_whole(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock.respond(b'')
    sizes = {'no': b'', 'a short': b'\x00\xff\r\n\r\n', 'a megabyte of a': bytes(range(256)) * 4096}
    for name, content in sizes.items():
        await _expect_answer(endpoint.client.request('POST', '/', data=content), b'')
        expect(kmock[-1].body, content, f'{name} body')


@_promise
async def _bodies_that_are_streamed_arrive_whole(kmock: RawHandler, endpoint: Endpoint) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for number in range(100):
            await asyncio.sleep(0)
            yield b'%d\n' % number

    kmock.respond(b'')
    await _expect_answer(endpoint.client.request('POST', '/', data=parts()), b'')
    expect(kmock[0].body, b''.join(b'%d\n' % number for number in range(100)), 'body')


@_promise
async def _json_texts_and_forms_are_read(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock.respond(b'')
    await _expect_answer(endpoint.client.request('POST', '/', json={'é': [1, None]}), b'')
    await _expect_answer(endpoint.client.request('POST', '/', data='ü'.encode()), b'')
    await _expect_answer(endpoint.client.request('POST', '/', data={'a': 'ü', 'b': '2'}), b'')
    expect(kmock[0].data, {'é': [1, None]}, 'JSON')
    expect(kmock[0].content_type, 'application/json', 'content type of JSON')
    expect(kmock[1].text, 'ü', 'text')
    expect(kmock[2].data, {'a': 'ü', 'b': '2'}, 'form')


@_promise
async def _a_hundred_requests_are_recorded_in_order(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock.respond(_echo)
    for number in range(100):
        await _expect_answer(endpoint.client.request('GET', f'/{number}'), b'/%d' % number)
    expect([request.path for request in kmock], [f'/{number}' for number in range(100)], 'paths in order')
    expect([request.id for request in kmock], list(range(100)), 'numbers of the requests')


@_promise
async def _requests_are_served_at_the_same_time(kmock: RawHandler, endpoint: Endpoint) -> None:
    both = asyncio.Event()
    here: list[str] = []

    async def meet(request: Any) -> bytes:
        here.append(request.path)
        if len(here) == 2:
            both.set()
        await both.wait()
        return bytes(request.path, 'ascii')

    kmock.respond(meet)
    calls = [_expect_answer(endpoint.client.request('GET', path), path.encode()) for path in ('/a', '/b')]
    await asyncio.gather(*calls)
    expect(sorted(here), ['/a', '/b'], 'paths')


# ---- Answers ----


@_promise
async def _statuses_are_answered(kmock: RawHandler, endpoint: Endpoint) -> None:
    for status in (200, 201, 299, 301, 400, 404, 418, 500, 503):
        kmock[f'/{status}'].respond(status, b'text')
        request = endpoint.client.request('GET', f'/{status}', allow_redirects=False)
        await _expect_answer(request, b'text', status)


@_promise
async def _204_and_304_have_no_body_and_the_next_request_is_served(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock['/next'].respond(b'next')
    for status in (204, 304):
        for name, payload in {'none': None, 'bytes': b'body', 'stream': (b'a', b'b')}.items():
            kmock[f'/{status}/{name}'].respond(status, payload)
            await _expect_answer(endpoint.client.request('GET', f'/{status}/{name}'), b'', status)
            await _expect_answer(endpoint.client.request('GET', '/next'), b'next')


@_promise
async def _head_has_the_headers_and_no_body(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock['/next'].respond(b'next')
    kmock['/bytes'].respond({'X-Head': 'yes'}, b'12345')
    kmock['/stream'].respond({'X-Head': 'yes'}, (b'a', _Forever()))
    for path in ('/bytes', '/stream'):
        response = await _expect_answer(endpoint.client.request('HEAD', path), b'')
        expect(response.headers.get('X-Head'), 'yes', f'header of HEAD {path}')
        await _expect_answer(endpoint.client.request('GET', '/next'), b'next')
    response = await endpoint.client.request('HEAD', '/bytes')
    expect(response.headers.get('Content-Length'), '5', 'Content-Length of HEAD')


@_promise
async def _static_answers_are_the_same_each_time(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock.respond(201, {'X-Static': '1'}, {'a': 1})
    for _ in range(3):
        response = await _expect_answer(endpoint.client.request('GET', '/'), b'{"a": 1}', 201)
        expect(response.headers.get('Content-Type', '').partition(';')[0], 'application/json', 'content type')
        expect(response.headers.get('Content-Length'), '8', 'Content-Length')
        expect(response.headers.get('x-static'), '1', 'header X-Static')


@_promise
async def _response_headers_and_cookies_are_sent(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock.respond(headers({'X-Two': ['a', 'b'], 'X-Text': 'ü'}), cookies(c='1', d=None), b'')
    response = await _expect_answer(endpoint.client.request('GET', '/'), b'')
    expect(response.headers.getall('X-Two', []), ['a', 'b'], 'the repeated header X-Two')
    expect(response.headers.get('X-Text'), 'ü', 'header X-Text, in UTF-8')
    set_cookies = response.headers.getall('Set-Cookie', [])
    expect(len(set_cookies), 2, 'number of cookies')
    expect(response.cookies['c'].value, '1', 'cookie')
    expect_that('Max-Age=0' in set_cookies[1], f'the cookie d is not deleted: {set_cookies[1]}')


@_promise
async def _large_answers_arrive_whole(kmock: RawHandler, endpoint: Endpoint) -> None:
    content = bytes(range(256)) * 4096
    kmock['/static'].respond(body(content))
    kmock['/made'].respond(lambda: content)
    kmock['/stream'].respond((content, content))
    await _expect_answer(endpoint.client.request('GET', '/static'), content)
    await _expect_answer(endpoint.client.request('GET', '/made'), content)
    await _expect_answer(endpoint.client.request('GET', '/stream'), content * 2)


@_promise
async def _empty_answers_end(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock['/bytes'].respond(b'')
    kmock['/text'].respond(text(''))
    kmock['/stream'].respond((b'',))
    kmock['/status'].respond(200)
    for path in ('/bytes', '/text', '/stream', '/status'):
        await _expect_answer(endpoint.client.request('GET', path), b'')


# ---- Streams ----


@_promise
async def _the_chunks_of_a_stream_keep_their_boundaries(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock.respond((b'one', b'', b'two', lambda: asyncio.sleep(0), b'three', {'k': 'v'}, (b'four', b'five')))
    response = await endpoint.client.request('GET', '/')
    expect(response.status, 200, 'status')
    expect(response.headers.get('Content-Length'), None, 'Content-Length of a stream')
    expect(await _chunks_of(response), [b'one', b'two', b'three', b'{"k": "v"}\n', b'four', b'five'], 'chunks')


@_promise
async def _chunks_come_as_soon_as_they_are_there(kmock: RawHandler, endpoint: Endpoint) -> None:
    going_on = [asyncio.Event() for _ in range(3)]
    kmock.respond((b'0', going_on[0], b'1', going_on[1], b'2', going_on[2]))
    async with endpoint.client.request('GET', '/') as response:
        for number, event in enumerate(going_on):
            expect(await response.content.readexactly(1), b'%d' % number, f'chunk {number}')
            event.set()
        expect(await response.content.read(), b'', 'the rest of the stream')


@_promise
async def _open_streams_are_fed(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock.respond((b'a', ..., b'z'))
    async with endpoint.client.request('GET', '/') as response:
        expect(await response.content.readexactly(1), b'a', 'the first chunk')
        for number in range(10):
            await kmock[...].wait()
            kmock.feed((b'%d' % number, ...))
            expect(await response.content.readexactly(1), b'%d' % number, 'a chunk that was fed')
        kmock.feed((b'x', ...))
        kmock.feed(b'y')
        expect(await response.content.read(), b'xyz', 'the rest of the stream')


@_promise
async def _many_open_streams_are_fed_at_once(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock.respond((b'a', ...))
    responses = [await endpoint.client.request('GET', '/') for _ in range(20)]
    await kmock[...].wait(20)
    kmock.feed((b'1', ...))
    kmock.feed((b'2', ...))
    for response in responses:
        expect(await response.content.readexactly(3), b'a12', 'the beginning of a stream')
    kmock.feed(b'3')
    expect({await response.content.read() for response in responses}, {b'3'}, 'the ends of the streams')


@_promise
async def _other_requests_are_served_while_a_stream_is_open(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock['/stream'].respond((b'a', ...))
    kmock.respond(b'other')
    async with endpoint.client.request('GET', '/stream') as response:
        await _expect_answer(endpoint.client.request('GET', '/'), b'other')
        await kmock[...].wait()
        kmock.feed(b'b')
        expect(await response.read(), b'ab', 'body of the stream')


@_promise
async def _a_client_that_leaves_a_stream_ends_it(kmock: RawHandler, endpoint: Endpoint) -> None:
    forever = _Forever()
    kmock['/stream'].respond((b'a', forever))
    kmock.respond(b'next')
    response = await endpoint.client.request('GET', '/stream')
    expect(await response.content.readexactly(1), b'a', 'the first chunk')
    await forever.begun.wait()
    response.close()
    async with patience('what the stream waited for is cancelled'):
        await forever.cancelled.wait()
    await _expect_answer(endpoint.client.request('GET', '/'), b'next')
    expect(kmock.errors, [], 'errors')


@_promise
async def _a_client_that_leaves_a_feeding_point_ends_its_stream(kmock: RawHandler, endpoint: Endpoint) -> None:
    ended = asyncio.Event()

    async def stream() -> AsyncIterator[object]:
        try:
            yield b'a'
            yield ...
        finally:
            ended.set()

    kmock.respond(stream)
    response = await endpoint.client.request('GET', '/')
    await kmock[...].wait()
    response.close()
    async with patience('the stream is ended'):
        await ended.wait()
    expect(len(kmock[...]), 0, 'requests at a feeding point')
    expect(kmock.errors, [], 'errors')


@_promise
async def _a_client_that_leaves_before_the_answer_cancels_it(kmock: RawHandler, endpoint: Endpoint) -> None:
    forever = _Forever()
    kmock.respond(forever)

    async def call() -> None:
        await endpoint.client.request('GET', '/')

    task = asyncio.create_task(call())
    await forever.begun.wait()
    task.cancel()
    await asyncio.wait([task])
    async with patience('what the answer waited for is cancelled'):
        await forever.cancelled.wait()
    expect(kmock.errors, [], 'errors')


@_promise
async def _open_streams_end_when_the_transport_is_left(kmock: RawHandler, endpoint: Endpoint) -> Callable[[], None]:
    forever = _Forever()
    kmock['/waiting'].respond((b'a', forever))
    kmock['/feeding'].respond((b'a', ...))
    waiting = await endpoint.client.request('GET', '/waiting')
    feeding = await endpoint.client.request('GET', '/feeding')
    for response in (waiting, feeding):
        expect(await response.content.readexactly(1), b'a', 'the first chunk')
    await forever.begun.wait()
    await kmock[...].wait()

    def afterwards() -> None:
        for response in (waiting, feeding):
            response.close()
        expect_that(forever.cancelled.is_set(), 'the stream still waits')
        expect(len(kmock[...]), 0, 'requests at a feeding point')
        expect(kmock.errors, [], 'errors')

    return afterwards


# ---- Faults ----


async def _read(client: Any, path: str) -> bytes:
    response = await client.request('GET', path)
    return bytes(await response.read())


@_promise
async def _faults_break_answers_and_are_no_errors(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock['/next'].respond(b'next')
    faults: dict[str, Any] = {
        'alone': fault.reset(),
        'in a stream': (b'a', fault.reset()),
        'in JSON': ({'a': 1}, fault.truncate()),
    }
    for name, payload in faults.items():
        kmock[f'/{name}'].respond(payload)
        [result] = await asyncio.gather(_read(endpoint.client, f'/{name}'), return_exceptions=True)
        expect_that(isinstance(result, Exception), f'a fault {name} does not fail the client, which gets {result!r}')
        await _expect_answer(endpoint.client.request('GET', '/next'), b'next')
    expect(kmock.errors, [], 'errors')


@_promise
async def _answers_that_stall_end_with_their_clients(kmock: RawHandler, endpoint: Endpoint) -> None:
    stalling = kmock['/stall'].respond(fault.stall())
    kmock['/next'].respond(b'next')
    call = asyncio.create_task(_read(endpoint.client, '/stall'))
    await stalling.wait()
    await _expect_answer(endpoint.client.request('GET', '/next'), b'next')
    expect_that(not call.done(), 'a call that stalls has ended')
    call.cancel()
    await asyncio.wait([call])
    expect(kmock.errors, [], 'errors')


# ---- Errors ----


@_promise
async def _errors_before_the_answer_are_collected_and_answered(kmock: RawHandler, endpoint: Endpoint) -> None:
    error = ValueError('not today')
    kmock['/error'].respond(error)
    kmock['/next'].respond(b'next')
    response = await endpoint.client.request('GET', '/error')
    expect(response.status, 500, 'status')
    expect_that('not today' in await response.text(), f'the answer does not tell the error: {await response.text()!r}')
    expect(kmock.errors, [error], 'errors')
    await _expect_answer(endpoint.client.request('GET', '/next'), b'next')


@_promise
async def _errors_in_a_stream_are_collected_and_written_into_it(kmock: RawHandler, endpoint: Endpoint) -> None:
    error = ValueError('not today')
    kmock['/error'].respond((b'begun\n', lambda: asyncio.sleep(0), error, b'never'))
    kmock['/next'].respond(b'next')
    response = await endpoint.client.request('GET', '/error')
    expect(response.status, 200, 'status')
    content = await response.text()
    expect_that(content.startswith('begun\n'), f'the stream has not begun: {content!r}')
    expect_that('not today' in content, f'the stream does not tell the error: {content!r}')
    expect_that('never' not in content, f'the stream went on after the error: {content!r}')
    expect(kmock.errors, [error], 'errors')
    await _expect_answer(endpoint.client.request('GET', '/next'), b'next')


@_promise
async def _unmatched_requests_are_recorded_and_explained(kmock: RawHandler, endpoint: Endpoint) -> None:
    kmock['/hello'].respond(b'hello')
    response = await endpoint.client.request('GET', '/heloo')
    expect(response.status, 500, 'status')
    explanation = await response.text()
    expect_that('/hello' in explanation, f'the nearest rule is not named: {explanation!r}')
    expect([request.path for request in kmock.unmatched], ['/heloo'], 'unmatched requests')
    await _expect_answer(endpoint.client.request('GET', '/hello'), b'hello')
