"""The messages that are no objects in JSON: times, quantities, numbers or texts, any JSON, lists."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.protobuf.wire import ProtobufError

_META: Final = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
_SCHEMAS: Final = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.'
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = 1000  # nanoseconds


class Value(NamedTuple):
    """How a message is read from its fields, and told by them."""

    read: Callable[[JSONObject], Any]
    write: Callable[[Any], JSONObject]


def _read_time(fields: JSONObject) -> str | None:
    if not fields:
        return None
    return _at(fields.get('seconds', 0)).strftime('%Y-%m-%dT%H:%M:%SZ').rjust(len('2006-01-02T15:04:05Z'), '0')


def _read_micro_time(fields: JSONObject) -> str | None:
    if not fields:
        return None
    micros: int = fields.get('nanos', 0) // _MICROSECOND
    time = _at(fields.get('seconds', 0), micros)
    return time.strftime('%Y-%m-%dT%H:%M:%S.%fZ').rjust(len('2006-01-02T15:04:05.000000Z'), '0')


def _at(seconds: int, micros: int = 0) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=seconds, microseconds=micros)
    except OverflowError as exc:
        raise ProtobufError('Time.MarshalJSON: year outside of range [0,9999]') from exc


def _write_time(value: Any) -> JSONObject:
    if not isinstance(value, str):
        return {}
    time = datetime.fromisoformat(value).astimezone(UTC) - _EPOCH
    return {'seconds': time // timedelta(seconds=1), 'nanos': time.microseconds * _MICROSECOND}


def _read_int_or_string(fields: JSONObject) -> int | str:
    found: int | str
    match fields.get('type', 0):
        case 0:
            found = fields.get('intVal', 0)
        case 1:
            found = fields.get('strVal', '')
        case _:
            raise ProtobufError('impossible IntOrString.Type')
    return found


def _write_int_or_string(value: Any) -> JSONObject:
    if isinstance(value, str):
        return {'type': 1, 'intVal': 0, 'strVal': value}
    return {'type': 0, 'intVal': value, 'strVal': ''}


def _read_schema_or_list(fields: JSONObject) -> Any:
    return fields.get('jSONSchemas') or fields.get('schema')


def _write_schema_or_list(value: Any) -> JSONObject:
    return {'jSONSchemas': value} if isinstance(value, list) else {'schema': value}


def _read_schema_or_flag(fields: JSONObject) -> Any:
    return fields.get('schema', fields.get('allows', False))


def _write_schema_or_flag(value: Any) -> JSONObject:
    return {'allows': value} if isinstance(value, bool) else {'allows': True, 'schema': value}


def _read_schema_or_texts(fields: JSONObject) -> Any:
    return fields.get('property') or fields.get('schema')


def _write_schema_or_texts(value: Any) -> JSONObject:
    return {'property': value} if isinstance(value, list) else {'schema': value}


def _only(name: str, absent: Any = None) -> Value:
    """A message that is what is in its only field."""

    def read(fields: JSONObject) -> Any:
        return fields.get(name, absent)

    def write(value: Any) -> JSONObject:
        return {name: value}

    return Value(read, write)


_TEXTS: Final = _only('items')

VALUES: Final[Mapping[str, Value]] = {
    f'{_META}Time': Value(_read_time, _write_time),
    f'{_META}MicroTime': Value(_read_micro_time, _write_time),
    f'{_META}FieldsV1': _only('Raw'),
    f'{_META}Verbs': _TEXTS,
    'io.k8s.apimachinery.pkg.api.resource.Quantity': _only('string', '0'),
    'io.k8s.apimachinery.pkg.runtime.RawExtension': _only('raw'),
    'io.k8s.apimachinery.pkg.util.intstr.IntOrString': Value(_read_int_or_string, _write_int_or_string),
    'io.k8s.api.authentication.v1.ExtraValue': _TEXTS,
    'io.k8s.api.authorization.v1.ExtraValue': _TEXTS,
    'io.k8s.api.certificates.v1.ExtraValue': _TEXTS,
    f'{_SCHEMAS}JSON': _only('raw'),
    f'{_SCHEMAS}JSONSchemaPropsOrArray': Value(_read_schema_or_list, _write_schema_or_list),
    f'{_SCHEMAS}JSONSchemaPropsOrBool': Value(_read_schema_or_flag, _write_schema_or_flag),
    f'{_SCHEMAS}JSONSchemaPropsOrStringArray': Value(_read_schema_or_texts, _write_schema_or_texts),
}
"""How the messages of these names are read and written."""
