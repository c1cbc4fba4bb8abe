from typing import Any

import pytest

from kmock_k8s.errors import KubernetesError
from kmock_k8s.patching.lists import arrange, check_order


@pytest.mark.parametrize(
    ('items', 'wanted', 'live', 'arranged'),
    [
        ('abc', '', 'abc', 'abc'),
        ('abcx', 'x', 'abc', 'xabc'),
        ('abcx', 'bx', 'abc', 'abxc'),
        ('abcx', 'xb', 'abc', 'xabc'),
        ('abc', 'ca', 'abc', 'bca'),
        ('abcd', 'db', 'abcd', 'acdb'),
        ('xy', 'yx', '', 'yx'),
    ],
)
def test_items_are_in_the_order_of_the_patch_then_in_that_of_the_object(
    items: str, wanted: str, live: str, arranged: str
) -> None:
    assert arrange(list(items), list(wanted), list(live), None) == list(arranged)
    keyed = [[{'k': one} for one in some] for some in (items, wanted, live)]
    assert arrange(keyed[0], keyed[1], keyed[2], 'k') == [{'k': one} for one in arranged]


@pytest.mark.parametrize(('patch', 'order'), [('', 'ab'), ('ab', ''), ('ab', 'ab'), ('ac', 'abc'), ('b', 'abc')])
def test_orders_have_all_items_of_a_patch(patch: str, order: str) -> None:
    check_order(list(patch), list(order), None)


@pytest.mark.parametrize(('patch', 'order'), [('ba', 'ab'), ('x', 'ab'), ('abx', 'ab'), ('aa', 'a')])
def test_orders_that_do_not_have_all_items_of_a_patch_are_errors(patch: str, order: str) -> None:
    with pytest.raises(KubernetesError, match="doesn't match"):
        check_order(list(patch), list(order), None)


@pytest.mark.parametrize('directive', ['delete', 'replace'])
def test_directives_need_no_place_in_an_order(directive: str) -> None:
    patch: list[Any] = [{'k': 'x', '$patch': directive}, {'k': 'a'}]
    check_order(patch, [{'k': 'a'}], 'k')
