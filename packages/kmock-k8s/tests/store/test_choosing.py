"""Where a handler keeps its objects: in memory, or in a store by its name, or by a factory."""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

import pytest

import kmock
from kmock_core.errors import UnknownPluginError
from kmock_k8s.store.choosing import STORES
from kmock_k8s.store.memory import Store, Tables
from kmock_k8s.store.spi import StoreFactory, StoreOptions

Make = Callable[..., kmock.KubernetesCluster | kmock.KubernetesEmulator]

HANDLERS = [kmock.KubernetesCluster, kmock.KubernetesEmulator]


@pytest.mark.parametrize('make', HANDLERS)
@pytest.mark.parametrize('options', [{}, {'store': 'memory'}])
def test_the_store_in_memory_is_the_default(make: Make, options: dict[str, str]) -> None:
    assert isinstance(make(**options).snapshot(), Tables)


@pytest.mark.parametrize('make', HANDLERS)
def test_a_factory_makes_the_store(make: Make) -> None:
    made: list[Store] = []

    def make_store(options: StoreOptions, /) -> Store:
        made.append(Store(options))
        return made[-1]

    handlers = make(store=make_store), make(store=make_store)
    handlers[0].objects['v1/configmaps', 'default', 'a'] = {}
    assert [store.count('v1/configmaps') for store in made] == [1, 0]


@pytest.mark.parametrize('make', HANDLERS)
def test_an_unknown_store_is_an_error_that_lists_the_known_ones(make: Make) -> None:
    with pytest.raises(UnknownPluginError, match=r"^no store 'etdc' \(known: .*memory.*\)$"):
        make(store='etdc')


def test_a_store_itself_is_no_factory_of_stores() -> None:
    store: Any = Store()
    with pytest.raises(TypeError, match=r"^store= takes a name \('memory'.*\) or a factory of stores, not <Store at"):
        kmock.KubernetesCluster(store=store)


def test_the_store_in_memory_stands_in_the_metadata_too() -> None:
    [point] = entry_points(group='kmock.k8s.stores', name='memory')
    assert STORES.builtins == {'memory': point.value}
    assert STORES.points()['memory'] == (point.value, 'kmock-k8s')
    loaded: StoreFactory = point.load()
    assert loaded is Store is STORES.get('memory')
