"""Section 1 of the DSL: the subclassing points of handlers, which are attrs classes."""

import pickle
from typing import Any

import attrs
import pytest

import kmock
from kmock_core.rendering.playing import StreamWriter
from kmock_core.testing import check_handler_class, served


@attrs.define
class Prefixed(kmock.RawHandler):
    """Does something before and after, and has a field of its own."""

    prefix: str = attrs.field(default='/api', kw_only=True)
    seen: list[str] = attrs.field(factory=list[str], init=False)

    async def _handle(self, request: kmock.Request) -> Any:
        self.seen.append(f'before {request.path}')
        if not request.path.startswith(self.prefix):
            return kmock.Response(status=404, headers={'X-Own': '1'}, payload={'error': 'not here'})
        try:
            return await super()._handle(request)
        finally:
            self.seen.append(f'after {request.path}')


class Tenanted(kmock.Request):
    """A request with an attribute of its own."""

    __slots__ = ()

    @property
    def tenant(self) -> str:
        return self.path.split('/')[1]


@attrs.define
class Tenants(kmock.RawHandler[Tenanted]):
    """Records requests of a class of its own."""

    request_type = Tenanted


@attrs.define
class Answering(kmock.RawHandler):
    """Answers errors in a way of its own."""

    async def _render_error(self, exc: Exception) -> Any:
        answer = await super()._render_error(exc)
        answer.status = 503
        return answer


@attrs.define
class AnsweringByResponse(kmock.RawHandler):
    """Answers errors by what users write elsewhere too."""

    async def _render_error(self, exc: Exception) -> Any:
        return kmock.Response(status=503, payload={'error': str(exc)})


@attrs.define(kw_only=True)
class Appending(kmock.RawHandler):
    """Writes errors into streams in a way of its own."""

    marker: bytes = b'!'

    async def _stream_error(self, exc: Exception, response: StreamWriter) -> None:
        await response.write(self.marker)
        await super()._stream_error(exc, response)
        await response.write(self.marker)


class BuiltIn(kmock.RawHandler):
    """Answers by itself what no rule does; by what users write elsewhere too."""

    def _answer_builtin(self, request: kmock.Request, /) -> kmock.Response | None:
        return kmock.Response(201, payload={'path': request.path}) if request.path == '/metrics' else None


class Waiting(kmock.RawHandler):
    """Forgets that what is built in can't wait."""

    async def _answer_builtin(self, request: kmock.Request, /) -> Any:  # type: ignore[override]  # that is the mistake
        return None


class Plain(kmock.RawHandler):
    """A subclass without attrs."""


async def test_a_subclass_serves_in_its_own_way_and_goes_on_as_usual(transport: str) -> None:
    async with served(transport, Prefixed(strict=True, prefix='/v1')) as handler:
        handler['/v1/x'] << b'x'
        assert await (await handler.get('/v1/x')).read() == b'x'
        response = await handler.get('/other')
        assert (response.status, response.headers['X-Own']) == (404, '1')
        assert await response.json() == {'error': 'not here'}
        assert handler.seen == ['before /v1/x', 'after /v1/x', 'before /other']
        assert [request.path for request in handler] == ['/v1/x', '/other']


async def test_a_subclass_serves_streams_in_its_own_way(transport: str) -> None:
    async with served(transport, Prefixed(strict=True)) as handler:
        handler << (b'a', ..., b'z')
        response = await handler.get('/api/x')
        await handler[...].wait()
        handler[...] << b'1'
        assert await response.read() == b'a1z'


async def test_a_subclass_sees_the_error_of_an_unmatched_request(transport: str) -> None:
    async with served(transport, Prefixed()) as handler:
        assert (await handler.get('/api/x')).status == 500
        assert handler.seen == ['before /api/x', 'after /api/x']
        assert handler.unmatched == [handler[0]]


async def test_a_subclass_that_forgets_its_answer_is_told(transport: str) -> None:
    class Forgetful(kmock.RawHandler):
        async def _handle(self, request: kmock.Request) -> Any:
            await super()._handle(request)

    async with served(transport, Forgetful()) as handler:
        handler << b'x'
        response = await handler.get('/')
        assert response.status == 500
        assert r'Forgetful._handle() has given no answer for <Request 0: GET />' in await response.text()


async def test_a_subclass_that_fails_is_an_error_of_the_request(transport: str) -> None:
    error = ValueError('of the subclass')

    class Failing(kmock.RawHandler):
        async def _handle(self, request: kmock.Request) -> Any:
            raise error

    async with served(transport, Failing()) as handler:
        handler << b'x'
        assert (await handler.get('/')).status == 500
        assert handler.errors == [error]
        assert len(handler) == 1


@pytest.mark.parametrize('cls', [Answering, AnsweringByResponse])
async def test_a_subclass_answers_errors_in_its_own_way(cls: type[kmock.RawHandler], transport: str) -> None:
    async with served(transport, cls(limit=2)) as handler:
        handler['/error'] << ValueError('boo')
        for path, text in (('/error', 'boo'), ('/other', 'No rule answers'), ('/third', 'Too many requests')):
            response = await handler.get(path)
            assert response.status == 503
            assert text in await response.text()
        assert len(handler.errors) == 3


async def test_a_head_request_gets_an_own_answer_without_its_body(transport: str) -> None:
    async with served(transport, AnsweringByResponse()) as handler:
        response = await handler.head('/')
        assert (response.status, await response.read()) == (503, b'')
        assert int(response.headers['Content-Length']) > 0


async def test_a_subclass_writes_errors_into_streams_in_its_own_way(transport: str) -> None:
    async with served(transport, Appending(marker=b'!!')) as handler:
        handler << (b'a', ValueError('boo'))
        response = await handler.get('/')
        chunks = [chunk async for chunk, _ in response.content.iter_chunks()]
        assert [chunks[0], chunks[1], chunks[-1]] == [b'a', b'!!', b'!!']
        assert chunks[2].endswith(b'ValueError: boo\n')
        assert len(handler.errors) == 1


@pytest.mark.parametrize('cls', [kmock.RawHandler, Plain, Prefixed, Answering, Appending])
async def test_a_subclass_is_a_view_of_its_requests(cls: type[kmock.RawHandler], transport: str) -> None:
    async with served(transport, cls(strict=True)) as handler:
        rule = handler['/api'] << b'x'
        await handler.get('/api')
        assert len(handler) == len(handler['get']) == len(rule) == 1
        assert handler[0] is rule[0]
        assert handler == handler['/api'] == [handler[0]]
        assert handler[None] is handler


async def test_a_response_can_be_built_in(transport: str) -> None:
    async with served(transport, BuiltIn()) as mock:
        response = await mock.get('/metrics')
        assert (response.status, await response.json()) == (201, {'path': '/metrics'})
        assert (await mock.head('/metrics')).status == 201
        mock['/metrics'] << None  # a spy: the slow way
        assert (await mock.get('/metrics')).status == 201
        mock.fallback << 404
        assert (await mock.get('/metrics')).status == 404


@pytest.mark.filterwarnings('ignore:coroutine .* was never awaited')
async def test_what_is_built_in_and_waits_breaks_a_promise() -> None:
    with pytest.raises(AssertionError, match='which is no answer'):
        await check_handler_class(Waiting)


@pytest.mark.parametrize('cls', [kmock.RawHandler, Plain, Answering, AnsweringByResponse, Appending, BuiltIn])
async def test_a_subclass_keeps_the_promises_of_handlers(cls: type[kmock.RawHandler]) -> None:
    if cls in (Answering, AnsweringByResponse):
        with pytest.raises(AssertionError, match='status of an error'):
            await check_handler_class(cls)
    else:
        await check_handler_class(cls)


@pytest.mark.parametrize('cls', [Plain, Prefixed, Answering, Appending])
def test_a_subclass_is_equal_to_itself_alone_and_can_be_a_key(cls: type[kmock.RawHandler]) -> None:
    one, other = cls(), cls()
    assert {one: 1, other: 2}[one] == 1
    assert one['get'] == []
    assert repr(one['get']) == "kmock['get']"


def name_the_tenant(request: Tenanted) -> str:
    return request.tenant


async def test_a_handler_records_requests_of_the_class_that_it_says() -> None:
    async with Tenants() as handler:
        handler['/acme/*'] << name_the_tenant
        assert await (await handler.get('/acme/users')).json() == 'acme'
        await handler.get('/other/users')
        assert [request.tenant for request in handler] == ['acme', 'other']
        assert handler['/acme/*'][0] is handler[0]
        assert [request.tenant for request in handler.unmatched] == ['other']


def test_a_copy_of_a_request_is_of_the_same_class() -> None:
    copied = pickle.loads(pickle.dumps(Tenanted('GET', '/acme/users')))
    assert type(copied) is Tenanted
    assert copied.tenant == 'acme'
    with pytest.raises(AttributeError, match='can not be changed'):
        copied.id = 5
