"""Which store a handler has: the one in memory, or another by its name."""

from typing import Any, cast

from kmock_core.registry import Group
from kmock_k8s.store.spi import ObjectStore, StoreFactory, StoreOptions

STORES: 'Group[StoreFactory]' = Group(
    'kmock.k8s.stores', 'store', {'memory': 'kmock_k8s.store.memory:Store'}, home='kmock-k8s'
)
"""The stores that are installed."""


def make_store(chosen: str | StoreFactory, options: StoreOptions) -> ObjectStore:
    """Make a store by its name, or by a factory.

    Raises:
        UnknownPluginError: there is no such store; the message has the known ones.
        TypeError: it is neither.
    """
    make: Any = STORES.get(chosen) if isinstance(chosen, str) else chosen
    if not callable(make):
        known = ', '.join(map(repr, STORES.names()))
        raise TypeError(f'store= takes a name ({known}) or a factory of stores, not {make!r}')
    return cast('ObjectStore', make(options))
