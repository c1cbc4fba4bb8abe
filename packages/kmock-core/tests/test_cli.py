"""The program ``kmock``."""

import subprocess
import sys
from argparse import ArgumentParser, Namespace
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

from kmock_core import cli
from kmock_core.registry import COMMANDS


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    out = capsys.readouterr().out
    assert out.startswith('usage: kmock ')
    assert 'plugins' in out


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(['--version'])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f'kmock {version("kmock-core")}\n'


@pytest.mark.parametrize('argv', [['nothing'], ['--nothing'], ['plugins', 'extra']])
def test_bad_arguments_are_refused_with_the_usage(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(argv)
    assert caught.value.code == 2
    assert 'usage: kmock ' in capsys.readouterr().err


def test_the_plugins_are_listed_by_extension_point(alone: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(['plugins']) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(' ')] == [
        'kmock.exports', 'kmock.transports', 'kmock.handlers', 'kmock.notations', 'kmock.renderers', 'kmock.sinks',
        'kmock.facets', 'kmock.commands',
    ]  # fmt: skip
    assert ['raw', 'kmock_core.handlers.raw:RawHandler', '(kmock-core)'] in [line.split() for line in lines]


def test_the_program_is_installed() -> None:
    program = Path(sys.executable).with_name('kmock')
    done = subprocess.run([program, 'plugins'], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, '')
    assert done.stdout.startswith('kmock.exports\n')


@pytest.mark.parametrize(('name', 'home'), [('serve', 'kmock-http'), ('fetch', 'kmock-k8s')])
@pytest.mark.parametrize('options', [[], ['--port', '0'], ['--help']])
def test_a_command_of_a_package_that_is_absent_tells_what_to_install(
    alone: None, capsys: pytest.CaptureFixture[str], name: str, home: str, options: list[str]
) -> None:
    assert cli.main([name, *options]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ('', f'kmock {name} comes with {home}: pip install {home}\n')


@pytest.mark.parametrize(
    ('argv', 'message'),
    [
        (['--nothing'], 'kmock: unrecognized arguments: --nothing; usage: kmock [-h] [--version] command ...\n'),
        (['plugins', 'x', '-y'], 'kmock plugins: unrecognized arguments: x -y; usage: kmock plugins [-h]\n'),
    ],
)
def test_bad_arguments_are_refused_in_one_line(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(argv)
    assert (caught.value.code, capsys.readouterr().err) == (2, message)


class Sleeping:
    """A command that is interrupted."""

    help = 'sleep'

    def configure(self, parser: ArgumentParser, /) -> None:
        """It has no arguments."""

    def run(self, args: Namespace, /) -> int:
        raise KeyboardInterrupt


def test_an_interrupted_command_ends_quietly(
    alone: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = ModuleType('sleeping_command')
    module.SLEEPING = Sleeping()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, 'sleeping_command', module)
    monkeypatch.setitem(COMMANDS.builtins, 'sleep', 'sleeping_command:SLEEPING')
    COMMANDS.forget()
    assert cli.main(['sleep']) == 130
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ('', '')


def test_a_command_loads_no_other_one(alone: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / 'other_command.py').touch()
    monkeypatch.setattr(sys, 'path', [str(tmp_path), *sys.path])
    monkeypatch.setitem(COMMANDS.builtins, 'other', 'other_command:OTHER')
    COMMANDS.forget()
    assert cli.main(['plugins']) == 0
    assert 'other_command' not in sys.modules
