from typing import Any

import pytest

from kmock_k8s import schemas
from kmock_k8s.errors import KubernetesBadRequestError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.ownership import Scope, track_update

T1, T2 = '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'
CONFIGMAP = schemas.builtin('', 'v1', 'ConfigMap')


def configmap(owners: Any = None, **data: str) -> JSONObject:
    metadata = {'name': 'x'} if owners is None else {'name': 'x', 'managedFields': owners}
    return {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': metadata, 'data': data}


def track(
    before: JSONObject | None, after: JSONObject, manager: str, now: str = T2, **options: Any
) -> list[JSONObject]:
    given: dict[str, Any] = {'schema': CONFIGMAP, 'api_version': 'v1', **options}
    return track_update(before, after, manager, now=now, **given)


def owner(manager: str, fields: Any, time: str | None = T1, **more: str) -> JSONObject:
    entry: JSONObject = {'manager': manager, 'operation': 'Update', 'apiVersion': 'v1', 'time': time}
    entry |= {'fieldsType': 'FieldsV1', 'fieldsV1': {'f:data': fields}, **more}
    return {key: value for key, value in entry.items() if value is not None}


def test_the_creator_owns_all_that_it_creates() -> None:
    assert track(None, configmap(a='1'), 'm', T1) == [owner('m', {'.': {}, 'f:a': {}})]


def test_who_changes_a_field_owns_it_alone() -> None:
    before = configmap([owner('m', {'.': {}, 'f:a': {}, 'f:b': {}})], a='1', b='2')

    assert track(before, configmap(a='1', b='3'), 'n') == [
        owner('m', {'.': {}, 'f:a': {}}),
        owner('n', {'f:b': {}}, T2),
    ]


def test_who_changes_more_has_one_entry_and_the_time_of_the_last_change() -> None:
    before = configmap([owner('m', {'f:a': {}})], a='1', b='2')

    assert track(before, configmap(a='1', b='3'), 'm') == [owner('m', {'f:a': {}, 'f:b': {}}, T2)]


def test_nobody_owns_what_is_gone_and_the_time_stays() -> None:
    before = configmap([owner('m', {'f:a': {}}), owner('n', {'f:b': {}})], a='1', b='2')

    assert track(before, configmap(a='1'), 'm') == [owner('m', {'f:a': {}})]


def test_no_change_keeps_owners_and_times() -> None:
    before = configmap([owner('m', {'f:a': {}})], a='1')

    assert track(before, configmap(a='1'), 'n') == [owner('m', {'f:a': {}})]


def test_versions_and_subresources_have_entries_of_their_own() -> None:
    before = configmap([owner('m', {'f:a': {}})], a='1')

    assert track(before, configmap(a='1', b='2'), 'm', api_version='v2', subresource='status') == [
        owner('m', {'f:a': {}}),
        owner('m', {'f:b': {}}, T2, apiVersion='v2', subresource='status'),
    ]


def test_scaling_keeps_no_time() -> None:
    before = configmap([owner('m', {'f:a': {}})], a='1')

    assert track(before, configmap(a='2'), 'm', subresource='scale') == [
        owner('m', {'f:a': {}}, None, subresource='scale')
    ]


def test_without_owners_nothing_is_tracked_after_the_creation() -> None:
    assert track(None, {'metadata': {'name': 'x'}}, 'm') == []
    assert track({'metadata': {'name': 'x'}}, configmap(a='1'), 'm') == []


@pytest.mark.parametrize('given', [[], [{}]])
def test_owners_are_forgotten_on_demand(given: Any) -> None:
    before = configmap([owner('m', {'f:a': {}})], a='1')

    assert track(before, configmap(given, a='2'), 'n') == []


@pytest.mark.parametrize('given', [None, [], [{}], [owner('other', {'f:a': {}})]])
def test_subresources_do_not_write_owners(given: Any) -> None:
    before = configmap([owner('m', {'f:a': {}})], a='1')

    assert track(before, configmap(given, a='1'), 'n', subresource='status') == [owner('m', {'f:a': {}})]


def test_given_owners_are_taken_with_the_change() -> None:
    before = configmap([owner('m', {'f:a': {}})], a='1')
    given = [owner('other', {'f:a': {}}, T1)]

    assert track(before, configmap(given, a='1', b='2'), 'n') == [
        owner('other', {'f:a': {}}),
        owner('n', {'f:b': {}}, T2),
    ]


@pytest.mark.parametrize('given', ['x', [{'manager': 'x'}], [owner('x', {'x': {}})]])
def test_invalid_owners_are_not_taken(given: Any) -> None:
    before = configmap([owner('m', {'f:a': {}})], a='1')

    assert track(before, configmap(given, a='1'), 'n') == [owner('m', {'f:a': {}})]


def test_owners_that_the_api_has_not_written_are_as_none() -> None:
    assert track(configmap([{'manager': 'x'}], a='1'), configmap([{'manager': 'x'}], a='2'), 'm') == []


def test_what_is_out_of_scope_changes_no_owners() -> None:
    before = configmap([owner('m', {'f:a': {}, 'f:b': {}})], a='1', b='1')
    scope = Scope(without={'f:data': {'f:a': {}}})

    assert track(before, configmap(a='2', b='2'), 'n', scope=scope) == [
        owner('m', {'f:a': {}}),
        owner('n', {'f:b': {}}, T2),
    ]


def test_the_creator_does_not_own_the_parts_of_built_in_kinds() -> None:
    deployment = {'metadata': {'name': 'x'}, 'spec': {'replicas': 1, 'template': {'spec': {'hostPID': True}}}}

    owners = track(None, deployment, 'm', schema=schemas.builtin('apps', 'v1', 'Deployment'))

    assert owners[0]['fieldsV1'] == {'f:spec': {'f:replicas': {}, 'f:template': {'f:spec': {'f:hostPID': {}}}}}


def test_the_creator_owns_the_parts_of_custom_resources() -> None:
    schema = schemas.custom({'type': 'object', 'properties': {'spec': {'type': 'object', 'properties': {'a': {}}}}})

    owners = track(None, {'metadata': {'name': 'x', 'finalizers': ['a/b']}, 'spec': {'a': 1}}, 'm', schema=schema)

    assert owners[0]['fieldsV1'] == {
        'f:metadata': {'f:finalizers': {'.': {}, 'v:"a/b"': {}}},
        'f:spec': {'.': {}, 'f:a': {}},
    }


def test_whole_maps_of_a_changed_schema_are_owned_by_who_owned_parts() -> None:
    spec = {'type': 'object', 'x-kubernetes-map-type': 'atomic', 'additionalProperties': {'type': 'string'}}
    schema = schemas.custom({'type': 'object', 'properties': {'data': spec, 'more': {'type': 'string'}}})
    before = configmap([owner('m', {'.': {}, 'f:a': {}})], a='1')

    assert track(before, {**before, 'more': 'x'}, 'm', schema=schema)[0]['fieldsV1'] == {'f:data': {}, 'f:more': {}}


def test_what_is_nested_too_deep_is_refused() -> None:
    deep: JSONObject = {}
    for _ in range(5000):
        deep = {'a': deep}

    with pytest.raises(KubernetesBadRequestError, match='too deep'):
        track(None, {'metadata': {'name': 'x'}, 'spec': deep}, 'm', schema=None)
