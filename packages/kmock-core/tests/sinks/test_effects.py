"""Section 6 of the DSL: when effects fire, and what they leave alone."""

import asyncio
from typing import Any

import pytest

import kmock
from kmock_core.testing import served


async def test_a_rule_of_effects_alone_fires_for_every_matching_request_and_passes_on(transport: str) -> None:
    received: list[Any] = []
    async with served(transport) as handler:
        effects = handler['post'] >> received
        handler << b'answer'
        for method in ('POST', 'GET', 'POST', 'POST'):
            assert await (await handler.request(method, '/')).read() == b'answer'
        assert received == list(handler['post'])
        assert list(effects) == received


async def test_effects_may_be_written_in_any_direction_and_form(transport: str) -> None:
    received: list[Any] = []
    more: set[Any] = set()
    async with served(transport) as handler:
        handler['/a'] >> received >> more
        more << handler['/b']
        handler['/c'].effect(received, more)
        handler['/d'] << None >> received
        handler << b'x'
        for path in ('/a', '/b', '/c', '/d'):
            await handler.get(path)
        assert [request.path for request in received] == ['/a', '/c', '/d']
        assert {request.path for request in more} == {'/a', '/b', '/c'}


async def test_several_rules_of_effects_fire_in_the_order_of_priorities(transport: str) -> None:
    order: list[str] = []
    async with served(transport) as handler:
        handler >> (lambda: order.append('plain'))
        handler.override >> (lambda: order.append('override'))
        handler**5 >> (lambda: order.append('five'))
        handler.fallback << b'x'
        await handler.get('/')
        assert order == ['override', 'five', 'plain']


PAYLOADS: list[Any] = [(b'x', b'x', '1'), ({'a': 1}, b'{"a": 1}', '8'), (lambda: b'x', b'x', '1'), (404, b'', '0')]


@pytest.mark.parametrize(('payload', 'body', 'length'), PAYLOADS, ids=['bytes', 'document', 'callable', 'status'])
@pytest.mark.parametrize('effect_first', [False, True], ids=['body first', 'effect first'])
async def test_an_effect_beside_a_body_does_not_make_it_a_stream(
    payload: Any, body: bytes, length: str, effect_first: bool, transport: str
) -> None:
    received: list[Any] = []
    async with served(transport) as handler:
        rule = (handler >> received << payload) if effect_first else (handler << payload >> received)
        for _ in range(2):
            response = await handler.get('/')
            assert await response.read() == body
            assert response.headers['Content-Length'] == length
        assert received == list(rule) == list(handler)


async def test_an_effect_beside_a_body_fires_only_if_its_rule_answers(transport: str) -> None:
    received: list[Any] = []
    answers = [b'mine', None, b'mine']
    async with served(transport) as handler:
        handler << (lambda: answers.pop(0)) >> received
        handler << b'other'
        bodies = [await (await handler.get('/')).read() for _ in range(3)]
        assert bodies == [b'mine', b'other', b'mine']
        assert received == [handler[0], handler[2]]


async def test_an_effect_beside_a_stream_fires_before_the_client_has_its_head(transport: str) -> None:
    received: list[Any] = []
    async with served(transport) as handler:
        handler << (b'a', ..., b'z') >> received
        response = await handler.get('/')
        assert received == [handler[0]]
        await handler[...].wait()
        handler[...] << None
        assert await response.read() == b'az'


async def test_an_answer_waits_for_the_effects_of_its_rule_and_of_those_before(transport: str) -> None:
    order: list[str] = []

    async def slow(request: kmock.Request) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        order.append('effect')

    async with served(transport) as handler:
        handler >> slow
        handler << b'x' >> slow
        assert await (await handler.get('/')).read() == b'x'
        assert order == ['effect', 'effect']


async def test_an_effect_that_fails_closes_the_stream_beside_it(transport: str) -> None:
    error = ValueError('boo')
    closed: list[str] = []

    def stream() -> Any:
        try:
            yield b'a'
            yield ...
        finally:
            closed.append('stream')

    def fail(request: kmock.Request) -> None:
        raise error

    async with served(transport, kmock.RawHandler()) as handler:
        handler << stream >> fail
        assert (await handler.get('/')).status == 500
        assert handler.errors == [error]
        assert closed == ['stream']
        assert len(handler[...]) == 0


async def test_an_effect_added_to_a_rule_keeps_its_place(transport: str) -> None:
    received: list[Any] = []
    async with served(transport) as handler:
        first = handler << b'first'
        handler << b'second'
        first >> received
        assert await (await handler.get('/')).read() == b'first'
        assert received == [handler[0]]


async def test_a_head_request_fires_effects_too(transport: str) -> None:
    received: list[Any] = []
    async with served(transport) as handler:
        handler << b'x' >> received
        assert await (await handler.head('/')).read() == b''
        assert [request.method for request in received] == ['HEAD']


async def test_an_effect_fires_also_beside_an_error_that_is_the_answer(transport: str) -> None:
    error = ValueError('boo')
    received: list[Any] = []

    def fail() -> None:
        raise error

    async with served(transport, kmock.RawHandler()) as handler:
        handler['/payload'] << error >> received
        handler['/callable'] << fail >> received
        assert [(await handler.get(path)).status for path in ('/payload', '/callable')] == [500, 500]
        assert [request.path for request in received] == ['/payload', '/callable']
        assert handler.errors == [error, error]
