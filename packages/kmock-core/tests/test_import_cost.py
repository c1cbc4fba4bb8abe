"""What ``import kmock`` loads: nothing that a test run which does not need it would have to pay for."""

import subprocess
import sys

import pytest

LOADED = 'before = set(sys.modules); {}; print(*sorted(set(sys.modules) - before))'

HEAVY = [
    'aiohttp', 'yarl', 'multidict', 'pytest', '_pytest', 'kmock_http', 'kmock_k8s', 'pytest_kmock',  # other packages
    'importlib.metadata', 'email', 'zipfile', 'csv',  # for the metadata of packages
    'http.cookies', 'http.client', 'http.server', 'urllib.parse', 'urllib.request', 'ipaddress',  # for the web
    'argparse', 'gettext', 'difflib', 'pathlib', 'tempfile', 'shutil', 'unittest',  # for those who ask for them
    'concurrent.futures.thread', 'concurrent.futures.process', 'multiprocessing', 'sqlite3', 'typing_extensions',
    'kmock_core.testing', 'kmock_core.cli', 'kmock_core.spi',
]  # fmt: skip


@pytest.fixture(scope='module')
def loaded() -> frozenset[str]:
    """The modules that the facade loads, besides those of asyncio and attrs, in a Python of its own."""
    return _modules_of('import kmock') - _modules_of('import asyncio, attrs')


def _modules_of(statement: str) -> frozenset[str]:
    return frozenset(_run(LOADED.format(statement)).split())


def _run(code: str) -> str:
    # In the isolated mode no files of the environment (such as *.pth, or a sitecustomize) load modules before.
    command = [sys.executable, '-I', '-S', '-B', '-c', f'import sys; sys.path[:] = {sys.path!r}; {code}']
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize('module', HEAVY)
def test_importing_the_facade_does_not_load(module: str, loaded: frozenset[str]) -> None:
    assert 'kmock_core' in loaded
    assert module not in loaded


def test_importing_the_facade_loads_no_packages_but_attrs(loaded: frozenset[str]) -> None:
    foreign = {name.partition('.')[0] for name in loaded} - sys.stdlib_module_names
    assert foreign == {'kmock', 'kmock_core'}


def test_importing_the_facade_reads_no_metadata() -> None:
    opened = _run('sys.addaudithook(lambda event, args: print(args[0]) if event == "open" else None); import kmock')
    assert 'kmock_core' in opened
    assert 'METADATA' not in opened
    assert 'entry_points.txt' not in opened
