"""The extensions of this package keep the promises of their kinds; those which break one are told which."""

import io
import re
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from types import NotImplementedType
from typing import Any

import pytest

import kmock
from kmock_core.criteria.base import Criteria
from kmock_core.criteria.http import HTTPCriteria
from kmock_core.registry import COMMANDS, HANDLERS, NOTATIONS, RENDERERS, SINKS
from kmock_core.testing import (
    check_command,
    check_facet,
    check_handler_class,
    check_notation,
    check_renderer,
    check_sink_adapter,
    odd_requests,
)
from kmock_core.values.requests import Request


def broken(base: type[Any], order: Any = 300, **methods: Callable[[Any], Any]) -> Any:
    """A plugin like another one, with some of its methods broken."""

    def method_of(fn: Callable[[Any], Any]) -> Callable[[object, Any], Any]:
        return lambda plugin, item: fn(item)

    members: dict[str, Any] = {name: method_of(fn) for name, fn in methods.items()}
    return type(f'Broken{base.__name__}', (base,), {'order': order, **members})()


# ---- Renderers ----


class Point:
    """A type that only the plugins of this test know."""

    def __init__(self, x: int, y: int) -> None:
        self.x, self.y = x, y


class PointRenderer:
    order = 300

    def render(self, payload: object, /) -> object:
        return {'x': payload.x, 'y': payload.y} if isinstance(payload, Point) else NotImplemented


RENDERED: dict[str, list[tuple[object, bytes]]] = {
    'values': [(b'x', b'x'), ({'a': 1}, b'{"a": 1}'), ((b'a', b'b'), b'ab'), (io.BytesIO(b'x'), b'x')],
    'callables': [(lambda: b'x', b'x'), (lambda: (b'a', 'b'), b'a"b"\n'), (iter([b'x']), b'x')],
}


@pytest.mark.parametrize('name', RENDERED)
async def test_the_renderers_of_this_package_keep_their_promises(name: str) -> None:
    await check_renderer(RENDERERS.get(name), RENDERED[name])


async def test_a_renderer_of_a_plugin_keeps_its_promises() -> None:
    await check_renderer(PointRenderer(), [(Point(1, 2), b'{"x": 1, "y": 2}')])


RENDERERS_BROKEN: list[Any] = [
    (broken(PointRenderer, order=None), 'BrokenPointRenderer.order is None, not a whole number'),
    (
        broken(PointRenderer, render=lambda payload: b'all'),
        r'BrokenPointRenderer.render() of a foreign object: expected',
    ),
    (broken(PointRenderer, render=lambda payload: NotImplemented), 'does not know its own payload'),
    (broken(PointRenderer, render=lambda p: b'own' if isinstance(p, Point) else NotImplemented), "got b'own'"),
]


@pytest.mark.parametrize(('renderer', 'message'), RENDERERS_BROKEN)
async def test_a_broken_renderer_is_told(renderer: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(message)):
        await check_renderer(renderer, [(Point(1, 2), b'{"x": 1, "y": 2}')])


# ---- Notations ----


class Starred:
    """``'*name'`` is a path that ends with the name."""

    order = 300

    def parse(self, item: object, /) -> 'Criteria | NotImplementedType':
        criteria: Criteria = HTTPCriteria(path=f'*/{str(item)[1:]}')
        return criteria if isinstance(item, str) and item.startswith('*') and item != '*' else NotImplemented


PARSED: dict[str, list[tuple[object, Request, Request]]] = {
    'http': [
        ('get /a?q=1', Request('GET', '/a?q=1'), Request('GET', '/a')),
        ('post', Request('POST'), Request('GET')),
        ('/a/{b}', Request('GET', '/a/x'), Request('GET', '/x')),
    ],
    'values': [
        (b'body', Request('POST', body=b'body'), Request('POST', body=b'other')),
        (re.compile('/a+'), Request('GET', '/aa'), Request('GET', '/ab')),
        ({'a': 1}, Request('POST', data={'a': 1}), Request('POST', data={'a': 2})),
        (kmock.headers(x_a='1'), Request(headers={'X-A': '1'}), Request(headers={'X-A': '2'})),
    ],
    'text': [('hello', Request('POST', text='hello'), Request('POST', text='bye'))],
}


@pytest.mark.parametrize('name', PARSED)
async def test_the_notations_of_this_package_keep_their_promises(name: str) -> None:
    await check_notation(NOTATIONS.get(name), PARSED[name])


STARRED = [('*x', Request('GET', '/a/x'), Request('GET', '/x/a'))]


async def test_a_notation_of_a_plugin_keeps_its_promises() -> None:
    await check_notation(Starred(), STARRED)


def crash(item: object) -> Any:
    if item == '':
        raise IndexError('string index out of range')
    return NotImplemented


NOTATIONS_BROKEN: list[Any] = [
    (broken(Starred, order='first'), "BrokenStarred.order is 'first'"),
    (broken(Starred, parse=lambda item: HTTPCriteria()), 'BrokenStarred.parse() of a foreign object'),
    (broken(Starred, parse=crash), "BrokenStarred.parse('') fails with IndexError: string index out of range"),
    (broken(Starred, parse=lambda item: None if item == '/' else NotImplemented), "parse('/') gives None"),
    (broken(Starred, parse=lambda item: NotImplemented), "parse('*x') does not know its own notation"),
    (
        broken(Starred, parse=lambda item: HTTPCriteria() if item == '*x' else NotImplemented),
        "'*x' for <Request 0: GET /x/a>: expected False, got True",
    ),
]


@pytest.mark.parametrize(('notation', 'message'), NOTATIONS_BROKEN)
async def test_a_broken_notation_is_told(notation: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(message)):
        await check_notation(notation, STARRED)


# ---- Sinks ----


class Journal:
    """A type that only the plugins of this test know."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, request: Request) -> None:
        self.lines.append(request.target)


class JournalAdapter:
    order = 300

    def adapt(self, sink: object, /) -> 'Callable[[Request], object] | NotImplementedType':
        return sink.write if isinstance(sink, Journal) else NotImplemented


def streamed(bus: kmock.Bus) -> int:
    return bus.streamed_count


SUNK: list[Any] = [
    ('values', list, len),
    ('values', dict, len),
    ('values', set, len),
    ('values', io.BytesIO, io.BytesIO.getvalue),
    ('values', kmock.Bus, streamed),
]


@pytest.mark.parametrize(('name', 'make', 'delivered'), SUNK)
async def test_the_sink_adapters_of_this_package_keep_their_promises(name: str, make: Any, delivered: Any) -> None:
    await check_sink_adapter(SINKS.get(name), make, delivered)


async def test_the_adapter_of_callables_keeps_its_promises() -> None:
    calls: list[Request] = []
    await check_sink_adapter(SINKS.get('callables'), lambda: calls.append, lambda _: calls)


async def test_a_sink_adapter_of_a_plugin_keeps_its_promises() -> None:
    await check_sink_adapter(JournalAdapter(), Journal, lambda journal: journal.lines)


def too_early(sink: object) -> Any:
    if isinstance(sink, Journal):
        sink.lines.append('too early')
        return ignore
    return NotImplemented


def ignore(request: Request) -> None:
    """Deliver nothing."""


def fail(request: Request) -> None:
    raise ValueError('boo')


ADAPTERS_BROKEN: list[Any] = [
    (broken(JournalAdapter, order=1.5), 'BrokenJournalAdapter.order is 1.5'),
    (broken(JournalAdapter, adapt=lambda sink: print), 'BrokenJournalAdapter.adapt() of a foreign object'),
    (broken(JournalAdapter, adapt=lambda sink: NotImplemented), 'does not know its own sink'),
    (broken(JournalAdapter, adapt=too_early), 'delivers before there is a request'),
    (
        broken(JournalAdapter, adapt=lambda sink: ignore if isinstance(sink, Journal) else NotImplemented),
        'nothing was delivered to',
    ),
    (
        broken(JournalAdapter, adapt=lambda sink: fail if isinstance(sink, Journal) else NotImplemented),
        'the answer beside',
    ),
]


@pytest.mark.parametrize(('adapter', 'message'), ADAPTERS_BROKEN)
async def test_a_broken_sink_adapter_is_told(adapter: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(message)):
        await check_sink_adapter(adapter, Journal, lambda journal: journal.lines)


# ---- Facets ----


class VersionFacet:
    """The first segment of the path, if it is a version."""

    def __init__(self, version: int | None) -> None:
        self.version = version

    @classmethod
    def parse(cls, request: Request, /) -> 'VersionFacet':
        match = re.match(r'/v(\d+)/', request.path)
        return cls(int(match[1]) if match else None)


VERSIONED: list[tuple[Request, dict[str, object]]] = [
    (Request('GET', '/v2/x'), {'version': 2}),
    (Request('GET', '/x'), {'version': None}),
]


def test_a_facet_of_a_plugin_keeps_its_promises() -> None:
    check_facet(VersionFacet, VERSIONED)


class Fragile(VersionFacet):
    @classmethod
    def parse(cls, request: Request, /) -> 'Fragile':
        return cls(request.data['version'])


class Shadowing(VersionFacet):
    path = 'mine'


class Fickle(VersionFacet):
    count = 0

    @classmethod
    def parse(cls, request: Request, /) -> 'Fickle':
        cls.count += 1
        return cls(cls.count)


FACETS_BROKEN: list[Any] = [
    (Fragile, 'Fragile fails for <Request 0: GET /> with TypeError'),
    (Shadowing, "attributes of Shadowing that requests have already: expected [], got ['path']"),
    (Fickle, 'Fickle of the same <Request 0: GET />'),
]


@pytest.mark.parametrize(('facet', 'message'), FACETS_BROKEN)
def test_a_broken_facet_is_told(facet: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(message)):
        check_facet(facet, VERSIONED)


def test_a_facet_with_another_value_is_told() -> None:
    with pytest.raises(AssertionError, match='version of <Request 0: GET /v2/x>: expected 3, got 2'):
        check_facet(VersionFacet, [(Request('GET', '/v2/x'), {'version': 3})])


@pytest.mark.parametrize('request_', odd_requests(), ids=range(len(odd_requests())))
def test_an_odd_request_can_be_looked_at_from_all_sides(request_: Request) -> None:
    for name in (
        'method',
        'path',
        'params',
        'query',
        'headers',
        'cookies',
        'text',
        'data',
        'content_type',
        'url',
        'raw',
    ):
        getattr(request_, name)
    assert '\n' not in repr(request_)


# ---- Handlers ----


@pytest.mark.parametrize('name', HANDLERS.names())
async def test_the_installed_handlers_keep_their_promises(name: str) -> None:
    await check_handler_class(HANDLERS.get(name))


class Deaf(kmock.RawHandler):
    async def _handle(self, request: Request) -> Any:
        return kmock.Response(payload=b'always the same')


class Lenient(kmock.RawHandler):
    async def __aexit__(self, *args: Any) -> None:
        self.strict = False
        await super().__aexit__(*args)


class Stubborn(kmock.RawHandler):
    async def __aenter__(self) -> 'Stubborn':
        await super().__aenter__()
        return Stubborn()


HANDLERS_BROKEN: list[Any] = [
    (object, 'object is not a subclass of RawHandler'),
    (Deaf, "the answer of Deaf: expected b'onetwo', got b'always the same'"),
    (Lenient, 'Lenient(strict=True) does not raise the error of the server side'),
    (Stubborn, 'entering Stubborn() gives kmock, not itself'),
]


@pytest.mark.parametrize(('cls', 'message'), HANDLERS_BROKEN)
async def test_a_broken_handler_class_is_told(cls: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(message)):
        await check_handler_class(cls)


# ---- Commands ----


class Greet:
    help = 'greet somebody'

    def configure(self, parser: ArgumentParser, /) -> None:
        parser.add_argument('name', nargs='?', default='world')

    def run(self, args: Namespace, /) -> int:
        print(f'hello, {args.name}')
        return 0 if args.name != 'nobody' else 1


def test_a_command_of_a_plugin_keeps_its_promises() -> None:
    assert check_command(Greet()) == 'hello, world\n'
    assert check_command(Greet(), ['john']) == 'hello, john\n'
    assert check_command(Greet(), ['nobody'], 1) == 'hello, nobody\n'


def test_the_command_of_this_package_lists_what_is_installed() -> None:
    output = check_command(COMMANDS.get('plugins'))
    assert 'kmock.transports\n' in output
    assert re.search(r'  inprocess +kmock_core.transports.inprocess:serve', output)


COMMANDS_BROKEN: list[Any] = [
    (type('Helpless', (Greet,), {'help': ' '})(), 'Helpless has no help'),
    (broken(Greet, run=lambda args: None), 'the exit status of BrokenGreet : expected 0, got None'),
    (
        broken(Greet, configure=lambda parser: parser.add_argument('--no-such-option-of-any-command', nargs='?')),
        'takes --no-such-option-of-any-command for an argument of its own',
    ),
]


@pytest.mark.parametrize(('command', 'message'), COMMANDS_BROKEN)
def test_a_broken_command_is_told(command: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(message)):
        check_command(command)


def test_the_checks_can_be_imported_without_pytest() -> None:
    import kmock_core.testing

    sources = Path(kmock_core.testing.__file__).parent.glob('*.py')
    assert not any('import pytest' in source.read_text('utf-8') for source in sources)
