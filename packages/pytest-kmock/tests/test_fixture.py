"""The fixture ``kmock`` in the tests of pytest-asyncio and anyio."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run, RunFlavoured

pytest_plugins = ['pytester']


def test_a_test_has_a_running_server(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        import aiohttp

        async def test(kmock):
            kmock['get /greeting'] << b'hello'
            async with aiohttp.ClientSession() as session, session.get(kmock.url / 'greeting') as response:
                assert await response.read() == b'hello'
            assert len(kmock['get']) == 1
    """)
    result.assert_outcomes(passed=1)


def test_the_server_runs_on_the_loop_of_the_test(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        import asyncio

        async def test(kmock):
            loops = []
            kmock << (lambda: loops.append(asyncio.get_running_loop()) or b'')
            await kmock.get('/')
            assert loops == [asyncio.get_running_loop()]
    """)
    result.assert_outcomes(passed=1)


def test_async_fixtures_use_it_before_and_after_the_test(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        import asyncio

        @fixture
        async def greeting(kmock):
            kmock['/'] << b'hello'
            yield (await (await kmock.get('/')).read()), asyncio.get_running_loop()
            assert await (await kmock.get('/')).read() == b'hello'
            assert len(kmock) == 2

        async def test(greeting):
            assert greeting == (b'hello', asyncio.get_running_loop())
    """)
    result.assert_outcomes(passed=1)


def test_fixtures_of_plain_functions_use_it_to_make_rules(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        @pytest.fixture(autouse=True)
        def greeting(kmock):
            kmock['/'] << b'hello'

        async def test(kmock):
            assert await (await kmock.get('/')).read() == b'hello'
    """)
    result.assert_outcomes(passed=1)


def test_it_may_be_overridden_with_rules_for_all_tests(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        @pytest.fixture
        def kmock(kmock):
            kmock['/'] << b'hello'
            return kmock

        async def test(kmock):
            assert await (await kmock.get('/')).read() == b'hello'
    """)
    result.assert_outcomes(passed=1)


def test_tests_may_be_methods_and_parametrized(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        class TestGreetings:
            @pytest.mark.parametrize('greeting', [b'hello', b'bye'])
            async def test(self, kmock, greeting):
                kmock['/'] << greeting
                assert await (await kmock.get('/')).read() == greeting
    """)
    result.assert_outcomes(passed=2)


def test_every_test_has_a_mock_of_its_own(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        mocks = []

        @pytest.mark.parametrize('number', range(3))
        async def test(kmock, number):
            assert not any(mock is kmock for mock in mocks)
            assert len(kmock) == 0
            mocks.append(kmock)
            kmock << 200
            await kmock.get('/')
    """)
    result.assert_outcomes(passed=3)


def test_the_server_is_stopped_after_the_test(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        import socket
        mocks = []

        async def test_one(kmock):
            mocks.append((kmock, kmock.port))

        async def test_two():
            [(mock, port)] = mocks
            assert mock.servers == []
            assert not mock.active
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(('127.0.0.1', port))
    """)
    result.assert_outcomes(passed=2)


def test_the_mock_is_forgotten_after_the_test(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        import gc, weakref
        mocks = []

        async def test_one(kmock):
            mocks.append(weakref.ref(kmock))

        async def test_two():
            gc.collect()
            assert mocks[0]() is None
    """)
    result.assert_outcomes(passed=2)


def test_an_open_stream_does_not_hold_up_the_end_of_the_test(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        async def test(kmock):
            kmock['/'] << (b'chunk', ..., b'end')
            response = await kmock.get('/')
            await kmock[...].wait()
            assert await response.content.readany() == b'chunk'
    """)
    result.assert_outcomes(passed=1)


def test_clients_of_aiohttp_reach_it_as_localhost_without_a_port(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        import aiohttp

        async def test(kmock):
            kmock['/'] << b'hello'
            async with aiohttp.ClientSession() as session, session.get('http://localhost/') as response:
                assert await response.read() == b'hello'
    """)
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize('order', [['asyncio', 'anyio'], ['anyio', 'asyncio']])
def test_with_two_plugins_that_want_the_test_its_loop_is_that_of_the_one_that_gets_it(
    run: 'Run', order: list[str]
) -> None:
    source = """
        import asyncio, pytest
        pytestmark = pytest.mark.anyio

        @pytest.fixture
        def anyio_backend():
            return 'asyncio'

        async def test(kmock):
            loops = []
            kmock << (lambda: loops.append(asyncio.get_running_loop()) or b'')
            await kmock.get('/')
            assert loops == [asyncio.get_running_loop()]
    """
    run(source, plugins=order, mode='auto').assert_outcomes(passed=1)


@pytest.mark.parametrize('scope', ['function', 'class', 'module', 'package', 'session'])
@pytest.mark.parametrize('where', ['mark', 'ini'])
def test_the_loop_of_the_test_may_be_of_any_scope(run: 'Run', scope: str, where: str) -> None:
    source = """
        import asyncio, pytest
        loops = []

        class Test:
            MARK
            @pytest.mark.parametrize('number', range(2))
            async def test(self, kmock, number):
                kmock << (lambda: loops.append(asyncio.get_running_loop()) or b'')
                await kmock.get('/')
                assert loops[-1] is asyncio.get_running_loop()

        def test_loops():
            assert (loops[0] is loops[1]) == SHARED
    """
    mark = f'@pytest.mark.asyncio(loop_scope={scope!r})' if where == 'mark' else ''
    source = source.replace('MARK', mark).replace('SHARED', str(scope != 'function'))
    ini = f'asyncio_default_test_loop_scope = {scope}' if where == 'ini' else ''
    run(source, ini=ini).assert_outcomes(passed=3)


@pytest.mark.parametrize('plugin', ['asyncio', 'anyio'])
def test_it_serves_the_tests_of_hypothesis(run: 'Run', plugin: str) -> None:
    source = """
        import pytest
        from hypothesis import HealthCheck, given, settings, strategies
        pytestmark = pytest.mark.PLUGIN

        @pytest.fixture
        def anyio_backend():
            return 'asyncio'

        @settings(max_examples=3, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(body=strategies.binary())
        async def test(kmock, body):
            (kmock ** len(kmock)) << body
            assert await (await kmock.get('/')).read() == body
    """
    run(source.replace('PLUGIN', plugin), plugins=[plugin]).assert_outcomes(passed=1)


def test_time_flies_with_looptime(run: 'Run') -> None:
    source = """
        import asyncio, pytest

        @pytest.mark.looptime
        async def test(kmock):
            loop = asyncio.get_running_loop()
            start = loop.time()
            kmock['/'] << (b'before', lambda: asyncio.sleep(200), b'after')
            response = await kmock.get('/')
            assert await response.read() == b'beforeafter'
            assert loop.time() - start >= 200
    """
    run(source, plugins=None).assert_outcomes(passed=1)


@pytest.mark.parametrize('arguments', ['kmock, aresponses', 'aresponses, kmock'])
def test_aresponses_is_set_up_first_whatever_the_order(run: 'Run', arguments: str) -> None:
    source = """
        import aiohttp, aresponses as aresponses_plugin

        async def test(ARGUMENTS):
            aresponses.add('api.example.com', '/', 'get', aresponses.Response(text='theirs'))
            kmock['/'] << b'ours'
            async with aiohttp.ClientSession() as session:
                async with session.get('http://api.example.com/') as response:
                    assert await response.text() == 'theirs'
                async with session.get(kmock.url) as response:
                    assert await response.read() == b'ours'
                async with session.get('http://localhost/') as response:
                    assert await response.read() == b'ours'
    """
    run(source.replace('ARGUMENTS', arguments), plugins=['asyncio', 'aresponses']).assert_outcomes(passed=1)


def test_it_is_listed_among_the_fixtures_and_marks_with_its_story(run: 'Run') -> None:
    result = run('', '--fixtures', plugins=[])
    result.stdout.fnmatch_lines(['kmock -- *', '*A mock of HTTP or Kubernetes whose server is running*'])
    result = run('', '--markers', plugins=[])
    result.stdout.fnmatch_lines(['@pytest.mark.kmock(cls=, limit=*)*'])
