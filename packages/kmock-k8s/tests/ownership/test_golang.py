from typing import Any

import pytest

from kmock_k8s.ownership.golang import plain, verbose


@pytest.mark.parametrize(
    ('value', 'shown'),
    [
        (5, '5'),
        (1.5, '1.5'),
        (True, 'true'),
        (None, 'interface {}(nil)'),
        ('a"b', '"a\\"b"'),
        (['a', None], '[]interface {}{"a", interface {}(nil)}'),
        ({'b': 1, 'a': {}}, 'map[string]interface {}{"a":map[string]interface {}{}, "b":1}'),
    ],
)
def test_values_are_shown_in_go_syntax(value: Any, shown: str) -> None:
    assert verbose(value) == f'&value.valueUnstructured{{Value:{shown}}}'


def test_values_are_shown_in_their_wrapping() -> None:
    assert plain(['a', 1]) == '&{[a 1]}'
