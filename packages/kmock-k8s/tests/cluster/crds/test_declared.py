"""Resources that are only declared, with no definition: their objects are custom ones with any fields."""

from typing import Any

import pytest

import kmock

GADGETS = '/apis/acme.dev/v1/namespaces/default/gadgets'
GADGET: dict[str, Any] = {
    'apiVersion': 'acme.dev/v1',
    'kind': 'Gadget',
    'metadata': {'name': 'g'},
    'spec': {'replicas': 1, 'list': [None, {}, [1]]},
}


@pytest.fixture
def declared(cluster: kmock.KubernetesCluster) -> kmock.KubernetesCluster:
    """A cluster with a resource that a test has declared."""
    cluster.resources['acme.dev/v1/gadgets'] = {'kind': 'Gadget', 'subresources': ['status', 'scale']}
    return cluster


async def ask(cluster: kmock.KubernetesCluster, method: str, url: str, body: Any = None, media: str = '') -> Any:
    """The status and the JSON of an answer."""
    headers = {'Content-Type': media} if media else {}
    response = await cluster.request(method, url, json=body, headers=headers)
    return response.status, await response.json()


async def test_objects_have_metadata_and_any_fields(declared: kmock.KubernetesCluster) -> None:
    status, made = await ask(declared, 'POST', GADGETS, GADGET)
    assert status == 201
    assert made['spec'] == GADGET['spec']
    assert kmock.Object(made) >= {'metadata': {'uid': ..., 'generation': 1, 'namespace': 'default'}}
    assert (await ask(declared, 'GET', GADGETS))[1]['kind'] == 'GadgetList'


async def test_the_status_is_written_apart(declared: kmock.KubernetesCluster) -> None:
    _, made = await ask(declared, 'POST', GADGETS, {**GADGET, 'status': {'a': 1}})
    assert 'status' not in made
    patch = {'spec': {'replicas': 2}, 'status': {'a': 1}}
    _, found = await ask(declared, 'PATCH', f'{GADGETS}/g/status', patch, 'application/merge-patch+json')
    assert (found['spec']['replicas'], found['status']) == (1, {'a': 1})


async def test_the_scale_is_where_it_usually_is(declared: kmock.KubernetesCluster) -> None:
    await ask(declared, 'POST', GADGETS, GADGET)
    await ask(declared, 'PATCH', f'{GADGETS}/g/scale', {'spec': {'replicas': 3}}, 'application/merge-patch+json')
    assert declared.objects['acme.dev/v1/gadgets', 'default', 'g'] >= {'spec': {'replicas': 3}}


async def test_patches_are_those_of_custom_resources(declared: kmock.KubernetesCluster) -> None:
    await ask(declared, 'POST', GADGETS, GADGET)
    status, _ = await ask(declared, 'PATCH', f'{GADGETS}/g', {}, 'application/strategic-merge-patch+json')
    assert status == 415
    url = f'{GADGETS}/new?fieldManager=me'
    config = {**GADGET, 'metadata': {'name': 'new'}, 'spec': {'a': 1}}
    assert (await ask(declared, 'PATCH', url, config, 'application/apply-patch+yaml'))[0] == 201


async def test_what_was_declared_after_a_checkpoint_is_gone_after_a_reset(declared: kmock.KubernetesCluster) -> None:
    await ask(declared, 'POST', GADGETS, GADGET)
    declared.reset()
    assert (await declared.get(GADGETS)).status == 404


async def test_a_definition_takes_the_place_of_a_declaration(declared: kmock.KubernetesCluster) -> None:
    await ask(declared, 'POST', GADGETS, GADGET)
    version = {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': {'type': 'object'}}}
    declared.load({
        'apiVersion': 'apiextensions.k8s.io/v1',
        'kind': 'CustomResourceDefinition',
        'metadata': {'name': 'gadgets.acme.dev'},
        'spec': {
            'group': 'acme.dev',
            'scope': 'Namespaced',
            'names': {'plural': 'gadgets', 'kind': 'Gadget'},
            'versions': [version],
        },
    })  # fmt: skip
    _, made = await ask(declared, 'POST', GADGETS, {**GADGET, 'metadata': {'name': 'pruned'}})
    assert 'spec' not in made
