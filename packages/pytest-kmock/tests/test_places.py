"""What is told where the fixture can't be served."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run

pytest_plugins = ['pytester']

ASYNC = """
    import pytest

    @pytest.fixture
    def anyio_backend():
        return 'asyncio'

    async def test(kmock):
        raise AssertionError('it must not run')
"""


@pytest.mark.parametrize(
    ('plugins', 'ways'),
    [
        pytest.param([], 'install pytest-asyncio or anyio.', id='none'),
        pytest.param(['asyncio'], 'mark it with @pytest.mark.asyncio, or set asyncio_mode = auto.', id='asyncio'),
        pytest.param(['anyio'], 'mark it with @pytest.mark.anyio; or install pytest-asyncio.', id='anyio'),
        pytest.param(
            ['asyncio', 'anyio'],
            'mark it with @pytest.mark.asyncio, or set asyncio_mode = auto; or mark it with @pytest.mark.anyio.',
            id='both',
        ),
    ],
)
def test_an_async_test_that_nothing_runs_is_told_the_ways(run: 'Run', plugins: list[str], ways: str) -> None:
    result = run(ASYNC, plugins=plugins, mode='strict')
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f'UsageError: test is async, but no plugin runs it on asyncio: {ways} Or serve it*'])


def test_anyio_with_options_of_its_backend_is_served(run: 'Run') -> None:
    source = """
        import pytest
        pytestmark = pytest.mark.anyio

        @pytest.fixture
        def anyio_backend():
            return ('asyncio', {'debug': True})

        async def test(kmock):
            kmock << b'hello'
            assert await (await kmock.get('/')).read() == b'hello'
    """
    run(source, plugins=['anyio']).assert_outcomes(passed=1)


def test_a_too_old_pytest_asyncio_breaks_no_runs_and_is_named_when_it_is_needed(
    run: 'Run', monkeypatch: pytest.MonkeyPatch
) -> None:
    def old_fixture(function: object = None, **kwargs: object) -> object:
        if 'loop_scope' in kwargs:
            raise TypeError("fixture() got an unexpected keyword argument 'loop_scope'")
        return function

    monkeypatch.setattr('pytest_asyncio.plugin.fixture', old_fixture)
    result = run(f'{ASYNC}\n    def test_other(): pass')
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(['UsageError: kmock needs pytest-asyncio 0.24 or newer'])


def test_a_less_old_one_is_served_by_the_fixtures_that_it_wants(run: 'Run', monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('pytest_kmock.loopfixtures.OLD', 'fixture')
    source = """
        import asyncio

        async def test(kmock):
            kmock << (lambda: [asyncio.get_running_loop() is loop])
            loop = asyncio.get_running_loop()
            assert await (await kmock.get('/')).json() == [True]
    """
    run(source).assert_outcomes(passed=1)
