"""Server-sent events, as the clients of others read them: httpx-sse, aiohttp, the EventSource of a browser."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import httpx_sse
import pytest_asyncio

import kmock
from programs import find_program

PATIENCE = 30.0

EVENTS = (
    kmock.sse('plain', id=1),
    kmock.sse(comment='ping'),
    kmock.sse({'x': 'é'}, event='tick', id='é2', retry=10),
    kmock.sse('two\r\nlines\n', event='tick'),
    kmock.sse('', event='empty'),
    kmock.sse(event='nothing'),
)
READ = [
    ('message', 'plain', '1'),
    ('tick', '{"x": "\\u00e9"}', 'é2'),
    ('tick', 'two\nlines\n', 'é2'),
    ('empty', '', 'é2'),
]


@pytest_asyncio.fixture
async def handler() -> AsyncGenerator[kmock.RawHandler, None]:
    async with kmock.RawHandler(strict=True) as handler, kmock.Server(handler):
        yield handler


# ---- httpx-sse ----


async def read_by_httpx(url: str, **headers: str) -> AsyncIterator[httpx_sse.ServerSentEvent]:
    async with (
        httpx.AsyncClient(headers=headers) as client,
        httpx_sse.aconnect_sse(client, 'GET', url) as source,
    ):
        async for event in source.aiter_sse():
            yield event


def read_by_blocking_httpx(url: str) -> list[httpx_sse.ServerSentEvent]:
    with httpx.Client() as client, httpx_sse.connect_sse(client, 'GET', url) as source:
        return list(source.iter_sse())


def told(events: list[httpx_sse.ServerSentEvent]) -> list[tuple[str, str, str]]:
    """What a browser would tell: httpx-sse gives events without data too, and one for a comment after an id."""
    return [(event.event, event.data, event.id) for event in events if event.data or event.event == 'empty']


async def test_httpx_reads_events(handler: kmock.RawHandler) -> None:
    handler << EVENTS
    events = [event async for event in read_by_httpx(str(handler.url))]
    assert told(events) == READ
    assert next(event for event in events if event.event == 'tick').json() == {'x': 'é'}
    assert [event.retry for event in events if event.retry is not None] == [10]


async def test_blocking_httpx_reads_events(handler: kmock.RawHandler) -> None:
    handler << EVENTS
    assert told(await asyncio.to_thread(read_by_blocking_httpx, str(handler.url))) == READ


async def test_httpx_reads_one_event_that_is_the_whole_answer(handler: kmock.RawHandler) -> None:
    handler << kmock.sse('a', event='tick')
    assert told([event async for event in read_by_httpx(str(handler.url))]) == [('tick', 'a', '')]


async def test_httpx_reads_events_as_they_are_fed(handler: kmock.RawHandler) -> None:
    handler << (kmock.sse(), ..., kmock.sse('[DONE]'))
    events = read_by_httpx(str(handler.url))
    for number in range(3):
        reading = asyncio.ensure_future(anext(events))
        await handler[...].wait()
        handler[...] << kmock.sse({'n': number}, event='tick') << ...
        assert (await reading).json() == {'n': number}
    await handler[...].wait()
    handler[...] << None
    assert [event.data async for event in events] == ['[DONE]']


async def test_httpx_resumes(handler: kmock.RawHandler) -> None:
    handler << kmock.resume(kmock.sse('a', id=1), kmock.sse('b', id=2), kmock.sse('c', id=3))
    events = [event async for event in read_by_httpx(str(handler.url), **{'Last-Event-ID': '2'})]
    assert told(events) == [('message', 'c', '3')]


# ---- aiohttp ----


async def test_aiohttp_reads_events_line_by_line(handler: kmock.RawHandler) -> None:
    handler << (kmock.sse(), ..., kmock.sse('end'))
    async with aiohttp.ClientSession() as session, session.get(handler.url) as response:
        assert response.content_type == 'text/event-stream'
        await handler[...].wait()
        handler[...] << kmock.sse('a\nb', id=1)
        lines = [line async for line in response.content]
    assert lines == [b'id: 1\n', b'data: a\n', b'data: b\n', b'\n', b'data: end\n', b'\n']


async def test_aiohttp_reads_json_line_by_line(handler: kmock.RawHandler) -> None:
    handler << (kmock.ndjson({'a': 1}), ..., {'end': True})
    async with aiohttp.ClientSession() as session, session.get(handler.url) as response:
        assert response.content_type == 'application/x-ndjson'
        await handler[...].wait()
        handler[...] << kmock.ndjson({'b': 2}, {'c': 3})
        lines = [line async for line in response.content]
    assert lines == [b'{"a": 1}\n', b'{"b": 2}\n', b'{"c": 3}\n', b'{"end": true}\n']


# ---- A browser ----

PAGE = """<!DOCTYPE html>
<link rel="icon" href="data:,">
<script>
    const seen = [];
    const source = new EventSource('/events');
    const note = (event) => seen.push([event.type, event.data, event.lastEventId]);
    for (const type of ['message', 'tick', 'empty', 'nothing']) source.addEventListener(type, note);
    source.addEventListener('end', () => {
        source.close();
        fetch('/seen', {method: 'POST', body: JSON.stringify(seen)});
    });
</script>
"""


@pytest_asyncio.fixture
async def browse(tmp_path: Path) -> AsyncGenerator[Any, None]:
    """Opens a page in a headless Chromium."""
    names = ('chromium', 'chromium-browser', 'google-chrome')
    program = find_program('Chromium', *names, advice='apt-get install -y chromium')
    browsers: list[asyncio.subprocess.Process] = []

    async def browse(url: str) -> None:
        browser = await asyncio.create_subprocess_exec(
            program,
            '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
            '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-proxy-server',
            '--disable-extensions', f'--user-data-dir={tmp_path}', '--remote-debugging-port=0', url,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        browsers.append(browser)

    yield browse
    for browser in browsers:
        try:
            os.killpg(browser.pid, 9)  # with all of its children
        except ProcessLookupError:
            pass
        await browser.wait()


async def test_the_event_source_of_a_browser_reads_events_and_resumes(handler: kmock.RawHandler, browse: Any) -> None:
    handler['get /'] << kmock.body(PAGE.encode()) << {'Content-Type': 'text/html; charset=utf-8'}
    again = handler['get /events', {'Last-Event-ID': 'é2'}] << (kmock.sse('again'), ..., kmock.sse('', event='end'))
    first = handler['get /events'] << EVENTS
    handler['post /seen'] << 204
    await browse(str(handler.url))
    await handler['/events'][...].wait(timeout=PATIENCE)  # it has come back after the end of the first stream
    handler['/events'][...] << kmock.sse('live', id=3)
    (request,) = await handler['post /seen'].wait(timeout=PATIENCE)
    seen = [('message', 'again', 'é2'), ('message', 'live', '3')]
    assert [tuple(event) for event in request.data] == [*READ, *seen]
    assert (len(first), len(again)) == (1, 1)
    assert first[0].headers['Accept'] == 'text/event-stream'
