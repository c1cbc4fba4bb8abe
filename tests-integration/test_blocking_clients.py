"""Blocking clients of others, in plain functions: KMock serves them from a thread of its own."""

import http.client
import threading
import urllib.request
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any

import httpx
import pytest
import requests
import urllib3

import kmock

Ask = Callable[[str, bytes | None], tuple[int, bytes]]
Stream = Callable[[str], Generator[bytes, None, None]]

METHODS = {True: 'GET', False: 'POST'}


@pytest.fixture
def mock() -> Generator[kmock.RawHandler, None, None]:
    before = threading.enumerate()
    with kmock.serving(kmock.RawHandler) as mock:
        yield mock
    assert set(threading.enumerate()) <= set(before)


def ask_by_requests(url: str, data: bytes | None) -> tuple[int, bytes]:
    response = requests.request(METHODS[data is None], url, data=data, timeout=10)
    return response.status_code, response.content


def ask_by_urllib3(url: str, data: bytes | None) -> tuple[int, bytes]:
    with urllib3.PoolManager() as pool:
        response = pool.request(METHODS[data is None], url, body=data, timeout=10)
        return response.status, response.data


def ask_by_httpx(url: str, data: bytes | None) -> tuple[int, bytes]:
    with httpx.Client() as client:
        response = client.request(METHODS[data is None], url, content=data, timeout=10)
        return response.status_code, response.content


def ask_by_urllib(url: str, data: bytes | None) -> tuple[int, bytes]:
    with urllib.request.urlopen(url, data, timeout=10) as response:
        return response.status, response.read()


def stream_by_requests(url: str) -> Generator[bytes, None, None]:
    with requests.get(url, stream=True, timeout=10) as response:
        yield from response.iter_lines(chunk_size=1)


def stream_by_httpx(url: str) -> Generator[bytes, None, None]:
    with httpx.Client() as client, client.stream('GET', url) as response:
        for line in response.iter_lines():
            yield line.encode()


def stream_by_urllib3(url: str) -> Generator[bytes, None, None]:
    with urllib3.PoolManager() as pool:
        response = pool.request('GET', url, preload_content=False, timeout=10)
        for chunk in response.stream():
            yield from chunk.splitlines()
        response.release_conn()


def stream_by_urllib(url: str) -> Generator[bytes, None, None]:
    with urllib.request.urlopen(url, timeout=10) as response:
        for line in response:
            yield line.rstrip()


asks = pytest.mark.parametrize('ask', [ask_by_requests, ask_by_urllib3, ask_by_httpx, ask_by_urllib])
streams = pytest.mark.parametrize('stream', [stream_by_requests, stream_by_httpx, stream_by_urllib3, stream_by_urllib])


@asks
def test_rules_answer_and_spies_see(mock: kmock.RawHandler, ask: Ask) -> None:
    spy = mock['post /names'] << 201 << {'id': 1}
    mock['get'] << b'hello'
    assert ask(f'{mock.url}/names', b'{"name": "john"}') == (201, b'{"id": 1}')
    assert ask(f'{mock.url}/x', None) == (200, b'hello')
    assert [request.data for request in spy] == [{'name': 'john'}]
    assert [request.path for request in mock] == ['/names', '/x']


@asks
def test_rules_are_added_between_the_requests(mock: kmock.RawHandler, ask: Ask) -> None:
    for number in range(50):
        mock[f'/{number}'] << b'%d' % number
        assert ask(f'{mock.url}/{number}', None) == (200, b'%d' % number)


@streams
def test_a_stream_is_fed_from_the_thread_of_the_test(mock: kmock.RawHandler, stream: Stream) -> None:
    mock['get /events'] << (b'begin\n', ...)
    with closing(stream(f'{mock.url}/events')) as lines:
        assert next(lines) == b'begin'
        for number in range(100):
            mock['/events'][...].wait_sync()
            mock['/events'][...] << {'n': number} << ...
            assert next(lines) == b'{"n": %d}' % number
        mock[...].wait_sync()
        mock[...] << b'end\n'
        assert list(lines) == [b'end']


@streams
def test_a_stream_that_the_client_leaves_ends_on_the_side_of_the_server(mock: kmock.RawHandler, stream: Stream) -> None:
    mock['get /events'] << (b'begin\n', ...)
    with closing(stream(f'{mock.url}/events')) as lines:
        assert next(lines) == b'begin'
        mock[...].wait_sync()
    while len(mock[...]):
        mock[...] << (b'more\n', ...)


@pytest.mark.parametrize('stream', [stream_by_requests, stream_by_httpx, stream_by_urllib3, stream_by_urllib])
def test_a_stream_that_is_open_at_the_end_is_ended(stream: Stream) -> None:
    with kmock.serving(kmock.RawHandler) as mock:
        mock << (b'begin\n', ...)
        lines = stream(f'{mock.url}/')
        assert next(lines) == b'begin'
    assert list(lines) == []


def test_a_url_object_is_taken_by_requests_and_as_a_string_by_all(mock: kmock.RawHandler) -> None:
    mock << b'hello'
    url: Any = mock.url
    assert requests.get(url, timeout=10).content == b'hello'
    for ask in (ask_by_requests, ask_by_urllib3, ask_by_httpx, ask_by_urllib):
        assert ask(str(url), None) == ask(f'{url}/', None) == (200, b'hello')


def test_many_clients_ask_at_once(mock: kmock.RawHandler) -> None:
    mock.respond(lambda request: request.path)
    answers: list[str] = []

    def ask(number: int) -> None:
        with requests.Session() as session:
            urls = [f'{mock.url}/{number}/{turn}' for turn in range(10)]
            answers.extend(session.get(url, timeout=10).json() for url in urls)

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(10)]
    for asker in askers:
        asker.start()
    assert len(mock.wait_sync(100)) == 100
    for asker in askers:
        asker.join()
    assert sorted(answers) == sorted(f'/{number}/{turn}' for number in range(10) for turn in range(10))
    assert sorted(answers) == sorted(request.path for request in mock)


def test_a_connection_that_is_kept_serves_one_request_after_another(mock: kmock.RawHandler) -> None:
    mock << b'hello'
    with closing(http.client.HTTPConnection(mock.host, mock.port, timeout=10)) as connection:
        for _ in range(10):
            connection.request('GET', '/')
            assert connection.getresponse().read() == b'hello'
    assert len({request.remote for request in mock}) == 1
