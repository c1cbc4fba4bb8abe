"""Checks for the authors of renderers, notations, sink adapters, facets, handler classes and commands."""

import inspect
import io
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, TypeVar, cast

from kmock_core.criteria.base import Criteria
from kmock_core.errors import KMockError
from kmock_core.handlers.raw import RawHandler
from kmock_core.spi import Command, Deliver, Notation, Renderer, SinkAdapter
from kmock_core.testing.expectations import describe, expect, expect_that, patience
from kmock_core.values.requests import Facet, Origin, Request
from kmock_core.values.responses import Answer

SinkT = TypeVar('SinkT')

ODD_STRINGS = (
    '', ' ', '\n', '\x00', '/', '?', '//', 'get', 'get ', '🦄', 'ü' * 5000, 'a b c d', '{', '[', '%', 'http://',
)  # fmt: skip


class Foreign:
    """An object that no extension but its own can know."""


def odd_requests() -> list[Request]:
    """Requests of all kinds, most of them broken in some way: what reads requests must accept any of them."""
    broken = b'\xff\xfe{'
    return [
        Request(),
        Request('POST', '/', data={'a': [1, None, {'b': 'ü'}]}),
        Request('PUT', '/', body=b'[' * 100_000, headers={'Content-Type': 'application/json'}),
        Request('POST', '/', body=broken, headers={'Content-Type': 'application/json; charset=nonsense'}),
        Request('POST', '/', body=b'a=1&a=2&%ff', headers={'Content-Type': 'application/x-www-form-urlencoded'}),
        Request('POST', '/', body=b'--x\r\n\r\n', headers={'Content-Type': 'multipart/form-data; boundary=x'}),
        Request('GET', '/a%2Fb/%ff/%?x=%ff&&=&y'),
        Request('GET', '//a//b/../c/./'),
        Request('OPTIONS', '*'),
        Request('CONNECT', 'example.com:443'),
        Request('GET', 'http://[broken/path'),
        Request('STRANGE', '', headers={'Host': '', 'Cookie': '=;;a;b=', 'Content-Type': ';;;'}),
        Request('GET', '/' + 'x' * 10_000, origin=Origin('https', '', '::1', '2')),
        Request('POST', '/', data=None, body=b'null'),
        Request('POST', '/', data=[1]),
    ]


async def check_renderer(renderer: Renderer, examples: Iterable[tuple[object, bytes]]) -> None:
    """Check that a renderer leaves alone what it does not know, and that handlers answer with what it makes.

    Args:
        renderer: as it stands in the entry point.
        examples: payloads of its own kind, each with the body that a client is to receive.

    Raises:
        AssertionError: a promise is broken.
    """
    name = describe(renderer)
    _check_order(renderer)
    expect(renderer.render(Foreign()), NotImplemented, f'{name}.render() of a foreign object')
    for payload, content in examples:
        rendered = renderer.render(payload)
        expect_that(rendered is not NotImplemented, f'{name}.render({payload!r}) does not know its own payload')
        async with RawHandler() as kmock:
            kmock.respond(cast('Any', rendered))
            async with patience(f'an answer with {payload!r}'):
                response = await kmock.get('/')
                expect(await response.read(), content, f'the body of an answer with {payload!r}')
            expect(kmock.errors, [], f'errors of an answer with {payload!r}')


async def check_notation(notation: Notation, examples: Iterable[tuple[object, Request, Request]]) -> None:
    """Check that a notation leaves alone what it does not know, and that its criteria tell requests apart.

    Args:
        notation: as it stands in the entry point.
        examples: objects in this notation, each with a request that matches it and one that does not.

    Raises:
        AssertionError: a promise is broken.
    """
    name = describe(notation)
    _check_order(notation)
    expect(notation.parse(Foreign()), NotImplemented, f'{name}.parse() of a foreign object')
    for text in ODD_STRINGS:
        try:
            parsed = notation.parse(text)
        except KMockError:
            continue  # a complaint of its own is fine, a crash is not
        except Exception as exc:
            raise AssertionError(f'{name}.parse({text!r}) fails with {type(exc).__name__}: {exc}') from exc
        expect_that(
            parsed is NotImplemented or isinstance(parsed, Criteria),
            f'{name}.parse({text!r}) gives {parsed!r}, which is neither criteria nor NotImplemented',
        )
    for item, matching, other in examples:
        for request, expected in ((matching, True), (other, False)):
            criteria = notation.parse(item)
            expect_that(isinstance(criteria, Criteria), f'{name}.parse({item!r}) does not know its own notation')
            verdict = cast('Criteria', criteria).check(request)
            verdict = verdict if isinstance(verdict, bool) else await verdict
            expect(bool(verdict), expected, f'{item!r} for {request!r}')
            findings = cast('Criteria', criteria).explain(request)
            if cast('Criteria', criteria).pure and findings:
                expect(all(f.held for f in findings), expected, f'the explanation of {item!r} for {request!r}')


async def check_sink_adapter(
    adapter: SinkAdapter, sink: Callable[[], SinkT], delivered: Callable[[SinkT], object]
) -> None:
    """Check that an adapter leaves alone what it does not know, and that requests are delivered to its sinks.

    Args:
        adapter: as it stands in the entry point.
        sink: makes a sink of its own kind.
        delivered: tells by something true that a request was delivered to the sink.

    Raises:
        AssertionError: a promise is broken.
    """
    name = describe(adapter)
    _check_order(adapter)
    expect(adapter.adapt(Foreign()), NotImplemented, f'{name}.adapt() of a foreign object')
    target = sink()
    deliver = adapter.adapt(target)
    expect_that(callable(deliver), f'{name}.adapt({target!r}) does not know its own sink')
    expect_that(not delivered(target), f'{name}.adapt({target!r}) delivers before there is a request')

    async def effect(request: Request) -> None:
        result = cast('Deliver', deliver)(request)
        if inspect.isawaitable(result):
            await result

    async with RawHandler() as kmock:
        kmock.effect(effect)
        kmock.respond(b'done')
        for _ in range(2):
            async with patience(f'a delivery to {target!r}'):
                response = await kmock.post('/', data=b'content')
            expect(await response.read(), b'done', f'the answer beside {target!r}')
        expect(kmock.errors, [], f'errors of a delivery to {target!r}')
    expect_that(delivered(target), f'nothing was delivered to {target!r}')


def check_facet(facet: type[Facet], examples: Iterable[tuple[Request, Mapping[str, object]]]) -> None:
    """Check that a facet reads any request without failing, and adds what it promises to requests.

    Args:
        facet: the class, as it stands in the entry point.
        examples: requests, each with the attributes that the facet is to have for it.

    Raises:
        AssertionError: a promise is broken.
    """
    name = describe(facet)
    for request in odd_requests():
        try:
            parsed = facet.parse(request)
            names = _public_names(parsed)
            values = [getattr(parsed, attribute) for attribute in names]
        except Exception as exc:
            raise AssertionError(f'{name} fails for {request!r} with {type(exc).__name__}: {exc}') from exc
        shadowed = [attribute for attribute in names if hasattr(Request, attribute)]
        expect(shadowed, [], f'attributes of {name} that requests have already')
        again = facet.parse(request)
        expect([getattr(again, attribute) for attribute in names], values, f'{name} of the same {request!r}')
    for request, attributes in examples:
        expect_that(request.facet(facet) is request.facet(facet), f'{name} of {request!r} is not made once')
        for attribute, value in attributes.items():
            expect(getattr(request.facet(facet), attribute, NotImplemented), value, f'{attribute} of {request!r}')


async def check_handler_class(cls: type[Any]) -> None:
    """Check that a handler class is a handler for everything that knows how to use one: servers, fixtures, tests.

    Raises:
        AssertionError: a promise is broken.
    """
    name = describe(cls)
    kmock = cls()
    expect_that(isinstance(kmock, RawHandler), f'{name} is not a subclass of RawHandler')
    async with kmock as entered:
        expect_that(entered is kmock, f'entering {name}() gives {entered!r}, not itself')
        kmock['get /check'].respond(b'one', b'two')
        expect(await (await kmock.get('/check')).read(), b'onetwo', f'the answer of {name}')
        expect([request.path for request in kmock['get']], ['/check'], f'the requests of {name}')
        expect(kmock.errors, [], f'errors of {name}')
        await _send_odd_requests(kmock, name)
    async with kmock:
        expect(kmock.errors, [], f'errors of {name} when it is entered again')
        expect(await (await kmock.get('/check')).read(), b'onetwo', f'the answer of {name} when it is entered again')
    await _check_options(cls, name)


def check_command(command: Command, args: Sequence[str] = (), status: int = 0) -> str:
    """Check that a subcommand can be configured, explains itself, and runs; returns what it has printed.

    Args:
        command: as it stands in the entry point.
        args: the arguments to run it with.
        status: the exit status that it is to return.

    Raises:
        AssertionError: a promise is broken.
    """
    name = describe(command)
    expect_that(isinstance(cast('object', command.help), str) and command.help.strip(), f'{name} has no help')
    for options, expected in ((['--help'], 0), (['--no-such-option-of-any-command'], 2)):
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            try:
                _parser_of(command).parse_args(options)
            except SystemExit as exc:
                expect(exc.code, expected, f'the exit status of {name} {options[0]}')
            else:
                raise AssertionError(f'{name} takes {options[0]} for an argument of its own')
    output = io.StringIO()
    with redirect_stdout(output):
        expect(command.run(_parser_of(command).parse_args(args)), status, f'the exit status of {name} {" ".join(args)}')
    return output.getvalue()


def _parser_of(command: Command) -> ArgumentParser:
    parser = ArgumentParser(prog='kmock-check')
    command.configure(parser)
    return parser


def _check_order(plugin: Any) -> None:
    order = getattr(plugin, 'order', None)
    expect_that(isinstance(order, int), f'{describe(plugin)}.order is {order!r}, not a whole number')


def _public_names(facet: Any) -> list[str]:
    return [
        name
        for name in dir(facet)
        if not name.startswith('_') and name != 'parse' and not inspect.ismethod(inspect.getattr_static(facet, name))
    ]


async def _send_odd_requests(kmock: RawHandler, name: str) -> None:
    for request in odd_requests():
        count = len(kmock)
        try:
            answer = kmock.serve(*request.record[1:])
            answer = answer if isinstance(answer, Answer) else await answer
        except Exception as exc:
            raise AssertionError(f'{name} fails for {request!r} with {type(exc).__name__}: {exc}') from exc
        expect(len(kmock), count + 1, f'the number of requests of {name} after {request!r}')
        expect_that(hasattr(answer, 'body'), f'{name} serves {request!r} with {answer!r}, which is no answer')
        if not isinstance(answer.body, bytes):
            await answer.body.aclose()


async def _check_options(cls: type[Any], name: str) -> None:
    error = ValueError('meant for the test')
    limited = cls(limit=1, strict=True)
    limited.respond(error)
    try:
        async with limited:
            expect((await limited.get('/')).status, 500, f'the status of an error of {name}')
            expect(limited.errors, [error], f'errors of {name}')
    except ValueError as exc:
        expect_that(exc is error, f'{name}(strict=True) raises {exc!r}')
    else:
        raise AssertionError(f'{name}(strict=True) does not raise the error of the server side')
    async with cls(limit=1) as limited:
        limited.respond(b'served')
        expect([(await limited.get('/')).status for _ in range(2)], [200, 500], f'statuses of {name}(limit=1)')
        expect([type(exc).__name__ for exc in limited.errors], ['LimitExceededError'], f'errors of {name}(limit=1)')
