"""The past events of a resource: kept for those who resume, forgotten from the oldest on."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s import ObjectKey, resource
from kmock_k8s.errors import KubernetesExpiredError
from kmock_k8s.store import window as windows
from kmock_k8s.store.states import Event, State
from kmock_k8s.store.window import Window

POD = ObjectKey(resource('v1/pods'), 'ns1', 'a')


def event(revision: int) -> Event:
    """The first one is an addition, all others change what it was."""
    previous = None if revision == 1 else State(revision - 1, b'%d' % (revision - 1))
    return Event('MODIFIED' if previous else 'ADDED', POD, State(revision, b'%d' % revision), previous)


def filled(*revisions: int, floor: int = 0) -> Window:
    window = Window(floor)
    for revision in revisions:
        window.add(event(revision))
    return window


def since(window: Window, revision: int) -> list[int]:
    return [found.revision for found in window.since(revision)]


@pytest.mark.parametrize(
    ('revision', 'expected'), [(0, [2, 5, 9]), (1, [2, 5, 9]), (2, [5, 9]), (4, [5, 9]), (5, [9]), (9, []), (100, [])]
)
def test_the_events_after_a_revision_are_found(revision: int, expected: list[int]) -> None:
    assert since(filled(2, 5, 9), revision) == expected


def test_events_are_found_as_they_were() -> None:
    window = filled(1, 2)
    for found, known in zip(window.since(0), [event(1), event(2)], strict=True):
        assert (found.type, found.key, found.revision, found.line) == (
            known.type,
            known.key,
            known.revision,
            known.line,
        )
        assert (found.previous and found.previous.raw) == (known.previous and known.previous.raw)


def test_a_deletion_is_found_with_what_was_deleted() -> None:
    window = Window(0)
    window.add(Event('DELETED', POD, State(3, b'{"last":1}'), State(2, b'{"was":1}')))
    [found] = window.since(2)
    assert found.previous is not None
    assert found.previous.raw == b'{"was":1}'
    assert json.loads(found.line) == {'type': 'DELETED', 'object': {'last': 1}}


def test_the_bytes_are_shared_with_the_store() -> None:
    known, window = event(2), Window(0)
    window.add(known)
    [found] = window.since(0)
    assert found.state.raw is known.state.raw
    assert known.previous is not None
    assert found.previous is not None
    assert found.previous.raw is known.previous.raw


@pytest.mark.parametrize(('revision', 'left'), [(0, [2, 5, 9]), (2, [5, 9]), (4, [5, 9]), (9, []), (20, [])])
def test_compacting_forgets_what_happened_up_to_a_revision(revision: int, left: list[int]) -> None:
    window = filled(2, 5, 9)
    window.compact(revision)
    assert len(window) == len(left)
    assert since(window, max(revision, window.floor)) == left
    for forgotten in range(revision):
        with pytest.raises(KubernetesExpiredError, match=rf'^too old resource version: {forgotten} \({revision}\)$'):
            window.since(forgotten)


def test_compacting_to_an_older_revision_brings_nothing_back() -> None:
    window = filled(2, 5, 9)
    window.compact(5)
    window.compact(2)
    assert window.floor == 5
    with pytest.raises(KubernetesExpiredError):
        window.since(2)


def test_a_new_window_knows_nothing_of_before_its_floor() -> None:
    window = filled(6, floor=5)
    assert since(window, 5) == [6]
    with pytest.raises(KubernetesExpiredError):
        window.since(4)


def test_a_full_window_forgets_the_oldest_events_and_keeps_as_many_as_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, 'LIMIT', 10)
    window = Window(0)
    for revision in range(1, 100):
        window.add(event(revision))
        assert min(revision, 10) <= len(window) <= 20
        assert since(window, window.floor) == list(range(window.floor + 1, revision + 1))
    assert window.floor > 0
    with pytest.raises(KubernetesExpiredError):
        window.since(window.floor - 1)


steps = st.lists(st.tuples(st.sampled_from(['add', 'compact']), st.integers(1, 5)), max_size=30)


@given(steps=steps, floor=st.integers(0, 3))
def test_a_window_is_a_list_that_loses_its_beginning(steps: list[tuple[str, int]], floor: int) -> None:
    window = Window(floor)
    known: list[int] = []
    last = floor
    for step, number in steps:
        if step == 'add':
            last += number
            window.add(event(last))
            known.append(last)
        else:
            floor = max(floor, last - number)
            window.compact(last - number)
    for revision in range(last + 2):
        found: Any
        try:
            found = since(window, revision)
        except KubernetesExpiredError:
            found = 'expired'
        expected = 'expired' if revision < floor else [one for one in known if one > revision]
        assert found == expected
