"""kubectl is found where it is itself, and not a program that starts another one."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

import benchmarks.programs
import programs

Install: TypeAlias = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a program into a folder; those of ``bin`` are on the PATH, others are not."""
    (tmp_path / 'bin').mkdir()
    monkeypatch.setenv('PATH', str(tmp_path / 'bin'))

    def install(path: str, version: str = '') -> None:
        place = tmp_path / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(f'#!/bin/sh\necho Client Version: {version}\n')
        place.chmod(0o755)

    return install


def found(folder: Path) -> str | None:
    path = benchmarks.programs.find_kubectl.__wrapped__()
    return None if path is None else str(Path(path).relative_to(folder))


def test_kubectl_itself_is_taken(install: Install, tmp_path: Path) -> None:
    install('bin/kubectl', 'v1.30.1')
    install('bin/kubectl.1.32', 'v1.32.5')
    assert found(tmp_path) == 'bin/kubectl'


def test_an_older_kubectl_is_not_enough(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('KMOCK_REQUIRE_TOOLS', raising=False)
    install('bin/kubectl', 'v1.30.1')
    benchmarks.programs.find_kubectl.cache_clear()
    try:
        with pytest.raises(pytest.skip.Exception, match=r'there is no kubectl of version 1\.31 or newer'):
            programs.find_kubectl(31)
        assert programs.find_kubectl(30).endswith('bin/kubectl')
    finally:
        benchmarks.programs.find_kubectl.cache_clear()


def test_of_those_that_are_dispatched_the_recommended_one_is_taken(install: Install, tmp_path: Path) -> None:
    install('sdk/kubectl', 'v1.32.4-dispatcher')
    (tmp_path / 'bin/kubectl').symlink_to(tmp_path / 'sdk/kubectl')
    for minor in (9, 31, 33):
        install(f'sdk/kubectl.1.{minor}')
    assert found(tmp_path) == 'sdk/kubectl.1.33'
    install('bin/kubectl.1.32')
    assert found(tmp_path) == 'bin/kubectl.1.32'


def test_what_can_not_be_run_is_not_taken(install: Install, tmp_path: Path) -> None:
    install('bin/kubectl.1.32')
    (tmp_path / 'bin/kubectl.1.32').chmod(0o644)
    (tmp_path / 'bin/kubectl.1.32.bak').write_text('')
    assert found(tmp_path) is None


@pytest.mark.parametrize(
    ('required', 'outcome'), [(False, pytest.skip.Exception), (True, pytest.fail.Exception)], ids=['skipped', 'failed']
)
def test_the_lack_of_a_program_is_told(
    install: Install, monkeypatch: pytest.MonkeyPatch, required: bool, outcome: type[BaseException]
) -> None:
    monkeypatch.delenv('KMOCK_REQUIRE_TOOLS', raising=False)
    if required:
        monkeypatch.setenv('KMOCK_REQUIRE_TOOLS', '1')
    with pytest.raises(outcome, match='there is no shovel'):
        programs.find_program('shovel')
