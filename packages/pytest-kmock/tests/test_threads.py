"""The fixture ``kmock`` in tests that give it no loop of asyncio: it is served from a thread."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run

pytest_plugins = ['pytester']

GET = """
    import threading
    from urllib.error import HTTPError
    from urllib.request import urlopen

    def get(kmock, path):
        with urlopen(f'{kmock.url}{path}') as response:
            return response.read()
"""


@pytest.mark.parametrize('plugins', [[], ['asyncio'], ['anyio'], ['trio'], ['asyncio', 'anyio']])
def test_a_plain_test_has_a_running_server(run: 'Run', plugins: list[str]) -> None:
    source = f"""{GET}
    def test(kmock):
        kmock['get /greeting'] << b'hello'
        assert get(kmock, '/greeting') == b'hello'
        assert len(kmock['get']) == 1
    """
    run(source, plugins=plugins).assert_outcomes(passed=1)


def test_the_test_is_run_in_its_own_thread_and_payloads_in_that_of_the_server(run: 'Run') -> None:
    source = f"""{GET}
    import asyncio

    def test(kmock):
        threads = []

        async def payload():
            await asyncio.sleep(0)
            threads.append(threading.current_thread())
            return b''

        kmock << payload
        get(kmock, '/')
        assert threading.current_thread() is threading.main_thread()
        assert threads[0].name == 'kmock of test'
    """
    run(source).assert_outcomes(passed=1)


def test_plain_fixtures_use_it_before_and_after_the_test(run: 'Run') -> None:
    source = f"""{GET}
    import pytest

    @pytest.fixture
    def greeting(kmock):
        kmock['/'] << b'hello'
        yield get(kmock, '/')
        assert get(kmock, '/') == b'hello'
        assert len(kmock) == 2

    def test(greeting):
        assert greeting == b'hello'
    """
    run(source).assert_outcomes(passed=1)


def test_plain_tests_may_be_methods_and_parametrized(run: 'Run') -> None:
    source = f"""{GET}
    import pytest

    class TestGreetings:
        @pytest.mark.parametrize('greeting', [b'hello', b'bye'])
        def test(self, kmock, greeting):
            kmock['/'] << greeting
            assert get(kmock, '/') == greeting
    """
    run(source).assert_outcomes(passed=2)


def test_the_examples_of_doctest_have_it(run: 'Run') -> None:
    source = """
    '''
    >>> from urllib.request import urlopen
    >>> kmock = getfixture('kmock')
    >>> _ = kmock['/'] << b'hello'
    >>> with urlopen(str(kmock.url)) as response:
    ...     response.read()
    b'hello'
    '''
    """
    run(source, '--doctest-modules').assert_outcomes(passed=1)


def test_plain_tests_of_hypothesis_have_it(run: 'Run') -> None:
    source = f"""{GET}
    from hypothesis import HealthCheck, given, settings, strategies

    @settings(max_examples=3, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(body=strategies.binary())
    def test(kmock, body):
        (kmock ** len(kmock)) << body
        assert get(kmock, '/') == body
    """
    run(source).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ('case', 'keyword'), [('TestCase', 'def'), ('IsolatedAsyncioTestCase', 'async def')], ids=['plain', 'async']
)
def test_the_methods_of_unittest_have_it_by_a_fixture_of_their_class(run: 'Run', case: str, keyword: str) -> None:
    source = f"""{GET}
    import pytest, unittest

    class Case(unittest.{case}):
        @pytest.fixture(autouse=True)
        def serve(self, kmock):
            self.kmock = kmock

        {keyword} test(self):
            self.kmock['/'] << b'hello'
            assert get(self.kmock, '/') == b'hello'
    """
    run(source).assert_outcomes(passed=1)


def test_the_async_code_that_a_plain_test_runs_reaches_it_too(run: 'Run') -> None:
    source = """
    import aiohttp, asyncio

    async def get(url):
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return await response.read()

    def test(kmock):
        kmock['/'] << b'hello'
        assert asyncio.run(get(kmock.url)) == b'hello'
        assert asyncio.run(get('http://localhost/')) == b'hello'
    """
    run(source, plugins=[]).assert_outcomes(passed=1)


# ---- Trio ----

TRIO = """
    import pytest, trio

    @pytest.fixture
    def anyio_backend():
        return BACKEND

    MARK
    async def test(kmock):
        kmock['/'] << (b'hello', ...)
        spy = kmock['post']
        port = kmock.port
        async with await trio.open_tcp_stream('127.0.0.1', port) as stream:
            await stream.send_all(b'POST / HTTP/1.0\\r\\n\\r\\n')
            [request] = await trio.to_thread.run_sync(spy.wait_sync)
            assert request.method == 'POST'
            await trio.to_thread.run_sync(kmock[...].wait_sync)
            kmock[...] << b', world'
            received = b''.join([chunk async for chunk in stream])
        assert received.endswith(b'hello, world')
        assert len(spy) == 1
"""


@pytest.mark.parametrize(
    ('plugins', 'mark', 'backend'),
    [
        pytest.param(['anyio'], '@pytest.mark.anyio', "'trio'", id='anyio'),
        pytest.param(['anyio'], '@pytest.mark.anyio', "('trio', {})", id='anyio-with-options'),
        pytest.param(['trio'], '@pytest.mark.trio', None, id='pytest-trio'),
    ],
)
def test_a_test_on_trio_is_served_from_a_thread(run: 'Run', plugins: list[str], mark: str, backend: str) -> None:
    source = TRIO.replace('MARK', mark).replace('BACKEND', str(backend))
    run(source, plugins=plugins, mode='strict').assert_outcomes(passed=1)


def test_trio_mode_is_served_too(run: 'Run') -> None:
    source = TRIO.replace('MARK', '').replace('BACKEND', 'None')
    run(source, plugins=['trio'], ini='trio_mode = true').assert_outcomes(passed=1)


def test_a_test_of_anyio_that_runs_on_all_backends_is_served_on_each(run: 'Run') -> None:
    source = """
    import anyio, pytest

    @pytest.mark.anyio
    async def test(kmock, anyio_backend_name):
        async with await anyio.connect_tcp('127.0.0.1', kmock.port) as stream:
            await stream.send(b'GET / HTTP/1.0\\r\\n\\r\\n')
            await anyio.to_thread.run_sync(kmock['get /'].wait_sync)
    """
    run(source, plugins=['anyio'], mode='').assert_outcomes(passed=2)


# ---- Failures ----


def test_the_report_of_a_plain_test_has_its_section(run: 'Run') -> None:
    source = f"""{GET}
    def test(kmock):
        kmock['get /hello'] << b'hello'
        get(kmock, '/hello')
        get(kmock, '/heloo')
    """
    result = run(source)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            '*HTTPError: HTTP Error *',
            '*- kmock -*',
            '2 requests:',
            "  GET /hello  ←  *.py:*  kmock[[]'get /hello'[]] << b'hello'",
            '  GET /heloo  ←  no rule',
            "   ✗ path: '/heloo' != '/hello'",
        ]
    )


@pytest.mark.parametrize(
    'payload',
    [
        pytest.param("(b'chunk', ...)", id='in-a-stream'),
        pytest.param('...', id='before-the-answer'),
        pytest.param('threading.Event()', id='in-a-wait-that-blocks'),
    ],
)
def test_a_client_that_fails_first_leaves_its_request_in_the_section_and_holds_up_nothing(
    run: 'Run', payload: str
) -> None:
    source = f"""{GET}
    import socket, time
    before = set(threading.enumerate())

    def test(kmock):
        global end
        kmock['/slow'] << {payload}
        with socket.create_connection(('127.0.0.1', kmock.port), timeout=60) as client:
            client.sendall(b'GET /slow HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n')
            kmock['/slow'].wait_sync()
            end = time.monotonic() + 0.9  # the time-outs of the server are longer
            raise TimeoutError('the client has no more patience')

    def test_end():
        assert time.monotonic() < end
        for thread in set(threading.enumerate()) - before:
            thread.join(60)  # its last word is said, but it may still be about to end
            assert not thread.is_alive()
    """
    result = run(source)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(['*TimeoutError: the client has no more*', '*- kmock -*', '1 request:', '  GET /slow*'])


@pytest.mark.parametrize(
    ('paths', 'error'),
    [
        pytest.param(['/err'], 'ZeroDivisionError: division by zero', id='one'),
        pytest.param(['/err', '/unmatched'], 'ExceptionGroup: Several exceptions happened.*', id='several'),
    ],
)
def test_a_strict_mock_fails_a_passing_plain_test_at_its_end(run: 'Run', paths: list[str], error: str) -> None:
    source = f"""{GET}
    import pytest

    @pytest.mark.kmock(strict=True)
    def test(kmock):
        kmock['/err'] << (lambda: 1 / 0)
        for path in {paths}:
            with pytest.raises(HTTPError) as caught:
                get(kmock, path)
            caught.value.close()
    """
    result = run(source)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(['*ERROR at teardown of test*', f'*{error}', '*- kmock -*', '  GET /err *←  *'])


@pytest.mark.parametrize(
    ('body', 'outcome'),
    [
        pytest.param('assert False', {'failed': 1}, id='failed'),
        pytest.param("pytest.skip('for some reason')", {'skipped': 1}, id='skipped'),
        pytest.param("pytest.xfail('for some reason')", {'xfailed': 1}, id='xfailed'),
    ],
)
def test_a_strict_mock_keeps_its_errors_to_itself_if_a_plain_test_raises(
    run: 'Run', body: str, outcome: dict[str, int]
) -> None:
    source = f"""{GET}
    import pytest

    @pytest.mark.kmock(strict=True)
    def test(kmock):
        with pytest.raises(HTTPError) as caught:
            get(kmock, '/unmatched')
        caught.value.close()
        {body}
    """
    run(source).assert_outcomes(**outcome)


def test_a_payload_that_blocks_its_loop_for_ever_is_named_and_does_not_hang_the_run(
    run: 'Run', monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('pytest_kmock.serving.PATIENCE', 0.1)
    monkeypatch.setattr('kmock_http.threads.PATIENCE', 0.1)
    source = """
    import pytest, socket, threading
    blocked, released = threading.Event(), threading.Event()

    def block():
        blocked.set()
        released.wait()

    @pytest.fixture(autouse=True, scope='module')
    def release():
        yield
        released.set()

    def test(kmock):
        kmock << block
        with socket.create_connection(('127.0.0.1', kmock.port)) as client:
            client.sendall(b'GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n')
            assert blocked.wait(60)
    """
    result = run(source)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(['*has not reacted for 0.1 s*blocked by*'])


# ---- Nothing is left ----


def test_hundreds_of_plain_tests_leave_no_threads_and_no_sockets(run: 'Run') -> None:
    source = f"""{GET}
    import gc, pytest
    before = threading.enumerate()

    @pytest.mark.parametrize('number', range(300))
    def test(kmock, number):
        kmock['get /'] << str(number).encode()
        assert get(kmock, '/') == str(number).encode()

    def test_end():
        gc.collect()  # sockets and loops that nobody has closed warn now
        assert set(threading.enumerate()) <= set(before)
    """
    run(source, '-W', 'error', plugins=[]).assert_outcomes(passed=301)


def test_the_interception_ends_with_the_test(run: 'Run') -> None:
    source = """
    import aiohttp
    resolve = aiohttp.TCPConnector._resolve_host

    def test(kmock):
        assert aiohttp.TCPConnector._resolve_host is not resolve

    def test_end():
        assert aiohttp.TCPConnector._resolve_host is resolve
    """
    run(source).assert_outcomes(passed=2)


def test_the_mock_of_a_plain_test_is_forgotten_after_it(run: 'Run') -> None:
    source = """
    import gc, weakref
    mocks = []

    def test_one(kmock):
        mocks.append(weakref.ref(kmock))

    def test_two():
        gc.collect()
        assert mocks[0]() is None
    """
    run(source).assert_outcomes(passed=2)
