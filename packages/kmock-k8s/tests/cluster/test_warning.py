"""How many warnings there are in the headers of an answer, and how long they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmock
from kmock_k8s.cluster.warning import MAX_COUNT, MAX_ITEM, MAX_TOTAL, compose_warnings

CONFIGMAPS = '/api/v1/namespaces/default/configmaps'


def test_warnings_are_quoted() -> None:
    assert compose_warnings(['a "b" \\c']) == ['299 - "a \\"b\\" \\\\c"']


@pytest.mark.parametrize('text', ['', 'a\nb', 'a\x7fb', '\x85'])
def test_what_can_not_be_in_a_header_is_left_out(text: str) -> None:
    assert compose_warnings([text, 'b']) == ['299 - "b"']


def test_a_warning_is_given_once() -> None:
    assert compose_warnings(['a', 'b', 'a']) == ['299 - "a"', '299 - "b"']


def test_a_long_warning_is_whole_if_there_is_room() -> None:
    assert compose_warnings(['a' * MAX_TOTAL]) == [f'299 - "{"a" * MAX_TOTAL}"']


def test_long_warnings_are_cut_if_there_is_no_room() -> None:
    assert compose_warnings(['a' * MAX_TOTAL, 'b']) == [f'299 - "{"a" * MAX_ITEM}"', '299 - "b"']


@given(st.lists(st.text(alphabet='abc"\\', max_size=600)))
def test_the_headers_never_grow_without_limit(texts: list[str]) -> None:
    made = compose_warnings(texts)
    assert len(made) <= MAX_COUNT
    assert sum(len(one) for one in made) <= 2 * (MAX_TOTAL + MAX_ITEM) + MAX_COUNT * len('299 - ""')


async def test_a_body_of_unknown_fields_gets_an_answer_that_clients_can_read(cluster: kmock.KubernetesCluster) -> None:
    unknown = {f'field{number}': 1 for number in range(1000)}
    response = await cluster.post(f'{CONFIGMAPS}?fieldValidation=Warn', json={'metadata': {'name': 'a'}, **unknown})
    assert response.status == 201
    assert len(response.headers) <= 100


async def test_a_hundred_unknown_fields_are_told_of_at_most(cluster: kmock.KubernetesCluster) -> None:
    unknown = {f'field{number}': 1 for number in range(1000)}
    response = await cluster.post(f'{CONFIGMAPS}?fieldValidation=Strict', json={'metadata': {'name': 'a'}, **unknown})
    message = (await response.json())['message']
    assert (response.status, message.count('unknown field')) == (400, 100)
