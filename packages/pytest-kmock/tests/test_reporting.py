"""The section ``kmock`` in the report of a failing test."""

import re
from typing import TYPE_CHECKING, Any

import pytest

from kmock_core import RawHandler, Request
from pytest_kmock.reporting import describe_mock

if TYPE_CHECKING:
    from conftest import Run, RunFlavoured

pytest_plugins = ['pytester']


def test_a_failing_test_shows_its_requests_with_the_rules_that_served_them(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        async def test(kmock):
            kmock['get'] << None  # a spy
            kmock['get /one'] << b'1'
            kmock['post'] << 201
            await kmock.get('/one')
            await kmock.post('/two?x=y')
            assert False
    """)
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines(
        [
            r'-+ kmock -+',
            '2 requests:',
            r"  GET /one       ←  test_\w+\.py:\d+  kmock\['get /one'\] << b'1'",
            r"  POST /two\?x=y  ←  test_\w+\.py:\d+  kmock\['post'\] << 201",
        ],
        consecutive=True,
    )


def test_unmatched_requests_are_explained_by_the_nearest_rules(run: 'Run') -> None:
    result = run("""
        async def test(kmock):
            kmock['get /hello'] << b'hello'
            await kmock.get('/heloo')
            assert False
    """)
    result.stdout.fnmatch_lines(
        [
            '*- kmock -*',
            '1 request:',
            '  GET /heloo  ←  no rule',
            '',
            'No rule answers GET /heloo',
            'The nearest of 1 rule:',
            "1. kmock[[]'get /hello'[]] << b'hello'  (*.py:2)",
            "   ✗ path: '/heloo' != '/hello'",
            "  kmock[[]'get /heloo'[]] << 200",
            '1 rule never served a request:',
            "  *.py:2  kmock[[]'get /hello'[]] << b'hello'",
        ]
    )


def test_server_side_errors_are_shown_with_their_places(run: 'Run') -> None:
    result = run("""
        async def test(kmock):
            kmock['/'] << (lambda: 1 / 0)
            await kmock.get('/')
            assert False
    """)
    result.stdout.fnmatch_lines(
        [
            "  GET /  ←  *.py:2  kmock[[]'/'[]] << <lambda> at *.py:2",
            '1 error of the server side:',
            '  ZeroDivisionError: division by zero  (*.py:2)',
        ]
    )


def test_no_error_is_in_the_stdlib(run: 'Run') -> None:
    result = run("""
        import json

        async def test(kmock):
            kmock['/read'] << (lambda: json.loads('{'))
            kmock['/write'] << (lambda: {'a': object()})
            await kmock.get('/read')
            await kmock.get('/write')
            assert False
    """)
    result.stdout.re_match_lines(
        [
            '2 errors of the server side:',
            r'  json.decoder.JSONDecodeError: Expecting property .*  \(test_\w+\.py:4\)$',
            '  TypeError: Object of type object is not JSON serializable$',
        ],
        consecutive=True,
    )


def test_a_cut_explanation_keeps_the_rule_to_be_pasted(run: 'Run') -> None:
    result = run("""
        async def test(kmock):
            for number in range(3):
                kmock['post', kmock.data(items=[number] * 100)] << 200
            await kmock.post('/', json={'items': [5] * 90})
            assert False
    """)
    result.stdout.re_match_lines(
        [
            r'  … \d+ more lines',
            'A rule that would answer:',
            r"  kmock\['post /'\] << 200",
        ],
        consecutive=True,
    )


def test_an_unmet_expectation_is_shown_at_its_line_and_not_in_the_machinery(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        async def test(kmock):
            kmock['/x'] << 200
            kmock['/x'].never()
            await kmock.get('/x')
    """)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.re_match_lines(
        [
            r">   kmock\['/x'\]\.never\(\)",
            r"E   .*ExpectationError: Expected no request, but 1 came: kmock\['/x'\]  \(expected at test_\w+\.py:\d+\)",
            'E     <Request 0: GET /x>',
            '',
            r'test_\w+\.py:\d+: ExpectationError',
            '-+ kmock -+',
        ],
        consecutive=True,
    )
    result.stdout.no_re_match_line(r'.*(raise_all|contextlib|__aexit__)')


def test_the_full_trace_is_shown_if_it_is_wanted(run: 'Run') -> None:
    source = """
        async def test(kmock):
            kmock['/x'].once()
    """
    run(source, '--full-trace').stdout.re_match_lines([r'.*raise_all', r'E   .*ExpectationError: '])


def test_an_unused_rule_is_shown_at_its_line(run: 'Run') -> None:
    result = run("""
        import pytest

        @pytest.mark.kmock(strict='all')
        async def test(kmock):
            kmock['/x'] << 200
    """)
    result.stdout.re_match_lines(
        [r">   kmock\['/x'\] << 200", r'E   .*UnusedRuleError: 1 rule was never used:'], consecutive=True
    )


def test_each_of_several_failures_is_shown_at_lines_of_the_user(run: 'Run') -> None:
    result = run("""
        import pytest

        @pytest.mark.kmock(strict=True)
        async def test(kmock):
            kmock['/x'].never()
            kmock['/x'] << (lambda: 1 / 0)
            await kmock.get('/x')
    """)
    places = [line.strip(' |') for line in result.outlines if line.lstrip(' |').startswith('File ')]
    assert [re.sub(r'.*(line \d+), in .*', r'\1', place) for place in places[1:]] == ['line 6', 'line 5']


def test_an_error_that_no_line_has_raised_is_shown_at_the_test(run: 'Run') -> None:
    result = run("""
        import pytest

        @pytest.mark.kmock(strict=True)
        async def test(kmock):
            await kmock.get('/x')
    """)
    result.stdout.re_match_lines(
        [r'>   @pytest\.mark\.kmock\(strict=True\)', r'E   .*UnmatchedRequestError: No rule answers GET /x'],
        consecutive=True,
    )
    result.stdout.no_re_match_line(r'.*(raise_all|contextlib|__aexit__|_serve_slowly)')


def test_a_passing_test_shows_nothing(run: 'Run') -> None:
    result = run(
        """
        async def test(kmock):
            await kmock.get('/unmatched')
        """,
        '-rA',
    )
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line('*- kmock -*')


def test_a_failing_test_without_the_fixture_shows_nothing(run: 'Run') -> None:
    result = run('def test(): assert False')
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line('*- kmock -*')


@pytest.mark.parametrize('when', ['set-up', 'tear-down'])
def test_the_section_is_there_too_if_another_fixture_fails(run: 'Run', when: str) -> None:
    source = f"""
        import pytest

        @pytest.fixture
        async def failing(kmock):
            if {when == 'set-up'}:
                await kmock.get('/used')
                assert False
            yield
            await kmock.get('/used')
            assert False

        async def test(failing): pass
    """
    result = run(source)
    result.stdout.fnmatch_lines(['*- kmock -*', '1 request:', '  GET /used  ←  no rule'])


def test_a_test_that_fails_twice_has_one_section(run: 'Run') -> None:
    result = run("""
        import pytest

        @pytest.fixture
        async def failing(kmock):
            yield
            assert False

        async def test(failing):
            assert False
    """)
    result.assert_outcomes(failed=1, errors=1)
    assert result.stdout.str().count('- kmock -') == 1


def test_a_mistake_in_the_options_of_one_test_does_not_show_the_mock_of_another(run: 'Run') -> None:
    result = run("""
        import pytest

        async def test_one(kmock):
            await kmock.get('/of-the-first')

        @pytest.mark.kmock(unknown=1)
        async def test_two(kmock): pass
    """)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.no_fnmatch_line('*/of-the-first*')


# ---- Strict ----


@pytest.mark.parametrize(
    ('calls', 'error'),
    [
        pytest.param(["'/err'"], 'ZeroDivisionError: division by zero', id='one'),
        pytest.param(["'/err'", "'/unmatched'"], 'ExceptionGroup: Several exceptions happened.*', id='several'),
    ],
)
def test_a_strict_mock_fails_a_passing_test_at_its_end(
    run_flavoured: 'RunFlavoured', calls: list[str], error: str
) -> None:
    result = run_flavoured(
        f"""
        @pytest.mark.kmock(strict=True)
        async def test(kmock):
            kmock['/err'] << (lambda: 1 / 0)
            for path in [{', '.join(calls)}]:
                await kmock.get(path)
        """
    )
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
def test_a_strict_mock_keeps_its_errors_to_itself_if_the_body_raises(
    run_flavoured: 'RunFlavoured', body: str, outcome: dict[str, int]
) -> None:
    result = run_flavoured(
        f"""
        @pytest.mark.kmock(strict=True)
        async def test(kmock):
            await kmock.get('/unmatched')
            {body}
        """
    )
    result.assert_outcomes(**outcome)


# ---- Expectations ----


def test_an_unmet_expectation_fails_a_passing_test_at_its_end(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        async def test(kmock):
            (kmock['get /hello'] << 200).times(2)
            await kmock.get('/hello')
            await kmock.get('/heloo')
    """)
    result.assert_outcomes(passed=1, errors=1)
    line = "Expected exactly 2 requests, but only 1 came: kmock[[]'get /hello'[]] << 200  (*.py:*)"
    result.stdout.fnmatch_lines(
        [
            '*ERROR at teardown of test*',
            f'*ExpectationError: {line}',
            '*<Request 0: GET /hello>',
            '*- kmock -*',
            '2 requests:',
            '1 expectation not met:',
            f'  {line}',
            '    <Request 0: GET /hello>',
            '    The nearest of 1 other:',
            '      <Request 1: GET /heloo>',
            "        ✗ path: '/heloo' != '/hello'",
        ]
    )


@pytest.mark.parametrize(
    ('body', 'outcome'),
    [
        pytest.param('assert False', {'failed': 1}, id='failed'),
        pytest.param("pytest.skip('for some reason')", {'skipped': 1}, id='skipped'),
        pytest.param("pytest.xfail('for some reason')", {'xfailed': 1}, id='xfailed'),
    ],
)
def test_an_unmet_expectation_does_not_mask_what_the_body_raises(
    run_flavoured: 'RunFlavoured', body: str, outcome: dict[str, int]
) -> None:
    result = run_flavoured(
        f"""
        @pytest.mark.kmock(strict='all')
        async def test(kmock):
            kmock['/unused'] << 200
            kmock['/x'].once()
            await kmock.get('/unmatched')
            {body}
        """
    )
    result.assert_outcomes(**outcome)


def test_the_section_of_a_failed_test_shows_the_unmet_expectations(run: 'Run') -> None:
    result = run("""
        async def test(kmock):
            kmock['/x'].once()
            await kmock.get('/y')
            assert 'the body' == 'of the test'
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*AssertionError: assert 'the body' == 'of the test'", '*- kmock -*'])
    result.stdout.fnmatch_lines(
        [
            '1 expectation not met:',
            "  Expected exactly 1 request, but nothing came: kmock[[]'/x'[]]  (expected at *.py:2)",
        ]
    )


def test_a_client_that_fails_first_is_explained_too(run: 'Run') -> None:
    result = run("""
        import urllib.request

        def test(kmock):
            kmock[kmock.data({'a': {'b': 1}})] << 200
            urllib.request.urlopen(f'{kmock.url}/path', data=b'{"a": {"b": 2}}')
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            'E*HTTPError: HTTP Error *',
            '*- kmock -*',
            '1 request:',
            '  POST /path  ←  no rule',
            'No rule answers POST /path',
            '  body: {"a": {"b": 2}}',
            '1. kmock[[]*data(*  (*.py:4)',
            '   ✗ data*',
            '*-*"b": 1',
            '*+*"b": 2',
            'A rule that would answer:',
            "  kmock[[]'post /path'[]] << 200",
        ]
    )


def test_unused_rules_fail_a_passing_test_of_the_strictest_level(run: 'Run') -> None:
    result = run(
        """
        async def test(kmock):
            kmock['/used'] << 200
            kmock['/unused'] << 200
            await kmock.get('/used')
        """,
        ini='kmock_strict = all',
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ['*UnusedRuleError: 1 rule was never used:', "E*kmock[[]'/unused'[]] << 200  (*.py:3)", '*- kmock -*']
    )


# ---- The text ----


async def test_many_unmet_expectations_are_cut() -> None:
    async with RawHandler() as kmock:
        for number in range(10):
            kmock[f'/{number}'].once()
        text = describe_mock(kmock, kmock.errors)
        kmock.lenient = True
    assert '\n10 expectations not met:\n' in text
    assert text.count('Expected exactly 1 request') == 5
    assert text.endswith('  … 5 more expectations')


async def test_many_requests_are_cut_in_the_middle() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        for number in range(100):
            await kmock.get(f'/{number}')
        lines = describe_mock(kmock, kmock.errors).splitlines()
    assert lines[0] == '100 requests:'
    assert [line.split()[1] for line in lines[1:]] == [
        *(f'/{number}' for number in range(5)),
        '80',  # … 80 more requests
        *(f'/{number}' for number in range(85, 100)),
    ]


async def test_many_unmatched_requests_are_explained_by_the_last_ones() -> None:
    async with RawHandler() as kmock:
        for number in range(10):
            await kmock.get(f'/{number}')
        text = describe_mock(kmock, kmock.errors)
    assert [line for line in text.splitlines() if line.startswith('No rule')] == [
        f'No rule answers GET /{number}' for number in (7, 8, 9)
    ]
    assert '7 more requests' in text


async def test_many_errors_are_cut() -> None:
    async with RawHandler() as kmock:
        for number in range(10):
            kmock[f'/{number}'] << ValueError(number)
            await kmock.get(f'/{number}')
        lines = describe_mock(kmock, kmock.errors).splitlines()
    assert lines[-5:] == [*(f'  ValueError: {number}' for number in range(4)), '  … 6 more errors']


async def test_what_goes_wrong_again_and_again_is_told_once() -> None:
    async with RawHandler() as kmock:
        kmock['/fail'] << ValueError('boo')
        for _ in range(3):
            await kmock.get('/fail')
            await kmock.get('/unmatched')
        text = describe_mock(kmock, kmock.errors)
    assert text.count('No rule answers') == 1
    assert 'No rule answers GET /unmatched  (3 times)\n' in text
    assert text.endswith('3 errors of the server side:\n  ValueError: boo  (3 times)')


async def test_many_unused_rules_are_cut() -> None:
    async with RawHandler() as kmock:
        for number in range(10):
            kmock[f'/{number}'] << 200
        lines = describe_mock(kmock, kmock.errors).splitlines()
    assert lines[0] == 'No requests came.'
    assert lines[2] == '10 rules never served a request:'
    assert lines[-1] == '  … 6 more rules'
    assert len(lines) == 8


async def test_wide_lines_are_cut() -> None:
    async with RawHandler() as kmock:
        kmock['/'] << ('x' * 1000)
        await kmock.get(f'/?{"y" * 1000}')
        lines = describe_mock(kmock, kmock.errors).splitlines()
    assert max(map(len, lines)) == 160
    assert lines[1].endswith('…')


async def test_an_explanation_has_its_limit() -> None:
    async with RawHandler() as kmock:
        kmock[kmock.data({str(number): number for number in range(100)})] << 200
        await kmock.post('/', json={str(number): -number for number in range(100)})
        lines = describe_mock(kmock, kmock.errors).splitlines()
    assert len(lines) < 90


async def test_a_request_that_a_subclass_serves_by_itself_is_told_from_an_unmatched_one() -> None:
    class Handler(RawHandler):
        async def _handle_unmatched(self, request: Request, outcomes: Any) -> Any:
            return await self._render_error(ValueError())

    async with Handler() as kmock:
        await kmock.get('/')
        lines = describe_mock(kmock, kmock.errors).splitlines()
    assert lines[1] == '  GET /  ←  no rule, but Handler itself, or a criterion that failed'


async def test_what_is_built_in_is_told_by_what_the_handler_says_of_it() -> None:
    class Handler(RawHandler):
        def describe_builtin(self, request: Request, /) -> str | None:
            return 'greeting' if request.method_name == 'GET' else None

        async def _handle_unmatched(self, request: Request, outcomes: Any) -> Any:
            return await self._render_error(ValueError())

    async with Handler() as kmock:
        await kmock.get('/')
        await kmock.put('/')
        lines = describe_mock(kmock, kmock.errors).splitlines()
    assert lines[1:3] == [
        '  GET /  ←  built in: greeting',
        '  PUT /  ←  no rule, but Handler itself, or a criterion that failed',
    ]


async def test_a_failing_representation_does_not_break_the_report() -> None:
    class Nasty:
        def __repr__(self) -> str:
            raise ValueError('no way')

        def __kmock_payload__(self) -> bytes:
            return b'hello'

    async with RawHandler() as kmock:
        kmock['/'] << Nasty()
        await kmock.get('/')
        text = describe_mock(kmock, kmock.errors)
    assert 'no way' in text


@pytest.mark.parametrize(
    'flaky',
    [
        'kmock.fault.flaky(1.0)',
        '("x" * 200, kmock.fault.flaky(1.0))',
        '"x" * 200 << kmock.fault.latency((0, 0))',
        'kmock.fault.flaky(1.0, kmock.Response(503, payload="x" * 200))',
    ],
)
def test_the_seed_of_a_long_rule_is_shown(run: 'Run', flaky: str) -> None:
    result = run(f"""
        import asyncio

        async def test(kmock):
            kmock['/'] << {flaky}
            await asyncio.gather(kmock.get('/'), return_exceptions=True)
            assert False
    """)
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines([r'-+ kmock -+', r'\d requests?:', r'  GET /  ←  test_.*seed=\d+\)$'])


def test_a_failed_comparison_of_an_object_tells_what_differs(run: 'Run') -> None:
    result = run("""
        class Thing:
            def __ge__(self, other):
                return False

            def __kmock_explain__(self, sign, other):
                return [f'.spec is 1, not {other}', sign] if other != 4 else 1 / 0

            def __repr__(self):
                return 'Thing'

        def test(kmock):
            assert Thing() >= 3

        def test_of_what_can_not_be_explained(kmock):
            assert Thing() >= 4
    """)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(['E *assert Thing >= 3', 'E * .spec is 1, not 3', 'E * >=', 'E *assert Thing >= 4'])
