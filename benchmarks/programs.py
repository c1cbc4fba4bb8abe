"""The programs that benchmarks and tests run."""

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path


@functools.cache
def find_kubectl() -> str | None:
    """The path of a kubectl that is itself; None if there is none.

    The one of some distributions is a dispatcher: it starts another kubectl, by the version of the server, and first
    asks the server for it. Then it is one of those, named like ``kubectl.1.32``: that one, or the latest.
    """
    first = shutil.which('kubectl')
    if first is not None and not is_dispatcher(first):
        return first
    places = os.environ.get('PATH', os.defpath).split(os.pathsep)
    if first is not None:
        places.insert(0, str(Path(first).resolve().parent))
    found: dict[tuple[bool, int], str] = {}
    for place in filter(os.path.isdir, places):
        for path in Path(place).glob('kubectl.1.*'):
            match = re.fullmatch(r'kubectl\.1\.(\d+)', path.name)
            if match and os.access(path, os.X_OK):
                minor = int(match[1])
                found.setdefault((minor == 32, minor), str(path))
    return found[max(found)] if found else None


def is_dispatcher(path: str) -> bool:
    """True if a kubectl only starts others."""
    return '-dispatcher' in tell_version(path)


def minor_version(path: str) -> int:
    """The minor version of a kubectl: 32, if it is 1.32; 0 if it tells none."""
    match = re.search(r'\bv1\.(\d+)', tell_version(path))
    return int(match[1]) if match else 0


@functools.cache
def tell_version(path: str) -> str:
    """What a kubectl says of itself."""
    asked = subprocess.run([path, 'version', '--client'], capture_output=True, text=True, check=False)
    return asked.stdout
