"""The check for the authors of stores: it accepts what keeps the promises, and says which one is broken."""

from collections.abc import Iterable
from typing import Any

import pytest

from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import ResourceKey
from kmock_k8s.store.memory import Store
from kmock_k8s.store.spi import StoreFactory
from kmock_k8s.store.states import Event, Snapshot, State
from kmock_k8s.store.testing import check_store


class Unstamped(Store):
    def __init__(self, options: Any, /) -> None:
        super().__init__(options._replace(stamp=None))


class Forgetful(Store):
    def since(self, resource: ResourceKey, revision: int) -> list[Event]:
        return super().since(resource, revision)[1:]


class Eternal(Store):
    def compact(self) -> None:
        """Keep all."""


class Deaf(Store):
    def subscribe(self, receive: Any, resource: ResourceKey | None = None) -> Any:
        return super().subscribe(lambda event: None, resource)


class Amnesiac(Store):
    def history(self, key: ObjectKey) -> list[State | None]:
        return super().history(key)[-1:]


class Stubborn(Store):
    def restore(self, snapshot: Snapshot) -> None:
        self.compact()


class Generous(Store):
    def replace(self, key: ObjectKey, raws: Iterable[bytes | None]) -> Event | None:
        return super().replace(key, [*raws, b'{}'])


def test_the_store_in_memory_keeps_all_promises() -> None:
    check_store(Store)


@pytest.mark.parametrize(
    ('make', 'broken'),
    [
        (Unstamped, r"an event with a stamp: expected .* got \(11, False, b'\{\}'\)"),
        (Forgetful, 'the past events: expected'),
        (Eternal, 'have to be forgotten'),
        (Deaf, 'what followers are told, and in which order'),
        (Amnesiac, 'a history: expected'),
        (Stubborn, 'what was restored: expected'),
        (Generous, 'a history that was replaced'),
        (object.__class__, 'no ObjectStore'),
    ],
)
def test_a_broken_promise_is_named(make: StoreFactory, broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_store(make)
