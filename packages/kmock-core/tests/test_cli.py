"""The program ``kmock``."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from kmock_core import cli


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
