"""The cells of each kind, and the columns that they are in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import kmock_k8s
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.loading import read_path
from kmock_k8s.model.versions import api_version_of
from kmock_k8s.printing import printer_of

NOW = datetime(2030, 6, 15, 12, 0, 0, tzinfo=UTC)
COLUMNS: dict[str, list[JSONObject]] = read_path(
    Path(kmock_k8s.__file__).parent / 'data' / 'kubernetes-1.36-columns.json.gz'
)['columns']
TYPES = {str: {'string', 'date'}, int: {'integer'}, bool: {'boolean'}}
MISTYPED = {
    ('configmaps', 'Data'), ('secrets', 'Data'), ('events', 'Count'), ('controllerrevisions', 'Revision'),
    ('deployments', 'Up-to-date'), ('deployments', 'Available'), ('horizontalpodautoscalers', 'MaxPods'),
    ('horizontalpodautoscalers', 'Replicas'), ('cronjobs', 'Suspend'), ('storageclasses', 'AllowVolumeExpansion'),
    ('flowschemas', 'MatchingPrecedence'),
}  # fmt: skip
"""Where a real server has cells of other types than it says."""


def kind_of(group_version: str, plural: str) -> tuple[str, str]:
    if plural == 'scales':  # a part of other objects
        return 'autoscaling', 'Scale'
    resources = ResourcesArray()
    resources.load_bundled()
    for one, info in resources.items():
        group, version, name = one.key
        if (api_version_of(group, version), name) == (group_version, plural):
            return group or '', info.kind or ''
    raise LookupError(f'{group_version}/{plural}')


@pytest.mark.parametrize('place', COLUMNS)
def test_each_column_of_a_built_in_kind_has_a_cell_of_its_type(place: str) -> None:
    group_version, _, plural = place.rpartition('/')
    printer = printer_of(*kind_of(group_version, plural))
    assert printer is not None
    cells = printer({}, NOW)
    if plural == 'ipaddresses':
        assert cells.pop() == '<unknown>'  # of an age, for which there is no column
    for column, cell in zip(COLUMNS[place], cells, strict=True):
        assert (column['type'] in TYPES[type(cell)]) is ((plural, column['name']) not in MISTYPED), column['name']
