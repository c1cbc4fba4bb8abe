"""For the authors of stores: a check of what a store of the group ``kmock.k8s.stores`` has to promise."""

import threading
from collections.abc import Mapping
from typing import Any

from kmock_core.testing.expectations import expect, expect_that
from kmock_k8s.errors import KubernetesExpiredError, ResourceNotationError
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import resource
from kmock_k8s.store.spi import ObjectStore, StoreFactory, StoreOptions
from kmock_k8s.store.states import Event, Labels, State

__all__ = ['check_store']

_PODS = resource('v1/pods')
_NODES = resource('v1/nodes')
_POD = ObjectKey(_PODS, 'ns1', 'a')
_KEYS = [_POD, ObjectKey(_PODS, 'ns1', 'b'), ObjectKey(_PODS, 'ns2', 'a'), ObjectKey(_NODES, None, 'a')]
_WRITES = 50


def check_store(make: StoreFactory) -> None:
    """Check that the stores of a factory keep what `kmock_k8s.store.spi.ObjectStore` promises.

    Args:
        make: as it stands in the entry point.

    Raises:
        AssertionError: a promise is broken.
    """
    made: Any = make(StoreOptions())
    expect_that(isinstance(made, ObjectStore), f'{make!r} makes something that is no ObjectStore: {made!r}')
    for promise in (_reads, _histories, _events, _snapshots, _past, _stamps, _failures, _threads):
        promise(make)


def _reads(make: StoreFactory) -> None:
    store = make(StoreOptions(revision=7))
    expect(store.revision, 7, 'the first revision')
    expect(store.get(_POD), None, 'an object that never was')
    found_anything = store.history(_POD) or store.select(_PODS) or store.resources() or store.has(_PODS)
    expect_that(not found_anything, 'a new store has something in it')
    content: dict[str, Any] = {'metadata': {'labels': {'app': 'x'}}}
    for key in _KEYS:
        store.put(key, b'{"metadata":{"labels":{"app":"x"}}}', content if key == _POD else None)
    expect(store.revision, 7 + len(_KEYS), 'the revision after some writes of several resources')
    for namespace, name, found in (
        (..., None, _KEYS[:3]), ('ns1', None, _KEYS[:2]), (..., 'a', [_KEYS[0], _KEYS[2]]), (None, None, []),
    ):  # fmt: skip
        selected = sorted(key for key, _ in store.select(_PODS, namespace, name))
        expect(selected, sorted(found), f'the pods in {namespace!r} by the name {name!r}')
        if name is None:
            expect(store.count(_PODS, namespace), len(found), f'the number of pods in {namespace!r}')
    expect([key for key, _ in store.select('v1/nodes', None)], [_KEYS[3]], 'the objects without a namespace')

    def matches(labels: Labels) -> bool:
        return labels.get('app') == 'x'

    expect(len(store.select(_PODS, ..., None, matches)), 3, 'the pods by their labels')
    expect({*store.resources()}, {_PODS, _NODES}, 'the resources')
    for partial in (lambda: store.select('pods'), lambda: store.put(ObjectKey(resource('pods'), 'ns', 'x'), b'{}')):
        try:
            partial()
        except ResourceNotationError:
            continue
        raise AssertionError('a partial resource is accepted, though it may be any')


def _histories(make: StoreFactory) -> None:
    store = make(StoreOptions())
    events = [store.put(_POD, b'{"a":1}'), store.put(_POD, b'{"a":2}'), store.delete(_POD), store.put(_POD, b'{"a":3}')]
    expect([event.type for event in events], ['ADDED', 'MODIFIED', 'DELETED', 'ADDED'], 'the events of one object')
    expect(_raws(store), [b'{"a":1}', b'{"a":2}', None, b'{"a":3}'], 'a history')
    store.replace(_POD, [b'{"b":1}', None])
    expect((_raws(store), store.get(_POD)), ([b'{"b":1}', None], None), 'a history that was replaced')
    expect(store.replace(_POD, [None]), None, 'the event of what stays deleted')
    expect_that(store.has(_PODS), 'a resource is not there any more, though it had objects')
    expect(store.forget(_POD), None, 'the event of forgetting what was deleted')
    expect_that(not store.has(_PODS), 'a resource is there yet, though all its objects are forgotten')
    for gone in (store.delete, store.forget):
        try:
            gone(_POD)
        except KeyError:
            continue
        raise AssertionError(f'{gone!r} of what is not there does not fail')
    store.put(_POD, b'{}')
    store.clear(_PODS, 'ns2')
    expect(store.count(_PODS), 1, 'the objects after those of another namespace were cleared')
    store.clear(_PODS)
    expect((store.count(_PODS), len(store.history(_POD))), (0, 0), 'the objects after all were cleared')


def _events(make: StoreFactory) -> None:
    store = make(StoreOptions())
    told: list[tuple[str, int]] = []

    def react(event: Event) -> None:
        told.append(('all', event.revision))
        expect_that(store.revision >= event.revision, 'an event comes before its change')
        if event.type == 'ADDED' and event.key == _POD:
            store.put(_POD, b'{"reacted":1}')

    def note(event: Event) -> None:
        told.append(('pods', event.revision))

    with store.lock, store.lock:
        store.subscribe(react)
        following = store.subscribe(note, _PODS)
        first = store.put(_POD, b'{}').revision
    store.put(_KEYS[3], b'{}')
    following.cancel()
    following.cancel()
    store.put(_KEYS[1], b'{}')
    expected = [
        ('all', first), ('pods', first), ('all', first + 1), ('pods', first + 1), ('all', first + 2),
        ('all', first + 3),
    ]  # fmt: skip
    expect(told, expected, 'what followers are told, and in which order')
    event = store.delete(_POD, b'{"last":1}')
    shown = (event.state.raw, event.previous and event.previous.raw)
    expect(shown, (b'{"last":1}', b'{"reacted":1}'), 'what a deletion shows, and what was before it')


def _snapshots(make: StoreFactory) -> None:
    store = make(StoreOptions())
    store.put(_POD, b'{"a":1}')
    snapshot = store.snapshot()
    told: list[Event] = []
    for _ in range(2):
        store.put(_POD, b'{"a":2}')
        store.put(_KEYS[3], b'{}')
        store.subscribe(told.append)
        before, count = store.revision, len(told)
        store.restore(snapshot)
        expect((_raws(store), store.resources()), ([b'{"a":1}'], [_PODS]), 'what was restored')
        expect((store.revision, len(told)), (before + 1, count), 'the revision, and the events, after restoring')
        _expect_expired(store, before)


def _past(make: StoreFactory) -> None:
    store = make(StoreOptions())
    begun = store.revision
    for key in _KEYS:
        store.put(key, b'{"a":1}')
    store.put(_POD, b'{"a":2}')
    store.delete(_POD)
    past = [(event.type, event.key.name, event.revision - begun) for event in store.since(_PODS, begun)]
    expected = [('ADDED', 'a', 1), ('ADDED', 'b', 2), ('ADDED', 'a', 3), ('MODIFIED', 'a', 5), ('DELETED', 'a', 6)]
    expect(past, expected, 'the past events')
    before = [event.previous and event.previous.raw for event in store.since(_PODS, begun + 3)]
    expect(before, [b'{"a":1}', b'{"a":2}'], 'what was before the past events')
    store.begin(_NODES)
    expect(len(store.since(_PODS, begun)), 5, 'the past events, when those of another resource are forgotten')
    store.compact()
    for about in (_PODS, resource('v1/services')):
        expect(store.since(about, store.revision), [], 'the past events after compacting')
        _expect_expired(store, begun, about)
    expect(_raws(store), [b'{"a":1}', b'{"a":2}', None], 'a history after compacting')


def _stamps(make: StoreFactory) -> None:
    def stamp(revision: int, raw: bytes, content: Mapping[str, Any] | None) -> State:
        return State(revision, b'{"revision":%d}' % revision)

    store = make(StoreOptions(10, stamp))
    event = store.put(_POD, b'{}')
    expect((event.revision, event.stamped, event.state.raw), (11, True, b'{"revision":11}'), 'an event with a stamp')
    expect(_raws(store), [b'{"revision":11}'], 'a history with stamps')
    expect(store.delete(_POD).state.raw, b'{"revision":12}', 'a deletion with a stamp')
    store.replace(_POD, [b'{}', b'{}'])
    expect(_raws(store), [b'{"revision":13}', b'{"revision":14}'], 'a history that was replaced, with stamps')
    past = [(event.state.raw, event.stamped) for event in store.since(_PODS, 10)]
    expect(past[0], (b'{"revision":11}', True), 'a past event with a stamp')


def _failures(make: StoreFactory) -> None:
    store = make(StoreOptions())
    told: list[Event] = []

    def fail(event: Event) -> None:
        raise ZeroDivisionError

    store.subscribe(fail)
    store.subscribe(told.append)
    try:
        store.put(_POD, b'{}')
    except ZeroDivisionError:
        expect((len(told), _raws(store)), (1, [b'{}']), 'what others are told, and what is kept, when a follower fails')
    else:
        raise AssertionError('the error of a follower is lost')


def _threads(make: StoreFactory) -> None:
    store = make(StoreOptions())
    told: list[int] = []

    def note(event: Event) -> None:
        told.append(event.revision)

    def count() -> None:
        for _ in range(_WRITES):
            with store.lock:
                state = store.get(_POD)
                store.put(_POD, b'%d' % (int(state.raw) + 1 if state else 1))

    store.subscribe(note)
    begun = store.revision
    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = store.get(_POD)
    expect(state and int(state.raw), 4 * _WRITES, 'what threads have counted under the lock')
    expect(told, list(range(begun + 1, begun + 1 + 4 * _WRITES)), 'the revisions that followers were told of')


def _raws(store: ObjectStore) -> list[bytes | None]:
    return [None if state is None else state.raw for state in store.history(_POD)]


def _expect_expired(store: ObjectStore, revision: int, about: resource = _PODS) -> None:
    try:
        store.since(about, revision)
    except KubernetesExpiredError:
        return
    raise AssertionError(f'the past events after {revision} are told, though they have to be forgotten')
