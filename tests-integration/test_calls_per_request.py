"""The guard of the hot path that noise can't touch: how many calls a request costs, the client's own included.

The ceiling may only sink.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CEILING = 200

pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason='the ceiling is that of Python 3.11; other versions count otherwise'
)


@pytest.fixture(scope='module')
def calls() -> dict[str, float]:
    """The figures, counted in a process without any plugins."""
    command = [sys.executable, '-m', 'benchmarks.calls']
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    figures: dict[str, float] = json.loads(output)
    return figures


@pytest.mark.parametrize('case', ['one rule', '10,000 rules', 'after 10,000 requests'])
def test_a_request_costs_no_more_calls_than_ever(calls: dict[str, float], case: str) -> None:
    assert calls[case] <= CEILING


def test_a_request_costs_fewer_calls_than_with_bare_aiohttp(calls: dict[str, float]) -> None:
    assert calls['one rule'] < calls['bare aiohttp']
