"""Queries are decoded as the standard library does it, only without loading it for those that need no decoding."""

from urllib.parse import parse_qsl, unquote

from hypothesis import given
from hypothesis import strategies as st

from kmock_core import Request

texts = st.text(st.sampled_from('ab=&+%?/;:. 0C3FA9\u00e9\u20ac\udc80'), max_size=30)


@given(texts)
def test_a_query_is_decoded_as_a_form_is(query: str) -> None:
    assert Request('GET', f'/?{query}').query_pairs == parse_qsl(query, keep_blank_values=True, errors='replace')


@given(texts.filter(lambda text: '?' not in text))
def test_a_path_keeps_its_pluses(path: str) -> None:
    assert Request('GET', f'/{path}').path == unquote(f'/{path}', errors='replace')
