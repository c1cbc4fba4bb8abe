"""The fixture ``kmock_factory``: mocks for the fixtures of users, of any scope."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run, RunFlavoured

pytest_plugins = ['pytester']

API = """
    import pytest, threading
    from urllib.error import HTTPError
    from urllib.request import urlopen

    def get(kmock, path):
        with urlopen(f'{kmock.url}{path}') as response:
            return response.read()

    @pytest.fixture(scope='session')
    def api(kmock_factory):
        with kmock_factory() as kmock:
            kmock['get /health'] << b'ok'
            kmock.checkpoint()
            yield kmock

    @pytest.fixture(autouse=True)
    def fresh(api):
        yield
        api.reset()
"""


@pytest.mark.parametrize('scope', ['function', 'class', 'module', 'package', 'session'])
def test_a_mock_lives_as_long_as_the_fixture_of_any_scope(run: 'Run', scope: str) -> None:
    source = f"""
    import pytest
    seen = []

    @pytest.fixture(scope={scope!r})
    def api(kmock_factory):
        with kmock_factory() as kmock:
            yield kmock
        assert not kmock.active
        assert kmock.servers == []

    class Test:
        @pytest.mark.parametrize('number', range(2))
        def test(self, api, number):
            assert api.active
            seen.append(api)

    def test_mocks():
        assert (seen[0] is seen[1]) == {scope != 'function'}
        assert seen[0].active == {scope in {'module', 'package', 'session'}}
    """
    run(source).assert_outcomes(passed=3)


def test_it_answers_async_tests_and_fixtures_also_with_blocking_clients(
    run_flavoured: 'RunFlavoured',
) -> None:
    result = run_flavoured("""
        import aiohttp
        from urllib.request import urlopen

        @pytest.fixture(scope='session')
        def api(kmock_factory):
            with kmock_factory() as kmock:
                kmock['get /health'] << b'ok'
                yield kmock

        async def test_one(api):
            async with aiohttp.ClientSession() as session, session.get(api.url / 'health') as response:
                assert await response.read() == b'ok'

        @fixture
        async def async_fixture(api):
            async with aiohttp.ClientSession() as session, session.get(api.url / 'health') as response:
                yield await response.read()

        async def test_two(async_fixture):
            assert async_fixture == b'ok'

        async def test_three(api):
            with urlopen(str(api.url / 'health')) as response:
                assert response.read() == b'ok'
            assert len(api) == 3
    """)
    result.assert_outcomes(passed=3)


def test_it_answers_plain_and_async_tests_in_turns(run: 'Run') -> None:
    source = f"""{API}
    import aiohttp

    def test_plain(api):
        assert get(api, '/health') == b'ok'

    async def test_async(api):
        async with aiohttp.ClientSession() as session, session.get(api.url / 'health') as response:
            assert await response.read() == b'ok'

    def test_plain_again(api):
        assert get(api, '/health') == b'ok'
    """
    run(source).assert_outcomes(passed=3)


def test_what_a_test_adds_is_forgotten_by_reset(run: 'Run') -> None:
    source = f"""{API}
    @pytest.mark.parametrize('number', range(3))
    def test(api, number):
        api['get /number'] << str(number)
        assert get(api, '/health') == b'ok'
        assert get(api, '/number') == f'"{{number}}"'.encode()
        assert len(api) == 2
        assert len(api.rules) == 2
    """
    run(source).assert_outcomes(passed=3)


def test_mocks_of_many_services_live_side_by_side(run: 'Run') -> None:
    source = f"""{API}
    def test(api, kmock_factory, kmock):
        kmock << b'one'
        with kmock_factory() as other:
            other << b'two'
            assert [get(mock, '/health') for mock in (api, kmock, other)] == [b'ok', b'one', b'two']
    """
    run(source).assert_outcomes(passed=1)


def test_what_is_started_without_a_block_is_stopped_at_the_end_of_the_session(
    run: 'Run', pytester: pytest.Pytester
) -> None:
    pytester.makeconftest("""
        import threading
        before = threading.enumerate()

        def pytest_sessionfinish():
            left = [thread.name for thread in threading.enumerate() if thread not in before]
            print('left:', left)
    """)
    source = """
    import pytest, threading

    @pytest.fixture(scope='session')
    def api(kmock_factory):
        return kmock_factory.start(limit=1)

    def test(api):
        assert api.active
        assert api.limit == 1
        assert 'kmock of kmock_factory' in {thread.name for thread in threading.enumerate()}
    """
    result = run(source, '-s')
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(['*left: []'])


# ---- Options ----


def test_the_ini_file_is_below_the_options_and_marks_mean_nothing(run: 'Run') -> None:
    source = """
    import pytest

    @pytest.mark.kmock(limit=1)
    def test(kmock_factory):
        with kmock_factory(strict=False) as kmock:
            assert (type(kmock).__name__, kmock.limit, kmock.strict) == ('RawHandler', 5, False)
    """
    run(source, ini='kmock_cls = raw\nkmock_limit = 5\nkmock_strict = yes').assert_outcomes(passed=1)


def test_localhost_is_not_intercepted_unless_it_is_asked_for(run: 'Run') -> None:
    source = """
    import aiohttp
    resolve = aiohttp.TCPConnector._resolve_host

    async def test(kmock_factory):
        with kmock_factory():
            assert aiohttp.TCPConnector._resolve_host is resolve
        with kmock_factory(hostnames='api.example.com') as kmock:
            kmock << b'hello'
            async with aiohttp.ClientSession() as session, session.get('http://api.example.com/') as response:
                assert await response.read() == b'hello'
        assert aiohttp.TCPConnector._resolve_host is resolve
    """
    run(source).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ('arguments', 'error'),
    [
        pytest.param('tlls=True', 'Unknown options of kmock: tlls=True (did you mean tls?)*', id='unknown'),
        pytest.param('limit=-1', 'The option limit of kmock has to be a number*', id='wrong'),
        pytest.param('5', 'kmock_factory takes keywords only, got 5. Known options: *', id='positional'),
        pytest.param('cls="rough"', "The option cls of kmock: no handler is named 'rough'*", id='class'),
    ],
)
@pytest.mark.parametrize('method', ['', '.start'])
def test_wrong_options_are_refused_with_the_line_of_the_user(
    run: 'Run', method: str, arguments: str, error: str
) -> None:
    result = run(f'def test_it(kmock_factory): kmock_factory{method}({arguments})')
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [f'>*def test_it(kmock_factory): kmock_factory*({arguments})', f'E * pytest.UsageError: {error}', '*.py:1: *']
    )
    result.stdout.no_fnmatch_line('*choosing*')


# ---- Reports ----


def test_the_section_has_what_happened_in_this_test_only(run: 'Run') -> None:
    source = f"""{API}
    @pytest.fixture(autouse=True)
    def fresh():
        pass

    def test_one(api):
        get(api, '/health')
        with pytest.raises(HTTPError) as caught:
            get(api, '/of-the-first')
        caught.value.close()

    def test_two(api):
        get(api, '/health')
        get(api, '/of-the-second')
    """
    result = run(source)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            '*- kmock -*',
            '2 requests:',
            "  GET /health         ←  *.py:*  kmock[[]'get /health'[]] << b'ok'",
            '  GET /of-the-second  ←  no rule',
            'No rule answers GET /of-the-second',
        ]
    )
    result.stdout.no_fnmatch_line('*/of-the-first*')


def test_more_requests_after_a_reset_than_before_are_all_shown(run: 'Run') -> None:
    source = f"""{API}
    @pytest.fixture(scope='session', autouse=True)
    def healthy(api):
        get(api, '/health')

    def test_one(): pass

    def test_two(api):
        api.reset()
        for number in range(2):
            get(api, f'/health?{{number}}')
        assert False
    """
    result = run(source)
    result.stdout.fnmatch_lines(['2 requests:', '  GET /health[?]0 *', '  GET /health[?]1 *'])


def test_several_mocks_are_told_apart_by_their_urls(run: 'Run') -> None:
    source = f"""{API}
    def test(api, kmock, kmock_factory):
        with kmock_factory() as other:
            kmock << b'own'
            get(kmock, '/own')
            get(api, '/health')
            assert other.port == 0
    """
    result = run(source)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            '*- kmock: http://127.0.0.1:* -*',
            '  GET /own *',
            '*- kmock: http://127.0.0.1:* -*',
            '  GET /health *',
            '*- kmock: http://127.0.0.1:* -*',
            'No requests came.',
        ]
    )


def test_a_mock_that_a_test_has_not_used_has_no_section(run: 'Run') -> None:
    source = f"""{API}
    @pytest.fixture(autouse=True)
    def fresh():
        pass

    def test_one(api):
        get(api, '/health')

    def test_two():
        assert False
    """
    result = run(source)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line('*- kmock*')


# ---- Expectations and failures ----


def test_reset_reports_in_the_tear_down_what_a_passing_test_has_not_met(run: 'Run') -> None:
    source = f"""{API}
    def test_one(api):
        (api['get /x'] << 200).times(2)

    def test_two(api):
        assert not api.rules[1:]
    """
    result = run(source)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(['*ERROR at teardown of test_one*', '*ExpectationError: *'])


def test_the_section_has_what_a_failing_reset_in_the_tear_down_has_forgotten(run: 'Run') -> None:
    source = f"""{API}
    def test_one(api):
        (kmock_rule := api['/users'] << 201).times(2)
        get(api, '/users')
        assert len(kmock_rule) == 1
    """
    result = run(source)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(['*- kmock -*', '1 request:', "  GET /users  ←  *  kmock?'/users'? << 201"])
    result.stdout.no_fnmatch_line('*No requests came*')


@pytest.mark.parametrize(
    ('body', 'outcome'),
    [
        pytest.param('assert False', {'failed': 1}, id='failed'),
        pytest.param("pytest.skip('for some reason')", {'skipped': 1}, id='skipped'),
    ],
)
def test_reset_masks_no_failure_of_a_test_and_the_next_test_is_judged_again(
    run: 'Run', body: str, outcome: dict[str, int]
) -> None:
    source = f"""{API}
    def test_one(api):
        (api['get /x'] << 200).times(2)
        {body}

    def test_two(api):
        assert not api.rules[1:]
        (api['get /y'] << 200).times(2)
    """
    result = run(source)
    result.assert_outcomes(passed=1, errors=1, **outcome)
    result.stdout.fnmatch_lines(['*ERROR at teardown of test_two*'])


@pytest.mark.parametrize('fixture', ['api', 'kmock'])
def test_nothing_after_a_reset_in_the_tear_down_of_a_failed_test_masks_it(run: 'Run', fixture: str) -> None:
    source = f"""{API}
    @pytest.fixture(autouse=True)
    def fresh(): pass

    @pytest.fixture
    def mock({fixture}):
        yield {fixture}
        {fixture}.reset()
        {fixture}['get /x'].times(2)

    def test(mock):
        assert False
    """
    run(source).assert_outcomes(failed=1)


def test_a_strict_mock_fails_the_test_in_whose_tear_down_it_stops(run: 'Run') -> None:
    source = f"""{API}
    @pytest.fixture
    def strict(kmock_factory):
        with kmock_factory(strict=True) as kmock:
            yield kmock

    def test(strict):
        with pytest.raises(HTTPError) as caught:
            get(strict, '/unmatched')
        caught.value.close()
    """
    result = run(source)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(['*UnmatchedRequestError: *', '*- kmock* -*', '  GET /unmatched  ←  no rule'])


def test_an_error_in_the_block_is_not_masked_by_those_of_the_mock(run: 'Run') -> None:
    source = f"""{API}
    @pytest.fixture
    def broken(kmock_factory):
        with kmock_factory(strict=True) as kmock:
            try:
                get(kmock, '/unmatched')
            except HTTPError as exc:
                exc.close()
            raise ValueError('of the fixture')

    def test(broken): pass
    """
    result = run(source)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(['E * ValueError: of the fixture'])
    result.stdout.no_fnmatch_line('E *UnmatchedRequestError*')


def test_a_class_of_handlers_of_others_is_served_too(run: 'Run') -> None:
    source = """
    import pytest
    from urllib.request import urlopen
    from kmock_core import RawHandler

    class Outsider:
        def __init__(self):
            self.servers = []
            self.inner = RawHandler()
            self.inner << b'hello'
        def serve(self, *args):
            return self.inner.serve(*args)
        async def __aenter__(self):
            return self
        async def __aexit__(self, exc_type, exc, tb):
            if exc is None:
                raise RuntimeError('it complains')

    @pytest.fixture
    def outsider(kmock_factory):
        with kmock_factory(cls=Outsider) as kmock:
            yield kmock

    @pytest.mark.parametrize('expected', [b'hello', b'bye'])
    def test(outsider, expected):
        with urlopen(str(outsider.servers[0].url)) as response:
            assert response.read() == expected
    """
    result = run(source)
    result.assert_outcomes(passed=1, failed=1, errors=1)
    result.stdout.fnmatch_lines(['*ERROR at teardown of test[[]hello]*', '*RuntimeError: it complains'])
