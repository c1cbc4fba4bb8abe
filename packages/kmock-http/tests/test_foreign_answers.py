"""Handlers of the user that override how requests are served, and may answer with responses of aiohttp."""

import asyncio
import re
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from aiohttp import web

from kmock_core import RawHandler, Request
from kmock_http import Server

if TYPE_CHECKING:
    from conftest import Dial


@attrs.define
class Overriding(RawHandler):
    """Serves some requests itself, and the others by the rules."""

    greeting: str = attrs.field(default='hello', kw_only=True)
    seen: list[str] = attrs.field(factory=list[str], init=False)

    async def _handle(self, request: Request) -> Any:
        self.seen.append(request.path)
        match request.path:
            case '/own':
                return web.Response(text=self.greeting, headers={'X-A': '1'}, status=201)
            case '/json':
                return web.json_response({'a': 1})
            case '/nothing':
                return web.Response(status=204)
            case '/error':
                raise web.HTTPNotFound(text='not here')
            case '/odd':
                return object()
            case _:
                return await super()._handle(request)

    async def _render_error(self, exc: Exception) -> Any:
        return web.Response(text=f'own: {exc}', status=503)


@attrs.define
class OverridingStreams(RawHandler):
    """Tells of errors in streams in its own words."""

    async def _stream_error(self, exc: Exception, response: Any) -> None:
        await response.write(f'own: {exc}'.encode())
        await response.write(b'!')


async def test_a_response_of_aiohttp_is_sent_as_it_is() -> None:
    async with Overriding(greeting='hi') as kmock, Server(kmock):
        response = await kmock.get('/own')
        assert response.status == 201
        assert response.headers['X-A'] == '1'
        assert await response.text() == 'hi'
        assert await (await kmock.get('/json')).json() == {'a': 1}
        assert kmock.errors == []
        assert len(kmock) == 2
        assert kmock.seen == ['/own', '/json']


async def test_rules_still_serve_what_is_not_overridden() -> None:
    async with Overriding() as kmock, Server(kmock):
        kmock['/rule'] << b'ruled'
        kmock['/stream'] << (b'a', b'b')
        for _ in range(2):
            assert await (await kmock.get('/rule')).read() == b'ruled'
            assert await (await kmock.get('/stream')).read() == b'ab'
        assert kmock.seen == ['/rule', '/stream'] * 2


async def test_an_error_is_answered_as_the_handler_renders_it() -> None:
    async with Overriding() as kmock, Server(kmock):
        kmock['/rule'] << ValueError('boo')
        response = await kmock.get('/rule')
        assert (response.status, await response.text()) == (503, 'own: boo')
        assert [str(error) for error in kmock.errors] == ['boo']


async def test_an_http_error_of_aiohttp_that_is_raised_is_an_error_like_any() -> None:
    async with Overriding() as kmock, Server(kmock):
        response = await kmock.get('/error')
        assert (response.status, await response.text()) == (503, 'own: Not Found')
        assert [type(error) for error in kmock.errors] == [web.HTTPNotFound]


async def test_an_unmatched_request_is_answered_as_the_handler_renders_it() -> None:
    async with Overriding() as kmock, Server(kmock):
        response = await kmock.get('/unknown')
        assert response.status == 503
        assert (await response.text()).startswith('own: No rule answers GET /unknown')


async def test_an_error_in_a_stream_is_written_as_the_handler_writes_it() -> None:
    async with OverridingStreams() as kmock, Server(kmock):
        seen = asyncio.Event()
        kmock << (b'a', seen, ValueError('boo'), b'never')
        response = await kmock.get('/')
        assert await response.content.read(1) == b'a'
        seen.set()
        assert await response.content.read() == b'own: boo!'
        assert [str(error) for error in kmock.errors] == ['boo']


async def test_an_answer_that_is_none_of_ours_nor_of_aiohttp_is_explained_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Overriding() as kmock, Server(kmock):
        response = await kmock.get('/odd')
        assert response.status == 500
        assert "which is neither an Answer nor a response of aiohttp's" in await response.text()
        assert (await kmock.get('/own')).status == 201
    assert len(caplog.records) == 1


async def test_responses_of_aiohttp_keep_the_connection_and_its_order(dial: 'Dial') -> None:
    async with Overriding() as kmock, Server(kmock) as server:
        kmock['/rule'] << b'ruled'
        kmock['/fail'] << ValueError('boo')
        wire = await dial(server)
        targets = ['/own', '/rule', '/nothing', '/fail', '/rule']
        for target in targets:
            wire.ask(target)
        statuses: list[bytes] = []
        for _ in targets:
            head = await wire.read_head()
            statuses.append(head[9:12])
            length = re.search(rb'Content-Length: (\d+)', head)
            await wire.read(int(length[1]) if length else 0)
        assert statuses == [b'201', b'200', b'204', b'503', b'200']


@pytest.mark.parametrize('target', ['/own', '/fail', '/rule', '/odd'])
async def test_head_has_no_body_whoever_answers(dial: 'Dial', target: str) -> None:
    async with Overriding() as kmock, Server(kmock) as server:
        kmock['/rule'] << b'ruled'
        kmock['/fail'] << ValueError('boo')
        wire = await dial(server)
        wire.ask(target, 'Connection: close', method='HEAD')
        head = await wire.read_head()
        assert re.search(rb'\r\nContent-Length: [1-9]', head)
        assert await wire.read_all() == b''


async def test_a_large_response_of_aiohttp_does_not_hold_the_stop(dial: 'Dial') -> None:
    @attrs.define
    class Large(RawHandler):
        async def _handle(self, request: Request) -> Any:
            return web.Response(body=b'x' * 20_000_000)

    async with Large() as kmock:
        server = await Server(kmock).__aenter__()
        wire = await dial(server)
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined]  # asyncio types it as the writing half only
        wire.ask('/')
        await kmock.wait()
        async with asyncio.timeout(5):
            await server.__aexit__(None, None, None)
        wire.vanish()
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_error_renderer_that_fails_is_logged_and_answered(caplog: pytest.LogCaptureFixture) -> None:
    @attrs.define
    class Failing(RawHandler):
        async def _render_error(self, exc: Exception) -> Any:
            raise ZeroDivisionError from exc

    async with Failing() as kmock, Server(kmock):
        kmock['/fine'] << b'fine'
        response = await kmock.get('/unknown')
        assert response.status == 500
        assert 'ZeroDivisionError' in await response.text()
        assert await (await kmock.get('/fine')).read() == b'fine'
    assert caplog.records[0].getMessage() == 'GET /unknown has failed with no handler to collect it'
