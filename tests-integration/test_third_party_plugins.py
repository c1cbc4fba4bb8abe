"""Third-party distributions: built, installed as wheels, and used as their users would, in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent / 'thirdparty'

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope='module')
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheels of the distributions, by the names of their folders."""
    names = sorted(path.parent.name for path in HERE.glob('*/pyproject.toml'))
    folder = tmp_path_factory.mktemp('wheels')
    options = ['--quiet', '--no-deps', '--no-build-isolation', '--disable-pip-version-check']
    pip('wheel', *options, '--wheel-dir', folder, *(HERE / name for name in names))
    return {name: next(folder.glob(f'kmock_{name}-*.whl')) for name in names}


@pytest.fixture
def run_with(wheels: dict[str, Path], tmp_path: Path) -> Run:
    """Runs Python where some of the distributions are installed."""

    def run(installed: list[str], *args: str | Path) -> subprocess.CompletedProcess[str]:
        chosen = [wheels[name] for name in installed]
        pip('install', '--quiet', '--no-deps', '--no-index', '--no-compile', '--target', tmp_path / 'site', *chosen)
        return output_of(sys.executable, *args, cwd=tmp_path, PYTHONPATH=str(tmp_path / 'site'))

    return run


def pip(*args: str | Path) -> None:
    result = output_of(sys.executable, '-m', 'pip', *args)
    assert result.returncode == 0, result.stdout


def output_of(*command: str | Path, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **variables, 'PYTHONDONTWRITEBYTECODE': '1'}
    return subprocess.run(
        command, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', check=False
    )


@pytest.mark.parametrize('name', ['graphql', 'journal'])
def test_a_plugin_extends_everything_by_its_wheel_alone(run_with: Run, name: str) -> None:
    options = ['-q', '-p', 'no:cacheprovider', '-W', 'error', '-o', 'asyncio_mode=auto', '-c', os.devnull]
    options += ['-o', 'asyncio_default_fixture_loop_scope=function']
    result = run_with([name], '-m', 'pytest', *options, '--rootdir', HERE, HERE / name / f'check_{name}.py')
    assert result.returncode == 0, result.stdout
    assert ' passed' in result.stdout
    assert 'skipped' not in result.stdout


def test_a_plugin_that_is_not_installed_has_no_traces() -> None:
    result = output_of(sys.executable, '-m', 'kmock', 'plugins')
    assert result.returncode == 0, result.stdout
    assert 'kmock_core.cli:PLUGINS' in result.stdout
    assert 'graphql' not in result.stdout


def test_a_broken_plugin_is_named_with_its_distribution_when_it_is_chosen(run_with: Run) -> None:
    result = run_with(['broken'], '-c', "from kmock_core.registry import HANDLERS; HANDLERS.get('broken')")
    assert result.returncode == 1
    assert (
        "BrokenPluginError: handler 'broken' of kmock-broken is broken: kmock_broken:Handler failed with "
        'RuntimeError: the flux capacitor has gone' in result.stdout
    )


def test_a_broken_plugin_breaks_nothing_that_does_not_choose_it(run_with: Run) -> None:
    program = """
        import asyncio, kmock
        from kmock_core.registry import HANDLERS

        async def main():
            async with HANDLERS.get('raw')(strict=True) as mock:
                mock['get /'] << b'john'
                print(await (await mock.get('/')).read())

        asyncio.run(main())
    """
    result = run_with(['broken'], '-c', '\n'.join(line[8:] for line in program.splitlines()))
    assert (result.returncode, result.stdout) == (0, "b'john'\n")


def test_a_broken_command_is_listed_as_such_and_the_others_work(run_with: Run) -> None:
    listed = run_with(['broken'], '-m', 'kmock', 'plugins')
    assert listed.returncode == 0, listed.stdout
    assert 'kmock_broken:COMMAND  (kmock-broken)' in listed.stdout


def test_a_broken_command_fails_with_a_line_that_names_its_distribution(run_with: Run) -> None:
    result = run_with(['broken'], '-m', 'kmock', 'broken')
    assert result.returncode == 1
    assert "command 'broken' of kmock-broken is broken" in result.stdout
    assert 'Traceback' not in result.stdout


def test_two_plugins_of_one_name_are_both_named(run_with: Run) -> None:
    result = run_with(['graphql', 'duplicate'], '-c', "from kmock_core.registry import HANDLERS; HANDLERS.get('x')")
    assert result.returncode == 1
    last = result.stdout.splitlines()[-1]
    assert "DuplicatePluginError: handler 'graphql' is defined twice" in last
    assert 'by kmock-graphql' in last
    assert 'by kmock-duplicate' in last
    assert 'uninstall one of the two' in last
