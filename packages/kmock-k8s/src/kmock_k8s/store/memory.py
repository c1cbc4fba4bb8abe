"""The store in memory: every change of an object, over HTTP or in Python, goes through here.

One revision counts the changes of all objects. A change and its event are one step, under one lock: subscribers get
the events in the order of their revisions, each one once, and nothing is missed between a snapshot and what follows it.

Objects rest as the bytes of their JSON: they are encoded before they come here, and parsed where somebody looks inside.
"""

from collections.abc import Callable, Iterable, Mapping
from threading import RLock
from typing import Any

from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import Key, ResourceKey, key_of, resource
from kmock_k8s.store.announcing import Announcer, Receive, Subscription
from kmock_k8s.store.records import Namespaces, Record, Table
from kmock_k8s.store.spi import Stamp, StoreFactory, StoreOptions
from kmock_k8s.store.states import Event, EventType, Labels, Snapshot, State
from kmock_k8s.store.window import Window


class Tables(Snapshot):
    """All objects with their histories, as they were; it can be restored any number of times."""

    __slots__ = ('tables',)

    tables: dict[Key, Table]

    def __init__(self, tables: dict[Key, Table]) -> None:
        self.tables = tables


_PLAIN = StoreOptions()


class Store:
    """Objects with their histories; it can be used from any thread.

    Hold `lock` (it is reentrant) around a reading and the change that follows from it. The objects are known by an
    `ObjectKey` with a full resource; a partial one is refused. What can be read are snapshots: nothing there changes.

    Args:
        options: where the revisions begin, and how the objects get them.
    """

    def __init__(self, options: StoreOptions = _PLAIN, /) -> None:
        self.lock: RLock = RLock()
        self._revision, stamp = options
        self._stamped = stamp is not None
        self._make_state: Stamp = State if stamp is None else stamp
        self._tables: dict[Key, Table] = {}
        self._windows: dict[Key, Window] = {}
        self._floor = 0
        self._announcer = Announcer()

    def __repr__(self) -> str:
        return f'<Store at revision {self._revision}>'

    # ---- Reading. ----

    @property
    def revision(self) -> int:
        """The number of the last change; it only rises."""
        return self._revision

    def get(self, key: ObjectKey) -> State | None:
        """What the object is now; None if it is deleted, or never was."""
        record = self._find(key)
        return None if record is None else record.state

    def history(self, key: ObjectKey) -> list[State | None]:
        """All states of the object, from the first to the latest, with None for each deletion; empty without any."""
        with self.lock:
            record = self._find(key)
            return [] if record is None else record.history()

    def select(
        self,
        resource: ResourceKey,
        namespace: Namespaces = ...,
        name: str | None = None,
        matches: Callable[[Labels], bool] | None = None,
    ) -> list[tuple[ObjectKey, State]]:
        """The objects of a resource that exist now: by namespace, then in the order of their creation.

        Args:
            resource: of which resource.
            namespace: in which namespace, or in all.
            name: of what name, or of any.
            matches: tells by the labels of an object if it is selected.
        """
        with self.lock:
            table = self._tables.get(key_of(resource))
            if table is None:
                return []
            records = table.walk(namespace, name)
            if matches is None:
                return [(record.key, record.state) for record in records if record.state is not None]
            return [(record.key, state) for record in records if (state := record.state) and matches(state.labels)]

    def count(self, resource: ResourceKey, namespace: Namespaces = ...) -> int:
        """The number of the objects of a resource that exist now."""
        with self.lock:
            table = self._tables.get(key_of(resource))
            return 0 if table is None else sum(record.state is not None for record in table.walk(namespace))

    def resources(self) -> list[resource]:
        """The resources that have objects, or had them, in the order of their first ones."""
        with self.lock:
            return [table.about for table in self._tables.values()]

    def has(self, one: resource) -> bool:
        """Tell if a full resource has objects, or had them."""
        return one.key in self._tables

    # ---- Changing. ----

    def put(self, key: ObjectKey, raw: bytes, content: Mapping[str, Any] | None = None) -> Event:
        """Add a state to the object, the first one or the next one.

        Args:
            key: the object.
            raw: the bytes of its JSON, on one line.
            content: the same, parsed, if it is at hand.
        """
        with self.lock:
            record = self._make(key)
            event = self._event(
                'MODIFIED' if record.state else 'ADDED', record.key, self._step(raw, content), record.state
            )
            if record.state is None and not record.is_new:  # it is created anew, as the last one
                siblings = self._tables[key.resource.key].records[key.namespace]
                siblings[key.name] = siblings.pop(key.name)
            record.change(event.state)
            self._announce(event)
            return event

    def delete(self, key: ObjectKey, raw: bytes | None = None) -> Event:
        """Mark the object as deleted; its history stays, and can go on.

        Args:
            key: the object.
            raw: what the event shows as the last state, if not what the object was.

        Raises:
            KeyError: there is no such object.
        """
        with self.lock:
            record = self._find(key)
            if record is None or record.state is None:
                raise KeyError(key)
            last = self._step(record.state.raw if raw is None else raw)
            event = self._event('DELETED', record.key, last, record.state)
            record.change(None)
            self._announce(event)
            return event

    def replace(self, key: ObjectKey, raws: Iterable[bytes | None]) -> Event | None:
        """Replace the whole history of the object; with no states, forget it.

        There is an event if the object is not the same as before, and one at most: from what it was to what it is now.
        """
        with self.lock:
            states = list(raws)
            record = self._find(key)
            if not states:
                return None if record is None else self.forget(key)
            record = self._make(key)
            previous = record.state
            record.rewrite([None if raw is None else self._step(raw) for raw in states])
            event: Event | None = None
            if record.state is not None and (previous is None or previous.raw != record.state.raw):
                event = self._event('MODIFIED' if previous else 'ADDED', record.key, record.state, previous)
            elif record.state is None and previous is not None:
                event = self._event('DELETED', record.key, self._step(previous.raw), previous)
            if event is not None:
                self._announce(event)
            return event

    def forget(self, key: ObjectKey) -> Event | None:
        """Remove the object and its history, as if it never was; those who watch see a deletion if it existed.

        Raises:
            KeyError: there is and was no such object.
        """
        with self.lock:
            record = self._find(key)
            if record is None:
                raise KeyError(key)
            table = self._tables[key.resource.key]
            siblings = table.records[key.namespace]
            event: Event | None = None
            if record.state is not None:
                event = self._event('DELETED', record.key, self._step(record.state.raw), record.state)
            del siblings[key.name]
            if not siblings:
                del table.records[key.namespace]
            if not table.records:
                del self._tables[key.resource.key]
            if event is not None:
                self._announce(event)
            return event

    def clear(self, resource: ResourceKey, namespace: Namespaces = ...) -> None:
        """Forget all objects of a resource, the deleted ones too."""
        with self.lock:
            table = self._tables.get(key_of(resource))
            for record in list(table.walk(namespace)) if table is not None else ():
                self.forget(record.key)

    # ---- All of it. ----

    def snapshot(self) -> Snapshot:
        """What is there now, to be restored later."""
        with self.lock:
            return Tables({key: table.copy() for key, table in self._tables.items()})

    def restore(self, snapshot: Snapshot) -> None:
        """Let it be what it was, with no events: those who follow have to be told otherwise, or have to end.

        The revision rises nevertheless, and what happened before is forgotten: none can resume from there.

        Raises:
            TypeError: another kind of store has made the snapshot.
        """
        if not isinstance(snapshot, Tables):
            raise TypeError(f'A store in memory can only restore what such a store has given, not {snapshot!r}')
        with self.lock:
            self._tables = {key: table.copy() for key, table in snapshot.tables.items()}
            self._revision += 1
            self.compact()

    def compact(self) -> None:
        """Forget the past events: who resumes from before has to list anew. Histories of objects stay."""
        with self.lock:
            self._floor = self._revision
            for window in self._windows.values():
                window.compact(self._floor)

    def begin(self, resource: ResourceKey) -> None:
        """Let the events of a resource begin now: who resumes from before has to list anew."""
        with self.lock:
            self._window(key_of(resource)).compact(self._revision)

    # ---- Following. ----

    def subscribe(self, receive: Receive, resource: ResourceKey | None = None) -> Subscription:
        """Get the events of all changes from now on, or those of one resource.

        The subscribers of everything get an event first, then those of its resource, each in the order of subscribing.
        One that fails does not keep the others from it; then the error is raised where the change was made.
        """
        with self.lock:
            return self._announcer.subscribe(receive, None if resource is None else key_of(resource), self._revision)

    def since(self, resource: ResourceKey, revision: int) -> list[Event]:
        """The events of a resource after a revision; hold the lock to go on from there with no gap.

        Raises:
            KubernetesExpiredError: some of them are forgotten.
        """
        with self.lock:
            return self._window(key_of(resource)).since(revision)

    # ---- Internals, under the lock. ----

    def _find(self, key: ObjectKey) -> Record | None:
        table = self._tables.get(key.resource.key)
        records = None if table is None else table.records.get(key.namespace)
        return None if records is None else records.get(key.name)

    def _make(self, key: ObjectKey) -> Record:
        table = self._tables.get(key.resource.key)
        if table is None:
            table = self._tables[key.resource.key] = Table(key.resource)
        records = table.records.setdefault(key.namespace, {})
        record = records.get(key.name)
        if record is None:
            record = records[key.name] = Record(key)
        return record

    def _step(self, raw: bytes, content: Mapping[str, Any] | None = None) -> State:
        state = self._make_state(self._revision + 1, raw, content)
        self._revision = state.revision
        return state

    def _event(self, type: EventType, key: ObjectKey, state: State, previous: State | None) -> Event:
        return Event(type, key, state, previous, stamped=self._stamped)

    def _announce(self, event: Event) -> None:
        self._window(event.key.resource.key).add(event)
        self._announcer.announce(event)

    def _window(self, key: Key) -> Window:
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = Window(self._floor, stamped=self._stamped)
        return window


_: StoreFactory = Store
