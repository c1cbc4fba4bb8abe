from typing import Any

import pytest

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.ownership.managers import ANCIENT, MAX_UPDATERS, Entry, Operation, read, read_given, settle

FIELDS: dict[str, Any] = {'f:data': {'f:k': {}}}


def entry(manager: str = 'm', operation: Operation = 'Update', version: str = 'v1', **rest: Any) -> Entry:
    return Entry(manager, operation, version, rest.pop('subresource', ''), rest.pop('fields', FIELDS), **rest)


def managers(entries: list[Entry]) -> list[str]:
    return [one.manager for one in settle(entries)]


def test_entries_are_written_as_the_api_writes_them() -> None:
    written = entry(subresource='status', time='2026-01-01T00:00:00Z').as_json()

    assert list(written.items()) == [
        ('manager', 'm'),
        ('operation', 'Update'),
        ('apiVersion', 'v1'),
        ('time', '2026-01-01T00:00:00Z'),
        ('fieldsType', 'FieldsV1'),
        ('fieldsV1', FIELDS),
        ('subresource', 'status'),
    ]
    assert read([written])[0].as_json() is written


def test_entries_without_a_time_or_a_subresource_do_not_say_so() -> None:
    assert entry().as_json().keys() == {'manager', 'operation', 'apiVersion', 'fieldsType', 'fieldsV1'}


def test_appliers_have_one_entry_for_all_versions() -> None:
    assert entry('m', 'Apply', 'v1').key == entry('m', 'Apply', 'v2').key
    assert entry('m', 'Update', 'v1').key != entry('m', 'Update', 'v2').key
    assert entry('m', subresource='status').key != entry('m').key


def test_empty_entries_are_dropped() -> None:
    assert managers([entry('a', fields={}), entry('b')]) == ['b']


def test_the_order_is_by_operation_and_time_and_name() -> None:
    early, late = '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'
    entries = [
        entry('f', time=late),
        entry('e', time=early),
        entry('d', time=early),
        entry('c', 'Apply', time=late),
        entry('b', 'Apply', time=early),
        entry('z', 'Apply'),
        entry('y'),
    ]

    assert managers(entries) == ['z', 'b', 'c', 'y', 'd', 'e', 'f']


def test_the_oldest_of_too_many_updates_are_joined_by_version() -> None:
    updates = [entry(f'm{n:02}', time=f'2026-01-01T00:00:{n:02}Z', fields={f'f:{n}': {}}) for n in range(12)]
    other = entry('other', version='v2', time='2025-01-01T00:00:00Z')
    applies = [entry(f'a{n}', 'Apply') for n in range(12)]

    found = [one for one in settle([*updates, other, *applies]) if one.operation == 'Update']

    assert len(found) == MAX_UPDATERS
    assert [one.manager for one in found[:3]] == ['other', ANCIENT, 'm04']
    assert found[1].fields == {'f:0': {}, 'f:1': {}, 'f:2': {}, 'f:3': {}}
    assert found[1].time == '2026-01-01T00:00:03Z'


def test_joined_updates_are_joined_on() -> None:
    ancient = entry(ANCIENT, time='2026-01-01T00:00:05Z', fields={'f:x': {}})
    updates = [entry(f'm{n:02}', time=f'2026-01-01T00:00:{n:02}Z', fields={f'f:{n}': {}}) for n in range(11)]

    found = settle([ancient, *updates])

    assert len(found) == MAX_UPDATERS
    assert [one.fields for one in found if one.manager == ANCIENT] == [{'f:1': {}, 'f:2': {}, 'f:x': {}}]


def test_appliers_are_never_joined() -> None:
    assert len(settle([entry(f'm{n}', 'Apply') for n in range(2 * MAX_UPDATERS)])) == 2 * MAX_UPDATERS


def test_few_updates_are_not_joined() -> None:
    assert len(settle([entry(f'm{n}') for n in range(MAX_UPDATERS)])) == MAX_UPDATERS


@pytest.mark.parametrize('given', [[], [{}]])
def test_owners_are_forgotten_by_an_empty_list_or_entry(given: Any) -> None:
    assert read_given(given, [entry().as_json()]) == []


def test_owners_are_taken_as_they_are_given() -> None:
    given: JSONObject = {**entry().as_json(), 'fieldsV1': {'f:data': {'f:k': {'.': {}}}}}

    assert read_given([given], None) == [entry()]


@pytest.mark.parametrize(
    'change',
    [
        {'operation': 'Delete'},
        {'operation': None},
        {'fieldsType': ''},
        {'fieldsType': 'FieldsV2'},
        {'fieldsV1': None},
        {'fieldsV1': {'k': {}}},
        {'fieldsV1': {}},
        {'manager': 5},
        {'time': []},
    ],
)
def test_invalid_or_empty_owners_are_not_taken(change: JSONObject) -> None:
    assert read_given([{**entry().as_json(), **change}], None) is None


@pytest.mark.parametrize('given', [None, {}, 'x', [None], ['x']])
def test_what_is_no_list_of_entries_is_not_taken(given: Any) -> None:
    assert read_given(given, None) is None
    assert read(given) == []


def test_the_owners_of_the_object_are_not_read_again() -> None:
    live = [entry().as_json()]

    assert read_given([dict(live[0])], live) is None
