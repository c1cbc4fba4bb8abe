"""Programs that may be absent where the tests run."""

import json
import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest

import benchmarks.programs


@contextmanager
def watched(process: 'subprocess.Popen[str]', seconds: float) -> Generator[None]:
    """Kill a program at the end, or when it has run for so long: who reads what it writes is not to wait for ever."""
    watchdog = threading.Timer(seconds, process.kill)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()
        process.kill()


def find_program(title: str, *names: str, advice: str = '') -> str:
    """The first of these programs that is there; else the test is skipped, or fails where all have to be there.

    Args:
        title: what it is called.
        names: the names that it may have as a program; by default, the title.
        advice: how to install it.
    """
    found = next(filter(None, map(shutil.which, names or (title,))), None)
    return found or refuse(title, advice)


def find_kubectl(minor: int = 0) -> str:
    """A kubectl that is itself, not a program that starts another one; else it is as with `find_program`.

    Args:
        minor: the minor version that it should have at least.
    """
    found = benchmarks.programs.find_kubectl() or refuse('kubectl')
    if minor and benchmarks.programs.minor_version(found) < minor:
        refuse(f'kubectl of version 1.{minor} or newer')
    return found


def refuse(title: str, advice: str = '') -> NoReturn:
    """Skip the test for the lack of a program, or fail where all have to be there."""
    if 'KMOCK_REQUIRE_TOOLS' in os.environ:
        pytest.fail(f'there is no {title}{advice and f": {advice}"}')
    pytest.skip(f'there is no {title}')


class Outcome(NamedTuple):
    """How a program has ended, and what it has written."""

    code: int
    text: str
    error: str


def done(*lines: str) -> Outcome:
    """A success that has written these lines."""
    return Outcome(0, ''.join(f'{line}\n' for line in lines), '')


def failed(*lines: str, code: int = 1) -> Outcome:
    """A failure that has written these lines to stderr."""
    return Outcome(code, '', ''.join(f'{line}\n' for line in lines))


class Running:
    """A program that runs; its lines are read while it does.

    What takes too long is killed, so that reading ends.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def line(self) -> str:
        """Wait for the next line of its output; empty if there is none any more."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip('\n')

    def end(self) -> Outcome:
        """Wait until it ends by itself; the text is what has not been read yet."""
        text, error = self._process.communicate()
        return Outcome(self._process.returncode, text, error)


class Kubectl:
    """kubectl with a kubeconfig, a cache and a home of its own.

    It is called with a command line, as one types it, and with words after it that are taken as they are.

    Args:
        place: a folder, where the file ``config`` is the kubeconfig; commands run there.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self._command = [find_kubectl()]
        self._command += ['--kubeconfig', str(place / 'config'), '--cache-dir', str(place / 'cache')]
        self._env = {**os.environ, 'HOME': str(place), 'TMPDIR': str(place)}

    def __call__(self, line: str, *words: str, input: Any = None, **env: str) -> Outcome:
        """Run a command line, with a text or with an object as JSON for it to read."""
        return self.run(*shlex.split(line), *words, input=input, **env)

    def json(self, line: str, *words: str) -> Any:
        """What a command line writes as JSON; it has to succeed."""
        outcome = self(line, *words)
        assert (outcome.code, outcome.error) == (0, '')
        return json.loads(outcome.text)

    def run(self, *args: str, input: Any = None, **env: str) -> Outcome:
        """Run it, with a text or with an object as JSON for it to read."""
        sent = input if input is None or isinstance(input, str) else json.dumps(input)
        result = subprocess.run(
            [*self._command, *args],
            input=sent,
            stdin=subprocess.DEVNULL if sent is None else None,
            capture_output=True,
            text=True,
            cwd=self.place,
            env={**self._env, **env},
            timeout=60,
            check=False,
        )
        return Outcome(result.returncode, result.stdout, result.stderr)

    @contextmanager
    def running(self, line: str, *words: str) -> Generator[Running]:
        """It runs meanwhile; it is ended if it has not ended by itself."""
        pipe = subprocess.PIPE
        with (
            subprocess.Popen(
                [*self._command, *shlex.split(line), *words],
                stdin=subprocess.DEVNULL,
                stdout=pipe,
                stderr=pipe,
                text=True,
                cwd=self.place,
                env=self._env,
            ) as process,
            watched(process, 20),
        ):
            yield Running(process)
