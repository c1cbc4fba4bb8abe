#!/usr/bin/env python3
"""Runs a task of this repository: ``python3 dev.py demo``, ``python3 dev.py tests -k name``, ``python3 dev.py ci``.

It needs Python 3.11+ with pip, and nothing else: nox goes into ``.venv`` once, and nox makes the rest in ``.nox``.
Both directories can be deleted at any time. Without arguments it lists the tasks, which live in ``noxfile.py``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

MINIMUM = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / '.venv'
MARKER = VENV / '.kmock-dev'
TOOLS = ['nox>=2025.2.9,<2027', 'uv>=0.5,<1']
GATES = ['tests', 'lint', 'types', 'isolated', 'docs']


def main() -> int:
    args = sys.argv[1:]
    if sys.version_info < MINIMUM:
        version = '.'.join(map(str, sys.version_info[:3]))
        return fail(f'Python 3.11 or later is needed; {sys.executable} is {version}. Try: python3.13 dev.py …')
    bindir = VENV / ('Scripts' if os.name == 'nt' else 'bin')
    python = bindir / ('python.exe' if os.name == 'nt' else 'python')
    try:
        bootstrap(python)
    except subprocess.CalledProcessError as exc:
        output = (exc.stdout or '').strip()
        return fail(f'cannot prepare .venv with nox: exit code {exc.returncode} of {" ".join(exc.cmd)}\n{output}')
    except OSError as exc:
        return fail(f'cannot prepare .venv with nox: {exc}')

    if not args or args[0] in ('-h', '--help', '-l', '--list'):
        print(__doc__, flush=True)
        options = ['--list']
    elif args[0] == 'ci':
        options = ['--session', *GATES, '--', *args[1:]]
    else:
        options = ['--session', args[0], '--', *args[1:]]
    path = os.pathsep.join([str(bindir), os.environ.get('PATH', os.defpath)])
    command = [str(python), '-m', 'nox', '--noxfile', str(ROOT / 'noxfile.py'), *options]
    environ = {**os.environ, 'PATH': path, 'PIP_USER': '0'}
    if os.name != 'nt':
        os.execve(str(python), command, environ)
    return subprocess.call(command, env=environ)


def bootstrap(python: Path) -> None:
    """Makes .venv with nox in it; does nothing if the same Python has already made it."""
    stamp = '\n'.join([sys.version, sys.base_prefix, *TOOLS])
    if python.exists() and MARKER.exists() and MARKER.read_text('utf-8') == stamp:
        return
    if VENV.exists() and not MARKER.exists() and python.exists():
        print('dev.py: adding nox to the existing .venv …', file=sys.stderr, flush=True)
    else:
        print('dev.py: preparing .venv with nox (once) …', file=sys.stderr, flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        # Without pip: on some systems the standard library has no ensurepip, while pip itself is there.
        run(sys.executable, '-m', 'venv', '--without-pip', str(VENV))
    install(python)
    MARKER.write_text(stamp, 'utf-8')


def install(python: Path) -> None:
    """Installs the tools by the venv's own pip if it can have one, else by the pip that this Python has."""
    if not succeeds(str(python), '-m', 'pip', '--version') and not succeeds(str(python), '-m', 'ensurepip'):
        if not succeeds(sys.executable, '-m', 'pip', '--version'):
            raise OSError(f'{sys.executable} has neither ensurepip nor pip (Debian: apt install python3-pip)')
        run(sys.executable, '-m', 'pip', '--python', str(python), 'install', '--quiet', 'pip')
    run(str(python), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', *TOOLS)


def succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def run(*command: str) -> None:
    environ = {**os.environ, 'PIP_USER': '0'}
    subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True, encoding='utf-8', env=environ)


def fail(message: str) -> int:
    print(f'dev.py: {message}', file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main())
