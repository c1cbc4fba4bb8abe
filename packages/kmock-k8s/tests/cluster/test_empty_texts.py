"""Empty texts in objects of built-in kinds: most are as good as none, but some mean something."""

from typing import Any

import kmock

CLAIM: dict[str, Any] = {'accessModes': ['ReadWriteOnce'], 'resources': {'requests': {'storage': '1Gi'}}}
CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims'


async def test_a_claim_of_no_storage_class_is_not_one_of_any_class(cluster: kmock.KubernetesCluster) -> None:
    for name, more in (('none', {'storageClassName': ''}), ('any', {})):
        response = await cluster.post(CLAIMS, json={'metadata': {'name': name}, 'spec': {**CLAIM, **more}})
        assert response.status == 201
    claims = cluster.objects['v1/persistentvolumeclaims', 'default']
    assert claims['none']['spec']['storageClassName'] == ''
    assert 'storageClassName' not in claims['any']['spec']


async def test_a_released_lease_is_held_by_nobody(cluster: kmock.KubernetesCluster) -> None:
    url = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
    response = await cluster.post(url, json={'metadata': {'name': 'x'}, 'spec': {'holderIdentity': ''}})
    assert response.status == 201
    assert cluster.objects['leases.v1.coordination.k8s.io', 'default', 'x']['spec'] == {'holderIdentity': ''}


async def test_other_empty_texts_are_left_out(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.post(CLAIMS, json={'metadata': {'name': 'x'}, 'spec': {**CLAIM, 'volumeName': ''}})
    assert response.status == 201
    assert 'volumeName' not in cluster.objects['v1/persistentvolumeclaims', 'default', 'x']['spec']
