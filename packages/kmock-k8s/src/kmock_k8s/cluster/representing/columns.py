"""How the objects of each kind are printed: the columns of tables, and what makes their cells."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.representing.custom_columns import Column, read_columns
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.loading import read_path
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.printing import Printer, Rank, conditions_of, print_with_time, printer_of, rank_of

BUNDLED = 'kubernetes-1.36-columns.json.gz'
"""The columns of the built-in kinds of a current Kubernetes; derived by ``tools/derive_columns.py``."""

_DEFAULT = 'v1/limitranges'  # the columns of kinds that have none of their own
_CREATED = '.metadata.creationTimestamp'


class Printing(NamedTuple):
    """How the objects of a kind are printed.

    Args:
        columns: the JSON of the definitions of the columns.
        cells: makes the cells of an object, at a time.
        no_rows: the JSON of the rows of a table that has none.
        conditions: tells what clients should know of the row of an object.
        rank: by what rows are sorted, if they are.
    """

    columns: bytes
    cells: Printer
    no_rows: bytes
    conditions: Callable[[JSONObject], list[JSONObject]] | None = None
    rank: Rank | None = None


_printings: WeakKeyDictionary[Kind, Printing] = WeakKeyDictionary()


def printing_of(kind: Kind) -> Printing:
    """How the objects of a kind are printed: found once."""
    found = _printings.get(kind)
    if found is None:
        found = _printings[kind] = _print_custom(kind) if isinstance(kind, CustomKind) else _print_builtin(kind)
    return found


def printing_of_part(kind: Kind, content: JSONObject) -> Printing:
    """How what is answered at the URL of a subresource is printed, if it is something of its own, such as a scale."""
    name = content.get('kind')
    if name == kind.name:
        return printing_of(kind)
    if name == 'Scale':
        return _print_scale(kind)
    return _print_time()


def _print_scale(kind: Kind) -> Printing:
    name, desired, available, age = _load()['v1/scales']
    if isinstance(kind, CustomKind):
        name = {**name, 'format': 'name'}
        desired = {**desired, 'description': 'Number of desired replicas'}
        available = {**available, 'description': 'Number of actual replicas'}
        age = {**age, 'type': 'date'}
    printer = printer_of('autoscaling', 'Scale')
    assert printer is not None
    return Printing(encode([name, desired, available, age]), printer, b'[]')


def _print_custom(kind: CustomKind) -> Printing:
    name, created = _load()[_DEFAULT]
    declared: list[JSONObject] = kind.definition.get('additionalPrinterColumns') or [
        {
            'name': 'Age',
            'type': 'date',
            'description': created['description'],
            'jsonPath': _CREATED,
        }
    ]
    columns = read_columns(declared)

    def cells(content: JSONObject, now: datetime) -> list[Any]:
        return [metadata_of(content).get('name') or '', *(column.print(content, now) for column in columns)]

    return Printing(encode([name, *map(Column.describe, columns)]), cells, b'[]')


def _print_builtin(kind: Kind) -> Printing:
    columns = _load().get(f'{kind.api_version}/{kind.plural}')
    printer = printer_of(kind.group, kind.name)
    if columns is None or printer is None or printer is print_with_time:
        return _print_time()
    named = kind.group, kind.name
    return Printing(encode(columns), printer, b'[]', conditions_of(*named), rank_of(*named))


def _print_time() -> Printing:
    """How objects are printed of which nothing is told but when they were created."""
    return Printing(encode(_load()[_DEFAULT]), print_with_time, b'null')


@cache
def _load() -> dict[str, list[JSONObject]]:
    columns: dict[str, list[JSONObject]] = read_path(Path(__file__).parents[2] / 'data' / BUNDLED)['columns']
    return columns
