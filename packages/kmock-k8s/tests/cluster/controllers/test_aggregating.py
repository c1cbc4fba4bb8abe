"""Cluster roles that are made of others."""

from typing import Any

import kmock

ROLES = 'rbac.authorization.k8s.io/v1/clusterroles'
URL = f'/apis/{ROLES}'
PODS = {'apiGroups': [''], 'resources': ['pods'], 'verbs': ['get']}
NODES = {'apiGroups': [''], 'resources': ['nodes'], 'verbs': ['get']}


def role(name: str, *rules: Any, label: str = 'yes', selects: str | None = None) -> Any:
    content: Any = {'metadata': {'name': name, 'labels': {'part': label}}, 'rules': list(rules)}
    if selects is not None:
        content['aggregationRule'] = {'clusterRoleSelectors': [{'matchLabels': {'part': selects}}]}
    return content


async def test_a_role_has_the_rules_of_those_that_it_selects(cluster: kmock.KubernetesCluster) -> None:
    for content in (role('b', PODS), role('c', NODES, PODS), role('d', NODES, label='no')):
        assert (await cluster.post(URL, json=content)).status == 201
    assert (await cluster.post(URL, json=role('all', label='', selects='yes'))).status == 201
    made = cluster.objects[ROLES, None, 'all']
    assert made['rules'] == [PODS, NODES]

    await cluster.delete(f'{URL}/c')
    assert made['rules'] == [PODS]
    cluster.objects[ROLES, None, 'd'].patch({'metadata': {'labels': {'part': 'yes'}}})
    assert made['rules'] == [PODS, NODES]
    assert 'clusterrole-aggregation-controller' in {one['manager'] for one in made['metadata']['managedFields']}


async def test_roles_are_made_of_roles_that_are_made_of_roles(cluster: kmock.KubernetesCluster) -> None:
    cluster.load(
        *({'apiVersion': 'rbac.authorization.k8s.io/v1', 'kind': 'ClusterRole', **one} for one in (
            role('top', label='', selects='middle'),
            role('middle', label='middle', selects='low'),
            role('low', PODS, label='low'),
        ))
    )  # fmt: skip
    assert cluster.objects[ROLES, None, 'top']['rules'] == [PODS]


async def test_roles_that_select_each_other_come_to_rest(cluster: kmock.KubernetesCluster) -> None:
    for content in (role('a', selects='yes'), role('b', selects='yes'), role('c', PODS)):
        assert (await cluster.post(URL, json=content)).status == 201
    assert [cluster.objects[ROLES, None, name]['rules'] for name in 'abc'] == [[PODS]] * 3


async def test_without_controllers_a_role_is_as_it_was_written() -> None:
    async with kmock.KubernetesCluster(controllers=False) as cluster:
        for content in (role('a', NODES, selects='yes'), role('b', PODS)):
            assert (await cluster.post(URL, json=content)).status == 201
        assert cluster.objects[ROLES, None, 'a']['rules'] == [NODES]


async def test_the_usual_roles_are_complete_from_the_start() -> None:
    async with kmock.KubernetesCluster(authorization='rbac') as cluster:
        for name in ('admin', 'edit', 'view'):
            managers = [one['manager'] for one in cluster.objects[ROLES, None, name]['metadata']['managedFields']]
            assert managers == ['kube-apiserver']
        cluster.objects[ROLES, None, 'mine'] = {
            'metadata': {'labels': {'rbac.authorization.k8s.io/aggregate-to-view': 'true'}},
            'rules': [{'apiGroups': ['acme.dev'], 'resources': ['*'], 'verbs': ['get']}],
        }
        for name in ('admin', 'edit', 'view'):
            assert ['acme.dev'] in [rule['apiGroups'] for rule in cluster.objects[ROLES, None, name]['rules']]
