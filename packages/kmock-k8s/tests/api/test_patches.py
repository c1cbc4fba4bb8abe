"""Patches of stored objects, as clients send them."""

import json
from typing import Any

import pytest

from kmock_k8s.emulator import KubernetesEmulator

POD = {'metadata': {'name': 'p'}, 'spec': {'x': 1, 'list': ['a']}}


async def send(content_type: str, body: bytes) -> tuple[int, Any, Any]:
    """The status and the JSON that a patch of the pod is answered with, and what the pod is afterwards."""
    async with KubernetesEmulator() as mock:
        mock.objects['v1/pods', 'ns1', 'p'] = POD
        headers = {'Content-Type': content_type}
        response = await mock.patch('/api/v1/namespaces/ns1/pods/p', headers=headers, data=body)
        return response.status, await response.json(), mock.objects['v1/pods', 'ns1', 'p'].raw


@pytest.mark.parametrize(
    ('content_type', 'body', 'spec'),
    [
        ('application/merge-patch+json', b'{"spec":{"x":null,"y":2}}', {'list': ['a'], 'y': 2}),
        ('application/strategic-merge-patch+json', b'{"spec":{"list":["b"]}}', {'x': 1, 'list': ['b']}),
        ('application/json', b'[{"op":"remove","path":"/spec/x"}]', {'list': ['a']}),
        (
            'application/json-patch+json',
            b'[{"op":"add","path":"/spec/list/-","value":"b"}]',
            {'x': 1, 'list': ['a', 'b']},
        ),
    ],
)
async def test_an_object_is_patched_in_all_ways(content_type: str, body: bytes, spec: Any) -> None:
    status, data, pod = await send(content_type, body)
    assert status == 200
    assert data == pod == {**POD, 'spec': spec}


async def test_a_patch_in_yaml_is_refused_as_an_unknown_media_type_and_not_as_broken_json() -> None:
    status, data, pod = await send('application/apply-patch+yaml', b'spec:\n  x: 2\n')
    assert (status, data['reason']) == (415, 'UnsupportedMediaType')
    assert pod == POD


async def test_a_json_patch_that_fails_half_way_changes_nothing() -> None:
    patch: list[Any] = [{'op': 'replace', 'path': '/spec', 'value': {}}, {'op': 'test', 'path': '/spec/x', 'value': 1}]
    status, data, pod = await send('application/json-patch+json', json.dumps(patch).encode())
    assert (status, data['reason']) == (422, 'Invalid')
    assert data['message'].endswith('operation 1 (test /spec/x): there is nothing at /spec/x')
    assert pod == POD
