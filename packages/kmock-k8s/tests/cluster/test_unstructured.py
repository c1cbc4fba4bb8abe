"""Strategic merge patches with values of wrong types."""

from typing import Any

import pytest

import kmock
from kmock_k8s.cluster.unstructured import convert_error

URL = '/apis/apps/v1/namespaces/default/deployments'
TEMPLATE: dict[str, Any] = {
    'metadata': {'labels': {'app': 'x'}},
    'spec': {'containers': [{'name': 'c', 'image': 'i'}]},
}


@pytest.mark.parametrize(
    ('spec', 'shown', 'why'),
    [
        ({'replicas': 'x'}, 'replicas:x', 'unrecognized type: int32'),
        ({'replicas': True}, 'replicas:true', 'unrecognized type: int32'),
        ({'replicas': 1.5}, 'replicas:1.5', 'cannot convert float64 to int32'),
        ({'paused': 1}, 'paused:1', 'unrecognized type: bool'),
        (
            {'template': {'spec': {'nodeName': 1}}},
            'template:map[spec:map[nodeName:1]]',
            'cannot convert int64 to string',
        ),
        ({'selector': 'x'}, 'selector:x', 'cannot restore struct from: string'),
    ],
)
async def test_the_patch_is_shown_with_what_can_not_be_converted(
    cluster: kmock.KubernetesCluster, spec: dict[str, Any], shown: str, why: str
) -> None:
    body = {'metadata': {'name': 'd'}, 'spec': {'selector': {'matchLabels': {'app': 'x'}}, 'template': TEMPLATE}}
    await cluster.post(URL, json=body)
    headers = {'Content-Type': 'application/strategic-merge-patch+json'}
    response = await cluster.patch(f'{URL}/d', json={'spec': spec}, headers=headers)
    cause = (await response.json())['details']['causes'][0]
    assert (response.status, cause['field']) == (422, 'patch')
    assert cause['message'] == f'Invalid value: "map[spec:map[{shown}]]": {why}'


@pytest.mark.parametrize(
    ('why', 'words'),
    [
        (
            'json: cannot unmarshal string into Go struct field X.y of type []v1.Container',
            'cannot restore slice from string',
        ),
        (
            'json: cannot unmarshal array into Go struct field X.y of type map[string]string',
            'cannot restore map from slice',
        ),
        ('json: cannot unmarshal bool into Go struct field X.y of type v1.PodSpec', 'cannot restore struct from: bool'),
        ('illegal base64 data at input byte 0', 'illegal base64 data at input byte 0'),
    ],
)
def test_the_words_are_those_of_the_converter(why: str, words: str) -> None:
    assert convert_error(why) == words
