"""Selectors: by labels, against a naive evaluation; and by the fields that each kind has for it."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kmock
from kmock_k8s.selectors.labels import LabelSelector
from kmock_k8s.selectors.requirements import Operator, Requirement

NAMESPACED = '/api/v1/namespaces/default'
CONFIGMAPS = f'{NAMESPACED}/configmaps'
PODS = f'{NAMESPACED}/pods'
NODES = '/api/v1/nodes'
JOBS = '/apis/batch/v1/namespaces/default/jobs'
EVENTS = '/apis/events.k8s.io/v1/namespaces/default/events'
ONLY = 'is not a known field selector: only "metadata.name", "metadata.namespace"'

OBJECTS: dict[str, dict[str, str]] = {
    'a': {},
    'b': {'app': 'x'},
    'c': {'app': 'y', 'n': '3'},
    'd': {'app': '', 'n': '10'},
    'e': {'n': 'text', 'tier': 'x'},
}


def selects(requirement: Requirement, labels: dict[str, str]) -> bool:
    """What the documentation says of one requirement."""
    key, operator, values = requirement
    here, value = key in labels, labels.get(key)
    number = int(value) if value and value.isdecimal() else None
    match operator:
        case Operator.IN | Operator.EQUAL:
            return here and value in values
        case Operator.NOT_IN | Operator.UNEQUAL:
            return not here or value not in values
        case Operator.EXISTS:
            return here
        case Operator.ABSENT:
            return not here
        case Operator.GREATER:
            return number is not None and number > int(values[0])
        case Operator.LESS:
            return number is not None and number < int(values[0])


keys = st.sampled_from(('app', 'n', 'tier', 'nope', 'in', 'example.com/app'))
values = st.sampled_from(('', 'x', 'y', '3', '10', 'text', 'notin'))
requirements: st.SearchStrategy[Requirement] = st.one_of(
    st.builds(Requirement, keys, st.sampled_from((Operator.EXISTS, Operator.ABSENT)), st.just(())),
    st.builds(Requirement, keys, st.sampled_from((Operator.EQUAL, Operator.UNEQUAL)), st.tuples(values)),
    st.builds(
        Requirement,
        keys,
        st.sampled_from((Operator.IN, Operator.NOT_IN)),
        st.sets(values, min_size=1).map(lambda found: tuple(sorted(found))),
    ),
    st.builds(
        Requirement,
        keys,
        st.sampled_from((Operator.GREATER, Operator.LESS)),
        st.tuples(st.sampled_from(('0', '3', '9'))),
    ),
)
spaces = st.sampled_from(('', ' ', '  '))


@st.composite
def texts(draw: st.DrawFn, wanted: list[Requirement]) -> str:
    """Requirements as somebody may write them."""
    parts: list[str] = []
    for requirement in wanted:
        text = str(requirement)
        if requirement.operator is Operator.EQUAL and draw(st.booleans()):
            text = text.replace('=', '==')
        if requirement.operator in (Operator.EQUAL, Operator.UNEQUAL, Operator.GREATER, Operator.LESS):
            sign = next(one for one in ('!=', '==', '=', '>', '<') if one in text)
            text = text.replace(sign, f'{draw(spaces)}{sign}{draw(spaces)}')
        parts.append(f'{draw(spaces)}{text}{draw(spaces)}')
    return ','.join(parts)


async def _compare(text: str, wanted: list[Requirement]) -> None:
    async with kmock.KubernetesCluster() as cluster:
        for name, labels in OBJECTS.items():
            cluster.objects['v1/configmaps', 'default', name] = {'metadata': {'labels': labels}}
        expected = [name for name, labels in OBJECTS.items() if all(selects(one, labels) for one in wanted)]
        listed = await (await cluster.get(CONFIGMAPS, params={'labelSelector': text})).json()
        assert [item['metadata']['name'] for item in listed['items']] == expected
        await cluster.delete(CONFIGMAPS, params={'labelSelector': text})
        left = await (await cluster.get(CONFIGMAPS)).json()
        assert [item['metadata']['name'] for item in left['items']] == [one for one in OBJECTS if one not in expected]


@settings(max_examples=60, deadline=None)
@given(st.data(), st.lists(requirements, max_size=3))
def test_what_is_selected_is_what_a_naive_evaluation_says(data: st.DataObject, wanted: list[Requirement]) -> None:
    text = data.draw(texts(wanted))
    parsed = LabelSelector.parse(text)
    assert LabelSelector.parse(str(parsed)) == parsed == LabelSelector(wanted)
    asyncio.run(_compare(text, wanted))


@pytest.mark.parametrize(
    ('selector', 'message'),
    [
        ('app in', "unable to parse requirement: found '' expected: '('"),
        ('app=x,', "found '', expected: identifier after ','"),
        (
            'app>x',
            "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must",
        ),
        ('a/b/c', 'unable to parse requirement: <nil>: Invalid value: "a/b/c": a valid label key must consist of'),
        (f'a={"b" * 64}', f'values[0][a]: Invalid value: "{"b" * 64}": must be no more than 63 bytes'),
        ('a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
    ],
)
@pytest.mark.parametrize('query', ['', 'watch=1'])
@pytest.mark.parametrize('method', ['GET', 'DELETE'])
async def test_a_malformed_selector_is_a_bad_request_everywhere(
    cluster: kmock.KubernetesCluster, method: str, query: str, selector: str, message: str
) -> None:
    response = await cluster.request(method, f'{CONFIGMAPS}?{query}', params={'labelSelector': selector})
    found = await response.json()
    assert (response.status, found['reason'], message in found['message']) == (400, 'BadRequest', True), found[
        'message'
    ]


@pytest.mark.parametrize(
    ('url', 'field', 'message'),
    [
        (CONFIGMAPS, 'data.k', f'"data.k" {ONLY}'),
        (CONFIGMAPS, '', f'"" {ONLY}'),
        (CONFIGMAPS, ' a', f'" a" {ONLY}'),
        ('/apis/apps/v1/deployments', 'spec.replicas', f'"spec.replicas" {ONLY}'),
        ('/apis/storage.k8s.io/v1/storageclasses', 'provisioner', f'"provisioner" {ONLY}'),
        (PODS, 'spec.nope', 'field label not supported: spec.nope'),
        (PODS, '', 'field label not supported: '),
        (NODES, 'metadata.namespace', 'field label not supported: metadata.namespace'),
        ('/api/v1/namespaces', 'metadata.namespace', 'field label not supported: metadata.namespace'),
        (JOBS, 'spec.x', 'field label "spec.x" not supported for batchv1.Job'),
        (EVENTS, 'involvedObject.name', 'field label not supported: involvedObject.name'),
    ],
)
async def test_each_kind_says_in_its_own_words_which_fields_can_not_be_selected_by(
    cluster: kmock.KubernetesCluster, url: str, field: str, message: str
) -> None:
    response = await cluster.get(url, params={'fieldSelector': f'{field}=x'})
    assert (response.status, (await response.json())['message']) == (400, message)


@pytest.mark.parametrize(
    ('resource', 'content', 'selector', 'selected'),
    [
        ('v1/nodes', {}, 'spec.unschedulable=false', True),
        ('v1/nodes', {}, 'spec.unschedulable!=true', True),
        ('v1/nodes', {}, 'spec.unschedulable=true', False),
        ('v1/nodes', {}, 'spec.unschedulable=', False),
        ('v1/nodes', {'spec': {'unschedulable': True}}, 'spec.unschedulable=true', True),
        ('v1/nodes', {'spec': {'unschedulable': True}}, 'spec.unschedulable=false', False),
        ('v1/nodes', {'spec': {'unschedulable': True}}, 'spec.unschedulable!=false', True),
        ('v1/pods', {}, 'spec.hostNetwork=false', True),
        ('v1/pods', {'spec': {'nodeName': 'n'}}, 'spec.host=n', True),
        ('v1/pods', {'spec': {'nodeName': 'n'}}, 'spec.nodeName!=n', False),
        ('batch/v1/jobs', {'status': {'succeeded': 2}}, 'status.successful=2', True),
        ('batch/v1/jobs', {}, 'status.successful=0', True),
        ('v1/events', {'source': {'component': 'kubelet'}}, 'source=kubelet', True),
        ('events.k8s.io/v1/events', {'regarding': {'name': 'p'}}, 'regarding.name=p', True),
        ('v1/persistentvolumes', {}, 'metadata.namespace=', True),
    ],
)
async def test_fields_are_where_the_real_server_looks_for_them(
    cluster: kmock.KubernetesCluster, resource: str, content: Any, selector: str, selected: bool
) -> None:
    group, _, version = resource.rpartition('/')[0].rpartition('/')
    plural = resource.rpartition('/')[2]
    url = f'/apis/{group}/{version}/{plural}' if group else f'/api/{version}/{plural}'
    stored = 'v1/events' if plural == 'events' else resource
    if group == 'events.k8s.io':
        content = {'involvedObject': content['regarding']}
    namespace = None if plural in {'nodes', 'persistentvolumes'} else 'default'
    cluster.objects[stored, namespace, 'a'] = content
    listed = await (await cluster.get(url, params={'fieldSelector': selector})).json()
    assert [item['metadata']['name'] for item in listed['items']] == (['a'] if selected else [])


@pytest.mark.parametrize('scope', ['Namespaced', 'Cluster'])
async def test_custom_resources_of_the_cluster_have_no_namespace_to_be_selected_by(
    cluster: kmock.KubernetesCluster, scope: str
) -> None:
    version = {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': {'type': 'object'}}}
    names = {'plural': 'widgets', 'kind': 'Widget'}
    spec = {'group': 'example.com', 'scope': scope, 'names': names, 'versions': [version]}
    definition = {'metadata': {'name': 'widgets.example.com'}, 'spec': spec}
    await cluster.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', json=definition)
    response = await cluster.get('/apis/example.com/v1/widgets', params={'fieldSelector': 'metadata.namespace=x'})
    assert response.status == (200 if scope == 'Namespaced' else 400)


async def test_resource_slices_are_selected_by_node_and_driver(cluster: kmock.KubernetesCluster) -> None:
    url = '/apis/resource.k8s.io/v1/resourceslices'
    response = await cluster.get(url, params={'fieldSelector': 'spec.nodeName=n,spec.driver=d'})
    assert response.status == 200
    response = await cluster.get(url, params={'fieldSelector': 'spec.pool=p'})
    message = 'field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: spec.pool'
    assert (response.status, (await response.json())['message']) == (400, message)


async def test_replica_sets_have_no_fields_to_be_selected_by(cluster: kmock.KubernetesCluster) -> None:
    url = '/apis/apps/v1/namespaces/default/replicasets'
    response = await cluster.get(url, params={'fieldSelector': 'status.replicas=1'})
    assert (response.status, (await response.json())['message']) == (400, f'"status.replicas" {ONLY}')
