"""One to one: a partner for everyone."""

import json
import re
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.objects.comparing import Relation, compare
from kmock_k8s.objects.matching import saturates
from kmock_k8s.objects.pairing import pair

choices = st.lists(st.lists(st.integers(0, 5), unique=True, max_size=6), max_size=6)


def can_be_seated(wishes: list[list[int]], taken: frozenset[int] = frozenset()) -> bool:
    """The same by trying everything."""
    if not wishes:
        return True
    return any(can_be_seated(wishes[1:], taken | {wish}) for wish in wishes[0] if wish not in taken)


@given(choices)
def test_all_find_a_partner_if_it_is_possible_at_all(wishes: list[list[int]]) -> None:
    assert saturates(wishes) == can_be_seated(wishes)


@given(choices, st.data())
def test_sharing_a_list_of_choices_changes_nothing(wishes: list[list[int]], data: st.DataObject) -> None:
    if wishes:
        wishes = data.draw(st.lists(st.sampled_from(wishes), max_size=6))
    assert saturates(wishes) == can_be_seated(wishes)


def test_a_long_chain_of_moves_needs_no_recursion() -> None:
    size = 5000
    wishes = [[number, number + 1] for number in range(size)]
    assert saturates([*wishes, [0, 7]])
    assert not saturates([*wishes, [0, 7], [size]])


states = st.dictionaries(st.sampled_from('ab'), st.integers(0, 1) | st.just({'c': 1}), max_size=2)
patterns = st.dictionaries(st.sampled_from('ab'), st.integers(0, 1) | st.just({'c': 1}) | st.just(...), max_size=2)


def is_paired(values: list[Any], wanted: list[Any], relation: Relation) -> bool:
    """The same by trying all orders."""
    if relation is Relation.AT_MOST:
        return any(all(map(compare, values, order, [relation] * 9)) for order in orders(wanted, len(values)))
    if relation is Relation.EXACTLY and len(values) != len(wanted):
        return False
    return any(all(map(compare, order, wanted, [relation] * 9)) for order in orders(values, len(wanted)))


def orders(items: list[Any], size: int) -> list[tuple[Any, ...]]:
    return list(permutations(items, size)) if size <= len(items) else []


@pytest.mark.parametrize('relation', Relation)
@given(st.lists(states, max_size=4), st.lists(patterns, max_size=4))
def test_pairs_are_found_as_if_all_orders_were_tried(relation: Relation, values: list[Any], wanted: list[Any]) -> None:
    assert pair(values, wanted, relation) == is_paired(values, wanted, relation)


@pytest.mark.parametrize('relation', Relation)
def test_thousands_are_compared_by_few_comparisons(relation: Relation, monkeypatch: pytest.MonkeyPatch) -> None:
    values = [{'metadata': {'name': f'n{number}'}, 'spec': {'x': 1}} for number in range(3000)]
    asked: list[object] = []

    def count(*args: Any) -> bool:
        asked.append(args)
        return compare(*args)

    monkeypatch.setattr('kmock_k8s.objects.pairing.compare', count)
    wanted: list[Any] = [json.loads(json.dumps(value)) for value in reversed(values)]
    assert pair(values, wanted, relation)
    assert len(asked) == 3000


def test_thousands_of_equal_patterns_are_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [{'kind': 'Pod', 'metadata': {'name': f'n{number}'}} for number in range(3000)]
    asked: list[object] = []

    def count(*args: Any) -> bool:
        asked.append(args)
        return compare(*args)

    monkeypatch.setattr('kmock_k8s.objects.pairing.compare', count)
    assert pair(values, [{'kind': 'Pod'} for _ in range(3000)], Relation.AT_LEAST)
    assert len(asked) == 3000


def test_a_picky_pattern_gets_what_a_modest_one_could_have_taken() -> None:
    values = [{'a': 1}, {'a': 2}, {'a': 3}]
    wanted = [{'a': {1, 2, 3}}, {'a': re.compile('[12]')}, {'a': 1}]
    assert pair(values, wanted, Relation.AT_LEAST)
    assert not pair(values, [*wanted[1:], {'a': 2}], Relation.AT_LEAST)
