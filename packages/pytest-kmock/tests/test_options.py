"""The options of the fixture: the ini file, the marks, the fixture of options, and what they mean."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest

from kmock_core import RawHandler, registry
from kmock_http import Server
from pytest_kmock.choosing import choose

if TYPE_CHECKING:
    from conftest import Run, RunFlavoured

pytest_plugins = ['pytester']


@attrs.define(kw_only=True, eq=False)
class Greeter(RawHandler):
    greeting: str = 'hello'
    _secret: str = ''


class Outsider:
    """A class of handlers that has nothing in common with ours but the protocol."""

    def __init__(self, **kwargs: Any) -> None:
        self.kwargs = kwargs

    def serve(self, *args: Any) -> None: ...
    async def __aenter__(self) -> None: ...
    async def __aexit__(self, *args: Any) -> None: ...


class LoudServer(Server):
    def __init__(self, handler: Any, *, volume: int = 0, **kwargs: Any) -> None:
        super().__init__(handler, **kwargs)
        self.volume = volume


class Emulator(RawHandler):
    pass


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An emulator, as if kmock-k8s were installed."""
    registry.forget()
    monkeypatch.setattr(registry, '_installed', {})
    monkeypatch.setitem(registry.HANDLERS.builtins, 'k8s-emulator', f'{__name__}:Emulator')
    yield
    registry.forget()


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if no other handlers were installed."""
    registry.forget()
    monkeypatch.setattr(registry, '_installed', {})
    yield
    registry.forget()


# ---- Where options come from ----


def test_the_closest_mark_wins_option_by_option(run_flavoured: 'RunFlavoured') -> None:
    result = run_flavoured("""
        pytestmark = [pytestmark] if 'pytestmark' in globals() else []
        pytestmark += [pytest.mark.kmock(limit=1, strict=True, user_agent='module')]

        @pytest.mark.kmock(limit=2, user_agent='class')
        class Test:
            @pytest.mark.kmock(limit=3)
            async def test(self, kmock, kmock_options):
                assert kmock_options == {'limit': 3, 'strict': True, 'user_agent': 'class'}
                assert (kmock.limit, kmock.strict, kmock.server.user_agent) == (3, True, 'class')
    """)
    result.assert_outcomes(passed=1)


def test_the_ini_file_is_below_the_marks(run: 'Run') -> None:
    source = """
        import pytest

        async def test_ini(kmock, kmock_options):
            assert kmock_options == {'cls': 'raw', 'limit': 5, 'strict': True}
            assert (type(kmock).__name__, kmock.limit, kmock.strict) == ('RawHandler', 5, True)

        @pytest.mark.kmock(limit=None, strict=False)
        async def test_mark(kmock):
            assert (kmock.limit, kmock.strict) == (None, False)
    """
    run(source, ini='kmock_cls = raw\nkmock_limit = 5\nkmock_strict = yes').assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ('word', 'level'),
    [('on', True), ('no', False), ('0', False), ('errors', 'errors'), ('unmatched', 'unmatched'), ('ALL', 'all')],
)
def test_the_level_of_strictness_is_a_word_of_the_ini_file(run: 'Run', word: str, level: bool | str) -> None:
    source = f"""
        async def test(kmock):
            assert kmock.strict == {level!r}
    """
    run(source, ini=f'kmock_strict = {word}').assert_outcomes(passed=1)


def test_an_unknown_level_of_strictness_is_refused_with_those_that_are_known(run: 'Run') -> None:
    result = run('async def test(kmock): pass', ini='kmock_strict = nonsense')
    result.assert_outcomes(errors=1)
    known = 'known: true, false, errors, unmatched, all'
    result.stdout.fnmatch_lines([f"*kmock_strict of * is wrong: no level of strictness 'nonsense' ({known})"])


@pytest.mark.parametrize(('value', 'level'), [('true', True), ('"unmatched"', 'unmatched')])
@pytest.mark.skipif(pytest.version_tuple < (9, 2), reason='options may be of several types since pytest 9.2')
def test_the_level_of_strictness_is_a_bool_or_a_string_in_native_toml(
    pytester: pytest.Pytester, value: str, level: bool | str
) -> None:
    pytester.makepyprojecttoml(f"""
        [tool.pytest]
        asyncio_mode = "auto"
        asyncio_default_fixture_loop_scope = "function"
        kmock_strict = {value}
    """)
    pytester.makepyfile(f"""
        async def test(kmock):
            assert kmock.strict == {level!r}
    """)
    pytester.runpytest_inprocess('-p', 'no:cacheprovider').assert_outcomes(passed=1)


def test_options_may_be_given_natively_in_toml(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml("""
        [tool.pytest.ini_options]
        asyncio_mode = "auto"
        asyncio_default_fixture_loop_scope = "function"
        kmock_limit = "5"
        kmock_strict = true
    """)
    pytester.makepyfile("""
        async def test(kmock):
            assert (kmock.limit, kmock.strict) == (5, True)
    """)
    pytester.runpytest_inprocess('-p', 'no:cacheprovider').assert_outcomes(passed=1)


def test_the_options_of_a_test_may_be_computed_by_overriding_their_fixture(run: 'Run') -> None:
    source = """
        import pytest

        @pytest.fixture
        def kmock_options(kmock_options, request):
            return {**kmock_options, 'user_agent': request.node.name}

        @pytest.mark.kmock(limit=3)
        async def test(kmock):
            assert (kmock.limit, kmock.server.user_agent) == (3, 'test')
    """
    run(source).assert_outcomes(passed=1)


def test_options_are_empty_where_nothing_is_configured(run: 'Run') -> None:
    run('def test(kmock_options): assert kmock_options == {}').assert_outcomes(passed=1)


# ---- What they mean ----


def test_the_default_class_is_the_raw_handler_where_there_is_no_better_one(not_installed: None) -> None:
    assert choose({}).handler is RawHandler


def test_the_default_class_is_the_emulator_where_it_is_installed(installed: None) -> None:
    assert choose({}).handler is Emulator


@pytest.mark.parametrize(
    'cls',
    ['raw', 'kmock.RawHandler', 'kmock_core.handlers.raw.RawHandler', 'kmock_core.handlers.raw:RawHandler', RawHandler],
)
def test_the_class_is_named_by_its_entry_point_or_its_path_or_is_itself(cls: object) -> None:
    assert choose({'cls': cls}).handler is RawHandler


@pytest.mark.parametrize(
    ('cls', 'options'),
    [
        pytest.param(RawHandler, {'limit': 1, 'strict': True}, id='ours'),
        pytest.param(Greeter, {'limit': 1, 'greeting': 'bye', 'secret': 'x'}, id='a subclass'),
        pytest.param(Outsider, {'anything': 'goes'}, id='of any options'),
    ],
)
def test_options_of_the_class_are_passed_to_it(cls: type[Any], options: dict[str, Any]) -> None:
    choice = choose({'cls': cls, **options})
    assert choice.handler_options == options


@pytest.mark.parametrize(
    'options',
    [
        {'host': '::1', 'port': 0, 'user_agent': 'x', 'client_fct': aiohttp.ClientSession, 'hostnames': 'example.com'},
        {'server_cls': LoudServer, 'host': '::1', 'volume': 11, 'hostnames': None},
    ],
)
@pytest.mark.parametrize('cls', [RawHandler, Outsider])
def test_options_of_the_server_are_passed_to_it(cls: type[Any], options: dict[str, Any]) -> None:
    choice = choose({'cls': cls, **options})
    assert choice.handler_options == {}
    assert choice.server is options.get('server_cls', Server)
    assert choice.server_options == {name: value for name, value in options.items() if name != 'server_cls'}


@pytest.mark.parametrize(
    ('options', 'hostnames'),
    [
        pytest.param({}, [('localhost', 80)], id='by default'),
        pytest.param({'tls': True}, [('localhost', 443)], id='of https'),
        pytest.param({'hostnames': []}, [], id='turned off'),
        pytest.param({'hostnames': 'api.example.com'}, 'api.example.com', id='others'),
    ],
)
def test_it_is_localhost_unless_it_is_told_otherwise(options: dict[str, Any], hostnames: object) -> None:
    assert choose(options).server_options['hostnames'] == hostnames


def test_the_hostnames_of_a_mark_are_those_that_reach_the_mock(run: 'Run') -> None:
    source = """
        import aiohttp, pytest

        @pytest.mark.kmock(hostnames='api.example.com')
        async def test(kmock):
            kmock['/'] << b'hello'
            async with aiohttp.ClientSession() as session, session.get('http://api.example.com/') as response:
                assert await response.read() == b'hello'
    """
    run(source).assert_outcomes(passed=1)


def test_the_address_and_the_client_of_a_mark_are_those_of_the_server(run: 'Run') -> None:
    source = """
        import aiohttp, pytest

        def make_client(url):
            return aiohttp.ClientSession(url, headers={'X-Made': 'yes'})

        @pytest.mark.kmock(host='localhost', client_fct=make_client, user_agent='me')
        async def test(kmock):
            kmock['/'] << b'hello'
            await kmock.get('/')
            assert kmock.url.host == 'localhost'
            assert kmock[0].headers['X-Made'] == 'yes'
            assert kmock[0].headers['User-Agent'] == 'me'
    """
    run(source).assert_outcomes(passed=1)


# ---- Wrong options ----


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        pytest.param(
            {'limits': 3, 'x': 1},
            r'Unknown options of kmock: limits=3, x=1 \(did you mean limit\?\). Known options: cls, server_cls; '
            r'of RawHandler: limit, strict; of Server: client_fct, host, hostnames, ',
            id='unknown',
        ),
        pytest.param({'cls': 'raws'}, "no handler is named 'raws' .known: .*raw; .*'package.module.Class'", id='name'),
        pytest.param({'cls': ''}, r"no handler is named ''", id='empty'),
        pytest.param({'cls': '.RawHandler'}, r"no handler is named '.RawHandler'", id='relative'),
        pytest.param(
            {'cls': 'kmock.RowHandler'}, "'kmock.RowHandler' can not be found: .*mean.* RawHandler", id='typo'
        ),
        pytest.param({'cls': 'nosuch.X'}, "'nosuch.X' can not be imported: No module named 'nosuch'", id='no module'),
        pytest.param({'cls': 'kmock_core.nosuch.X'}, "'kmock_core.nosuch.X' can not be found", id='no submodule'),
        pytest.param({'cls': 'math.pi'}, r'has to be a class, not 3\.14', id='not a class by path'),
        pytest.param({'cls': 5}, r'has to be a class, not 5 \(known: .*raw', id='not a class'),
        pytest.param({'cls': int}, "not <class 'int'>: it has no serve, __aenter__, __aexit__", id='no handler'),
        pytest.param({'limit': 'x'}, "limit of kmock has to be a number of requests or None, not 'x'", id='limit'),
        pytest.param({'limit': True}, 'limit of kmock has to be a number .* not True', id='limit of bool'),
        pytest.param({'limit': -1}, 'limit of kmock has to be a number .* not -1', id='limit below zero'),
        pytest.param(
            {'strict': 'no'}, r"strict of kmock: no level of strictness 'no' \(known: False, True, 'err", id='strict'
        ),
        pytest.param(None, 'kmock_options has to give a dict of options, not None', id='no dict'),
    ],
)
def test_wrong_options_are_refused_with_what_there_is_instead(
    not_installed: None, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(pytest.UsageError, match=message):
        choose(options)


def test_a_module_that_fails_to_be_imported_is_not_taken_for_an_absent_one(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(broken_handlers='import nosuch')
    pytester.syspathinsert()
    with pytest.raises(ModuleNotFoundError, match='nosuch'):
        choose({'cls': 'broken_handlers.Handler'})


def test_wrong_options_fail_the_test_with_one_line_and_no_traceback(run: 'Run') -> None:
    result = run("""
        import pytest

        @pytest.mark.kmock(limits=3)
        async def test(kmock):
            raise AssertionError('it must not run')
    """)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ['*ERROR at setup of test*', 'UsageError: Unknown options of kmock: limits=3*', '*short test summary*'],
        consecutive=True,
    )


def test_positional_arguments_of_the_mark_are_refused(run: 'Run') -> None:
    result = run("""
        import pytest

        @pytest.mark.kmock('raw', 5)
        async def test(kmock): pass
    """)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["UsageError: @pytest.mark.kmock takes keywords only, got 'raw', 5. Known options: cls, *limit, *strict*port*"]
    )


@pytest.mark.parametrize(
    ('ini', 'message'),
    [
        ('kmock_limit = x', "The option kmock_limit of */tox.ini is wrong: *'x'*"),
        ('kmock_limit = -1', '*limit*not -1'),
        ('kmock_strict = maybe', "The option kmock_strict of */tox.ini is wrong: *'maybe'*"),
        ('kmock_cls = nosuch', "*no handler is named 'nosuch' (known: *raw*)"),
    ],
)
def test_wrong_values_in_the_ini_file_are_named(run: 'Run', ini: str, message: str) -> None:
    result = run('async def test(kmock): pass', ini=ini)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f'UsageError: {message}'])


def test_a_wrong_ini_file_does_not_break_the_tests_that_do_not_use_it(run: 'Run') -> None:
    run('def test(): pass', ini='kmock_limit = x\nkmock_cls = nosuch').assert_outcomes(passed=1)
