"""Section 4 of the DSL: what each payload becomes alone, and what it becomes in a stream."""

import asyncio
import collections
import concurrent.futures
import enum
import functools
import io
import math
import queue
import re
import types
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

import kmock
from kmock_core.testing import served

JSON = 'application/json'
BINARY = 'application/octet-stream'
TEXT = 'text/plain; charset=utf-8'


def label(value: object) -> str:
    return str(getattr(value, '__name__', None) or re.sub(' at 0x[0-9a-f]+', '', repr(value)))


class Word(enum.StrEnum):
    HELLO = 'hello'


class Namespace:
    """A class whose instances, classes and methods are callable in all ways."""

    def __call__(self) -> bytes:
        return b'called'

    def method(self, request: kmock.Request) -> bytes:
        return request.path.encode()

    @classmethod
    def classmethod(cls, request: kmock.Request) -> bytes:
        return request.path.encode()

    @staticmethod
    def staticmethod(request: kmock.Request) -> bytes:
        return request.path.encode()


class Custom:
    """An object that knows its payload."""

    def __init__(self, payload: Any) -> None:
        self.payload = payload

    def __kmock_payload__(self) -> Any:
        return self.payload


class Countdown:
    """An iterator that is not a generator."""

    def __init__(self, start: int) -> None:
        self.left = start

    def __iter__(self) -> 'Countdown':
        return self

    def __next__(self) -> bytes:
        if not self.left:
            raise StopIteration
        self.left -= 1
        return b'%d' % self.left


class AsyncCountdown(Countdown):
    """Its async twin."""

    __iter__ = None  # type: ignore[assignment]  # it is not a plain iterator any more
    __next__ = None  # type: ignore[assignment]

    def __aiter__(self) -> 'AsyncCountdown':
        return self

    async def __anext__(self) -> bytes:
        await asyncio.sleep(0)
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return b'%d' % self.left


class Awaitable:
    """An object that can be awaited, and is neither a coroutine nor a future."""

    def __await__(self) -> Generator[Any, None, bytes]:
        yield from asyncio.sleep(0).__await__()
        return b'awaited'


def one() -> bytes:
    return b'one'


def path_of(request: kmock.Request) -> bytes:
    return request.path.encode()


def path_by_default(path: str = 'default', *args: object, **kwargs: object) -> str:
    return path


async def one_later() -> bytes:
    await asyncio.sleep(0)
    return b'one'


async def path_later(request: kmock.Request) -> bytes:
    await asyncio.sleep(0)
    return request.path.encode()


def generate() -> Iterator[Any]:
    yield b'g'
    yield 1
    yield None
    yield ('h', [2])


async def generate_later() -> AsyncIterator[Any]:
    yield b'g'
    await asyncio.sleep(0)
    yield 1
    yield None
    yield ('h', [2])


def generate_for(request: kmock.Request) -> Iterator[Any]:
    yield request.path.encode()
    yield one_later


def future_of(result: object) -> 'asyncio.Future[object]':
    future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    future.set_result(result)
    return future


def later_future_of(result: object) -> 'asyncio.Future[object]':
    future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, result)
    return future


def concurrent_future_of(result: object) -> 'concurrent.futures.Future[object]':
    future: concurrent.futures.Future[object] = concurrent.futures.Future()
    future.set_result(result)
    return future


def queue_of(kind: Any, item: object) -> Any:
    items = kind()
    items.put_nowait(item) if hasattr(items, 'put_nowait') else items.put(item)
    return items


def task_of(item: bytes) -> 'asyncio.Task[bytes]':
    async def work() -> bytes:
        await asyncio.sleep(0)
        return item

    return asyncio.create_task(work())


# A factory of the payload, the body and the content type where it stands alone, and the chunks where it is streamed.
TABLE: list[Any] = [
    pytest.param(lambda: b'x', b'x', BINARY, b'x', id='bytes'),
    pytest.param(lambda: b'\x00\xff\r\n', b'\x00\xff\r\n', BINARY, b'\x00\xff\r\n', id='any bytes'),
    pytest.param(lambda: b'', b'', None, b'', id='empty bytes'),
    pytest.param(lambda: bytearray(b'x'), b'x', BINARY, b'x', id='bytearray'),
    pytest.param(lambda: memoryview(b'xyz')[1:], b'yz', BINARY, b'yz', id='memoryview'),
    pytest.param(lambda: 'x', b'"x"', JSON, b'"x"\n', id='str'),
    pytest.param(lambda: 'é', b'"\\u00e9"', JSON, b'"\\u00e9"\n', id='str beyond ascii'),
    pytest.param(lambda: '', b'""', JSON, b'""\n', id='empty str'),
    pytest.param(lambda: Word.HELLO, b'"hello"', JSON, b'"hello"\n', id='str of an enum'),
    pytest.param(lambda: 99, b'99', JSON, b'99\n', id='int below the statuses'),
    pytest.param(lambda: 1000, b'1000', JSON, b'1000\n', id='int above the statuses'),
    pytest.param(lambda: 0, b'0', JSON, b'0\n', id='zero'),
    pytest.param(lambda: -1, b'-1', JSON, b'-1\n', id='negative int'),
    pytest.param(lambda: 1.5, b'1.5', JSON, b'1.5\n', id='float'),
    pytest.param(lambda: 404.0, b'404.0', JSON, b'404.0\n', id='float like a status'),
    pytest.param(lambda: math.nan, b'NaN', JSON, b'NaN\n', id='nan'),
    pytest.param(lambda: True, b'true', JSON, b'true\n', id='True'),
    pytest.param(lambda: False, b'false', JSON, b'false\n', id='False'),
    pytest.param(list, b'[]', JSON, b'[]\n', id='empty list'),
    pytest.param(lambda: [1, None, {'a': 'é'}], b'[1, null, {"a": "\\u00e9"}]', JSON, b'[1, null, {"a": "\\u00e9"}]\n',
                 id='list'),
    pytest.param(dict, b'{}', JSON, b'{}\n', id='empty dict'),
    pytest.param(lambda: {'a': [1]}, b'{"a": [1]}', JSON, b'{"a": [1]}\n', id='dict'),
    pytest.param(lambda: {1: 2}, b'{"1": 2}', JSON, b'{"1": 2}\n', id='dict with numbers for keys'),
    pytest.param(lambda: types.MappingProxyType({'a': 1}), b'{"a": 1}', JSON, b'{"a": 1}\n', id='mapping proxy'),
    pytest.param(lambda: collections.OrderedDict([('a', 1)]), b'{"a": 1}', JSON, b'{"a": 1}\n', id='OrderedDict'),
    pytest.param(lambda: collections.UserDict(a=1), b'{"a": 1}', JSON, b'{"a": 1}\n', id='UserDict'),
    pytest.param(lambda: {'X-A': '1', 'a': 2}, b'{"X-A": "1", "a": 2}', JSON, b'{"X-A": "1", "a": 2}\n',
                 id='dict with more than headers'),
    pytest.param(lambda: {'a': types.MappingProxyType({'b': 1})}, b'{"a": {"b": 1}}', JSON, b'{"a": {"b": 1}}\n',
                 id='mapping in a dict'),
    pytest.param(lambda: kmock.text('é'), 'é'.encode(), TEXT, 'é'.encode(), id='text()'),
    pytest.param(lambda: kmock.text(b'\xff'), b'\xff', TEXT, b'\xff', id='text() of bytes'),
    pytest.param(lambda: kmock.text(404), b'404', TEXT, b'404', id='text() of a number'),
    pytest.param(lambda: kmock.body(b'x'), b'x', BINARY, b'x', id='body()'),
    pytest.param(lambda: kmock.body('é'), 'é'.encode(), BINARY, 'é'.encode(), id='body() of a str'),
    pytest.param(lambda: kmock.data(404), b'404', JSON, b'404\n', id='data() of a status'),
    pytest.param(lambda: kmock.data({'X-A': '1'}), b'{"X-A": "1"}', JSON, b'{"X-A": "1"}\n', id='data() of headers'),
    pytest.param(lambda: kmock.data(None), b'null', JSON, b'null\n', id='data() of None'),
    pytest.param(lambda: kmock.data(a=1), b'{"a": 1}', JSON, b'{"a": 1}\n', id='data() of fields'),
    pytest.param(lambda: io.BytesIO(b'x'), b'x', BINARY, b'x', id='BytesIO'),
    pytest.param(lambda: io.StringIO('é'), 'é'.encode(), TEXT, 'é'.encode(), id='StringIO'),
    pytest.param(lambda: (b'a', 'b', (1, (None, b'c'))), b'a"b"\n1\nc', BINARY, b'a"b"\n1\nc', id='tuple'),
    pytest.param(lambda: (b'',), b'', BINARY, b'', id='tuple of an empty chunk'),
    pytest.param(lambda: (200, {'X-A': '1'}), b'200\n{"X-A": "1"}\n', BINARY, b'200\n{"X-A": "1"}\n',
                 id='tuple of what would be metadata'),
    pytest.param(lambda: iter([b'a', 1]), b'a1\n', BINARY, b'a1\n', id='iterator'),
    pytest.param(lambda: Countdown(3), b'210', BINARY, b'210', id='iterator of a class'),
    pytest.param(lambda: AsyncCountdown(3), b'210', BINARY, b'210', id='async iterator of a class'),
    pytest.param(lambda: map(str, range(2)), b'"0"\n"1"\n', BINARY, b'"0"\n"1"\n', id='map'),
    pytest.param(lambda: (n for n in range(2)), b'0\n1\n', BINARY, b'0\n1\n', id='generator expression'),
    pytest.param(generate, b'g1\n"h"\n[2]\n', BINARY, b'g1\n"h"\n[2]\n', id='generator'),
    pytest.param(generate_later, b'g1\n"h"\n[2]\n', BINARY, b'g1\n"h"\n[2]\n', id='async generator'),
    pytest.param(lambda: generate, b'g1\n"h"\n[2]\n', BINARY, b'g1\n"h"\n[2]\n', id='generator function'),
    pytest.param(lambda: generate_later, b'g1\n"h"\n[2]\n', BINARY, b'g1\n"h"\n[2]\n', id='async generator function'),
    pytest.param(lambda: generate_for, b'/one', BINARY, b'/one', id='generator function of the request'),
    pytest.param(lambda: lambda: iter([b'a', b'b']), b'ab', BINARY, b'ab', id='lambda giving an iterator'),
    pytest.param(lambda: one, b'one', BINARY, b'one', id='function'),
    pytest.param(lambda: path_of, b'/', BINARY, b'/', id='function of the request'),
    pytest.param(lambda: path_by_default, b'"default"', JSON, b'"default"\n', id='function with defaults'),
    pytest.param(lambda: one_later, b'one', BINARY, b'one', id='coroutine function'),
    pytest.param(lambda: path_later, b'/', BINARY, b'/', id='coroutine function of the request'),
    pytest.param(lambda: lambda: 404, b'404', JSON, b'404\n', id='lambda giving a number'),
    pytest.param(lambda: lambda: {'X-A': '1'}, b'{"X-A": "1"}', JSON, b'{"X-A": "1"}\n', id='lambda giving a dict'),
    pytest.param(lambda: lambda: (b'a', 1), b'a1\n', BINARY, b'a1\n', id='lambda giving a tuple'),
    pytest.param(lambda: lambda: lambda: one_later, b'one', BINARY, b'one', id='lambda of a lambda'),
    pytest.param(lambda: lambda: one_later(), b'one', BINARY, b'one', id='lambda giving a coroutine'),
    pytest.param(lambda: functools.partial(bytes, 2), b'\0\0', BINARY, b'\0\0', id='partial'),
    pytest.param(lambda: functools.partial(path_of), b'/', BINARY, b'/', id='partial of the request'),
    pytest.param(lambda: dict, b'{}', JSON, b'{}\n', id='builtin without a signature'),
    pytest.param(lambda: Namespace(), b'called', BINARY, b'called', id='callable object'),
    pytest.param(lambda: Namespace().method, b'/', BINARY, b'/', id='method'),
    pytest.param(lambda: Namespace.classmethod, b'/', BINARY, b'/', id='class method'),
    pytest.param(lambda: Namespace.staticmethod, b'/', BINARY, b'/', id='static method'),
    pytest.param(lambda: one_later(), b'one', BINARY, b'one', id='coroutine'),
    pytest.param(lambda: future_of({'a': 1}), b'{"a": 1}', JSON, b'{"a": 1}\n', id='done future'),
    pytest.param(lambda: later_future_of(b'x'), b'x', BINARY, b'x', id='future'),
    pytest.param(lambda: task_of(b'x'), b'x', BINARY, b'x', id='task'),
    pytest.param(lambda: concurrent_future_of(b'x'), b'x', BINARY, b'x', id='concurrent future'),
    pytest.param(lambda: Awaitable(), b'awaited', BINARY, b'awaited', id='awaitable object'),
    pytest.param(lambda: queue_of(asyncio.Queue, b'x'), b'x', BINARY, b'x', id='asyncio queue'),
    pytest.param(lambda: queue_of(queue.Queue, {'a': 1}), b'{"a": 1}', JSON, b'{"a": 1}\n', id='queue of threads'),
    pytest.param(lambda: queue_of(queue.SimpleQueue, b'x'), b'x', BINARY, b'x', id='simple queue of threads'),
    pytest.param(lambda: queue_of(asyncio.LifoQueue, (b'a', b'b')), b'ab', BINARY, b'ab', id='queue giving a tuple'),
    pytest.param(lambda: kmock.Response(payload=b'x'), b'x', BINARY, b'x', id='Response'),
    pytest.param(lambda: kmock.Response(payload=one_later), b'one', BINARY, b'one', id='Response of a callable'),
    pytest.param(lambda: Custom(b'x'), b'x', BINARY, b'x', id='__kmock_payload__'),
    pytest.param(lambda: Custom(Custom(('a', b'b'))), b'"a"\nb', BINARY, b'"a"\nb', id='nested __kmock_payload__'),
]  # fmt: skip


@pytest.mark.parametrize(('make', 'body', 'content_type', 'streamed'), TABLE)
async def test_a_payload_alone_is_the_whole_answer(
    make: Any, body: bytes, content_type: str | None, streamed: bytes, transport: str
) -> None:
    async with served(transport) as kmock:
        kmock << make()
        response = await kmock.get('/')
        assert response.status == 200
        assert await response.read() == body
        assert response.headers.get('Content-Type') == content_type


@pytest.mark.parametrize(('make', 'body', 'content_type', 'streamed'), TABLE)
async def test_a_payload_in_a_stream_is_an_item_of_it(
    make: Any, body: bytes, content_type: str | None, streamed: bytes, transport: str
) -> None:
    async with served(transport) as kmock:
        kmock << (b'<', make(), b'>')
        response = await kmock.get('/')
        assert response.status == 200
        assert await response.read() == b'<' + streamed + b'>'
        assert response.headers.get('Content-Type') == BINARY


@pytest.mark.parametrize(('make', 'body', 'content_type', 'streamed'), TABLE)
async def test_a_payload_after_another_makes_a_stream_of_both(
    make: Any, body: bytes, content_type: str | None, streamed: bytes, transport: str
) -> None:
    async with served(transport) as kmock:
        kmock << b'<' << make() << b'>'
        response = await kmock.get('/')
        assert await response.read() == b'<' + streamed + b'>'
        assert response.headers.get('Content-Type') == BINARY


@pytest.mark.parametrize(('make', 'body', 'content_type', 'streamed'), TABLE)
async def test_a_payload_that_a_callable_gives_is_rendered_as_if_it_stood_there(
    make: Any, body: bytes, content_type: str | None, streamed: bytes, transport: str
) -> None:
    async with served(transport) as kmock:
        kmock['/alone'] << (lambda: make())
        kmock['/'] << (b'<', lambda: make(), b'>')
        alone = await kmock.get('/alone')
        assert await alone.read() == body.replace(b'/', b'/alone')
        assert alone.headers.get('Content-Type') == content_type
        assert await (await kmock.get('/')).read() == b'<' + streamed + b'>'


@pytest.mark.parametrize('payload', [b'x', {'a': 1}, 'é', kmock.text('é'), one, path_of, one_later], ids=label)
async def test_what_is_not_streamed_has_its_length(payload: Any, transport: str) -> None:
    async with served(transport) as kmock:
        kmock << payload
        response = await kmock.get('/')
        assert response.headers['Content-Length'] == str(len(await response.read()))


@pytest.mark.parametrize(
    'payload', [(b'a',), (b'a', b'b'), (), generate, (one_later, {'a': 1}), lambda: (b'a', 'b')], ids=label
)
async def test_replayable_streams_are_the_same_for_each_request(payload: Any, transport: str) -> None:
    async with served(transport) as kmock:
        kmock << payload
        kmock.fallback << b'fallback'
        bodies = [await (await kmock.get('/')).read() for _ in range(3)]
        assert bodies == [bodies[0]] * 3


# ---- Files and buffers ----


@pytest.mark.parametrize('as_item', [False, True], ids=['alone', 'in a stream'])
async def test_a_path_is_read_anew_for_each_request(as_item: bool, tmp_path: Path, transport: str) -> None:
    path = tmp_path / 'file.json'
    async with served(transport) as kmock:
        kmock << ((b'<', path) if as_item else path)
        for content in (b'one', b'', b'{"three": 3}'):
            path.write_bytes(content)
            response = await kmock.get('/')
            assert await response.read() == (b'<' if as_item else b'') + content
            assert response.headers.get('Content-Type') == BINARY


@pytest.mark.parametrize('as_item', [False, True], ids=['alone', 'in a stream'])
async def test_a_path_without_a_file_is_an_error_when_it_is_asked_for(
    as_item: bool, tmp_path: Path, transport: str
) -> None:
    async with served(transport, kmock.RawHandler()) as handler:
        handler << ((None, tmp_path / 'absent') if as_item else tmp_path / 'absent')
        response = await handler.get('/')
        assert response.status == 500
        assert 'absent' in await response.text()
        assert [type(error) for error in handler.errors] == [FileNotFoundError]


@pytest.mark.parametrize(('mode', 'content_type'), [('rb', BINARY), ('r', TEXT)])
async def test_an_open_file_is_read_from_its_position_to_its_end(
    mode: str, content_type: str, tmp_path: Path, transport: str
) -> None:
    path = tmp_path / 'file'
    path.write_text('skipped, read é', 'utf-8')
    async with served(transport) as kmock:
        with path.open(mode, encoding='utf-8' if mode == 'r' else None) as file:
            file.seek(len('skipped, '))
            kmock << file
            response = await kmock.get('/')
            assert await response.read() == 'read é'.encode()
            assert response.headers['Content-Type'] == content_type


@pytest.mark.parametrize('buffer', [io.BytesIO(b'x'), io.StringIO('x')], ids=['BytesIO', 'StringIO'])
async def test_a_buffer_is_empty_for_the_next_request_until_more_is_written(buffer: Any, transport: str) -> None:
    buffer.seek(0)
    async with served(transport) as kmock:
        kmock << buffer
        assert await (await kmock.get('/')).read() == b'x'
        assert await (await kmock.get('/')).read() == b''
        buffer.seek(0)
        assert await (await kmock.get('/')).read() == b'x'


async def test_a_buffer_in_a_stream_is_depleted_for_the_next_request(transport: str) -> None:
    async with served(transport) as kmock:
        kmock << (b'<', io.BytesIO(b'x'), b'>')
        assert await (await kmock.get('/')).read() == b'<x>'
        assert await (await kmock.get('/')).read() == b'<>'


async def test_any_object_that_can_be_read_is_a_file(transport: str) -> None:
    class Readable:
        def read(self) -> str:
            return 'é'

    async with served(transport) as kmock:
        readable: Any = Readable()
        kmock << readable
        response = await kmock.get('/')
        assert await response.read() == 'é'.encode()
        assert response.headers['Content-Type'] == TEXT


# ---- Documents that change ----


WRAPPERS: dict[str, Callable[[Any], Any]] = {
    'as it is': lambda document: document,
    'data()': kmock.data,
    'Response()': lambda document: kmock.Response(payload=document),
}


@pytest.mark.parametrize('wrapper', WRAPPERS)
async def test_a_document_may_be_changed_after_its_rule_is_made(wrapper: str, transport: str) -> None:
    document: dict[str, Any] = {'items': []}
    async with served(transport) as kmock:
        kmock << WRAPPERS[wrapper](document)
        assert await (await kmock.get('/')).json() == {'items': []}
        document['items'].append(1)
        assert await (await kmock.get('/')).json() == {'items': [1]}


async def test_a_document_in_a_stream_may_be_changed_too(transport: str) -> None:
    document = [1]
    async with served(transport) as kmock:
        kmock << (b'<', document)
        assert await (await kmock.get('/')).read() == b'<[1]\n'
        document.append(2)
        assert await (await kmock.get('/')).read() == b'<[1, 2]\n'


async def test_a_document_that_has_become_unserialisable_is_an_error_of_the_request(transport: str) -> None:
    document: dict[str, Any] = {}
    async with served(transport, kmock.RawHandler()) as handler:
        handler << document
        document['a'] = object()
        assert (await handler.get('/')).status == 500
        assert [type(error) for error in handler.errors] == [TypeError]
        document.clear()
        assert await (await handler.get('/')).json() == {}


# ---- Callables ----


async def test_callables_that_give_callables_without_end_are_an_error_and_hang_nothing() -> None:
    def again() -> object:
        return again

    async with kmock.RawHandler() as handler:
        handler['/again'] << again
        handler << b'served'
        assert (await handler.get('/again')).status == 500
        assert 'callables give callables without end: ' in str(handler.errors[0])
        assert 'again at test_payloads.py:' in str(handler.errors[0])
        assert await (await handler.get('/')).read() == b'served'


async def test_a_callable_is_called_for_each_request_with_that_request(transport: str) -> None:
    seen: list[kmock.Request] = []

    def see(request: kmock.Request) -> bytes:
        seen.append(request)
        return b'%d' % len(seen)

    async with served(transport) as handler:
        handler << see
        assert [await (await handler.get(f'/{n}')).read() for n in range(3)] == [b'1', b'2', b'3']
        assert seen == list(handler)
        assert [request.path for request in seen] == ['/0', '/1', '/2']


def name_of(request: kmock.Request) -> bytes:
    return request.path_params['name'].encode()


async def test_a_callable_reads_the_request_in_the_middle_of_a_stream(transport: str) -> None:
    async with served(transport) as handler:
        handler['/{name}'] << (b'hello ', name_of, b'!')
        assert await (await handler.get('/john')).read() == b'hello john!'


@pytest.mark.parametrize('nothing', [None, NotImplemented], ids=label)
@pytest.mark.parametrize('is_async', [False, True], ids=['sync', 'async'])
async def test_a_callable_that_gives_nothing_lets_the_next_rule_serve_and_stays(
    nothing: Any, is_async: bool, transport: str
) -> None:
    answers = [b'a', nothing, b'b', nothing]

    async def later() -> Any:
        await asyncio.sleep(0)
        return answers.pop(0)

    async with served(transport) as handler:
        rule = handler << (later if is_async else lambda: answers.pop(0))
        handler << b'next'
        assert [await (await handler.get('/')).read() for _ in range(4)] == [b'a', b'next', b'b', b'next']
        assert [request.id for request in rule] == [0, 2]


@pytest.mark.parametrize('nothing', [None, NotImplemented, lambda: None, lambda: NotImplemented, ()], ids=label)
async def test_nothing_in_a_stream_is_nothing(nothing: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', nothing, b'b')
        response = await handler.get('/')
        assert [chunk async for chunk, _ in response.content.iter_chunks()] == [b'a', b'b']


async def test_not_implemented_alone_lets_the_next_rule_serve_each_time(transport: str) -> None:
    async with served(transport) as handler:
        rule = handler << NotImplemented
        handler << b'next'
        assert [await (await handler.get('/')).read() for _ in range(2)] == [b'next', b'next']
        assert len(rule) == 0


async def test_the_payload_of_a_custom_object_is_asked_for_when_the_rule_is_made() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        custom = Custom(b'before')
        handler << custom
        custom.payload = b'after'
        assert await (await handler.get('/')).read() == b'before'


# ---- Metadata that is not a body ----


async def test_a_spy_answers_nothing_and_sees_every_request(transport: str) -> None:
    async with served(transport) as handler:
        spy = handler['get'] << None
        handler << b'answer'
        for method in ('GET', 'POST', 'GET'):
            assert await (await handler.request(method, '/')).read() == b'answer'
        assert [request.id for request in spy] == [0, 2]


@pytest.mark.parametrize(
    ('payload', 'status'),
    [(100, 100), (200, 200), (204, 204), (404, 404), (599, 599), (999, 999)],
)
async def test_an_int_from_100_to_999_is_a_status_with_an_empty_body(payload: int, status: int) -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << payload
        response = await handler.get('/')
        assert (response.status, await response.read()) == (status, b'')
