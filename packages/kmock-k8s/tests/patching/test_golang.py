from typing import Any

import pytest

from kmock_k8s.patching.golang import print_string, print_type, print_value


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        ({}, 'map[]'),
        ({'b': 1, 'a': 'x y'}, 'map[a:x y b:1]'),
        ([], '[]'),
        ([1, [True, False], None, 'x'], '[1 [true false] <nil> x]'),
        (1.5, '1.5'),
    ],
)
def test_values_are_printed_as_in_go(value: Any, text: str) -> None:
    assert print_value(value) == text


@pytest.mark.parametrize(
    ('value', 'text'),
    [('x', 'x'), (5, '%!s(int64=5)'), (True, '%!s(bool=true)'), (None, '%!s(<nil>)'), (['a'], '[a]')],
)
def test_values_are_printed_as_strings_as_in_go(value: Any, text: str) -> None:
    assert print_string(value) == text


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        ({}, 'map[string]interface {}'),
        ([], '[]interface {}'),
        ('', 'string'),
        (True, 'bool'),
        (1, 'int64'),
        (1.0, 'float64'),
        (None, '%!s(<nil>)'),
    ],
)
def test_types_are_called_as_in_go(value: Any, text: str) -> None:
    assert print_type(value) == text
