"""Where the objects of a Kubernetes handler are kept: what a store of the group ``kmock.k8s.stores`` has to be.

`kmock_k8s.store.testing.check_store` runs these promises against a store. ``memory`` is the store of this package; it
is there to be wrapped, too. All of it is used from any thread, and never waits for a loop.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import ResourceKey, resource
from kmock_k8s.store.announcing import Receive
from kmock_k8s.store.records import Namespaces
from kmock_k8s.store.states import Event, Labels, Snapshot, State

__all__ = ['Following', 'ObjectStore', 'Stamp', 'StoreFactory', 'StoreOptions']

Stamp: TypeAlias = Callable[[int, bytes, Mapping[str, Any] | None], State]
"""Makes a state of its revision, of the bytes that were written, and of the same as parsed, if that is at hand."""


class StoreOptions(NamedTuple):
    """How a store is to be; one value for all stores."""

    revision: int = 1
    """What the revision is before the first change; never 0, as that means "any" to those who list and watch."""
    stamp: Stamp | None = None
    """Makes each state, so that the object can have its revision in it; by default, a `State` of just what was written.

    It is called once for each new revision, under the lock. What it returns is what the store keeps, and tells.
    """


class Following(Protocol):
    """A subscription to a store."""

    def cancel(self) -> None:
        """Get no more events, not even those of a change that is going on; twice is as good as once."""
        ...


@runtime_checkable
class ObjectStore(Protocol):
    """Objects as bytes of JSON, with their histories, their past events, and one revision for all of them.

    - **One step.** A change gets the next revision, is kept, is added to the past events, and is told to those who
      follow before the call returns; nobody sees one of these without the others.
    - **One order.** The revision counts the changes of all resources: each one is told once, in this order. Where one
      who follows makes another change, that is kept at once, but told after all were told of the first one.
    - **One lock.** Each call is atomic by itself; holding `lock` around several makes them one step. Reading of one
      object need not take it.
    - **Nothing changes afterwards:** states, events, lists and snapshots that were given out stay as they are.

    Objects are known by an `ObjectKey` with a full resource; a partial one is a `ResourceNotationError`.
    """

    @property
    def lock(self) -> AbstractContextManager[object, None]:
        """Holds off all others who change or read several things; reentrant, as `threading.RLock`."""
        ...

    @property
    def revision(self) -> int:
        """The revision of the last change; it only rises. Under the lock, the next change gets the next number."""
        ...

    # ---- Reading ----

    def get(self, key: ObjectKey, /) -> State | None:
        """What the object is now; None if it is deleted, or never was."""
        ...

    def history(self, key: ObjectKey, /) -> list[State | None]:
        """All states of the object, from the first to the latest, with None for each deletion; empty without any."""
        ...

    def select(
        self,
        resource: ResourceKey,
        namespace: Namespaces = ...,
        name: str | None = None,
        matches: Callable[[Labels], bool] | None = None,
        /,
    ) -> list[tuple[ObjectKey, State]]:
        """The objects of a resource that exist now, in an order that is the same as long as nothing changes.

        Args:
            resource: of which resource.
            namespace: in which namespace; None: those of the cluster itself; ``...``: all of these.
            name: of what name, or of any.
            matches: tells by the labels of an object if it is selected.
        """
        ...

    def count(self, resource: ResourceKey, namespace: Namespaces = ..., /) -> int:
        """The number of the objects of a resource that exist now."""
        ...

    def resources(self) -> list[resource]:
        """The resources that have objects, or had them: those that were deleted count, those forgotten do not."""
        ...

    def has(self, one: resource, /) -> bool:
        """Tell if a full resource is one of `resources`."""
        ...

    # ---- Changing ----

    def put(self, key: ObjectKey, raw: bytes, content: Mapping[str, Any] | None = None, /) -> Event:
        """Add a state to the object, the first one or the next one: ADDED if it did not exist, else MODIFIED.

        Args:
            key: the object.
            raw: the bytes of its JSON, in UTF-8, on one line.
            content: the same, parsed, if it is at hand: not to be kept, nor to be changed.
        """
        ...

    def delete(self, key: ObjectKey, raw: bytes | None = None, /) -> Event:
        """Mark the object as deleted; its history stays, and goes on if it is put again.

        Args:
            key: the object.
            raw: what the event shows as the last state, if not what the object was.

        Raises:
            KeyError: there is no such object.
        """
        ...

    def replace(self, key: ObjectKey, raws: Iterable[bytes | None], /) -> Event | None:
        """Replace the whole history of the object; None is a deletion; with no states, forget it.

        Each state gets a revision. There is an event if the object is not the same as before, and one at most: from
        what it was to what it is now.
        """
        ...

    def forget(self, key: ObjectKey, /) -> Event | None:
        """Remove the object and its history, as if it never was; those who follow see a deletion if it existed.

        Raises:
            KeyError: there is and was no such object.
        """
        ...

    def clear(self, resource: ResourceKey, namespace: Namespaces = ..., /) -> None:
        """Forget all objects of a resource, the deleted ones too, each with an event of its own."""
        ...

    # ---- All of it ----

    def snapshot(self) -> Snapshot:
        """All objects with their histories, as they are now: to be restored any number of times."""
        ...

    def restore(self, snapshot: Snapshot, /) -> None:
        """Let the objects be what they were, with no events: who follows has to be told otherwise, or has to end.

        The revision rises by one, and the past events are forgotten: none can resume from there.

        Raises:
            TypeError: another kind of store has made the snapshot.
        """
        ...

    # ---- Following ----

    def subscribe(self, receive: Receive, resource: ResourceKey | None = None, /) -> Following:
        """Get the events of all changes from now on, or those of one resource.

        Those who follow everything are told first, then those of the resource, each in the order of subscribing. One
        that fails does not keep the others from it: its error is raised where the change was made, which is kept; of
        several, there is an `ExceptionGroup`. Under the lock, nothing is missed or seen twice between this and what is
        read then.
        """
        ...

    def since(self, resource: ResourceKey, revision: int, /) -> list[Event]:
        """The past events of a resource after a revision, in order.

        A store keeps as many as it likes to, but in each resource the latest ones with no gap. They have what the
        object was before; the revisions of these states may be 0.

        Raises:
            KubernetesExpiredError: some of them are forgotten.
        """
        ...

    def compact(self) -> None:
        """Forget the past events of all resources up to now: `since` an earlier revision is an error. Histories stay.

        This holds also for resources that never had any.
        """
        ...

    def begin(self, resource: ResourceKey, /) -> None:
        """Forget the past events of one resource up to now."""
        ...


class StoreFactory(Protocol):
    """Group ``kmock.k8s.stores``: makes a store with nothing in it; each handler has one of its own."""

    def __call__(self, options: StoreOptions, /) -> ObjectStore: ...
