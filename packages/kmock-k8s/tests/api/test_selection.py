"""Which objects are meant by URLs and selectors."""

import pytest

from kmock_k8s.api.selection import Selection
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import Location
from kmock_k8s.store.memory import Store

PODS = resource('', 'v1', 'pods')


@pytest.mark.parametrize(
    ('fields', 'names'),
    [
        ('', ['a', 'b']),
        ('metadata.namespace=', ['a']),
        ('metadata.namespace!=', ['b']),
        ('metadata.namespace=ns1', ['b']),
        ('metadata.namespace=ns2', []),
        ('metadata.name=a', ['a']),
        ('metadata.name=', []),
    ],
)
def test_objects_of_the_cluster_are_selected_by_an_empty_namespace(fields: str, names: list[str]) -> None:
    store = Store()
    store.put(ObjectKey(PODS, None, 'a'), b'{}')
    store.put(ObjectKey(PODS, 'ns1', 'b'), b'{}')
    found = Selection(Location('', 'v1', 'pods'), fields=fields).find(store, PODS)
    assert sorted(key.name for key, _ in found) == names
