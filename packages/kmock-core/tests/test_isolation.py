"""The first test in the environment that ``nox -s isolated`` makes: there is nothing but this package to import."""

import importlib.util
import os
import re
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

import pytest

import kmock
import kmock_core

pytestmark = pytest.mark.skipif(
    os.environ.get('KMOCK_ISOLATED') != 'kmock-core',
    reason='this environment has other packages on purpose; run: nox -s isolated',
)

STRANGERS = (
    'aiohttp', 'anyio', 'jsonpatch', 'kmock_http', 'kmock_k8s', 'looptime', 'pytest_aiohttp', 'pytest_asyncio',
    'pytest_kmock', 'trio', 'yaml',
)  # fmt: skip


@pytest.mark.parametrize('module', STRANGERS)
def test_no_server_no_sibling_and_no_async_plugin_is_installed(module: str) -> None:
    assert importlib.util.find_spec(module) is None


def test_no_pytest_plugin_is_installed_but_that_of_hypothesis(pytestconfig: pytest.Config) -> None:
    plugins = [dist for _, dist in pytestconfig.pluginmanager.list_plugin_distinfo()]
    assert {dist.metadata['Name'] for dist in plugins} <= {'hypothesis'}
    assert {d.name for d in distributions() for p in d.entry_points if p.group == 'pytest11'} == {'hypothesis'}


def test_only_the_own_distribution_of_kmock_is_installed() -> None:
    assert [d.name for d in distributions() if re.search('kmock', d.name)] == ['kmock-core']


@pytest.mark.parametrize('module', [kmock, kmock_core], ids=['kmock', 'kmock_core'])
def test_what_is_tested_is_the_wheel(module: object) -> None:
    source = Path(str(getattr(module, '__file__', '')))
    assert source.is_relative_to(sysconfig.get_path('purelib'))
    assert (source.parent / 'py.typed').exists()
