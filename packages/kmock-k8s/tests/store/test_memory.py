"""The store: one revision, histories, and events without gaps."""

import json
import sys
import threading
import tracemalloc
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kmock_k8s import ObjectKey, resource
from kmock_k8s.errors import KubernetesExpiredError, ResourceNotationError
from kmock_k8s.store.announcing import Receive, Subscription
from kmock_k8s.store.memory import Store
from kmock_k8s.store.states import Event, Snapshot, State

PODS = resource('v1/pods')
NODES = resource('v1/nodes')
POD = ObjectKey(PODS, 'ns1', 'a')
KEYS = [POD, ObjectKey(PODS, 'ns1', 'b'), ObjectKey(PODS, 'ns2', 'a'), ObjectKey(NODES, None, 'a')]

Model: TypeAlias = dict[ObjectKey, list[bytes | None]]

keys = st.sampled_from(KEYS)
raws = st.integers(0, 3).map(lambda number: b'{"x":%d}' % number)


def raw_of(state: State | None) -> bytes | None:
    return None if state is None else state.raw


def follow(store: Store, receive: Receive, about: resource) -> tuple[Subscription, list[tuple[ObjectKey, State]]]:
    """Subscribe, and list what is there when the events begin: with no gap, no overlap."""
    with store.lock:
        return store.subscribe(receive, about), store.select(about)


def living(model: Model) -> dict[ObjectKey, bytes]:
    return {key: states[-1] for key, states in model.items() if states[-1] is not None}


class Machine(RuleBasedStateMachine):
    """Random changes of the store and of plain lists; and what those who follow the store can tell of it."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.model: Model = {}
        self.events: list[Event] = []
        self.store.subscribe(self.events.append)
        self.followers: list[tuple[resource, dict[ObjectKey, bytes], Subscription]] = []
        self.snapshots: list[tuple[Snapshot, Model]] = []
        self.resumed: list[tuple[int, resource, dict[ObjectKey, bytes]]] = []
        self.floor = 0

    @rule(key=keys, raw=raws)
    def put(self, key: ObjectKey, raw: bytes) -> None:
        event = self.store.put(key, raw)
        assert event.type == ('MODIFIED' if key in living(self.model) else 'ADDED')
        self.model.setdefault(key, []).append(raw)

    @rule(key=keys)
    def delete(self, key: ObjectKey) -> None:
        if key in living(self.model):
            assert self.store.delete(key).type == 'DELETED'
            self.model[key].append(None)
        else:
            with pytest.raises(KeyError):
                self.store.delete(key)

    @rule(key=keys, states=st.lists(st.none() | raws, max_size=3))
    def replace(self, key: ObjectKey, states: list[bytes | None]) -> None:
        before = living(self.model).get(key)
        event = self.store.replace(key, states)
        after = states[-1] if states else None
        assert (event is None) == (before == after)
        if states:
            self.model[key] = list(states)
        else:
            self.model.pop(key, None)

    @rule(key=keys)
    def forget(self, key: ObjectKey) -> None:
        if key in self.model:
            event = self.store.forget(key)
            assert (event is not None) == (self.model.pop(key)[-1] is not None)
        else:
            with pytest.raises(KeyError):
                self.store.forget(key)

    @rule(namespace=st.sampled_from(['ns1', 'ns2', None, ...]))
    def clear(self, namespace: Any) -> None:
        self.store.clear(PODS, namespace)
        for key in list(self.model):
            if key.resource == PODS and namespace in (key.namespace, ...):
                del self.model[key]

    @rule(about=st.sampled_from([PODS, NODES]))
    def follow(self, about: resource) -> None:
        mirror: dict[ObjectKey, bytes] = {}

        def apply(event: Event) -> None:
            assert (event.key in mirror) == (event.type != 'ADDED')
            assert (raw_of(event.previous) == mirror.get(event.key)) or event.previous is None
            if event.type == 'DELETED':
                del mirror[event.key]
            else:
                mirror[event.key] = event.state.raw

        subscription, listed = follow(self.store, apply, about)
        mirror.update({key: state.raw for key, state in listed})
        self.followers.append((about, mirror, subscription))

    @rule(about=st.sampled_from([PODS, NODES]))
    def remember(self, about: resource) -> None:
        listed = {key: state.raw for key, state in self.store.select(about)}
        self.resumed.append((self.store.revision, about, listed))

    @precondition(lambda self: len(self.events) > 5)
    @rule()
    def compact(self) -> None:
        self.store.compact()
        self.floor = self.store.revision

    @rule()
    def take_snapshot(self) -> None:
        self.snapshots.append((self.store.snapshot(), {key: [*states] for key, states in self.model.items()}))

    @precondition(lambda self: self.snapshots)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        snapshot, model = data.draw(st.sampled_from(self.snapshots))
        before, count = self.store.revision, len(self.events)
        self.store.restore(snapshot)
        self.model = {key: [*states] for key, states in model.items()}
        assert self.store.revision > before
        assert len(self.events) == count
        self.floor = self.store.revision
        for _, _, subscription in self.followers:
            subscription.cancel()
        self.followers.clear()

    @invariant()
    def lists_that_were_read_lead_with_the_events_since_to_what_exists(self) -> None:
        for revision, about, listed in self.resumed:
            if revision < self.floor:
                with pytest.raises(KubernetesExpiredError):
                    self.store.since(about, revision)
                continue
            mirror = dict(listed)
            for event in self.store.since(about, revision):
                assert (event.type == 'ADDED') == (event.key not in mirror)
                assert raw_of(event.previous) == mirror.pop(event.key, None)
                if event.type != 'DELETED':
                    mirror[event.key] = event.state.raw
            assert mirror == {key: raw for key, raw in living(self.model).items() if key.resource == about}

    @invariant()
    def knows_which_resources_have_objects_or_had_them(self) -> None:
        assert set(self.store.resources()) == {key.resource for key in self.model}
        for about in (PODS, NODES):
            assert self.store.has(about) == any(key.resource == about for key in self.model)

    @invariant()
    def has_what_plain_lists_have(self) -> None:
        for key in KEYS:
            assert [raw_of(state) for state in self.store.history(key)] == self.model.get(key, [])
            assert raw_of(self.store.get(key)) == living(self.model).get(key)

    @invariant()
    def lists_what_exists(self) -> None:
        for about in (PODS, NODES):
            for namespace in ('ns1', 'ns2', None, ...):
                listed = {key: state.raw for key, state in self.store.select(about, namespace)}
                assert self.store.count(about, namespace) == len(listed)
                expected = {key for key in living(self.model) if key.resource == about}
                assert set(listed) == {key for key in expected if namespace in (key.namespace, ...)}
                for name in ('a', 'b', 'c'):
                    named = self.store.select(about, namespace, name)
                    assert [key for key, _ in named] == [key for key in listed if key.name == name]

    @invariant()
    def followers_know_what_exists(self) -> None:
        for about, mirror, _ in self.followers:
            assert mirror == {key: raw for key, raw in living(self.model).items() if key.resource == about}

    @invariant()
    def events_are_in_the_order_of_their_revisions(self) -> None:
        revisions = [event.revision for event in self.events]
        assert revisions == sorted(set(revisions))
        assert all(revision <= self.store.revision for revision in revisions)

    @invariant()
    def states_of_a_history_have_rising_revisions(self) -> None:
        for key in KEYS:
            revisions = [state.revision for state in self.store.history(key) if state is not None]
            assert revisions == sorted(set(revisions))


TestStore = Machine.TestCase


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def events(store: Store) -> list[Event]:
    events: list[Event] = []
    store.subscribe(events.append)
    return events


def test_the_first_revision_is_not_the_zero_that_means_any(store: Store) -> None:
    assert store.revision > 0


def test_one_revision_counts_the_changes_of_all_resources(store: Store) -> None:
    revisions = [store.put(key, b'{}').revision for key in KEYS]
    assert revisions == list(range(revisions[0], revisions[0] + 4))
    assert store.revision == revisions[-1]


def test_the_bytes_are_shared_by_the_store_the_lists_and_the_events(store: Store, events: list[Event]) -> None:
    raw = b'{"a":1}'
    store.put(POD, raw)
    store.delete(POD)
    assert all(event.state.raw is raw for event in events)
    first = store.history(POD)[0]
    assert first is not None
    assert (first.revision, first.raw) == (events[0].revision, raw)


def test_the_line_of_a_watch_is_encoded_once(store: Store) -> None:
    event = store.put(POD, b'{"a":1}')
    assert event.line is event.line
    assert event.line.endswith(b'\n')
    assert json.loads(event.line) == {'type': 'ADDED', 'object': {'a': 1}}


def test_a_deletion_shows_the_last_state_or_what_it_is_told(store: Store, events: list[Event]) -> None:
    store.put(POD, b'{"a":1}')
    first = store.delete(POD)
    store.put(POD, b'{"a":2}')
    second = store.delete(POD, b'{"a":3}')
    assert (first.state.raw, second.state.raw) == (b'{"a":1}', b'{"a":3}')
    assert second.previous is not None
    assert second.previous.raw == b'{"a":2}'
    assert [event.type for event in events] == ['ADDED', 'DELETED', 'ADDED', 'DELETED']


def test_an_object_created_anew_is_listed_as_the_last_one(store: Store) -> None:
    for key in KEYS[:2]:
        store.put(key, b'{}')
    store.delete(KEYS[0])
    store.put(KEYS[0], b'{}')
    assert [key for key, _ in store.select(PODS)] == [KEYS[1], KEYS[0]]


def test_what_is_restored_is_as_it_was_and_goes_on_by_itself(store: Store) -> None:
    store.put(POD, b'{"a":1}')
    store.put(POD, b'{"a":2}')
    store.put(KEYS[1], b'{}')
    store.delete(KEYS[1])
    before = [[raw_of(state) for state in store.history(key)] for key in KEYS]
    snapshot = store.snapshot()
    for _ in range(2):
        store.put(POD, b'{"a":3}')
        store.put(KEYS[1], b'{"a":3}')
        store.put(KEYS[3], b'{}')
        store.forget(POD)
        store.restore(snapshot)
        assert [[raw_of(state) for state in store.history(key)] for key in KEYS] == before
        assert store.resources() == [PODS]


def test_restoring_lets_the_revision_rise_and_the_past_expire(store: Store, events: list[Event]) -> None:
    store.put(POD, b'{}')
    snapshot, revision = store.snapshot(), store.revision
    store.put(POD, b'{"a":1}')
    store.restore(snapshot)
    assert store.revision == revision + 2
    assert len(events) == 2
    for past in (0, revision, revision + 1):
        with pytest.raises(KubernetesExpiredError, match=rf'too old resource version: {past} \({revision + 2}\)'):
            store.since(PODS, past)
    assert store.since(PODS, revision + 2) == []
    assert store.put(POD, b'{"a":2}').type == 'MODIFIED'
    assert [event.revision for event in store.since(PODS, revision + 2)] == [revision + 3]


def test_a_snapshot_of_a_store_fits_another_one(store: Store) -> None:
    store.put(POD, b'{"a":1}')
    other = Store()
    other.put(KEYS[3], b'{}')
    other.restore(store.snapshot())
    assert [key for key, _ in other.select(PODS)] == [POD]
    assert other.select(NODES) == []
    other.put(POD, b'{"a":2}')
    assert len(store.history(POD)) == 1


def test_a_snapshot_of_another_kind_of_store_is_refused(store: Store) -> None:
    with pytest.raises(TypeError, match='can only restore what such a store has given'):
        store.restore(Snapshot())


def test_a_store_has_the_resources_of_objects_that_were_deleted_but_not_of_those_forgotten(store: Store) -> None:
    assert not store.has(PODS)
    store.put(POD, b'{}')
    store.delete(POD)
    assert store.has(PODS)
    assert not store.has(NODES)
    store.forget(POD)
    assert not store.has(PODS)


def test_objects_are_selected_by_their_names(store: Store) -> None:
    for key in KEYS:
        store.put(key, b'{}')
    assert [key for key, _ in store.select(PODS, ..., 'a')] == [KEYS[0], KEYS[2]]
    assert [key for key, _ in store.select(PODS, 'ns2', 'a')] == [KEYS[2]]
    assert [key for key, _ in store.select(NODES, None, 'a')] == [KEYS[3]]
    assert store.select(PODS, ..., 'c') == store.select(PODS, None, 'a') == store.select(PODS, 'ns3', 'a') == []
    store.delete(KEYS[2])
    assert [key for key, _ in store.select(PODS, ..., 'a')] == [KEYS[0]]


def test_partial_resources_are_refused(store: Store) -> None:
    with pytest.raises(ResourceNotationError, match='is not one resource'):
        store.put(ObjectKey(resource('pods'), 'ns', 'x'), b'{}')
    with pytest.raises(ResourceNotationError, match='is not one resource'):
        store.select('pods')


def test_subscribers_get_the_changes_of_their_resource(store: Store) -> None:
    pods: list[Event] = []
    store.subscribe(pods.append, 'v1/pods')
    store.put(KEYS[3], b'{}')
    store.put(POD, b'{}')
    assert [event.key for event in pods] == [POD]


def test_a_cancelled_subscription_gets_nothing_more(store: Store) -> None:
    events: list[Event] = []
    subscription = store.subscribe(events.append)
    subscription.cancel()
    subscription.cancel()
    store.put(POD, b'{}')
    assert not events


def test_changes_made_by_subscribers_come_after_the_change_that_caused_them(store: Store) -> None:
    seen: list[tuple[str, int]] = []

    def react(event: Event) -> None:
        seen.append(('first', event.revision))
        if event.type == 'ADDED':
            store.put(event.key, b'{"reacted":1}')

    store.subscribe(react)
    store.subscribe(lambda event: seen.append(('second', event.revision)))
    first = store.put(POD, b'{}').revision
    assert seen == [('first', first), ('second', first), ('first', first + 1), ('second', first + 1)]


def test_who_subscribes_in_the_middle_of_an_event_does_not_get_it(store: Store) -> None:
    late: list[Event] = []
    listed: list[Any] = []

    def join(event: Event) -> None:
        if not listed:
            store.put(KEYS[1], b'{}')
            listed.extend(follow(store, late.append, PODS)[1])

    store.subscribe(join)
    store.put(POD, b'{}')
    assert [key for key, _ in listed] == KEYS[:2]
    assert not late


def test_a_subscriber_that_fails_keeps_nobody_from_the_event(store: Store) -> None:
    def fail(event: Event) -> None:
        raise RuntimeError(event.type)

    events: list[Event] = []
    store.subscribe(fail)
    store.subscribe(events.append)
    with pytest.raises(RuntimeError, match='ADDED'):
        store.put(POD, b'{}')
    store.subscribe(fail)
    with pytest.raises(ExceptionGroup, match='Several subscribers failed'):
        store.put(POD, b'{}')
    assert [event.type for event in events] == ['ADDED', 'MODIFIED']
    assert len(store.history(POD)) == 2


def test_threads_change_one_store_with_no_event_lost_or_out_of_order(store: Store) -> None:
    events: list[Event] = []
    mirrors: list[dict[ObjectKey, int]] = []

    def count(name: str) -> Callable[[], None]:
        def work() -> None:
            for _ in range(200):
                with store.lock:
                    state = store.get(POD)
                    store.put(POD, b'%d' % (int(state.raw) + 1 if state else 1))
                store.put(ObjectKey(PODS, 'ns', name), b'0')
            mirror: dict[ObjectKey, int] = {}
            _, listed = follow(store, lambda event: mirror.update({event.key: event.revision}), PODS)
            with store.lock:
                mirrors.append(mirror)
                mirror.update({key: max(mirror.get(key, 0), state.revision) for key, state in listed})

        return work

    store.subscribe(events.append)
    threads = [threading.Thread(target=count(name)) for name in 'abcd']
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = store.get(POD)
    assert state is not None
    assert state.raw == b'800'
    assert [event.revision for event in events] == list(range(2, 2 + 1600))
    assert len(mirrors) == 4
    assert all(mirror == {key: now.revision for key, now in store.select(PODS)} for mirror in mirrors)


@pytest.mark.parametrize('versions', [1, 2, 3, 10])
def test_objects_rest_in_little_more_than_their_json(store: Store, versions: int) -> None:
    count, size = 500, 800
    names = [f'configmap-{number:04}' for number in range(count)]
    sizes: list[int] = []
    tracemalloc.start()
    try:
        for _ in range(1 + versions):
            for name in names:
                store.put(ObjectKey(PODS, 'ns', name), b' ' * size)
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert sizes[0] / count + sys.getsizeof(names[0]) < 1.5 * size + 512
    assert (sizes[-1] - sizes[0]) / count / versions < size + 200
