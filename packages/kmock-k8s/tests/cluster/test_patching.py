"""PATCH in a cluster: each way to say what changes, and server-side apply."""

import json
from typing import Any

import pytest

import kmock

CONFIGMAP = '/api/v1/namespaces/default/configmaps/a'
DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/d'
MERGE, JSON, STRATEGIC, APPLY = (
    'application/merge-patch+json',
    'application/json-patch+json',
    'application/strategic-merge-patch+json',
    'application/apply-patch+yaml',
)
ACCEPTED = f'{JSON}, {MERGE}, {STRATEGIC}, {APPLY}'


async def make(cluster: kmock.KubernetesCluster, **metadata: Any) -> Any:
    body = {'metadata': {'name': 'a', **metadata}, 'data': {'k': 'v'}}
    return await (await cluster.post(CONFIGMAP.rpartition('/')[0], json=body)).json()


async def make_deployment(cluster: kmock.KubernetesCluster, *images: str) -> Any:
    containers = [{'name': image, 'image': image} for image in images]
    template = {'metadata': {'labels': {'app': 'x'}}, 'spec': {'containers': containers}}
    body = {'metadata': {'name': 'd'}, 'spec': {'selector': {'matchLabels': {'app': 'x'}}, 'template': template}}
    return await (await cluster.post(DEPLOYMENT.rpartition('/')[0], json=body)).json()


async def patch(
    cluster: kmock.KubernetesCluster, how: str, changes: Any, url: str = CONFIGMAP, **query: str
) -> tuple[int, Any]:
    data = changes if isinstance(changes, bytes) else json.dumps(changes).encode()
    response = await cluster.patch(url, data=data, headers={'Content-Type': how}, params=query)
    return response.status, await response.json()


@pytest.mark.parametrize(
    ('how', 'changes'),
    [
        (MERGE, {'data': {'k': None, 'q': 'x'}}),
        (STRATEGIC, {'data': {'k': None, 'q': 'x'}}),
        (JSON, [{'op': 'remove', 'path': '/data/k'}, {'op': 'add', 'path': '/data/q', 'value': 'x'}]),
    ],
)
async def test_a_patch_changes_what_it_says(cluster: kmock.KubernetesCluster, how: str, changes: Any) -> None:
    made = await make(cluster, labels={'a': 'b'})
    status, changed = await patch(cluster, how, changes)
    assert (status, changed['data'], changed['metadata']['labels']) == (200, {'q': 'x'}, {'a': 'b'})
    assert int(changed['metadata']['resourceVersion']) == int(made['metadata']['resourceVersion']) + 1


@pytest.mark.parametrize(
    ('how', 'changes'),
    [(MERGE, {}), (MERGE, {'data': {'k': 'v'}}), (STRATEGIC, {}), (JSON, [])],
)
async def test_a_patch_that_changes_nothing_keeps_the_revision(
    cluster: kmock.KubernetesCluster, how: str, changes: Any
) -> None:
    made = await make(cluster)
    assert await patch(cluster, how, changes) == (200, made)


@pytest.mark.parametrize('how', ['', 'application/json', 'text/plain', 'Application/Merge-Patch+JSON'])
async def test_another_way_of_patching_is_refused(cluster: kmock.KubernetesCluster, how: str) -> None:
    await make(cluster)
    status, error = await patch(cluster, how or 'application/octet-stream', {})
    assert (status, error['reason'], error['message']) == (
        415,
        'UnsupportedMediaType',
        f'the body of the request was in an unknown format - accepted media types include: {ACCEPTED}',
    )


async def test_parameters_of_the_way_are_ignored(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    assert (await patch(cluster, f'{MERGE}; charset=utf-8', {}))[0] == 200


@pytest.mark.parametrize('how', [MERGE, STRATEGIC, JSON])
async def test_a_patch_of_nothing_is_not_found(cluster: kmock.KubernetesCluster, how: str) -> None:
    status, error = await patch(cluster, how, [] if how == JSON else {})
    assert (status, error['message']) == (404, 'configmaps "a" not found')


@pytest.mark.parametrize(
    ('how', 'body', 'message'),
    [
        (MERGE, b'{', 'error decoding patch: unexpected end of JSON input'),
        (
            MERGE,
            b'[]',
            'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
        ),
        (
            JSON,
            b'{}',
            'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
        ),
        (STRATEGIC, b'{', 'unexpected end of JSON input'),
    ],
)
async def test_a_malformed_patch_is_a_bad_request(
    cluster: kmock.KubernetesCluster, how: str, body: bytes, message: str
) -> None:
    await make(cluster)
    status, error = await patch(cluster, how, body)
    assert (status, error['message']) == (400, message)


@pytest.mark.parametrize('body', [b'{"data": {"a": NaN}}', b'{"data": {"a": 1e999}}'])
async def test_a_number_that_json_does_not_have_is_a_bad_request(cluster: kmock.KubernetesCluster, body: bytes) -> None:
    await make(cluster)
    assert (await patch(cluster, MERGE, body))[0] == 400


async def test_a_half_of_a_character_is_replaced(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    status, changed = await patch(cluster, MERGE, rb'{"data": {"k": "\ud800 \ud83d\ude00 \\ud800"}}')
    assert (status, changed['data']) == (200, {'k': '� 😀 \\ud800'})


async def test_a_patch_may_name_the_state_that_it_is_for(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    version = made['metadata']['resourceVersion']
    assert (await patch(cluster, MERGE, {'metadata': {'resourceVersion': version}, 'data': {'k': 'w'}}))[0] == 200
    status, error = await patch(cluster, MERGE, {'metadata': {'resourceVersion': version}, 'data': {'k': 'x'}})
    assert (status, error['reason']) == (409, 'Conflict')


async def test_a_uid_is_not_changed(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    status, error = await patch(cluster, MERGE, {'metadata': {'uid': 'x'}})
    assert (status, [cause['field'] for cause in error['details']['causes']]) == (422, ['metadata.uid'] * 2)


async def test_a_patch_to_a_wrong_type_is_invalid(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    status, error = await patch(cluster, MERGE, {'data': 'x'})
    assert (status, error['reason'], error['details']['causes'][0]['field']) == (422, 'Invalid', 'patch')


@pytest.mark.parametrize('items', [{'finalizers': [None]}, {'ownerReferences': [None]}])
async def test_null_in_a_list_is_an_empty_thing(cluster: kmock.KubernetesCluster, items: dict[str, Any]) -> None:
    await make(cluster)
    status, error = await patch(cluster, MERGE, {'metadata': items})
    assert (status, error['reason']) == (422, 'Invalid')


async def test_a_dry_run_of_a_patch_changes_nothing(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    status, tried = await patch(cluster, MERGE, {'data': {'k': 'w'}}, dryRun='All')
    assert (status, tried['data']) == (200, {'k': 'w'})
    assert await (await cluster.get(CONFIGMAP)).json() == made


async def test_an_unknown_field_of_a_patch_is_warned_of(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    response = await cluster.patch(CONFIGMAP, json={'nope': 1}, headers={'Content-Type': MERGE})
    assert (response.status, response.headers['Warning']) == (200, r'299 - "unknown field \"nope\""')


@pytest.mark.parametrize('field', ['a\r\nb', '\0', '\x7f'])
async def test_a_warning_that_is_no_header_is_left_out(cluster: kmock.KubernetesCluster, field: str) -> None:
    await make(cluster)
    response = await cluster.patch(CONFIGMAP, json={field: 1, 'nope': 1}, headers={'Content-Type': MERGE})
    warnings = [value for name, value in response.headers.items() if name.lower() == 'warning']
    assert (response.status, warnings) == (200, [r'299 - "unknown field \"nope\""'])


async def test_an_unknown_field_of_a_patch_may_be_refused(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    status, error = await patch(cluster, MERGE, {'nope': 1}, fieldValidation='Strict')
    assert (status, 'strict decoding error: unknown field \\"nope\\"' in json.dumps(error)) == (422, True)


# ---- Strategic merge patches. ----


async def test_containers_are_merged_by_name(cluster: kmock.KubernetesCluster) -> None:
    await make_deployment(cluster, 'a', 'b')
    changes = {'spec': {'template': {'spec': {'containers': [{'name': 'b', 'image': 'new'}]}}}}
    _, changed = await patch(cluster, STRATEGIC, changes, DEPLOYMENT)
    containers = changed['spec']['template']['spec']['containers']
    assert [(one['name'], one['image']) for one in containers] == [('a', 'a'), ('b', 'new')]


async def test_a_merge_patch_replaces_lists(cluster: kmock.KubernetesCluster) -> None:
    await make_deployment(cluster, 'a', 'b')
    changes = {'spec': {'template': {'spec': {'containers': [{'name': 'b', 'image': 'new'}]}}}}
    _, changed = await patch(cluster, MERGE, changes, DEPLOYMENT)
    assert [one['name'] for one in changed['spec']['template']['spec']['containers']] == ['b']


async def test_a_container_is_deleted_by_a_directive(cluster: kmock.KubernetesCluster) -> None:
    await make_deployment(cluster, 'a', 'b')
    changes = {'spec': {'template': {'spec': {'containers': [{'name': 'a', '$patch': 'delete'}]}}}}
    _, changed = await patch(cluster, STRATEGIC, changes, DEPLOYMENT)
    assert [one['name'] for one in changed['spec']['template']['spec']['containers']] == ['b']


async def test_a_container_without_its_name_is_an_error_of_the_server(cluster: kmock.KubernetesCluster) -> None:
    await make_deployment(cluster, 'a')
    changes = {'spec': {'template': {'spec': {'containers': [{'image': 'new'}]}}}}
    assert (await patch(cluster, STRATEGIC, changes, DEPLOYMENT))[0] == 500


async def test_finalizers_are_merged_by_value(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, finalizers=['a.b/c'])
    _, changed = await patch(cluster, STRATEGIC, {'metadata': {'finalizers': ['a.b/d']}})
    assert sorted(changed['metadata']['finalizers']) == ['a.b/c', 'a.b/d']


async def test_a_finalizer_is_deleted_by_a_directive(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, finalizers=['a.b/c', 'a.b/d'])
    changes = {'metadata': {'$deleteFromPrimitiveList/finalizers': ['a.b/c']}}
    assert (await patch(cluster, STRATEGIC, changes))[1]['metadata']['finalizers'] == ['a.b/d']


# ---- Server-side apply. ----


def config(data: dict[str, str], **metadata: Any) -> dict[str, Any]:
    return {'kind': 'ConfigMap', 'apiVersion': 'v1', 'metadata': {'name': 'a', **metadata}, 'data': data}


async def test_an_apply_creates_what_is_not_there(cluster: kmock.KubernetesCluster) -> None:
    status, made = await patch(cluster, APPLY, config({'k': 'v'}), fieldManager='me')
    entry = made['metadata']['managedFields'][0]
    assert (status, made['data'], entry['manager'], entry['operation']) == (201, {'k': 'v'}, 'me', 'Apply')


async def test_a_configuration_may_be_yaml(cluster: kmock.KubernetesCluster) -> None:
    text = b'kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: {k: v}\n'
    status, made = await patch(cluster, APPLY, text, fieldManager='me')
    assert (status, made['data']) == (201, {'k': 'v'})


async def test_an_apply_needs_a_manager(cluster: kmock.KubernetesCluster) -> None:
    status, error = await patch(cluster, APPLY, config({'k': 'v'}))
    assert (status, error['message']) == (
        422,
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    )


async def test_an_apply_removes_what_its_manager_has_dropped(cluster: kmock.KubernetesCluster) -> None:
    await patch(cluster, APPLY, config({'k': 'v', 'q': 'x'}), fieldManager='me')
    status, changed = await patch(cluster, APPLY, config({'k': 'v'}), fieldManager='me')
    assert (status, changed['data']) == (200, {'k': 'v'})


async def test_an_apply_keeps_what_others_own(cluster: kmock.KubernetesCluster) -> None:
    await patch(cluster, APPLY, config({'k': 'v'}), fieldManager='me')
    _, changed = await patch(cluster, APPLY, config({'q': 'x'}), fieldManager='other')
    assert changed['data'] == {'k': 'v', 'q': 'x'}


async def test_an_apply_of_what_another_owns_is_a_conflict(cluster: kmock.KubernetesCluster) -> None:
    await patch(cluster, APPLY, config({'k': 'v'}), fieldManager='me')
    status, error = await patch(cluster, APPLY, config({'k': 'w'}), fieldManager='other')
    assert (status, error['message']) == (409, 'Apply failed with 1 conflict: conflict with "me": .data.k')
    assert [cause['reason'] for cause in error['details']['causes']] == ['FieldManagerConflict']


async def test_a_forced_apply_takes_what_another_owns(cluster: kmock.KubernetesCluster) -> None:
    await patch(cluster, APPLY, config({'k': 'v'}), fieldManager='me')
    status, changed = await patch(cluster, APPLY, config({'k': 'w'}), fieldManager='other', force='true')
    assert (status, changed['data']) == (200, {'k': 'w'})
    assert [entry['manager'] for entry in changed['metadata']['managedFields']] == ['other']


async def test_an_apply_of_equal_values_shares_them(cluster: kmock.KubernetesCluster) -> None:
    await patch(cluster, APPLY, config({'k': 'v'}), fieldManager='me')
    status, changed = await patch(cluster, APPLY, config({'k': 'v'}), fieldManager='other')
    assert (status, {entry['manager'] for entry in changed['metadata']['managedFields']}) == (200, {'me', 'other'})


async def test_the_same_apply_keeps_the_revision(cluster: kmock.KubernetesCluster) -> None:
    _, made = await patch(cluster, APPLY, config({'k': 'v'}), fieldManager='me')
    assert await patch(cluster, APPLY, config({'k': 'v'}), fieldManager='me') == (200, made)


async def test_an_apply_to_an_older_state_is_a_conflict(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    status, error = await patch(cluster, APPLY, config({'q': 'x'}, resourceVersion='1'), fieldManager='me')
    assert (status, error['reason'], error['details']) == (409, 'Conflict', {'name': 'a', 'kind': 'configmaps'})


async def test_an_apply_of_an_object_that_is_gone_is_a_conflict(cluster: kmock.KubernetesCluster) -> None:
    status, error = await patch(cluster, APPLY, config({}, uid='no-such-uid'), fieldManager='me')
    why = 'uid mismatch: the provided object specified uid no-such-uid, and no existing object was found'
    assert (status, error['message']) == (409, f'Operation cannot be fulfilled on configmaps "a": {why}')
    assert (await cluster.get(CONFIGMAP)).status == 404


async def test_a_configuration_has_no_owners_of_fields(cluster: kmock.KubernetesCluster) -> None:
    status, error = await patch(cluster, APPLY, config({}, managedFields=[]), fieldManager='me')
    assert (status, error['message']) == (400, 'metadata.managedFields must be nil')


async def test_a_dry_run_of_an_apply_creates_nothing(cluster: kmock.KubernetesCluster) -> None:
    assert (await patch(cluster, APPLY, config({}), fieldManager='me', dryRun='All'))[0] == 201
    assert (await cluster.get(CONFIGMAP)).status == 404


@pytest.mark.parametrize('body', [b'{"kind": 1', b'a: &a [*a]', b': :'])
async def test_a_malformed_configuration_is_a_bad_request(cluster: kmock.KubernetesCluster, body: bytes) -> None:
    status, error = await patch(cluster, APPLY, body, fieldManager='me')
    assert (status, error['reason']) == (400, 'BadRequest')


async def test_nulls_in_the_items_of_a_merge_patch_are_left_out(cluster: kmock.KubernetesCluster) -> None:
    free = {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}
    version = {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': free}}
    spec = {
        'group': 'example.com',
        'scope': 'Namespaced',
        'names': {'plural': 'widgets', 'kind': 'Widget'},
        'versions': [version],
    }
    await cluster.post(
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        json={'metadata': {'name': 'widgets.example.com'}, 'spec': spec},
    )
    url = '/apis/example.com/v1/namespaces/default/widgets'
    widget = {'apiVersion': 'example.com/v1', 'kind': 'Widget', 'metadata': {'name': 'a'}, 'spec': {'old': [1]}}
    await cluster.post(url, json=widget)
    changes = {'spec': {'old': [{'a': None, 'b': [{'c': None}, None]}], 'new': [{'a': None}], 'gone': None}}
    status, changed = await patch(cluster, MERGE, changes, f'{url}/a')
    assert (status, changed['spec']) == (200, {'old': [{'b': [{}, None]}], 'new': [{}]})


# ---- What is wrong with patches ----


@pytest.mark.parametrize(
    ('how', 'body', 'problem'),
    [
        (MERGE, b'{"data": {"q": "1", "q": "2"}}', 'duplicate field "data.q"'),
        (STRATEGIC, b'{"data": {"q": "1", "q": "2"}}', 'duplicate field "data.q"'),
        (
            JSON,
            b'[{"op": "test", "path": "/data/k", "value": 1, "value": "v"}]',
            'json patch duplicate field "[0].value"',
        ),
        (JSON, b'[{"op": "test", "path": "/data/k", "value": "v", "why": 1}]', 'json patch unknown field "[0].why"'),
    ],
)
async def test_what_a_patch_has_twice_or_in_vain_is_told(
    cluster: kmock.KubernetesCluster, how: str, body: bytes, problem: str
) -> None:
    await make(cluster)
    response = await cluster.patch(CONFIGMAP, data=body, headers={'Content-Type': how})
    assert response.status == 200
    assert problem.replace('"', r'\"') in response.headers['Warning']
    status, refused = await patch(cluster, how, body, fieldValidation='Strict')
    assert status == 422
    assert refused['message'].endswith(f': strict decoding error: {problem}')
    status, _ = await patch(cluster, how, body, fieldValidation='Ignore')
    assert status == 200


async def test_a_refused_strategic_patch_is_shown_and_not_its_object(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    status, refused = await patch(cluster, STRATEGIC, {'nope': {'a': 1}}, fieldValidation='Strict')
    assert status == 422
    assert refused['message'] == (
        ' "" is invalid: patch: Invalid value: "map[nope:map[a:1]]": strict decoding error: unknown field "nope"'
    )


async def test_a_strategic_patch_can_not_change_the_kind(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    status, found = await patch(cluster, STRATEGIC, {'kind': 'Secret', 'apiVersion': 'v2', 'data': {'k': 'x'}})
    assert (status, found['kind'], found['apiVersion'], found['data']) == (200, 'ConfigMap', 'v1', {'k': 'x'})


@pytest.mark.parametrize('how', [STRATEGIC, JSON])
async def test_a_patch_of_null_changes_nothing(cluster: kmock.KubernetesCluster, how: str) -> None:
    made = await make(cluster)
    assert await patch(cluster, how, None) == (200, made)


async def test_a_merge_patch_of_null_is_a_bad_request(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    status, refused = await patch(cluster, MERGE, None)
    assert (status, refused['message']) == (400, 'Invalid JSON Patch')


@pytest.mark.parametrize('how', [MERGE, JSON, STRATEGIC])
async def test_a_malformed_patch_of_nothing_is_not_found(cluster: kmock.KubernetesCluster, how: str) -> None:
    status, _ = await patch(cluster, how, b'{')
    assert status == 404


@pytest.mark.parametrize(
    ('operation', 'why'),
    [
        ('x', 'string into Go value of type handlers.jsonPatchOp'),
        ({'op': 1}, 'number into Go struct field jsonPatchOp.op of type string'),
        ({'op': 'add', 'path': ['a']}, 'array into Go struct field jsonPatchOp.path of type string'),
    ],
)
async def test_what_is_no_operation_is_a_bad_request(
    cluster: kmock.KubernetesCluster, operation: Any, why: str
) -> None:
    await make(cluster)
    status, refused = await patch(cluster, JSON, [operation])
    assert (status, refused['message']) == (400, f'error decoding patch: json: cannot unmarshal {why}')


TWICE = b'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  q: x\n  q: z\n'
TOLD = r'299 - "line 6: key \"q\" already set in map"'
ERRORS = 'yaml: unmarshal errors:\n  line 6: key "q" already set in map'


async def test_a_key_that_yaml_has_twice_is_warned_of(cluster: kmock.KubernetesCluster) -> None:
    url, headers = CONFIGMAP.rpartition('/')[0], {'Content-Type': 'application/yaml'}
    response = await cluster.post(url, data=TWICE, headers=headers)
    assert (response.status, response.headers['Warning']) == (201, TOLD)
    assert (await response.json())['data'] == {'q': 'z'}
    response = await cluster.post(url, data=TWICE, headers=headers, params={'fieldValidation': 'Strict'})
    message = f'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: {ERRORS}'
    assert (response.status, (await response.json())['message']) == (400, message)


async def test_a_key_that_an_applied_configuration_has_twice_is_warned_of(cluster: kmock.KubernetesCluster) -> None:
    headers = {'Content-Type': APPLY}
    response = await cluster.patch(CONFIGMAP, data=TWICE, headers=headers, params={'fieldManager': 'm'})
    assert (response.status, response.headers['Warning']) == (201, TOLD)
    status, refused = await patch(cluster, APPLY, TWICE, fieldManager='m', fieldValidation='Strict')
    message = f'error strict decoding YAML: error converting YAML to JSON: {ERRORS}'
    assert (status, refused['message']) == (400, message)


async def test_malformed_yaml_is_refused_with_what_was_sent(cluster: kmock.KubernetesCluster) -> None:
    headers = {'Content-Type': 'application/yaml'}
    response = await cluster.post(CONFIGMAP.rpartition('/')[0], data='a: b: c', headers=headers)
    message = 'the object provided is unrecognized (must be of type ConfigMap): yaml: '
    message += 'mapping values are not allowed in this context (613a20623a2063)'
    assert (response.status, (await response.json())['message']) == (400, message)
