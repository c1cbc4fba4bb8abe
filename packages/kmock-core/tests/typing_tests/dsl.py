"""What the DSL reveals to type checkers. Nothing here is run: mypy and pyright read it, both strict.

Every ``type: ignore`` has to be needed by both of them, else it is an error: so are the mistakes pinned.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

import asyncio
import concurrent.futures
import io
import queue
import re
import threading
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, assert_type

import attrs

import kmock
from kmock_core.handlers.clients import ClientCall, ClientResult
from kmock_core.transports.asgi import ASGIApp


def brackets(handler: kmock.RawHandler, view: kmock.View, several: slice) -> None:
    assert_type(handler[0], kmock.Request)
    assert_type(handler[-1], kmock.Request)
    assert_type(view[0], kmock.Request)
    assert_type(handler[:3], kmock.Slicer[kmock.Request])
    assert_type(handler['get'][:3], kmock.Slicer)
    assert_type(view[several], kmock.Slicer)
    assert_type(handler[...], kmock.Stream[kmock.Request])
    assert_type(view['get'][...], kmock.Stream)

    assert_type(handler[None], kmock.View[kmock.Request])
    assert_type(handler['get'], kmock.View[kmock.Request])
    assert_type(handler['get']['/path'], kmock.View)
    assert_type(handler['get', '/path'], kmock.View)
    assert_type(handler['get', :3], kmock.View)
    assert_type(handler['get', '/path', True], kmock.View)
    assert_type(handler['get', '/path', -1], kmock.Request)
    assert_type(handler['get', '/path', :3, 0], kmock.Request)
    assert_type(handler['get', '/path', ...], kmock.Stream)
    assert_type(handler[['get', '/path']], kmock.View)
    assert_type(handler[{'get', '/path'}], kmock.View)
    assert_type(handler[{'get', re.compile('/path/.*')}], kmock.View)
    assert_type(handler[set[str]()], kmock.View)
    assert_type(view['get'], kmock.View)


def criteria(handler: kmock.RawHandler, criterion: kmock.Criterion) -> None:
    class Truth:
        def __bool__(self) -> bool:
            return True

    class Custom:
        def __kmock_criteria__(self) -> str:
            return 'get'

    def judge(request: kmock.Request) -> bool:
        return request.method == 'GET'

    async def judge_later(request: kmock.Request) -> str:
        return request.text

    assert_type(handler[criterion], kmock.View)
    assert_type(handler[b'body'], kmock.View)
    assert_type(handler[re.compile(rb'body')], kmock.View)
    assert_type(handler[{'a': ..., 'b': None}], kmock.View)
    assert_type(handler[True], kmock.View)
    assert_type(handler[Truth()], kmock.View)
    assert_type(handler[Custom()], kmock.View)
    assert_type(handler[judge], kmock.View)
    assert_type(handler[judge_later], kmock.View)
    assert_type(handler[lambda: True], kmock.View)
    assert_type(handler[asyncio.Event()], kmock.View)
    assert_type(handler[threading.Event()], kmock.View)
    assert_type(handler[concurrent.futures.Future[bool]()], kmock.View)
    assert_type(handler[kmock.method('store')], kmock.View)
    assert_type(handler[kmock.method.DELETE], kmock.View)
    assert_type(handler[kmock.GET, kmock.path('/a', '/b'), kmock.params(a=1), kmock.cookies('a=1')], kmock.View)
    assert_type(handler[kmock.body(b''), kmock.text('x'), kmock.data({'a': 1}, exact=True)], kmock.View)
    assert_type(handler[kmock.HTTPCriteria(method='get')], kmock.View)
    assert_type(handler['post', kmock.jsonpath('$.a', {1, 2}), kmock.jsonschema({'type': 'object'})], kmock.View)
    assert_type(handler[kmock.jsonschema('a.json')], kmock.View)


def payloads(view: kmock.View, payload: kmock.Payload, file: io.StringIO, path: Path) -> None:
    class Custom:
        def __kmock_payload__(self) -> str:
            return 'hello'

    def answer(request: kmock.Request) -> object:
        return request.params

    async def answer_later() -> bytes:
        return b''

    assert_type(view << None, kmock.Reaction[kmock.Request])
    assert_type(view << b'hello', kmock.Reaction[kmock.Request])
    assert_type(view << payload, kmock.Reaction)
    assert_type(view << 404 << {'a': 1} << [1, 'x', None], kmock.Reaction)
    assert_type(view << HTTPStatus.OK << 'text' << 1.5 << True << bytearray() << memoryview(b''), kmock.Reaction)
    assert_type(view << kmock.headers('A: 1') << kmock.cookies(a=1) << kmock.text('x'), kmock.Reaction)
    assert_type(view << {'a': 1} << kmock.fault.latency((0.1, 0.5)) << kmock.fault.throttle('8KiB/s'), kmock.Reaction)
    assert_type(view << (b'a', kmock.fault.reset()) << kmock.fault.flaky(0.1, 503), kmock.Reaction)
    assert_type(view << kmock.Response(status=201, payload=(b'a', ...)) << file << path << Custom(), kmock.Reaction)
    assert_type(view << (b'a', ..., None, (b'b', {'a': 1}), answer, path, StopIteration), kmock.Reaction)
    assert_type(view << iter([b'a']) << (item for item in 'abc') << ..., kmock.Reaction)
    assert_type(view << answer << answer_later << answer_later() << (lambda: b'x'), kmock.Reaction)
    assert_type(view << ValueError << ValueError('x') << StopAsyncIteration, kmock.Reaction)
    assert_type(view << asyncio.Event() << threading.Event() << queue.Queue[str]() << kmock.Bus(), kmock.Reaction)
    assert_type(view << asyncio.Queue[bytes]() << concurrent.futures.Future[bytes](), kmock.Reaction)
    assert_type(view << kmock.sse('x', event='tick', id=1) << kmock.ndjson({'a': 1}, 2), kmock.Reaction)
    assert_type(view << (kmock.sse(), kmock.resume(kmock.sse('x', id=1)), ...), kmock.Reaction)
    assert_type(b'hello' >> view, kmock.Reaction[kmock.Request])
    assert_type((b'a', ...) >> view, kmock.Reaction)
    assert_type(view.respond(404, b'hello'), kmock.Reaction)


def sinks(view: kmock.View, sink: kmock.Sink, file: io.BytesIO, path: Path) -> None:
    async def notice(request: kmock.Request) -> None:
        pass

    requests: list[kmock.Request] = []
    bodies: dict[kmock.Request, Any] = {}
    assert_type(view >> requests, kmock.Reaction[kmock.Request])
    assert_type(view >> sink, kmock.Reaction)
    assert_type(view >> set[kmock.Request]() >> bodies >> file >> path >> notice >> (lambda: None), kmock.Reaction)
    assert_type(view >> asyncio.Event() >> threading.Condition() >> queue.SimpleQueue[object](), kmock.Reaction)
    assert_type(view >> kmock.Bus() >> kmock.SinkBox(requests), kmock.Reaction)
    assert_type(view << b'hello' >> requests, kmock.Reaction)
    assert_type(requests << view, kmock.Reaction)
    assert_type(view.effect(requests, notice), kmock.Reaction)


def lambdas(handler: kmock.RawHandler) -> None:
    # In calls, the request of a lambda is known (to mypy, it is anything).
    handler['post'].respond(lambda req: {'hello': req.params.get('name')}).effect(lambda req: print(req.method))
    handler['post'].respond((b'a', lambda req: req.body, ...))
    handler['post'].respond(lambda req: req.parms)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownLambdaType]
    handler['post'].effect(lambda req, extra: None)  # type: ignore[arg-type]

    # After operators and in brackets, pyright infers no lambdas at all; mypy takes the request for anything.
    handler['post'] << (lambda req: req.params)  # pyright: ignore[reportUnknownLambdaType, reportUnknownMemberType]
    handler['post'] >> (lambda req: req.params)  # pyright: ignore[reportUnknownLambdaType, reportUnknownMemberType]
    handler[lambda req: req.params]  # pyright: ignore[reportUnknownLambdaType, reportUnknownMemberType]


def combinations(handler: kmock.RawHandler, a: kmock.View, b: kmock.View) -> None:
    assert_type(a | b, kmock.OrGroup[kmock.Request])
    assert_type(a & b, kmock.AndGroup[kmock.Request])
    assert_type(a - b, kmock.Exclusion[kmock.Request])
    assert_type(handler - b, kmock.Exclusion)
    assert_type(~a, kmock.Exclusion[kmock.Request])
    assert_type(a**5, kmock.Priority[kmock.Request])
    assert_type(a**-0.5, kmock.Priority)
    assert_type(a.override, kmock.Priority)
    assert_type((a | b).fallback << 404, kmock.Reaction)


def streams(handler: kmock.RawHandler) -> None:
    assert_type(handler[...] << b'hello', kmock.Stream[kmock.Request])
    assert_type(handler['get'][...] << (b'a', ...) >> [], kmock.Stream)
    assert_type(handler[...] << kmock.sse({'x': 1}) << ..., kmock.Stream)
    assert_type(b'hello' >> handler[...], kmock.Stream)
    assert_type(handler[...].respond(b'a').effect([]).feed(b'b', ...), kmock.Stream)
    assert_type(handler['get'].feed(b'a'), kmock.Stream)
    assert_type(handler[...].feed(lambda req: req.body), kmock.Stream)


async def sequences(handler: kmock.RawHandler, view: kmock.View) -> None:
    async for request in handler['get']:
        assert_type(request, kmock.Request)
    for request in view:
        assert_type(request, kmock.Request)
    for request in reversed(view << None):
        assert_type(request, kmock.Request)
    assert_type(len(view), int)
    assert_type(view == [view[0]], bool)
    assert_type(view.requests, list[kmock.Request])
    assert_type(await view.wait(2, timeout=1), list[kmock.Request])
    assert_type(await handler[...].wait(), list[kmock.Request])
    assert_type(view.wait_sync(timeout=None), list[kmock.Request])
    assert_type((view << b'')[0], kmock.Request)
    assert_type((view << b'').response, kmock.Response)


async def handlers(handler: kmock.RawHandler) -> None:
    async with kmock.RawHandler(limit=100, strict=True) as entered:
        assert_type(entered, kmock.RawHandler)
    assert_type(handler.errors, list[Exception])
    assert_type(handler.unmatched, list[kmock.Request])
    assert_type(handler.rules, list[kmock.Reaction[kmock.Request]])
    assert_type(handler.unused, list[kmock.Reaction[kmock.Request]])
    assert_type(handler.asgi, ASGIApp)
    assert_type(handler.port, int)
    assert_type(handler << 404, kmock.Reaction[kmock.Request])
    assert_type(handler.respond(404), kmock.Reaction[kmock.Request])

    call: ClientCall = handler.get('/')
    assert_type(await call, ClientResult)
    assert_type(await handler.get('/'), ClientResult)
    async with handler.post('/', json={'a': 1}) as response:
        assert_type(response, ClientResult)
        assert_type(response.status, int)
        assert_type(await response.read(), bytes)
        assert_type(await response.text(), str)


def requests(request: kmock.Request) -> None:
    assert_type(request.method, kmock.method)
    assert_type(request.path, str)
    assert_type(request.params.getall('a'), list[str])
    assert_type(request.headers['A'], str)
    assert_type(request.query['a'], str)
    assert_type(request.cookies['a'], str)
    assert_type(request.body, bytes)
    assert_type(request.text, str)
    assert_type(request.content_type, str)


def facade(handler: kmock.RawHandler) -> None:
    assert_type(kmock.method.DELETE, Literal[kmock.method.DELETE])
    assert_type(handler.method.DELETE, Literal[kmock.method.DELETE])
    assert_type(kmock.headers('A: 1', b=2), kmock.headers)
    assert_type(handler.headers('A: 1', b=2), kmock.headers)
    assert_type(handler.data({'a': 1}), kmock.data)
    assert_type(kmock.POST, kmock.method)
    assert_type(handler.POST, kmock.method)
    assert_type(handler.Request(), kmock.Request)
    assert_type(handler.Response(404), kmock.Response)
    assert_type(handler.fault.truncate(3).n, int | None)
    assert_type(handler.Bus().mark(), kmock.BusMark)
    assert_type(kmock.__version__, str)


@attrs.define
class MyHandler(kmock.RawHandler):
    extra: int = 0

    async def _handle(self, request: kmock.Request) -> Any:
        return await super()._handle(request)


async def subclasses() -> None:
    async with MyHandler(extra=1, limit=2, strict=True) as handler:
        assert_type(handler, MyHandler)
        assert_type(handler.extra, int)
        assert_type(handler['get'] << 404, kmock.Reaction[kmock.Request])


async def mistakes(handler: kmock.RawHandler, view: kmock.View) -> None:
    kmock.Serverr  # type: ignore[attr-defined]
    kmock.heders  # type: ignore[attr-defined]
    handler.Serverr  # type: ignore[attr-defined]
    handler.heders  # type: ignore[attr-defined]
    handler.method.FETCH  # type: ignore[attr-defined]
    view[0].parms  # type: ignore[attr-defined]
    view.reqests  # type: ignore[attr-defined]
    kmock.RawHandler(limt=1)  # type: ignore[call-arg]
    MyHandler(extra='x')  # type: ignore[arg-type]
    view[object()]  # type: ignore[call-overload]
    view << {1, 2}  # type: ignore[operator]
    view << object()  # type: ignore[operator]
    view >> 5  # type: ignore[operator]
    view | 5  # type: ignore[operator]
    view & 'get'  # type: ignore[operator]
    view - None  # type: ignore[operator]
    view ** '5'  # type: ignore[operator]
    view + view  # type: ignore[operator]
    view.respond({1, 2})  # type: ignore[arg-type]
    handler.get('/').status  # type: ignore[attr-defined]
    await view.wait(timeout='5')  # type: ignore[arg-type]


def expectations(handler: kmock.RawHandler, view: kmock.View) -> None:
    assert_type((handler['get /'] << 200).times(2), kmock.Reaction)
    assert_type((view << 200).once().at_least(1).at_most(3), kmock.Reaction)
    assert_type((view << 200).strict('all').optional(), kmock.Reaction)
    assert_type((view << 200).never() << b'more', kmock.Reaction)
    assert_type(handler['get'].never(), kmock.View)
    assert_type(handler['get', :3].at_most(1), kmock.View)
    assert_type((view | view).once(), kmock.OrGroup)
    assert_type(handler.unmet, list[str])
    handler.strict = 'unmatched'
    kmock.RawHandler(strict='all').lenient = True
    kmock.RawHandler(strict='everything')  # type: ignore[arg-type]
    handler.times('2')  # type: ignore[arg-type]
    (view << 200).strict('unmatched')  # type: ignore[arg-type]
