"""The commands of docs/howto/kubectl.md do what the page says."""

import os
import re
import subprocess
import sys
from pathlib import Path

from programs import find_kubectl

PAGE = Path(__file__).parents[2] / 'docs' / 'howto' / 'kubectl.md'
BLOCK = re.compile(r'^```(?P<kind>shell|text)\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)
SETUP = """
    set -e
    trap 'kill $!' EXIT
    pip() { true; }
    kmock() { exec "$PYTHON" -m kmock "$@" --quiet >ready; }
    kubectl() { until [ -s ready ]; do sleep 0.05; done; "$KUBECTL" --cache-dir=cache "$@"; }
"""


def test_the_commands_print_what_is_shown(tmp_path: Path) -> None:
    blocks = [(block['kind'], block['text']) for block in BLOCK.finditer(PAGE.read_text('utf-8'))]
    commands = ''.join(text for kind, text in blocks if kind == 'shell')
    shown = ''.join(text for kind, text in blocks if kind == 'text')
    env = {**os.environ, 'PYTHON': sys.executable, 'KUBECTL': find_kubectl(), 'HOME': str(tmp_path)}
    (tmp_path / 'commands').write_text(SETUP + commands)
    done = subprocess.run(
        ['bash', 'commands'], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ''
    assert re.sub(r'\d+s$', '1s', done.stdout, flags=re.MULTILINE) == shown
