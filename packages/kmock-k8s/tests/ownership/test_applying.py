import json
from typing import Any

import pytest

from kmock_k8s import schemas
from kmock_k8s.errors import KubernetesBadRequestError, KubernetesError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.ownership import Scope, apply

T1, T2 = '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'
CONFIGMAP = schemas.builtin('', 'v1', 'ConfigMap')


def configmap(owners: Any = None, **data: str) -> JSONObject:
    metadata = {'name': 'x'} if owners is None else {'name': 'x', 'managedFields': owners}
    return {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': metadata, 'data': data}


def owner(manager: str, fields: Any, time: str | None = T1, **more: str) -> JSONObject:
    entry: JSONObject = {'manager': manager, 'operation': 'Update', 'apiVersion': 'v1', 'time': time}
    entry |= {'fieldsType': 'FieldsV1', 'fieldsV1': {'f:data': fields}, **more}
    return {key: value for key, value in entry.items() if value is not None}


def applied(
    live: JSONObject | None, config: JSONObject, manager: str, now: str = T2, *, force: bool = False, **options: Any
) -> JSONObject:
    given: dict[str, Any] = {'schema': CONFIGMAP, 'api_version': 'v1', **options}
    return apply(live, config, manager, force=force, now=now, **given)


def owners(value: JSONObject) -> dict[str, Any]:
    """The fields of each manager, and the time."""
    entries: list[JSONObject] = value['metadata'].get('managedFields', [])
    return {entry['manager']: (entry['fieldsV1'].get('f:data'), entry.get('time')) for entry in entries}


def test_who_applies_owns_what_it_says() -> None:
    result = applied(None, configmap(a='1'), 'm')

    assert result['data'] == {'a': '1'}
    assert owners(result) == {'m': ({'f:a': {}}, T2)}


def test_all_else_stays() -> None:
    live = applied(None, configmap(a='1'), 'm', T1)
    result = applied(live, configmap(b='2'), 'n')

    assert result['data'] == {'a': '1', 'b': '2'}
    assert owners(result) == {'m': ({'f:a': {}}, T1), 'n': ({'f:b': {}}, T2)}


def test_the_same_value_is_shared_without_a_time() -> None:
    live = applied(None, configmap(a='1'), 'm', T1)

    assert owners(applied(live, configmap(a='1'), 'n')) == {'m': ({'f:a': {}}, T1), 'n': ({'f:a': {}}, None)}


def test_other_values_of_others_are_conflicts() -> None:
    live = applied(None, configmap(a='1'), 'm', T1)

    with pytest.raises(KubernetesError, match=r'1 conflict: conflict with "m": \.data\.a') as caught:
        applied(live, configmap(a='2'), 'n')

    assert caught.value.status == 409


def test_force_takes_the_fields_from_others() -> None:
    live = applied(None, configmap(a='1', b='2'), 'm', T1)
    result = applied(live, configmap(a='2'), 'n', force=True)

    assert result['data'] == {'a': '2', 'b': '2'}
    assert owners(result) == {'m': ({'f:b': {}}, T1), 'n': ({'f:a': {}}, T2)}


def test_what_one_alone_owned_is_removed_when_it_is_not_applied() -> None:
    live = applied(None, configmap(a='1', b='2'), 'm', T1)
    result = applied(live, configmap(b='2'), 'm')

    assert result['data'] == {'b': '2'}
    assert owners(result) == {'m': ({'f:b': {}}, T2)}


def test_what_others_own_is_only_given_up() -> None:
    live = applied(applied(None, configmap(a='1', b='2'), 'm', T1), configmap(a='1'), 'n', T1)
    result = applied(live, configmap(b='2'), 'm')

    assert result['data'] == {'a': '1', 'b': '2'}
    assert owners(result) == {'n': ({'f:a': {}}, None), 'm': ({'f:b': {}}, T1)}


def test_who_gives_up_all_is_no_owner_any_more() -> None:
    live = applied(None, configmap(a='1'), 'm', T1)
    result = applied(live, {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'x'}}, 'm')

    assert result == {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'x'}}


def test_an_object_without_owners_gets_one_for_all_that_is_there() -> None:
    result = applied(configmap(a='1', b='2'), configmap(a='1', c='3'), 'm')

    assert owners(result) == {
        'm': ({'f:a': {}, 'f:c': {}}, T2),
        'before-first-apply': ({'.': {}, 'f:a': {}, 'f:b': {}}, T2),
    }
    with pytest.raises(KubernetesError, match=r'conflict with "before-first-apply" using v1: \.data\.a'):
        applied(configmap(a='1'), configmap(a='2'), 'm')


def test_what_is_out_of_scope_gets_no_owner_then() -> None:
    live = {**configmap(a='1'), 'immutable': False}

    result = applied(live, configmap(a='1'), 'm', scope=Scope(without={'f:immutable': {}}))

    assert result['metadata']['managedFields'][1]['fieldsV1'] == {'f:data': {'.': {}, 'f:a': {}}}


def test_updates_are_conflicts_too() -> None:
    live = configmap([owner('edit', {'f:a': {}})], a='1')

    with pytest.raises(KubernetesError, match=r'conflict with "edit" using v1: \.data\.a'):
        applied(live, configmap(a='2'), 'm')


def test_subresources_are_owned_apart() -> None:
    live = applied(None, configmap(a='1', b='2'), 'm', T1)
    result = applied(live, configmap(b='2'), 'm', subresource='status')

    assert result['data'] == {'a': '1', 'b': '2'}
    assert [entry.get('subresource') for entry in result['metadata']['managedFields']] == ['status', None]


def test_what_is_out_of_scope_is_neither_written_nor_owned() -> None:
    live = applied(None, configmap(a='1'), 'm', T1)
    config = {**configmap(b='2'), 'immutable': True}

    result = applied(live, config, 'n', scope=Scope(without={'f:immutable': {}}))

    assert 'immutable' not in result
    assert result['metadata']['managedFields'][1]['fieldsV1'] == {'f:data': {'f:b': {}}}


@pytest.mark.parametrize('given', [[], [{}], [owner('x', {})]])
def test_owners_can_not_be_applied(given: Any) -> None:
    with pytest.raises(KubernetesBadRequestError, match=r'^metadata\.managedFields must be nil'):
        applied(None, configmap(given), 'm')


def test_null_is_no_owner() -> None:
    live = applied(None, configmap(a='1'), 'm', T1)
    config = {**configmap(a='1'), 'metadata': {'name': 'x', 'managedFields': None}}

    assert applied(live, config, 'm') is live


def test_what_the_schema_does_not_know_is_refused() -> None:
    with pytest.raises(KubernetesError, match='failed to create typed patch object') as caught:
        applied(None, {**configmap(), 'nope': 1}, 'm')

    assert caught.value.status == 500


def test_without_a_schema_all_is_taken_as_it_comes() -> None:
    live = applied(None, {'metadata': {'name': 'x'}, 'a': {'b': [1], 'c': 1}}, 'm', schema=None)
    result = applied(live, {'metadata': {'name': 'x'}, 'a': {'b': [2]}}, 'm', schema=None)

    assert result['a'] == {'b': [2]}


def test_an_object_that_all_fields_were_removed_from_keeps_its_metadata() -> None:
    config = {**configmap(), 'metadata': {'name': 'x', 'labels': {'a': '1'}}}
    live = applied(None, config, 'm', T1)
    live['metadata']['uid'] = 'u'

    result = applied(live, {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'x'}}, 'm')

    assert result['metadata'] == {'name': 'x', 'uid': 'u'}


def test_kubectl_takes_over_what_it_has_applied_on_the_client() -> None:
    annotation = 'kubectl.kubernetes.io/last-applied-configuration'
    live = configmap([owner('kubectl-client-side-apply', {'f:a': {}, 'f:b': {}})], a='1', b='changed')
    live['metadata']['annotations'] = {annotation: json.dumps(configmap(a='1', b='2'))}

    result = applied(live, configmap(a='2'), 'kubectl')

    assert result['data'] == {'a': '2', 'b': 'changed'}
    assert json.loads(result['metadata']['annotations'][annotation]) == configmap(a='2')
    with pytest.raises(KubernetesError, match=r'conflict with "kubectl-client-side-apply" using v1: \.data\.b'):
        applied(live, configmap(a='2', b='3'), 'kubectl')
    with pytest.raises(
        KubernetesError, match=r'1 conflict: conflict with "kubectl-client-side-apply" using v1: \.data\.a'
    ):
        applied(live, configmap(a='2'), 'other')


def test_container_ports_without_a_protocol_are_merged_with_those_that_have_it() -> None:
    def pod(*ports: JSONObject) -> JSONObject:
        metadata = {'name': 'x'}
        return {
            'apiVersion': 'v1',
            'kind': 'Pod',
            'metadata': metadata,
            'spec': {'containers': [{'name': 'c', 'ports': [*ports]}]},
        }

    schema = schemas.builtin('', 'v1', 'Pod')
    live = applied(None, pod({'containerPort': 80, 'protocol': 'TCP'}), 'm', schema=schema)

    result = applied(live, pod({'containerPort': 80, 'name': 'http'}), 'n', schema=schema)

    assert result['spec']['containers'][0]['ports'] == [{'containerPort': 80, 'protocol': 'TCP', 'name': 'http'}]


def test_what_is_nested_too_deep_is_refused() -> None:
    deep: JSONObject = {}
    for _ in range(5000):
        deep = {'a': deep}

    with pytest.raises(KubernetesBadRequestError, match='too deep'):
        applied(None, {'metadata': {'name': 'x'}, 'spec': deep}, 'm', schema=None)
