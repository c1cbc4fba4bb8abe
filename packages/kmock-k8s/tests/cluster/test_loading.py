"""Manifests in a cluster: applied as by a client, all or none, as often as anybody likes."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

import kmock

CONFIG: dict[str, Any] = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'settings'}, 'data': {'a': '1'}}
NAMESPACE: dict[str, Any] = {'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': 'shop'}}
CONTAINER = {'name': 'main', 'image': 'nginx:1.29'}
POD: dict[str, Any] = {
    'apiVersion': 'v1',
    'kind': 'Pod',
    'metadata': {'name': 'pod1'},
    'spec': {'containers': [CONTAINER]},
    'status': {'phase': 'Running'},
}
NODE: dict[str, Any] = {
    'apiVersion': 'v1',
    'kind': 'Node',
    'metadata': {'name': 'node1'},
    'status': {'conditions': [{'type': 'Ready', 'status': 'True'}]},
}
DEPLOYMENT: dict[str, Any] = {  # as "kubectl create deployment --dry-run=client -o yaml" writes it
    'apiVersion': 'apps/v1',
    'kind': 'Deployment',
    'metadata': {'creationTimestamp': None, 'labels': {'app': 'web'}, 'name': 'web'},
    'spec': {
        'replicas': 1,
        'selector': {'matchLabels': {'app': 'web'}},
        'strategy': {},
        'template': {
            'metadata': {'creationTimestamp': None, 'labels': {'app': 'web'}},
            'spec': {'containers': [{**CONTAINER, 'resources': {}}]},
        },
    },
    'status': {},
}
DEFINITION: dict[str, Any] = {
    'apiVersion': 'apiextensions.k8s.io/v1',
    'kind': 'CustomResourceDefinition',
    'metadata': {'name': 'websites.acme.dev'},
    'spec': {
        'group': 'acme.dev',
        'scope': 'Namespaced',
        'names': {'plural': 'websites', 'kind': 'Website'},
        'versions': [
            {
                'name': 'v1',
                'served': True,
                'storage': True,
                'subresources': {'status': {}},
                'schema': {
                    'openAPIV3Schema': {
                        'type': 'object',
                        'properties': {
                            'spec': {
                                'type': 'object',
                                'properties': {
                                    'host': {'type': 'string'},
                                    'replicas': {'type': 'integer', 'default': 1, 'minimum': 0},
                                },
                            },
                            'status': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True},
                        },
                    }
                },
            }
        ],
    },
    'status': {'acceptedNames': {'kind': '', 'plural': ''}, 'conditions': [], 'storedVersions': []},
}
WEBSITE: dict[str, Any] = {
    'apiVersion': 'acme.dev/v1',
    'kind': 'Website',
    'metadata': {'name': 'tea', 'namespace': 'shop'},
    'spec': {'host': 'tea.example.com'},
    'status': {'phase': 'Deployed'},
}
EVERYTHING = [WEBSITE, DEPLOYMENT, POD, NODE, DEFINITION, CONFIG, NAMESPACE]
MERGE = {'Content-Type': 'application/merge-patch+json'}


@pytest.fixture
def cluster() -> kmock.KubernetesCluster:
    """A cluster that is not started."""
    return kmock.KubernetesCluster()


def steps(objects: list[kmock.Object]) -> list[int]:
    """How many states each of these objects had."""
    return [len(one.history) for one in objects]


# ---- What they become ----


def test_objects_are_made_as_those_of_clients(cluster: kmock.KubernetesCluster) -> None:
    (found,) = cluster.load(DEPLOYMENT)
    assert found >= {
        'metadata': {'uid': ..., 'resourceVersion': ..., 'creationTimestamp': ..., 'generation': 1},
        'spec': {'revisionHistoryLimit': 10, 'strategy': {'type': 'RollingUpdate'}},
        'status': {},
    }
    assert [owner['manager'] for owner in found.raw['metadata']['managedFields']] == ['kmock']


def test_objects_come_in_the_order_they_are_given_in_and_are_made_in_one_that_works(
    cluster: kmock.KubernetesCluster,
) -> None:
    found = cluster.load(*EVERYTHING)
    assert [one['kind'] for one in found] == [one['kind'] for one in EVERYTHING]
    versions = {one['kind']: int(one['metadata']['resourceVersion']) for one in found}
    assert versions['Namespace'] < versions['CustomResourceDefinition'] < versions['Website'] < versions['Deployment']


def test_custom_objects_are_defaulted_by_a_definition_that_comes_with_them(cluster: kmock.KubernetesCluster) -> None:
    website, _, _ = cluster.load(WEBSITE, [DEFINITION, NAMESPACE])
    assert website['spec'] == {'host': 'tea.example.com', 'replicas': 1}
    assert cluster.objects['acme.dev/v1/websites', 'shop', 'tea'] == website


async def test_clients_find_what_was_loaded_before_and_after_the_start(cluster: kmock.KubernetesCluster) -> None:
    cluster.load(CONFIG)
    async with cluster:
        cluster.load({**CONFIG, 'metadata': {'name': 'more'}})
        response = await cluster.get('/api/v1/namespaces/default/configmaps')
        listed = await response.json()
    assert [item['metadata']['name'] for item in listed['items']] == ['more', 'settings']


def test_files_and_folders_are_loaded_with_dictionaries(cluster: kmock.KubernetesCluster, tmp_path: Path) -> None:
    (tmp_path / 'deploy').mkdir()
    (tmp_path / 'deploy' / 'a.yaml').write_text(f'{json.dumps(WEBSITE)}\n---\n{json.dumps(NAMESPACE)}')
    (tmp_path / 'crds.json').write_text(json.dumps({'apiVersion': 'v1', 'kind': 'List', 'items': [DEFINITION]}))
    found = cluster.load(str(tmp_path / 'deploy'), CONFIG, tmp_path / 'crds.json')
    names = ['tea', 'shop', 'settings', 'websites.acme.dev']
    assert [one['metadata']['name'] for one in found] == names
    assert cluster.load_path(tmp_path / 'deploy', tmp_path / 'crds.json') == 3


def test_what_only_a_server_says_is_left_out(cluster: kmock.KubernetesCluster) -> None:
    (exported,) = cluster.load(POD)
    other = kmock.KubernetesCluster()
    (found,) = other.load({**exported.raw, 'metadata': {**exported.raw['metadata'], 'deletionTimestamp': '2026-01-01'}})
    assert found['metadata']['uid'] != exported['metadata']['uid']
    assert 'deletionTimestamp' not in found['metadata']
    assert found['spec'] == exported['spec']


def test_each_load_of_a_generated_name_is_an_object(cluster: kmock.KubernetesCluster) -> None:
    nameless = {**CONFIG, 'metadata': {'generateName': 'settings-'}}
    names = [one['metadata']['name'] for one in cluster.load(nameless, nameless)]
    assert len(set(names)) == 2
    assert all(name.startswith('settings-') for name in names)


def test_a_namespace_of_an_object_of_the_cluster_means_nothing(cluster: kmock.KubernetesCluster) -> None:
    (found,) = cluster.load({**NODE, 'metadata': {'name': 'node1', 'namespace': 'shop'}})
    assert 'namespace' not in found['metadata']
    assert cluster.objects['v1/nodes', None, 'node1'] == found


def test_an_object_that_is_given_stays_as_it_is(cluster: kmock.KubernetesCluster) -> None:
    before = json.dumps(EVERYTHING)
    cluster.load(*EVERYTHING)
    assert json.dumps(EVERYTHING) == before


def test_resources_that_are_only_declared_have_objects_with_any_fields(cluster: kmock.KubernetesCluster) -> None:
    cluster.resources['acme.dev/v1/gadgets'] = {'kind': 'Gadget', 'subresources': ['status']}
    gadget = {'apiVersion': 'acme.dev/v1', 'kind': 'Gadget', 'metadata': {'name': 'g'}, 'spec': [1], 'status': {'a': 1}}
    (found,) = cluster.load(gadget)
    assert found >= {'metadata': {'uid': ..., 'namespace': 'default'}, 'spec': [1], 'status': {'a': 1}}


def test_rules_do_not_see_what_is_loaded(cluster: kmock.KubernetesCluster) -> None:
    everything = cluster[...] << 503
    cluster.load(CONFIG)
    assert not cluster
    assert not everything


# ---- Statuses ----


def test_a_status_is_set_as_by_a_controller(cluster: kmock.KubernetesCluster) -> None:
    pod, node = cluster.load(POD, NODE)
    assert pod >= {'status': {'phase': 'Running', 'qosClass': 'BestEffort'}}
    assert node >= {'status': {'conditions': [{'type': 'Ready', 'status': 'True'}]}}


def test_a_definition_and_a_namespace_have_the_statuses_of_the_server(cluster: kmock.KubernetesCluster) -> None:
    definition, namespace = cluster.load(DEFINITION, {**NAMESPACE, 'status': {'phase': 'Terminating'}})
    assert definition >= {'status': {'acceptedNames': {'plural': 'websites', 'singular': 'website'}}}
    assert namespace >= {'status': {'phase': 'Active'}}


# ---- Once more ----


def test_what_is_as_it_was_is_not_changed(cluster: kmock.KubernetesCluster) -> None:
    before = steps(cluster.load(*EVERYTHING))
    assert steps(cluster.load(*EVERYTHING)) == before


def test_a_namespace_that_is_there_is_not_changed(cluster: kmock.KubernetesCluster) -> None:
    (found,) = cluster.load({**NAMESPACE, 'metadata': {'name': 'default'}})
    assert steps([found]) == [1]


def test_what_is_new_is_changed_and_what_is_gone_goes(cluster: kmock.KubernetesCluster) -> None:
    labelled = {**CONFIG, 'metadata': {'name': 'settings', 'labels': {'app': 'shop'}}}
    cluster.load(labelled)
    (found,) = cluster.load({**CONFIG, 'data': {'b': '2'}})
    assert found['data'] == {'b': '2'}
    assert 'labels' not in found['metadata']


def test_the_last_thing_that_was_said_goes_too(cluster: kmock.KubernetesCluster) -> None:
    cluster.load({**NAMESPACE, 'metadata': {'name': 'shop', 'labels': {'app': 'shop'}}})
    (found,) = cluster.load(NAMESPACE)
    assert found['metadata']['labels'] == {'kubernetes.io/metadata.name': 'shop'}


async def test_what_others_have_added_stays(cluster: kmock.KubernetesCluster) -> None:
    async with cluster:
        cluster.load(CONFIG)
        await cluster.patch('/api/v1/namespaces/default/configmaps/settings', json={'data': {'b': '2'}}, headers=MERGE)
        (found,) = cluster.load({**CONFIG, 'data': {'a': '3'}})
    assert found['data'] == {'a': '3', 'b': '2'}


async def test_what_others_have_changed_is_changed_back(cluster: kmock.KubernetesCluster) -> None:
    async with cluster:
        cluster.load(CONFIG)
        await cluster.patch('/api/v1/namespaces/default/configmaps/settings', json={'data': {'a': '2'}}, headers=MERGE)
        (found,) = cluster.load(CONFIG)
    assert found['data'] == {'a': '1'}


# ---- Refusals ----


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ({**DEPLOYMENT, 'spec': {'replicas': 1}}, 'Deployment.apps "web" is invalid: [spec.selector: Required value'),
        ({**DEPLOYMENT, 'spec': {**DEPLOYMENT['spec'], 'replica': 2}}, '.spec.replica: field not declared in schema'),
        ({**DEPLOYMENT, 'spec': {**DEPLOYMENT['spec'], 'replicas': '2'}}, '.spec.replicas: expected numeric (int or'),
        ({**WEBSITE, 'spec': {'hosts': []}}, '.spec.hosts: field not declared in schema'),
        ({**WEBSITE, 'spec': {'replicas': -1}}, 'spec.replicas: Invalid value: -1: '),
        ({**WEBSITE, 'status': 'Deployed'}, '.status: expected map, got &{Deployed}'),
        ({**WEBSITE, 'apiVersion': 'acme.dev/v2'}, 'the kind Website of acme.dev/v2 is not known (it is there in acme'),
        (
            {**DEPLOYMENT, 'kind': 'Deploymet'},
            'kind Deploymet of apps/v1 is not known (did you mean Deployment?); load',
        ),
        ({**CONFIG, 'metadata': {'name': 'a_b'}}, 'ConfigMap "a_b" is invalid: metadata.name: Invalid value: "a_b": '),
        ({**CONFIG, 'metadata': {'name': 'a/b'}}, 'ConfigMap "a/b" is invalid: metadata.name: Invalid value: "a/b": '),
        ({**CONFIG, 'metadata': {'name': '\ud800'}}, "no URL is about Location(group='', version='v1', plural='config"),
        ({**CONFIG, 'metadata': {}}, 'metadata.name has to be a text, not None'),
        (
            {**CONFIG, 'metadata': {'name': 'x', 'namespace': 'nowhere'}},
            'namespaces "nowhere" not found; load that Namespace too, or make the cluster with namespaces=\'auto\'',
        ),
        (
            {'apiVersion': 'authentication.k8s.io/v1', 'kind': 'TokenReview', 'metadata': {'name': 'x'}},
            'a server keeps no TokenReview: it only answers who sends one',
        ),
        (
            {**DEFINITION, 'metadata': {'name': 'sites.acme.dev'}},
            'CustomResourceDefinition.apiextensions.k8s.io "sites.acme.dev" is invalid: metadata.name: Invalid value: ',
        ),
    ],
)
def test_what_is_refused_is_told_with_its_place_and_nothing_is_made(
    cluster: kmock.KubernetesCluster, tmp_path: Path, content: dict[str, Any], message: str
) -> None:
    before = {**cluster.objects}, {**cluster.resources}
    (tmp_path / 'a.json').write_text('\n'.join(map(json.dumps, [NAMESPACE, DEFINITION, CONFIG, content])))
    with pytest.raises(kmock.ManifestError) as caught:
        cluster.load(tmp_path)
    assert str(caught.value).startswith(f'{tmp_path / "a.json"}, document 4: ')
    assert message in str(caught.value)
    assert ({**cluster.objects}, {**cluster.resources}) == before


def test_what_was_before_a_refusal_is_there_after_it(cluster: kmock.KubernetesCluster) -> None:
    cluster.load(CONFIG)
    with pytest.raises(kmock.ManifestError, match=r'^argument 2: '):
        cluster.load({**CONFIG, 'data': {'a': '2'}}, {**CONFIG, 'metadata': {'name': 'a_b'}})
    assert cluster.objects['v1/configmaps', 'default', 'settings']['data'] == {'a': '1'}


def test_namespaces_come_to_be_by_themselves_if_they_may() -> None:
    cluster = kmock.KubernetesCluster(namespaces='auto')
    cluster.load({**CONFIG, 'metadata': {'name': 'settings', 'namespace': 'shop'}})
    assert ('v1/namespaces', None, 'shop') in cluster.objects


# ---- Watches ----

CONFIGS = '/api/v1/namespaces/default/configmaps'


async def watch_from_now(cluster: kmock.KubernetesCluster) -> str:
    """The URL of a watch for what has not happened yet."""
    listed = await (await cluster.get(CONFIGS)).json()
    return f'{CONFIGS}?watch=true&resourceVersion={listed["metadata"]["resourceVersion"]}'


async def test_those_who_watch_see_what_another_thread_loads(cluster: kmock.KubernetesCluster) -> None:
    async with cluster, cluster.get(await watch_from_now(cluster)) as watched, asyncio.timeout(30):
        await asyncio.to_thread(cluster.load, CONFIG)
        event = json.loads(await watched.content.readline())
    assert (event['type'], event['object']['data']) == ('ADDED', {'a': '1'})


async def test_those_who_have_seen_what_is_taken_back_have_to_list_anew(cluster: kmock.KubernetesCluster) -> None:
    async with cluster, asyncio.timeout(30):
        url = await watch_from_now(cluster)
        async with cluster.get(url) as watched:
            with pytest.raises(kmock.ManifestError):
                cluster.load(CONFIG, {**CONFIG, 'metadata': {'name': 'a_b'}})
            await watched.read()
        async with cluster.get(url) as watched:
            event = json.loads(await watched.content.readline())
    assert (event['type'], event['object']['reason']) == ('ERROR', 'Expired')
