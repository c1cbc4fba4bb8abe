"""The enumeration of HTTP methods, open for unknown ones."""

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmock_core
from kmock_core import method

STANDARD = ('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT')


def test_the_standard_methods_are_listed() -> None:
    assert tuple(method) == STANDARD


@pytest.mark.parametrize('name', STANDARD)
def test_a_standard_method_is_found_in_any_case(name: str) -> None:
    assert method(name) is method(name.lower()) is method(name.title()) is method[name]
    assert method(name) == name
    assert str(method(name)) == method(name).value == name
    assert hash(method(name)) == hash(name)


@pytest.mark.parametrize('name', [name for name in STANDARD if name != 'DELETE'])
def test_the_standard_methods_are_exported_by_their_names(name: str) -> None:
    assert getattr(kmock_core, name) is method(name)


def test_delete_is_left_to_the_actions_of_kubernetes() -> None:
    assert not hasattr(kmock_core, 'DELETE')


def test_unknown_methods_are_members_too_only_unlisted() -> None:
    store = method('store')
    assert isinstance(store, method)
    assert (store, str(store), store.name, store.value) == ('STORE', 'STORE', 'STORE', 'STORE')
    assert store == method('STORE')
    assert len({store, method('Store')}) == 1
    assert len(method) == len(STANDARD)


def test_unknown_methods_are_copied_and_pickled() -> None:
    store = method('store')
    assert copy.copy(store) == copy.deepcopy(store) == pickle.loads(pickle.dumps(store)) == store


@pytest.mark.parametrize('value', ['', ' ', 'a b', 'a\n', None, 5, b'GET', object()])
def test_what_is_no_method_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match='is not an HTTP method; type e'):
        method(value)


@given(st.text(min_size=1).filter(lambda text: not any(char.isspace() for char in text)))
def test_any_word_is_a_method(word: str) -> None:
    assert method(word) == word.upper()
    assert method(word) == method(word.upper())
