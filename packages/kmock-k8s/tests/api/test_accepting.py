"""How the header Accept is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.api.accepting import parse_accept
from kmock_k8s.cluster.representing.choosing import MEDIA, choose


@pytest.mark.parametrize(
    ('header', 'order'),
    [
        ('a/b', ['a/b']),
        ('a/b, c/d', ['a/b', 'c/d']),
        ('a/b;q=0.1, c/d', ['c/d', 'a/b']),
        ('*/*, a/*, a/b', ['a/b', 'a/*', '*/*']),
        ('*/*;q=1.0, a/b;q=0.9', ['a/b', '*/*']),  # an exact one is put before a range, whatever its quality
        ('*', ['*/*']),
        ('a', []),
        ('a/', []),
        ('a/b/c', []),
        (' a / b ', ['a/b']),
        (',,a/b,', ['a/b']),
        ('a/b;q=nonsense, c/d;q=0.1', ['c/d', 'a/b']),
    ],
)
def test_what_is_wanted_most_comes_first(header: str, order: list[str]) -> None:
    assert [f'{one.type}/{one.subtype}' for one in parse_accept(header)] == order


def test_parameters_are_those_that_have_a_value() -> None:
    (found,) = parse_accept('a/b; as=Table ;v=v1;;x;y=;z=1=2; g = meta ;q=0.5')
    assert dict(found.parameters) == {'as': 'Table', 'v': 'v1', 'g': 'meta'}
    assert found.quality == 0.5


@given(st.text(alphabet='ab*/;,=q01. json', max_size=40))
def test_any_header_is_read(header: str) -> None:
    choice = choose(header, transforming=True)
    assert choice is None or choice.media in MEDIA
