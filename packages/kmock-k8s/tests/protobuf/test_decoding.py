"""From protobuf to the JSON that Go makes of the same objects."""

from typing import Any

import pytest

from kmock_k8s.protobuf import ProtobufError, decode, decode_message, encode
from kmock_k8s.protobuf.encoding import encode_message
from kmock_k8s.protobuf.tables import fields_of, lasting_texts, load
from kmock_k8s.protobuf.wire import write_bytes, write_number, write_text, write_varint
from kmock_k8s.schemas import tables as schemas
from samples import Sample, drop_nulls, load_random_samples, load_samples

ADMISSION = 'io.k8s.api.admissionregistration.v1.'
CORE = 'io.k8s.api.core.v1.'
META = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
SCHEMAS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.'


@pytest.mark.parametrize('sample', load_samples(), ids=str)
def test_what_go_has_encoded_is_decoded_to_the_json_of_go(sample: Sample) -> None:
    assert decode(sample.body) == drop_nulls(sample.json)


def drop_nothing(value: Any) -> Any:
    """JSON without nulls, empty lists and empty objects."""
    fields: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict):
        shown = {key: drop_nothing(item) for key, item in fields.items()}
        return {key: item for key, item in shown.items() if item not in (None, [], {})}
    return [drop_nothing(item) for item in items] if isinstance(value, list) else value


@pytest.mark.parametrize('sample', load_random_samples(), ids=lambda sample: f'{sample.json["kind"]}')
def test_any_fields_of_any_kind_are_decoded_to_the_json_of_go(sample: Sample) -> None:
    assert drop_nothing(decode(sample.body)) == drop_nothing(sample.json)
    body = encode(sample.json)
    assert body is not None
    assert drop_nothing(decode(body)) == drop_nothing(sample.json)


@pytest.mark.parametrize('sample', load_samples(), ids=str)
def test_what_is_encoded_is_decoded_to_the_same(sample: Sample) -> None:
    body = encode(sample.json)
    assert body is not None
    assert decode(body) == drop_nulls(sample.json)


def test_every_kind_of_the_schemas_has_a_message() -> None:
    packages = load().messages
    for name in schemas.load().kinds.values():
        package, _, message = name.rpartition('.')
        assert message in packages[package]


def test_every_message_has_fields_of_known_types() -> None:
    for package, messages in load().messages.items():
        for name in messages:
            for field in fields_of(f'{package}.{name}'):
                assert not field.is_message or isinstance(fields_of(field.type), tuple)


@pytest.mark.parametrize(
    ('message', 'content'),
    [
        (f'{CORE}ServicePort', {'port': 80, 'targetPort': 'http'}),
        (f'{CORE}ServicePort', {'port': 80, 'targetPort': 0}),
        (f'{CORE}ServicePort', {'port': -1, 'targetPort': -(2**31)}),
        (f'{CORE}PodSpec', {'activeDeadlineSeconds': -(2**63), 'containers': []}),
        (f'{CORE}ResourceRequirements', {'limits': {'cpu': '1', 'memory': '1Gi'}}),
        (f'{CORE}Secret', {'data': {'empty': '', 'bytes': 'AAEC/w=='}}),
        (f'{CORE}Event', {'eventTime': '2026-01-02T03:04:05.678901Z', 'firstTimestamp': '1969-12-31T23:59:59Z'}),
        (f'{CORE}Volume', {'name': 'a', 'emptyDir': {}}),
        (f'{CORE}Probe', {'httpGet': {'path': '/', 'port': 'http'}, 'periodSeconds': 1}),
        (f'{CORE}ConfigMapKeySelector', {'name': 'a', 'key': 'b', 'optional': False}),
        (f'{CORE}EphemeralContainer', {'name': 'a', 'resources': {}, 'targetContainerName': 'b'}),
        ('io.k8s.api.apps.v1.ControllerRevision', {'data': {'any': [1, 2.5, None, {'x': 'ü'}]}, 'revision': 1}),
        ('io.k8s.api.authentication.v1.UserInfo', {'username': 'me', 'extra': {'scopes': ['a', 'b']}}),
        (f'{ADMISSION}RuleWithOperations', {'operations': ['*'], 'apiGroups': [''], 'scope': '*'}),
        (f'{ADMISSION}ValidatingWebhookConfiguration', {'webhooks': [{'name': 'a'}]}),
        (f'{META}ManagedFieldsEntry', {'fieldsV1': {'f:data': {'.': {}}}, 'time': '2026-01-02T03:04:05Z'}),
        (f'{META}APIResource', {'name': 'pods', 'verbs': ['get', 'list'], 'namespaced': True}),
        (f'{SCHEMAS}JSONSchemaProps', {'$ref': 'a', '$schema': 'b', 'x-kubernetes-preserve-unknown-fields': True}),
        (f'{SCHEMAS}JSONSchemaProps', {'default': {'a': None}, 'enum': ['a', 1, None], 'maximum': 1.5, 'minimum': 1}),
        (f'{SCHEMAS}JSONSchemaProps', {'items': {'type': 'string'}, 'additionalProperties': False}),
        (f'{SCHEMAS}JSONSchemaProps', {'items': [{'type': 'string'}], 'additionalProperties': {'type': 'integer'}}),
        (f'{SCHEMAS}JSONSchemaProps', {'dependencies': {'a': ['b'], 'c': {'type': 'object'}}}),
        (f'{SCHEMAS}JSONSchemaProps', {'properties': {'a': {'properties': {'b': {'type': 'null'}}}}}),
    ],
)  # fmt: skip
def test_all_types_of_values_come_back(message: str, content: dict[str, Any]) -> None:
    expected = {key: value for key, value in content.items() if value != []}
    assert decode_message(message, encode_message(message, content)) == expected


def test_zeros_are_left_out_where_go_leaves_them_out() -> None:
    message = 'io.k8s.api.apps.v1.DeploymentSpec'
    numbers = {field.name: field.number for field in fields_of(message)}
    data = write_number(numbers['replicas'], 0) + write_number(numbers['minReadySeconds'], 0)
    assert decode_message(message, data) == {'replicas': 0}


def test_a_zero_takes_back_what_was_before() -> None:
    data = write_number(5, 7) + write_number(5, 0)
    assert decode_message('io.k8s.api.apps.v1.DeploymentSpec', data) == {}


def test_a_message_that_comes_twice_is_one() -> None:
    first, second = write_text(1, 'name'), write_text(3, 'namespace')
    data = write_bytes(1, first) + write_bytes(1, second)
    assert decode_message(f'{CORE}ConfigMap', data) == {'metadata': {'name': 'name', 'namespace': 'namespace'}}


def test_the_last_one_of_equal_keys_counts() -> None:
    entries = [write_bytes(2, write_text(1, 'key') + write_text(2, value)) for value in ('first', 'last')]
    assert decode_message(f'{CORE}ConfigMap', b''.join(entries)) == {'data': {'key': 'last'}}


def test_an_entry_without_key_or_value_has_empty_ones() -> None:
    assert decode_message(f'{CORE}ConfigMap', write_bytes(2, b'')) == {'data': {'': ''}}


@pytest.mark.parametrize('packed', [False, True])
def test_numbers_in_lists_may_be_packed(packed: bool) -> None:
    numbers = [0, 7, 2**40]
    data = b''.join(write_number(4, number) for number in numbers)
    if packed:
        data = write_bytes(4, b''.join(write_varint(number) for number in numbers))
    assert decode_message(f'{CORE}PodSecurityContext', data) == {'supplementalGroups': numbers}


UNKNOWN = {
    'a number': write_varint(900 << 3) + write_varint(2**63),
    'eight bytes': write_varint(900 << 3 | 1) + b'12345678',
    'text': write_text(900, 'any'),
    'groups': write_varint(900 << 3 | 3) + write_text(1, 'any') + b'\x0b\x0c' + write_varint(900 << 3 | 4),
    'four bytes': write_varint(900 << 3 | 5) + b'1234',
}


@pytest.mark.parametrize('data', UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_fields_are_skipped(data: bytes) -> None:
    found = decode_message(f'{META}ObjectMeta', data + write_text(1, 'name') + data)
    assert found == {'name': 'name'}


def test_bytes_that_are_no_text_are_replaced_one_by_one() -> None:
    found = decode_message(f'{META}ObjectMeta', write_bytes(1, b'a\xff\xe2\x82b'))
    assert found == {'name': 'a\ufffd\ufffd\ufffdb'}


def test_numbers_are_cut_to_their_size() -> None:
    assert decode_message(f'{CORE}ServicePort', write_number(3, 2**40 + 80)) == {'port': 80}


def test_times_before_the_year_1000_have_four_digits() -> None:
    data = write_bytes(8, write_number(1, -62135596800))
    assert decode_message(f'{META}ObjectMeta', data) == {'creationTimestamp': '0001-01-01T00:00:00Z'}


def test_a_kind_that_is_not_known_is_refused() -> None:
    assert encode({'apiVersion': 'kmock.dev/v1', 'kind': 'Widget'}) is None
    with pytest.raises(ProtobufError, match='no kind "" is registered for version "v1"'):
        decode(b'k8s\x00\n\x04\n\x02v1')


def test_lists_and_statuses_are_encoded_too() -> None:
    listed: dict[str, Any] = {
        'kind': 'PodList',
        'apiVersion': 'v1',
        'metadata': {'resourceVersion': '1'},
        'items': [{'spec': {}}],
    }
    status: dict[str, Any] = {
        'kind': 'Status',
        'apiVersion': 'v1',
        'status': 'Failure',
        'code': 404,
        'details': {'name': 'x'},
    }
    for content in (listed, status):
        assert decode(encode(content) or b'') == content


def test_pointers_in_inlined_structures_are_those_of_the_message() -> None:
    assert lasting_texts(f'{ADMISSION}RuleWithOperations') == {'scope'}


@pytest.mark.parametrize('message', ['', 'Nope', 'io.k8s.Nope', f'{CORE}Nope', f'{CORE}ConfigMap'])
def test_other_messages_have_no_texts_that_stay(message: str) -> None:
    assert lasting_texts(message) == frozenset()
