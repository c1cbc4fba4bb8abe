"""The plugin, as pytest sees it: the fixtures, the mark, the ini options.

pytest loads this module in every run. So it imports nothing but pytest, and has no hooks that are called for each test;
the rest is imported and registered by the first test that uses the fixture.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from kmock_core import RawHandler
    from pytest_kmock.factory import Factory


@pytest.fixture
def kmock_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The options of ``kmock`` in this test: of the ini file, and over them those of the marks; to be overridden."""
    __tracebackhide__ = True
    from pytest_kmock.choosing import configured_options

    try:
        return configured_options(request.node)
    except pytest.UsageError as exc:
        refuse(exc)


@pytest.fixture
def kmock(request: pytest.FixtureRequest, kmock_options: Mapping[str, Any]) -> 'Iterator[RawHandler]':
    """A mock of HTTP or Kubernetes whose server is running, on the event loop of the test or in a thread."""
    __tracebackhide__ = True
    from pytest_kmock.places import place_of
    from pytest_kmock.reporting import register_reports
    from pytest_kmock.serving import prepare, serve

    register_reports(request.config)
    try:
        place = place_of(request)
        mock = prepare(request.node, kmock_options)
    except pytest.UsageError as exc:
        refuse(exc)
    yield from serve(mock, place, request)


@pytest.fixture(scope='session')
def kmock_factory(request: pytest.FixtureRequest) -> 'Iterator[Factory]':
    """Makes mocks for fixtures of any scope: ``with kmock_factory(tls=True) as kmock: yield kmock``."""
    from pytest_kmock.factory import Factory
    from pytest_kmock.reporting import register_reports

    factory = Factory(request.config, register_reports(request.config))
    yield factory
    factory.stop()


@pytest.fixture
async def _kmock_under_anyio(request: pytest.FixtureRequest) -> 'AsyncIterator[RawHandler]':
    from pytest_kmock.serving import MOCK

    async with request.node.stash[MOCK].running() as handler:
        yield handler


def refuse(exc: pytest.UsageError) -> NoReturn:
    """Fail with the message alone: a traceback into the plugin tells nothing about a mistake in its options."""
    raise pytest.fail.Exception(f'UsageError: {exc}', pytrace=False) from None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini('kmock_cls', 'kmock: the default class, by the name of its entry point (raw) or by a dotted path')
    parser.addini('kmock_limit', 'kmock: how many requests are served in a test', type='int', default=None)
    # Since pytest 9.2, an option may be a bool or a string, which is what native TOML wants to know.
    level: Any = bool | str if pytest.version_tuple >= (9, 2) else 'string'
    known = 'true (errors), unmatched (requests that no rule answered), all (errors, and unused rules), false'
    parser.addini('kmock_strict', f'kmock: what of the server side fails a test: {known}', type=level, default=None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        'markers',
        'kmock(cls=, limit=, strict=, host=, port=, hostnames=, client_fct=, user_agent=, ...): '
        'the options of the fixture kmock; of several marks, the closest one that has an option counts.',
    )
    from pytest_kmock.loopfixtures import register_loops

    register_loops(config)
