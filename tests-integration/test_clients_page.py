"""The page on the clients that pass names all of them, their tests, and the versions that are required."""

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parent / 'docs' / 'reference' / 'kubernetes' / 'clients.md'
REQUIRED = re.compile(r'^(?P<name>[\w-]+)(?:\[\w+\])?>=(?P<version>[\d.]+)', re.MULTILINE)
CELLS = re.compile(
    r'^\| (?P<client>[^|]+) \| (?P<least>[\d.]+) \| (?P<most>[\d.]+) \| [^|]+ \| (?P<tests>`[^|]+`) \|$', re.MULTILINE
)


class Row(NamedTuple):
    """What the page says of a client."""

    client: str
    least: str
    most: str
    tests: list[str]


def read_rows() -> list[Row]:
    found = CELLS.finditer(PAGE.read_text('utf-8'))
    return [
        Row(
            re.sub(r'\[(.+)\]\(.+\)', r'\1', cells['client']),
            cells['least'],
            cells['most'],
            cells['tests'].strip('`').split('` `'),
        )
        for cells in found
    ]


ROWS = read_rows()


def test_all_tests_of_clients_are_named() -> None:
    named = sorted(path for row in ROWS for path in row.tests)
    others = {'clients/test_access.py', 'clients/test_howtos.py'}  # of several clients
    there = {f'clients/{path.name}' for path in HERE.glob('clients/test_*.py')} - others
    assert named == sorted({*there, 'kubectl/', 'kopf_operators/', 'node/'})
    assert all((HERE / path).exists() for path in named)


@pytest.mark.parametrize('row', ROWS, ids=lambda row: row.client)
def test_the_first_version_is_the_one_that_is_required(row: Row) -> None:
    required = dict(REQUIRED.findall((HERE / 'requirements.txt').read_text('utf-8')))
    packages = json.loads((HERE / 'node' / 'package.json').read_text('utf-8'))['dependencies']
    required |= {name: version.rpartition('.')[0] for name, version in packages.items()}
    least = required.get(row.client.lower(), row.least if row.client == 'kubectl' else None)
    assert row.least == least
    assert [*map(int, row.least.split('.'))] <= [*map(int, row.most.split('.'))]
