"""Bytes that are no message: errors as Go has them, and never anything else."""

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmock_k8s.protobuf import ProtobufError, decode, decode_message, encode, open_envelope
from kmock_k8s.protobuf.wire import write_bytes, write_number, write_text
from samples import Sample, broken_bodies

CORE = 'io.k8s.api.core.v1.'
SCHEMAS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.'


@pytest.mark.parametrize(
    ('body', 'expected'),
    [
        (b'', 'empty data'),
        (b'{}', 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'),
        (b'k8s', 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'),
        (b'k8s\x01\x0a\x00', 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'),
        (b'k8s\x00', 'empty body'),
        (b'k8s\x00\x12\x05abc', 'unexpected EOF'),
        (b'k8s\x00\x12', 'unexpected EOF'),
        (b'k8s\x00\x80', 'unexpected EOF'),
        (b'k8s\x00\x10\x01', 'proto: wrong wireType = 0 for field Raw'),
        (b'k8s\x00\x04', 'proto: Unknown: wiretype end group for non-group'),
        (b'k8s\x00\x00', 'proto: Unknown: illegal tag 0 (wire type 0)'),
        (b'k8s\x00\x0a\x02\x08\x01', 'proto: wrong wireType = 0 for field APIVersion'),
    ],
)
def test_a_broken_envelope_is_refused_in_the_words_of_go(body: bytes, expected: str) -> None:
    with pytest.raises(ProtobufError) as caught:
        open_envelope(body)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ('message', 'data', 'expected'),
    [
        ('ConfigMap', b'\x0a\x05abc', 'unexpected EOF'),
        ('ConfigMap', b'\x0a', 'unexpected EOF'),
        ('ConfigMap', b'\x8a', 'unexpected EOF'),
        ('ConfigMap', b'\x0a' + b'\xff' * 9 + b'\x01', 'proto: negative length found during unmarshaling'),
        ('ConfigMap', b'\x0a' + b'\xff' * 10, 'proto: integer overflow'),
        ('ConfigMap', b'\xff' * 11, 'proto: integer overflow'),
        ('ConfigMap', b'\x08\x01', 'proto: wrong wireType = 0 for field Metadata'),
        ('ConfigMap', b'\x0c', 'proto: ConfigMap: wiretype end group for non-group'),
        ('ConfigMap', b'\x02\x00', 'proto: ConfigMap: illegal tag 0 (wire type 2)'),
        ('ConfigMap', b'\x97\x01', 'proto: illegal wireType 7'),
        ('ConfigMap', b'\x93\x01', 'unexpected EOF'),
        ('ConfigMap', b'\x93\x01\x0c\x0c', 'proto: ConfigMap: wiretype end group for non-group'),
        ('ConfigMap', b'\x91\x01\x00\x00', 'unexpected EOF'),
        ('ConfigMap', b'\x0a\x02\x0a\x05', 'unexpected EOF'),
        ('ConfigMap', b'\x0a\x03\x0a\x05ab', 'unexpected EOF'),
        ('ConfigMap', b'\x12\x02\x0a\x05', 'unexpected EOF'),
        ('ServicePort', b'\x18', 'unexpected EOF'),
        ('ServicePort', b'\x22\x02\x08\x02', 'impossible IntOrString.Type'),
        ('PodSecurityContext', b'\x22\x01\x80', 'unexpected EOF'),
    ],
)
def test_a_broken_message_is_refused_in_the_words_of_go(message: str, data: bytes, expected: str) -> None:
    with pytest.raises(ProtobufError) as caught:
        decode_message(f'{CORE}{message}', data)
    assert str(caught.value) == expected


@pytest.mark.parametrize('number', [float('nan'), float('inf'), float('-inf')])
def test_a_number_that_json_has_not_is_refused(number: float) -> None:
    with pytest.raises(ProtobufError, match='unsupported value'):
        decode_message(f'{SCHEMAS}JSONSchemaProps', b'\x49' + struct.pack('<d', number))


def test_half_a_number_is_refused() -> None:
    with pytest.raises(ProtobufError, match='unexpected EOF'):
        decode_message(f'{SCHEMAS}JSONSchemaProps', b'\x49\x00')


@pytest.mark.parametrize('raw', [b'{', b'\xff', b'NaN', b'1e999'])
def test_json_that_is_none_is_refused(raw: bytes) -> None:
    with pytest.raises(ProtobufError, match='json'):
        decode_message('io.k8s.api.apps.v1.ControllerRevision', write_bytes(2, write_bytes(1, raw)))


@pytest.mark.parametrize('seconds', [2**62, -(2**62)])
def test_a_time_that_is_none_is_refused(seconds: int) -> None:
    with pytest.raises(ProtobufError, match='year outside of range'):
        decode_message('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', write_bytes(8, write_number(1, seconds)))


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_random_bytes_are_decoded_or_refused(data: bytes) -> None:
    for message in (f'{CORE}Pod', f'{SCHEMAS}JSONSchemaProps', 'io.k8s.api.apps.v1.Deployment'):
        try:
            decode_message(message, data)
        except ProtobufError:
            continue


@settings(max_examples=200)
@given(broken_bodies())
def test_broken_bodies_are_decoded_or_refused(broken: tuple[Sample, bytes]) -> None:
    try:
        found = decode(broken[1])
    except ProtobufError:
        return
    assert decode(encode(found) or b'') == found


@pytest.mark.parametrize(
    ('content', 'why'),
    [
        ({'metadata': 'text'}, ".metadata: 'text' is no ObjectMeta"),
        ({'metadata': {'name': 1}}, '.metadata.name: 1 is no string'),
        ({'metadata': {'labels': ['a']}}, ".metadata.labels: ['a'] is no map of string"),
        ({'metadata': {'creationTimestamp': 'yesterday'}}, ".metadata.creationTimestamp: 'yesterday' is no Time"),
        (
            {'metadata': {'creationTimestamp': '9999-12-31T23:59:59-23:59'}},
            ".metadata.creationTimestamp: '9999-12-31T23:59:59-23:59' is no Time",
        ),
        ({'metadata': {'finalizers': 7}}, '.metadata.finalizers: 7 is no list of string'),
        ({'metadata': {'finalizers': 'one'}}, ".metadata.finalizers: 'one' is no list of string"),
        ({'metadata': {'ownerReferences': [5]}}, '.metadata.ownerReferences: [5] is no list of OwnerReference'),
        ({'binaryData': {'a': 'no base64'}}, ".binaryData: {'a': 'no base64'} is no map of bytes"),
        ({'immutable': 'yes'}, ".immutable: 'yes' is no bool"),
        ({'data': {'a': 'x' * 200, 'b': 5}}, f".data: {{'a': '{'x' * 92}… is no map of string"),
    ],
)
def test_what_is_of_wrong_types_can_not_be_encoded(content: dict[str, Any], why: str) -> None:
    with pytest.raises(ProtobufError) as caught:
        encode({'apiVersion': 'v1', 'kind': 'ConfigMap', **content})
    assert str(caught.value) == f'ConfigMap{why}'


def test_groups_in_groups_are_skipped_at_any_depth() -> None:
    data = b'\x93\x01' * 100_000 + b'\x94\x01' * 100_000 + write_text(1, '')
    assert decode_message(f'{CORE}ConfigMap', data) == {'metadata': {}}
