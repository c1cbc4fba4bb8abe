"""Programs that may be absent where the tests run."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest


def find_program(title: str, *names: str, advice: str = '') -> str:
    """The first of these programs that is there; else the test is skipped, or fails where all have to be there.

    Args:
        title: what it is called.
        names: the names that it may have as a program; by default, the title.
        advice: how to install it.
    """
    found = next(filter(None, map(shutil.which, names or (title,))), None)
    if found is None:
        if 'KMOCK_REQUIRE_TOOLS' in os.environ:
            pytest.fail(f'there is no {title}{advice and f": {advice}"}')
        pytest.skip(f'there is no {title}')
    return found


class Outcome(NamedTuple):
    """How a program has ended, and what it has written."""

    code: int
    text: str
    error: str


class Kubectl:
    """kubectl with a kubeconfig, a cache and a home of its own.

    Args:
        place: a folder, where the file ``config`` is the kubeconfig.
    """

    def __init__(self, place: Path) -> None:
        self._command = [find_program('kubectl')]
        self._command += ['--kubeconfig', str(place / 'config'), '--cache-dir', str(place / 'cache')]
        self._env = {**os.environ, 'HOME': str(place)}

    def run(self, *args: str, input: Any = None) -> Outcome:
        """Run it, with a text or with an object as JSON for it to read."""
        sent = input if input is None or isinstance(input, str) else json.dumps(input)
        result = subprocess.run(
            [*self._command, *args], input=sent, capture_output=True, text=True, env=self._env, timeout=60, check=False
        )
        return Outcome(result.returncode, result.stdout, result.stderr)
