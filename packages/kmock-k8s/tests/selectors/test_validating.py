"""Keys and values of labels."""

import pytest

from kmock_k8s.selectors.validating import explain_key, explain_value


@pytest.mark.parametrize(
    'key', ['a', 'A-b_c.d', '1', 'a' * 63, 'example.com/app', 'a/B', f'{"a" * 253}/{"b" * 63}', 'x-1.y/z', 'in']
)
def test_a_key_is_a_name_that_may_have_a_domain(key: str) -> None:
    assert explain_key(key) is None


@pytest.mark.parametrize(
    ('key', 'explained'),
    [
        ('', 'name part must be non-empty; name part must consist of'),
        ('a/', 'name part must be non-empty; name part must consist of'),
        ('/', 'prefix part must be non-empty; name part must be non-empty; name part must'),
        ('/a', 'prefix part must be non-empty'),
        ('a' * 64, 'name part must be no more than 63 bytes'),
        ('-a', "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end"),
        ('a-', 'name part must consist of'),
        ('é', 'name part must consist of'),
        ('a\n', 'name part must consist of'),
        ('A.b/c', 'prefix part a lowercase RFC 1123 subdomain must consist of'),
        ('a..b/c', 'prefix part a lowercase RFC 1123 subdomain must consist of'),
        (f'{"a" * 254}/b', 'prefix part must be no more than 253 bytes'),
        ('a/b/c', "a valid label key must consist of alphanumeric characters, '-', '_' or '.'"),
        ('//', 'a valid label key must consist of'),
    ],
)
def test_what_is_no_key_is_explained(key: str, explained: str) -> None:
    assert (explain_key(key) or '').startswith(explained)


@pytest.mark.parametrize('value', ['', 'a', 'MyValue', 'my_value', '12345', 'a-b.c', 'a' * 63])
def test_a_value_is_empty_or_a_name(value: str) -> None:
    assert explain_value(value) is None


@pytest.mark.parametrize(
    ('value', 'explained'),
    [
        ('a' * 64, 'must be no more than 63 bytes'),
        ('-a', 'a valid label must be an empty string or consist of'),
        ('a.', 'a valid label must be'),
        ('a/b', 'a valid label must be'),
        ('é', 'a valid label must be'),
        ('a\n', 'a valid label must be'),
        ('-' * 64, 'must be no more than 63 bytes; a valid label must be'),
    ],
)
def test_what_is_no_value_is_explained(value: str, explained: str) -> None:
    assert (explain_value(value) or '').startswith(explained)
