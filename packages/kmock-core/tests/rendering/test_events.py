"""Server-sent events (WHATWG HTML §9.2) and JSON lines, as they are on the wire."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmock
from kmock_core.errors import UnsupportedPayloadError
from kmock_core.testing import served

EVENTS = 'text/event-stream'
LINES = 'application/x-ndjson'
BINARY = 'application/octet-stream'


async def read(handler: kmock.RawHandler, **headers: str) -> tuple[str, bytes]:
    response = await handler.get('/', headers={name.replace('_', '-'): value for name, value in headers.items()})
    return response.headers['Content-Type'], await response.read()


# ---- One event ----


@pytest.mark.parametrize(
    ('event', 'wire'),
    [
        (kmock.sse('x'), b'data: x\n\n'),
        (kmock.sse(''), b'data: \n\n'),
        (kmock.sse(' x '), b'data:  x \n\n'),
        (kmock.sse(b'x\xff'), b'data: x\xff\n\n'),
        (kmock.sse(bytearray(b'x')), b'data: x\n\n'),
        (kmock.sse('é'), 'data: é\n\n'.encode()),
        (kmock.sse('[DONE]'), b'data: [DONE]\n\n'),
        (kmock.sse({'a': 'é'}), b'data: {"a": "\\u00e9"}\n\n'),
        (kmock.sse([1, 'x\ny']), b'data: [1, "x\\ny"]\n\n'),
        (kmock.sse(5), b'data: 5\n\n'),
        (kmock.sse(True), b'data: true\n\n'),
        (kmock.sse(None), b'data: null\n\n'),
        (kmock.sse('x', event='tick'), b'event: tick\ndata: x\n\n'),
        (kmock.sse('x', id='a1'), b'id: a1\ndata: x\n\n'),
        (kmock.sse('x', id=0), b'id: 0\ndata: x\n\n'),
        (kmock.sse('x', id=''), b'id: \ndata: x\n\n'),
        (kmock.sse('x', retry=0), b'retry: 0\ndata: x\n\n'),
        (kmock.sse(event='tick'), b'event: tick\n\n'),
        (kmock.sse(id='7'), b'id: 7\n\n'),
        (kmock.sse(retry=1500), b'retry: 1500\n\n'),
        (kmock.sse(comment='ping'), b': ping\n\n'),
        (kmock.sse(comment=''), b':\n\n'),
        (kmock.sse(comment='a\nb'), b': a\n: b\n\n'),
        (
            kmock.sse('a\nb', event='e', id=1, retry=2, comment='c'),
            b': c\nevent: e\nid: 1\nretry: 2\ndata: a\ndata: b\n\n',
        ),
    ],
    ids=repr,
)
async def test_an_event_alone_is_an_event_stream(event: kmock.sse, wire: bytes) -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << event
        assert await read(handler) == (EVENTS, wire)
        assert (await handler.get('/')).headers['Content-Length'] == str(len(wire))


@pytest.mark.parametrize('text', ['a\nb', 'a\rb', 'a\r\nb', b'a\nb', b'a\rb', b'a\r\nb'], ids=repr)
def test_every_line_of_the_data_is_a_line_of_its_own(text: str | bytes) -> None:
    assert kmock.sse(text).alone == b'data: a\ndata: b\n\n'


def test_lines_of_the_data_can_be_empty() -> None:
    assert kmock.sse('\n\r\r\n').alone == b'data: \ndata: \ndata: \ndata: \n\n'


def test_other_separators_of_lines_are_data() -> None:
    assert kmock.sse('a\v\f\x85\u2028b').alone == 'data: a\v\f\x85\u2028b\n\n'.encode()


@pytest.mark.parametrize(
    ('fields', 'message'),
    [
        ({'event': 'a\nb'}, r"event='a\\nb' has a line break"),
        ({'event': 'a\rb'}, r"event='a\\rb' has a line break"),
        ({'event': b'a'}, "event=b'a' is not a text"),
        ({'id': '1\n'}, r"id='1\\n' has a line break"),
        ({'id': '1\0'}, 'has a NUL'),
        ({'id': True}, 'id=True is not a text'),
        ({'id': 1.5}, r'id=1\.5 is not a text'),
        ({'retry': -1}, 'retry=-1 is not a number of milliseconds'),
        ({'retry': 1.5}, r'retry=1\.5 is not a number of milliseconds'),
        ({'retry': True}, 'retry=True is not a number of milliseconds'),
        ({'comment': 5}, 'comment=5 is not a text'),
        ({'data': {1}}, 'set is not JSON serializable'),
        ({'data': 'a\ud800'}, 'can not be sent as UTF-8'),
    ],
    ids=repr,
)
def test_what_no_event_can_have_is_refused_at_once(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedPayloadError, match=message):
        kmock.sse(**fields)


def test_an_event_shows_what_was_typed() -> None:
    assert repr(kmock.sse({'x': 1}, event='tick', id=7)) == "sse({'x': 1}, event='tick', id=7)"
    assert repr(kmock.sse(None, comment='c')) == "sse(None, comment='c')"
    assert repr(kmock.sse()) == 'sse()'


class Event(NamedTuple):
    data: str
    event: str
    last_id: str


def events_of(stream: bytes) -> list[Event]:
    """Read a stream as the specification says, §9.2.6."""
    events: list[Event] = []
    data: list[str] = []
    event = last_id = ''
    lines = re.split('\r\n|\r|\n', stream.decode('utf-8', 'replace').removeprefix('\ufeff'))
    for line in lines[:-1]:
        if not line:
            if data:
                events.append(Event('\n'.join(data), event or 'message', last_id))
            data, event = [], ''
        name, _, value = line.partition(':')
        value = value.removeprefix(' ')
        if name == 'data':
            data.append(value)
        elif name == 'event':
            event = value
        elif name == 'id' and '\0' not in value:
            last_id = value
    return events


words = st.text(st.characters(exclude_characters='\r\n\0', exclude_categories=['Cs']))
texts = st.text(st.characters(exclude_categories=['Cs']))


@given(st.lists(st.tuples(texts, words, words, texts)))
def test_a_client_by_the_specification_reads_what_was_sent(sent: list[tuple[str, str, str, str]]) -> None:
    stream = b''.join(kmock.sse(data, event=event, id=id, comment=comment).alone for data, event, id, comment in sent)
    assert events_of(stream) == [
        (re.sub('\r\n|\r', '\n', data), event or 'message', id) for data, event, id, _ in sent
    ]  # fmt: skip


# ---- Streams of events ----


async def ticks() -> AsyncIterator[kmock.sse]:
    yield kmock.sse('a', id=1)
    yield kmock.sse('b', id=2)


def tocks() -> Iterator[kmock.sse]:
    yield kmock.sse('a', id=1)
    yield kmock.sse('b', id=2)


@pytest.mark.parametrize(
    'payload',
    [
        (kmock.sse('a', id=1), kmock.sse('b', id=2)),
        (None, kmock.sse('a', id=1), kmock.sse('b', id=2)),
        (kmock.sse(), kmock.sse('a', id=1), b'id: 2\ndata: b\n\n'),
        (lambda: kmock.sse('a', id=1), (kmock.sse('b', id=2),)),
        kmock.resume(kmock.sse('a', id=1), kmock.sse('b', id=2)),
        tocks,
        ticks,
    ],
    ids=['tuple', 'after nothing', 'bytes', 'callables', 'resume', 'generator', 'async generator'],
)
async def test_a_stream_that_begins_with_an_event_is_an_event_stream(transport: str, payload: Any) -> None:
    async with served(transport) as handler:
        handler << payload
        assert await read(handler) == (EVENTS, b'id: 1\ndata: a\n\nid: 2\ndata: b\n\n')


@pytest.mark.parametrize('first', [b'a', b'', 'a', {'a': 1}, kmock.text('a')], ids=repr)
async def test_a_stream_that_begins_with_something_else_is_not_an_event_stream(first: Any) -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << (first, kmock.sse('b'))
        content_type, content = await read(handler)
        assert (content_type, content.endswith(b'data: b\n\n')) == (BINARY, True)


async def test_the_content_type_of_the_rule_wins() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler['/alone'] << kmock.sse('a') << {'Content-Type': 'text/event-stream; charset=utf-8'}
        handler['/stream'] << (kmock.sse('a'), kmock.sse('b')) << {'Content-Type': 'text/plain'}
        assert (await handler.get('/alone')).headers.getall('Content-Type') == ['text/event-stream; charset=utf-8']
        assert (await handler.get('/stream')).headers.getall('Content-Type') == ['text/plain']


async def test_the_beginning_of_a_stream_gives_the_headers_before_any_event(transport: str) -> None:
    async with served(transport) as handler:
        handler << (kmock.sse(), ..., kmock.sse('[DONE]'))
        response = await handler.get('/')
        assert (response.status, response.headers['Content-Type']) == (200, EVENTS)
        await handler[...].wait()
        handler[...] << kmock.sse({'x': 1}, event='tick') << ...
        tick = b'event: tick\ndata: {"x": 1}\n\n'
        assert await response.content.readexactly(len(tick)) == tick
        await handler[...].wait()
        handler[...] << kmock.sse(comment='ping')
        assert await response.read() == b': ping\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize('payload', [..., (...,), lambda: (...,)], ids=['alone', 'tuple', 'callable'])
async def test_a_stream_whose_first_event_is_fed_is_an_event_stream(transport: str, payload: Any) -> None:
    async with served(transport) as handler:
        handler << payload
        reading = asyncio.create_task(read(handler))
        await handler[...].wait()
        handler[...] << kmock.sse('a')
        assert await reading == (EVENTS, b'data: a\n\n')


async def test_an_event_whose_status_is_given_is_answered_with_it() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << 503 << kmock.sse('busy', retry=1000)
        response = await handler.get('/')
        assert (response.status, response.headers['Content-Type']) == (503, EVENTS)


# ---- Going on after a break ----

LOG = kmock.resume(
    kmock.sse('a', id=1), kmock.sse('b'), kmock.sse('c', id='2'), kmock.sse('d', id='2'), kmock.sse('e', id='é')
)  # fmt: skip


@pytest.mark.parametrize(
    ('last', 'expected'),
    [(None, 'abcde'), ('1', 'bcde'), ('2', 'e'), ('é', ''), ('', 'abcde'), ('nope', 'abcde')],
)
async def test_a_client_gets_the_events_after_its_last_one(transport: str, last: str | None, expected: str) -> None:
    async with served(transport) as handler:
        handler << LOG
        content_type, content = await read(handler, **({} if last is None else {'Last_Event_ID': last}))
        assert (content_type, ''.join(event.data for event in events_of(content))) == (EVENTS, expected)


async def test_a_resumed_stream_goes_on_live() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << (kmock.resume(kmock.sse('a', id=1), kmock.sse('b', id=2)), ..., kmock.sse('end'))
        response = await handler.get('/', headers={'Last-Event-ID': '2'})
        await handler[...].wait()
        handler[...] << kmock.sse('c', id=3)
        assert [event.data for event in events_of(await response.read())] == ['c', 'end']


async def test_a_log_of_events_may_grow_between_requests() -> None:
    log = [kmock.sse('a', id=1)]

    def latest() -> kmock.resume:
        return kmock.resume(*log)

    async with kmock.RawHandler(strict=True) as handler:
        handler << latest
        assert (await read(handler))[1] == b'id: 1\ndata: a\n\n'
        log.append(kmock.sse('b', id=2))
        assert (await read(handler, Last_Event_ID='1'))[1] == b'id: 2\ndata: b\n\n'


@pytest.mark.parametrize('criterion', [{'Last-Event-ID': '3'}, kmock.headers(last_event_id='3')], ids=repr)
async def test_the_last_event_id_is_a_criterion(criterion: Any) -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler[criterion] << kmock.sse('d', id=4)
        handler << kmock.sse('a', id=1)
        assert await read(handler) == (EVENTS, b'id: 1\ndata: a\n\n')
        assert await read(handler, Last_Event_ID='3') == (EVENTS, b'id: 4\ndata: d\n\n')


def test_a_stream_that_nobody_could_resume_is_refused() -> None:
    with pytest.raises(UnsupportedPayloadError, match=r'none has an id: type sse\(…, id=1\)'):
        kmock.resume(kmock.sse('a'), kmock.sse('b', id=''))


def test_only_events_can_be_resumed() -> None:
    payload: Any = {'x': 1}
    with pytest.raises(UnsupportedPayloadError, match=re.escape("not {'x': 1}; type e.g. sse({'x': 1}, id=1)")):
        kmock.resume(payload)


def test_a_list_of_events_is_refused_with_the_way_to_pass_it() -> None:
    events: Any = [kmock.sse('a', id=1)]
    with pytest.raises(UnsupportedPayloadError, match=r'type e.g. resume\(\*events\)'):
        kmock.resume(events)


# ---- JSON lines ----


async def test_json_lines_alone_are_a_line_each() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << kmock.ndjson({'a': 'x\ny'}, [1], None, 'é')
        assert await read(handler) == (LINES, b'{"a": "x\\ny"}\n[1]\nnull\n"\\u00e9"\n')


async def test_plain_values_go_on_in_a_stream_that_json_lines_begin(transport: str) -> None:
    async with served(transport) as handler:
        handler << (kmock.ndjson(), {'a': 1}, ..., kmock.ndjson({'end': True}))
        response = await handler.get('/')
        assert response.headers['Content-Type'] == LINES
        await handler[...].wait()
        handler[...] << {'b': 2} << ...
        await handler[...].wait()
        handler[...] << kmock.ndjson({'c': 3})
        lines = (await response.read()).splitlines()
        assert [json.loads(line) for line in lines] == [{'a': 1}, {'b': 2}, {'c': 3}, {'end': True}]


def test_what_is_no_json_is_refused_in_json_lines_at_once() -> None:
    with pytest.raises(UnsupportedPayloadError, match='Path is not JSON serializable'):
        kmock.ndjson({'a': 1}, Path('x'))
    assert repr(kmock.ndjson({'a': 1}, 2)) == "ndjson({'a': 1}, 2)"
