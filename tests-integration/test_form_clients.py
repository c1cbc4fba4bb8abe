"""Forms as the clients of others send them: matched by criteria, and read as their fields."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import aiohttp
import httpx
import pytest
import pytest_asyncio
import requests

import kmock

FIELDS = {'name': 'jöhn', 'q': 'a b&c=d', 'tags': ['x', 'y']}
FILE = ('my "ü".txt', b'a\r\n\xffb', 'text/plain')

Send = Callable[[str, dict[str, Any], 'tuple[str, bytes, str] | None'], Awaitable[object]]


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[kmock.Server, None]:
    async with kmock.RawHandler(strict=True) as handler, kmock.Server(handler) as server:
        yield server


async def by_requests(url: str, fields: dict[str, Any], file: 'tuple[str, bytes, str] | None') -> None:
    files = None if file is None else {'photo': file}
    response = await asyncio.to_thread(lambda: requests.post(url, data=fields, files=files, timeout=5))
    response.raise_for_status()


async def by_httpx(url: str, fields: dict[str, Any], file: 'tuple[str, bytes, str] | None') -> None:
    async with httpx.AsyncClient() as client:
        response = await client.post(url, data=fields, files=None if file is None else {'photo': file})
        response.raise_for_status()


async def by_aiohttp(url: str, fields: dict[str, Any], file: 'tuple[str, bytes, str] | None') -> None:
    form = aiohttp.FormData()
    pairs = [(name, item) for name, value in fields.items() for item in ([value] if isinstance(value, str) else value)]
    for name, item in pairs:
        form.add_field(name, item)
    if file is not None:
        form.add_field('photo', file[1], filename=file[0], content_type=file[2])
    async with aiohttp.ClientSession(raise_for_status=True) as session, session.post(url, data=form) as response:
        await response.read()


CLIENTS = pytest.mark.parametrize('send', [by_requests, by_httpx, by_aiohttp])


@CLIENTS
async def test_a_form_is_matched_and_read(server: kmock.Server, send: Send) -> None:
    rule = server.handler['post', kmock.data(name='jöhn', tags=['x', 'y'])] << 201
    await send(str(server.url), FIELDS, None)
    assert [request.data for request in rule] == [FIELDS]
    assert rule[0].content_type == 'application/x-www-form-urlencoded'
    assert rule[0].params['q'] == 'a b&c=d'


@CLIENTS
async def test_a_form_with_a_file_is_matched_and_read(server: kmock.Server, send: Send) -> None:
    rule = server.handler[{'name': 'jöhn', 'photo': {'filename': 'my "ü".txt', 'content_type': 'text/plain'}}] << 201
    await send(str(server.url), FIELDS, FILE)
    assert [request.data for request in rule] == [{**FIELDS, 'photo': FILE[1]}]
    file = rule[0].data['photo']
    assert (file.filename, file, file.content_type) == FILE
    assert rule[0].content_type == 'multipart/form-data'
