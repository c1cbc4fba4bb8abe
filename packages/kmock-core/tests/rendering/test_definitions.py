"""Section 4 of the DSL: what can't be a payload is refused when the rule is made, saying what can be."""

import decimal
import re
from collections.abc import Callable
from typing import Any

import pytest

import kmock
from kmock_core.errors import UnsupportedPayloadError


class Plain:
    def __repr__(self) -> str:
        return '<plain>'


def two_arguments(request: object, other: object) -> None:
    raise AssertionError('never called')


def keyword_argument(*, request: object) -> None:
    raise AssertionError('never called')


async def two_arguments_async(request: object, other: object) -> None:
    raise AssertionError('never called')


def label(value: object) -> str:
    return str(getattr(value, '__name__', None) or repr(value))


REFUSED: list[Any] = [
    set(), {1}, frozenset({b'a'}), {'a': 1}.keys(), Plain(), 1j, decimal.Decimal('1.5'), range(3), re.compile('x'),
    kmock.path('/x'), kmock.params(a=1), kmock.text(), kmock.text(None), kmock.text(re.compile('x')), kmock.data(),
    kmock.Request(), {'a': b'bytes'}, {'a': Plain()}, [b'bytes'], [{1}], {'a': {2}}, (Plain(),),
    (b'a', (b'b', {3})), kmock.data(Plain()),
]  # fmt: skip


@pytest.mark.parametrize('payload', REFUSED, ids=label)
class TestRefused:
    def test_it_is_refused_when_the_rule_is_made(self, payload: Any) -> None:
        handler = kmock.RawHandler()
        with pytest.raises(UnsupportedPayloadError, match='Unsupported payload') as caught:
            handler['/'] << payload
        assert isinstance(caught.value, kmock.KMockError)
        assert isinstance(caught.value, NotImplementedError)
        assert handler.rules == []

    def test_it_is_refused_in_a_stream(self, payload: Any) -> None:
        handler = kmock.RawHandler()
        with pytest.raises(UnsupportedPayloadError, match='Unsupported payload'):
            handler['/'] << (b'a', (payload, b'b'))

    def test_it_is_refused_after_another_payload_which_stays(self, payload: Any) -> None:
        handler = kmock.RawHandler()
        rule = handler['/'] << b'a'
        with pytest.raises(UnsupportedPayloadError, match='Unsupported payload'):
            rule << payload
        assert handler.rules == [rule]
        assert rule.active

    def test_it_is_refused_as_a_feeding(self, payload: Any) -> None:
        with pytest.raises(UnsupportedPayloadError, match='Unsupported payload'):
            kmock.RawHandler()[...] << payload

    async def test_it_is_an_error_of_the_request_if_a_callable_gives_it(self, payload: Any) -> None:
        async with kmock.RawHandler() as handler:
            handler << (lambda: payload)
            assert (await handler.get('/')).status == 500
            assert isinstance(handler.errors[0], (UnsupportedPayloadError, TypeError))


@pytest.mark.parametrize(
    ('payload', 'message'),
    [
        ({1, 2}, 'sets are reserved, type a tuple for a stream, or a list for JSON'),
        (Plain(), r"Plain'>: <plain> \(known: None, bytes, JSON values, text\(\)"),
        (kmock.params(a=1), 'is a criterion only'),
        (kmock.Request(), 'type e.g. request.data'),
        ({'a': {'b': Plain()}}, 'Object of type Plain is not JSON serializable'),
        (kmock.text(None), 'has no text to send'),
        (kmock.fault, r'fault is a class; type e.g. fault.reset\(\)'),
        (kmock.fault.reset, r'fault.reset is a class; type e.g. fault.reset\(\)'),
        (kmock.fault.latency, r'fault.latency is a class; type e.g. fault.latency\(\)'),
    ],
    ids=label,
)
def test_the_refusal_says_what_to_type(payload: Any, message: str) -> None:
    with pytest.raises(UnsupportedPayloadError, match=message) as caught:
        kmock.RawHandler() << payload
    assert caught.value.payload is payload


VIEWS: dict[str, Callable[[kmock.RawHandler], object]] = {
    'handler': lambda handler: handler,
    'filter': lambda handler: handler['get'],
    'slice': lambda handler: handler[:3],
    'reaction': lambda handler: handler << b'a',
    'stream': lambda handler: handler[...],
}


@pytest.mark.parametrize('kind', VIEWS)
def test_a_view_is_refused_as_a_payload(kind: str) -> None:
    handler = kmock.RawHandler()
    view: Any = VIEWS[kind](handler)
    with pytest.raises(UnsupportedPayloadError, match='is a view of requests'):
        handler['/'] << view


@pytest.mark.parametrize('payload', [two_arguments, keyword_argument, two_arguments_async], ids=label)
@pytest.mark.parametrize('as_item', [False, True], ids=['alone', 'in a stream'])
def test_a_callable_that_requires_more_than_the_request_is_refused(payload: Any, as_item: bool) -> None:
    handler = kmock.RawHandler()
    with pytest.raises(TypeError, match=f'{payload.__name__} at .*must require at most one argument, the request'):
        handler << ((b'a', payload) if as_item else payload)
    assert handler.rules == []


def test_a_circular_document_is_refused() -> None:
    document: list[Any] = []
    document.append(document)
    with pytest.raises(UnsupportedPayloadError, match='Circular reference'):
        kmock.RawHandler() << document


def test_a_document_that_is_too_deep_is_refused() -> None:
    document: list[Any] = []
    for _ in range(100_000):
        document = [document]
    with pytest.raises(UnsupportedPayloadError, match='recursion'):
        kmock.RawHandler() << document
    while document:  # so that it is not freed recursively
        document = document.pop()
