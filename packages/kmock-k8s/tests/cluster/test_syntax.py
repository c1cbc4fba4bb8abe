"""Tests of what is said of malformed JSON: the words of Go's scanner."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmock
from kmock_k8s.cluster.syntax import find_error
from kmock_k8s.model.decoding import refuse_constant

CONFIGMAPS = '/api/v1/namespaces/default/configmaps'


@pytest.mark.parametrize(
    ('body', 'error'),
    [
        (b'', 'unexpected end of JSON input'),
        (b'{"a":', 'unexpected end of JSON input'),
        (b'{"a', 'unexpected end of JSON input'),
        (b'nul', 'unexpected end of JSON input'),
        (b'-', 'unexpected end of JSON input'),
        (b'nope', "invalid character 'o' in literal null (expecting 'u')"),
        (b'{"a":tru}', "invalid character '}' in literal true (expecting 'e')"),
        (b'hello', "invalid character 'h' looking for beginning of value"),
        (b'{"a":NaN}', "invalid character 'N' looking for beginning of value"),
        (b'-Infinity', "invalid character 'I' in numeric literal"),
        (b'{"a":01}', "invalid character '1' after object key:value pair"),
        (b'{"a":1.}', "invalid character '}' after decimal point in numeric literal"),
        (b'{"a":1e}', "invalid character '}' in exponent of numeric literal"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b'{"a":1 "b"}', "invalid character '\"' after object key:value pair"),
        (b"{'a':1}", r"invalid character '\'' looking for beginning of object key string"),
        (b'{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        (b'{,}', "invalid character ',' looking for beginning of object key string"),
        (b'[1,]', "invalid character ']' looking for beginning of value"),
        (b'[1 2]', "invalid character '2' after array element"),
        (b'{"a":1}x', "invalid character 'x' after top-level value"),
        (b'"a\nb"', r"invalid character '\n' in string literal"),
        (b'"\\q"', "invalid character 'q' in string escape code"),
        (b'"\\u12g4"', r"invalid character 'g' in \u hexadecimal character escape"),
        (b'\x1f\x8b', r"invalid character '\x1f' looking for beginning of value"),
        (b'\x00', r"invalid character '\x00' looking for beginning of value"),
        (b'\xef\xbb\xbf{}', "invalid character 'ï' looking for beginning of value"),
        (b'\x80', r"invalid character '\u0080' looking for beginning of value"),
        (b'[' * 10_001, "invalid character '[' exceeded max depth"),
        (b'{"a":' * 10_001, "invalid character '{' exceeded max depth"),
    ],
)
def test_errors_are_those_of_go(body: bytes, error: str) -> None:
    assert find_error(body) == error


@pytest.mark.parametrize(
    'body',
    [b' {} ', b'[]', b'[[],{}]', b'{"a":{"b":[1,-2.5e+3,0,"x",true,false,null]},"c":""}', b'"\\u00fc\xff"', b'\t1\r\n'],
)
def test_nothing_is_wrong_with_what_is_well_formed(body: bytes) -> None:
    assert find_error(body) is None


def test_what_is_as_deep_as_it_may_be_is_well_formed() -> None:
    assert find_error(b'[' * 10_000 + b']' * 10_000) is None


def is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=refuse_constant)
    except ValueError:
        return False
    return True


FRAGMENTS = st.sampled_from(['{', '}', '[', ']', ',', ':', '"a"', '"', '\\', '1', '-', '.', 'e', '0', 'true', 'x', ' '])


@given(st.lists(FRAGMENTS, max_size=12).map(''.join) | st.text(max_size=20))
def test_something_is_wrong_with_what_python_can_not_read(text: str) -> None:
    assert (find_error(text.encode('utf-8', 'replace')) is None) is is_json(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    )
)
def test_nothing_is_wrong_with_what_python_writes(value: Any) -> None:
    assert find_error(json.dumps(value).encode()) is None


async def test_clients_are_told(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.post(CONFIGMAPS, data=b'{"data":NaN}', headers={'Content-Type': 'application/json'})

    status = await response.json()
    assert (response.status, status['reason']) == (400, 'BadRequest')
    assert "json parse error: invalid character 'N' looking for beginning of value" in status['message']


async def test_bytes_that_are_no_text_are_replaced(cluster: kmock.KubernetesCluster) -> None:
    body = b'{"metadata":{"name":"a"},"data":{"a":"\xff"}}'

    response = await cluster.post(CONFIGMAPS, data=body, headers={'Content-Type': 'application/json'})
    assert (await response.json())['data'] == {'a': '\ufffd'}
