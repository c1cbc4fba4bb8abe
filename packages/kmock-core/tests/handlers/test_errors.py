"""Section 7 of the DSL: what goes wrong on the server side, how it is answered, and who gets to know."""

import asyncio
from typing import Any

import pytest

import kmock
from kmock_core.errors import LimitExceededError, NotRunningError, OutcomeError, UnmatchedRequestError
from kmock_core.testing import served


class Special(ValueError):
    """An error that nothing of KMock knows."""


def fail_for(request: kmock.Request) -> bool:
    raise Special(f'criterion of {request.path}')


def error_of(request: kmock.Request) -> Exception:
    return Special(request.path)


# ---- Answers ----


async def test_an_error_before_the_answer_is_a_500_with_the_traceback(transport: str) -> None:
    error = Special('boo\nline 2')

    def fail() -> None:
        raise error

    async with served(transport, kmock.RawHandler()) as handler:
        handler << 201 << {'X-A': '1'} << fail
        response = await handler.get('/')
        assert (response.status, response.reason) == (500, 'Internal Server Error')
        assert response.headers['Content-Type'] == 'text/plain; charset=utf-8'
        assert 'X-A' not in response.headers
        text = await response.text()
        assert text.startswith('Traceback (most recent call last):\n')
        assert 'in fail' in text
        assert text.endswith('Special: boo\nline 2\n')
        assert handler.errors == [error]


async def test_an_error_that_means_an_answer_has_the_headers_of_its_rule(transport: str) -> None:
    class Meant(Special):
        def __kmock_payload__(self) -> kmock.Response:
            return kmock.Response(status=429, headers={'X-B': '3'}, payload=b'meant')

    def fail() -> None:
        raise Meant

    async with served(transport, kmock.RawHandler()) as handler:
        handler['/payload'] << 201 << {'X-A': '1', 'X-B': '2'} << Meant
        handler['/callable'] << 201 << {'X-A': '1', 'X-B': '2'} << fail
        for path in ('/payload', '/callable'):
            response = await handler.get(path)
            assert (response.status, await response.read()) == (429, b'meant')
            assert (response.headers['X-A'], response.headers['X-B']) == ('1', '3')
        assert handler.errors == []


async def test_an_error_in_a_started_stream_is_appended_as_its_traceback(transport: str) -> None:
    error = Special('boo')
    async with served(transport, kmock.RawHandler()) as handler:
        handler << 201 << (b'a', error, b'never')
        response = await handler.get('/')
        chunks = [chunk async for chunk, _ in response.content.iter_chunks()]
        assert response.status == 201
        assert chunks[0] == b'a'
        assert len(chunks) == 2
        assert chunks[1].startswith(b'Traceback (most recent call last):\n')
        assert chunks[1].endswith(b'Special: boo\n')
        assert handler.errors == [error]


FIRST: dict[str, tuple[tuple[Any, ...], int]] = {
    'nothing': ((), 500),
    'None': ((None,), 500),
    'a pause': ((lambda: asyncio.sleep(0),), 500),
    'an empty chunk': ((b'',), 200),
    'an empty chunk and a pause': ((b'', lambda: asyncio.sleep(0)), 200),
    'a chunk': ((b'a',), 200),
}


@pytest.mark.parametrize('first', FIRST)
async def test_an_error_is_a_500_until_the_first_chunk(first: str, transport: str) -> None:
    items, status = FIRST[first]
    async with served(transport, kmock.RawHandler()) as handler:
        handler << (*items, Special('boo'))
        response = await handler.get('/')
        assert response.status == status
        assert (await response.text()).endswith('Special: boo\n')
        assert [type(error) for error in handler.errors] == [Special]


async def test_a_failing_criterion_is_an_error_of_the_request(transport: str) -> None:
    async with served(transport, kmock.RawHandler()) as handler:
        handler[fail_for] << b'never'
        handler << b'x'
        response = await handler.get('/p')
        assert response.status == 500
        assert 'Special: criterion of /p' in await response.text()
        assert [str(error) for error in handler.errors] == ['criterion of /p']
        assert len(handler) == 1


async def test_the_next_request_is_served_after_an_error(transport: str) -> None:
    async with served(transport, kmock.RawHandler()) as handler:
        handler['/error'] << Special('boo')
        handler['/stream'] << (b'a', Special('boo'))
        handler << b'x'
        for path in ('/error', '/stream', '/error'):
            await (await handler.get(path)).read()
            assert await (await handler.get('/')).read() == b'x'
        assert len(handler.errors) == 3


async def test_a_request_that_no_rule_answers_is_a_500_with_an_explanation(transport: str) -> None:
    async with served(transport, kmock.RawHandler()) as handler:
        handler['get /hello'] << b'hello'
        response = await handler.get('/heloo')
        text = await response.text()
        assert (response.status, response.headers['Content-Type']) == (500, 'text/plain; charset=utf-8')
        assert text.startswith('UnmatchedRequestError: No rule answers GET /heloo\n')
        assert 'Traceback' not in text
        (error,) = handler.errors
        assert isinstance(error, UnmatchedRequestError)
        assert isinstance(error, kmock.KMockError)
        assert isinstance(error, NotImplementedError)
        assert error.request is handler[0]
        assert handler.unmatched == [handler[0]]


@pytest.mark.parametrize('text', ['\udcff', 'é', '\0', '🦄'])
async def test_the_text_of_an_error_may_be_anything(text: str, transport: str) -> None:
    async with served(transport, kmock.RawHandler()) as handler:
        handler['/answer'] << Special(text)
        handler['/stream'] << (b'a', Special(text))
        for path, status in (('/answer', 500), ('/stream', 200)):
            response = await handler.get(path)
            assert response.status == status
            assert b'Special' in await response.read()


# ---- Contexts ----


async def test_errors_are_collected_by_the_innermost_context(transport: str) -> None:
    async with served(transport, kmock.RawHandler()) as handler:
        handler << error_of
        await handler.get('/outer')
        outer = handler.errors
        async with handler as again:
            assert again is handler
            assert handler.errors == []
            await handler.get('/inner')
            assert [str(error) for error in handler.errors] == ['/inner']
        assert handler.errors is outer
        await handler.get('/outer-again')
        assert [str(error) for error in handler.errors] == ['/outer', '/outer-again']


async def test_a_handler_can_be_entered_again_with_its_rules_and_requests() -> None:
    handler = kmock.RawHandler()
    handler['/error'] << Special('boo')
    handler << b'x'
    states: list[bool] = []
    for number in range(3):
        states.append(handler.active)
        async with handler:
            states.append(handler.active)
            assert handler.errors == []
            assert (await handler.get('/error')).status == 500
            assert await (await handler.get('/')).read() == b'x'
            assert len(handler.errors) == 1
            assert len(handler) == 2 * (number + 1)
    assert states == [False, True] * 3


def test_errors_outside_of_a_context_are_nowhere_and_say_so() -> None:
    with pytest.raises(NotRunningError, match='Errors are collected only while the handler is entered') as caught:
        kmock.RawHandler().errors
    assert isinstance(caught.value, RuntimeError)


async def test_errors_after_a_context_are_nowhere_too() -> None:
    handler = kmock.RawHandler()
    async with handler:
        pass
    with pytest.raises(RuntimeError):
        handler.errors


async def test_errors_outside_of_a_context_are_raised_to_whoever_calls() -> None:
    error = Special('boo')
    handler = kmock.RawHandler()
    handler['/error'] << error
    handler['/later'] << (lambda: asyncio.sleep(0, error))
    handler['/x'] << b'x'
    for path in ('/error', '/later'):
        with pytest.raises(Special) as caught:
            await handler.get(path)
        assert caught.value is error
    with pytest.raises(UnmatchedRequestError):
        await handler.get('/other')
    assert await (await handler.get('/x')).read() == b'x'
    assert len(handler) == 4


async def test_errors_of_a_started_stream_outside_of_a_context_are_raised_to_whoever_reads() -> None:
    error = Special('boo')
    handler = kmock.RawHandler()
    handler << (b'a', lambda: asyncio.sleep(0), error)
    response = await handler.get('/')
    assert response.status == 200
    assert await response.content.readexactly(1) == b'a'
    with pytest.raises(Special) as caught:
        await response.read()
    assert caught.value is error


async def test_collected_errors_can_be_cleared_by_the_test() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << Special('boo')
        await handler.get('/')
        handler.errors.clear()


# ---- Strict ----


async def use_strictly(transport: str, *errors: Exception, body_error: BaseException | None = None) -> None:
    """Let a strict handler answer with errors, and then fail by itself."""
    async with served(transport, kmock.RawHandler(strict=True)) as handler:
        for number, error in enumerate(errors):
            handler[f'/{number}'] << error
            assert (await handler.get(f'/{number}')).status == 500
        if body_error is not None:
            raise body_error


async def test_a_strict_handler_raises_its_single_error(transport: str) -> None:
    error = Special('boo')
    with pytest.raises(Special) as caught:
        await use_strictly(transport, error)
    assert caught.value is error


async def test_a_strict_handler_raises_several_errors_as_a_group(transport: str) -> None:
    errors = [Special('one'), KeyError('two')]
    with pytest.raises(ExceptionGroup, match='Several exceptions happened') as caught:
        await use_strictly(transport, *errors)
    assert list(caught.value.exceptions) == errors


@pytest.mark.parametrize('body_error', [AssertionError('of the test'), KeyboardInterrupt(), asyncio.CancelledError()])
async def test_an_error_of_the_body_wins_over_those_of_a_strict_handler(body_error: BaseException) -> None:
    with pytest.raises(type(body_error)) as caught:
        await use_strictly('inprocess', Special('boo'), body_error=body_error)
    assert caught.value is body_error


async def test_a_strict_handler_raises_the_errors_of_each_level_at_its_end() -> None:
    handler = kmock.RawHandler(strict=True)
    handler << error_of

    async def inner() -> None:
        async with handler:
            await handler.get('/inner')

    async def outer() -> None:
        async with handler:
            await handler.get('/outer')
            with pytest.raises(Special, match='/inner'):
                await inner()

    with pytest.raises(Special, match='/outer'):
        await outer()


async def test_a_handler_that_is_not_strict_raises_nothing(transport: str) -> None:
    async with served(transport, kmock.RawHandler()) as handler:
        handler << Special('boo')
        await handler.get('/')
        assert not handler.strict


async def test_strictness_can_be_turned_on_late() -> None:
    async def use() -> None:
        async with kmock.RawHandler() as handler:
            handler << Special('boo')
            await handler.get('/')
            handler.strict = True

    with pytest.raises(Special):
        await use()


async def test_a_strict_handler_raises_what_its_open_streams_fail_with_when_it_is_left() -> None:
    def stream() -> Any:
        try:
            yield b'a'
            yield ...
        finally:
            raise Special('on the way out')

    async def use() -> None:
        async with kmock.RawHandler(strict=True) as handler:
            handler << stream
            await handler.get('/')
            await handler[...].wait()

    with pytest.raises(Special, match='on the way out'):
        await use()


# ---- Limit ----


async def test_requests_above_the_limit_are_refused_and_not_recorded(transport: str) -> None:
    async with served(transport, kmock.RawHandler(limit=2)) as handler:
        rule = handler << b'x'
        responses = [await handler.get(f'/{number}') for number in range(4)]
        assert [response.status for response in responses] == [200, 200, 500, 500]
        text = await responses[-1].text()
        assert text == 'LimitExceededError: Too many requests: only 2 are served (limit=2).\n'
        assert [request.path for request in handler] == ['/0', '/1']
        assert list(rule) == list(handler)
        assert [type(error) for error in handler.errors] == [LimitExceededError] * 2
        assert all(isinstance(error, kmock.KMockError) for error in handler.errors)


async def test_a_limit_of_zero_refuses_everything(transport: str) -> None:
    async with served(transport, kmock.RawHandler(limit=0)) as handler:
        handler << b'x'
        assert (await handler.get('/')).status == 500
        assert len(handler) == 0


async def test_a_limit_counts_the_unmatched_requests_too(transport: str) -> None:
    async with served(transport, kmock.RawHandler(limit=1)) as handler:
        assert 'No rule answers' in await (await handler.get('/')).text()
        handler << b'x'
        assert 'limit=1' in await (await handler.get('/')).text()


async def test_a_limit_is_raised_outside_of_a_context() -> None:
    handler = kmock.RawHandler(limit=0)
    with pytest.raises(LimitExceededError):
        await handler.get('/')


@pytest.mark.parametrize('arguments', [((1,), {}), ((), {'nonsense': 1})], ids=['positional', 'unknown'])
def test_wrong_options_are_refused(arguments: Any) -> None:
    args, kwargs = arguments
    with pytest.raises(TypeError):
        kmock.RawHandler(*args, **kwargs)


# ---- What ends a test, said to the server: pytest.fail() and the like ----


class Outcome(BaseException):
    """As pytest's own are, and those of `sys.exit`: no `Exception`."""


def end_the_test(*_: object) -> Any:
    raise Outcome('that was not to be called')


async def end_the_test_later(*_: object) -> Any:
    await asyncio.sleep(0)
    end_the_test()


PLACES = ['criterion', 'async criterion', 'criterion of a spy', 'payload', 'async payload', 'sink', 'stream']


def break_at(handler: kmock.RawHandler, place: str) -> None:
    if 'criterion' in place:
        function = end_the_test_later if place == 'async criterion' else end_the_test
        handler['/', function] << (None if place == 'criterion of a spy' else b'not reached')
    elif 'payload' in place:
        handler << (end_the_test_later if place == 'async payload' else end_the_test)
    elif place == 'sink':
        handler << b'not sent' >> end_the_test
    else:
        handler << (b'sent ', end_the_test)


@pytest.mark.parametrize('place', PLACES)
async def test_what_ends_a_test_is_answered_and_raised_in_the_end_however_strict(place: str, transport: str) -> None:
    async def run() -> None:
        async with served(transport, kmock.RawHandler(strict=False)) as handler:
            break_at(handler, place)
            response = await handler.get('/')
            assert b'that was not to be called' in await response.read()
            assert [type(error) for error in handler.errors] == [OutcomeError]
            handler['/next'].override << b'served'
            assert await (await handler.get('/next')).read() == b'served'

    with pytest.raises(OutcomeError, match='Outcome: that was not to be called') as caught:
        await run()
    assert type(caught.value.__cause__) is Outcome


async def test_what_ends_a_test_does_not_hide_the_error_of_the_body() -> None:
    async def run() -> None:
        async with kmock.RawHandler() as handler:
            handler << end_the_test
            await handler.get('/')
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await run()
