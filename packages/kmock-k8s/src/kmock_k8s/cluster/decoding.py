"""From bytes to objects, as Go decodes them: strict about types, lenient about fields that it does not know.

A built-in object has only the fields of its schema, and nothing that is empty; what is left out is warned of.
"""

import copy
import json
import re
from collections import Counter
from collections.abc import Set
from math import isinf
from operator import itemgetter
from types import NoneType
from typing import Any, NamedTuple, NoReturn, cast

from kmock_core import Request
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.crds.objects import demand_type, fit_custom, wrong_version
from kmock_k8s.cluster.formats import canonize
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import Cause, Named, bad_request, invalid
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.schemas import Schema

FORMATS = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
SCHEME = 'k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30'

_SCHEMAS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'
_SCHEMAS_OR_ELSE = frozenset({f'{_SCHEMAS}OrBool', f'{_SCHEMAS}OrArray'})

_VERSIONS = ('v1', 'v2', 'v1beta1', 'v1beta2', 'v1alpha1', 'v1alpha2', 'v1alpha3')
_FORMER = frozenset({'apiextensions.k8s.io/v1beta1', 'apps/v1beta1', 'apps/v1beta2'})

_SHOWN = 30  # bytes of a malformed body in messages
TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'


MAX_PROBLEMS = 100
"""How many unknown and duplicate fields are told of: ``saveStrictError`` of ``sigs.k8s.io/json``."""


class Decoded(NamedTuple):
    """An object, and what was wrong with it but not refused."""

    content: JSONObject
    problems: list[str]
    """``unknown field "nope"``, ``duplicate field "data.a"``."""


def check_media_type(content_type: str) -> None:
    """Refuse what is in no format that a server reads; no format is JSON."""
    if content_type not in {'', 'application/json', 'application/yaml'}:
        message = f'the body of the request was in an unknown format - accepted media types include: {FORMATS}'
        raise KubernetesError(status=415, reason='UnsupportedMediaType', message=message)


def read_body(request: Request) -> bytes:
    """The body of a request as JSON, also if it is YAML: then that of the first document."""
    check_media_type(request.content_type)
    if request.content_type != 'application/yaml':
        return request.body
    from kmock_k8s.manifests.yaml import parse_yaml

    try:
        return encode(next(iter(parse_yaml(request.body.decode('utf-8'))), None))
    except ValueError as exc:
        raise bad_request(f'error converting YAML to JSON: yaml: {exc}') from exc


class _Duplicates:
    """Notes the keys that are twice in one object, where they are."""

    def __init__(self) -> None:
        self.known: dict[int, set[str]] = {}
        self.kept: list[Any] = []

    def __call__(self, pairs: list[tuple[str, Any]]) -> JSONObject:
        found = dict(pairs)
        if len(found) != len(pairs):
            counts = Counter(key for key, _ in pairs)
            self.known[id(found)] = {key for key, count in counts.items() if count > 1}
            self.kept.append(found)  # ids are theirs
        return found


def parse(body: bytes, prefix: str, *, shown: bool = True) -> tuple[Any, list[str]]:
    """The JSON of a body, with its duplicate fields; the errors are those of Go's decoder.

    Args:
        body: what was sent.
        prefix: what the message begins with.
        shown: whether the message shows the body.
    """
    duplicates = _Duplicates()
    try:
        value = json.JSONDecoder(object_pairs_hook=duplicates, parse_constant=_refuse, parse_float=_read_float).decode(
            text_of(body)
        )
    except (ValueError, RecursionError) as exc:
        tail = f' ({_show_body(body)})' if shown else ''
        raise bad_request(f'{prefix}{describe_error(body, exc)}{tail}') from exc
    problems = [f'duplicate field "{path}"' for path in _locate(value, duplicates.known)] if duplicates.known else []
    return value, problems[:MAX_PROBLEMS]


def read_json(body: bytes) -> Any:
    """The JSON of a body, whatever is in it twice.

    Raises:
        ValueError: it is none.
    """
    return json.loads(text_of(body), parse_constant=_refuse, parse_float=_read_float)


def text_of(body: bytes) -> str:
    """The text of JSON; what is only a half of a character is replaced there, as Go does it."""
    text = body.decode('utf-8')
    return _ESCAPES.sub(_mend, text) if '\\u' in text else text


_ESCAPES = re.compile(
    r'\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)', re.DOTALL
)
_HALF = len(r'\ud800')


def _mend(found: re.Match[str]) -> str:
    return r'\ufffd' if len(found[0]) == _HALF else found[0]


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


def _read_float(text: str) -> float:
    value = float(text)
    if isinf(value):
        raise ValueError(text)  # JSON can't say it again
    return value


def _locate(value: Any, known: dict[int, set[str]], path: str = '') -> list[str]:
    found: list[str] = []
    fields: JSONObject = value
    items: list[Any] = value
    if isinstance(value, dict):
        for key, item in fields.items():
            where = f'{path}.{key}' if path else key
            if key in known.get(id(fields), ()):
                found.append(where)
            found += _locate(item, known, where)
    elif isinstance(value, list):
        for index, item in enumerate(items):
            found += _locate(item, known, f'{path}[{index}]')
    return found


def describe_error(body: bytes, exc: Exception) -> str:
    """What Go's decoder says of malformed JSON."""
    text = body.decode('utf-8', 'replace')
    if not isinstance(exc, json.JSONDecodeError):
        return f"invalid character '{text.strip()[:1]}' looking for beginning of value"
    rest = text[exc.pos :]
    if not rest.strip():
        return 'unexpected end of JSON input'
    char = rest.lstrip()[:1] if exc.msg != 'Invalid control character at' else rest[:1]
    if exc.msg == 'Extra data':
        return f"invalid character '{char}' after top-level value"
    if exc.msg.startswith('Unterminated string'):
        return 'unexpected end of JSON input'
    if 'property name' in exc.msg:
        return f"invalid character '{char}' looking for beginning of object key string"
    if "',' delimiter" in exc.msg:
        return f"invalid character '{char}' after object key:value pair"
    if "':' delimiter" in exc.msg:
        return f"invalid character '{char}' after object key"
    return f"invalid character '{char}' looking for beginning of value"


def _show_body(body: bytes) -> str:
    if not body:
        return '<empty>'
    if body[:1] != b'{':
        return body.hex() if len(body) <= _SHOWN else f'{body[:_SHOWN].hex()} ...'
    text = body.decode('utf-8', 'replace')
    return text if len(text) <= _SHOWN else f'{text[:_SHOWN]} ...'


def decode(body: bytes, kind: Kind) -> Decoded:
    """Decode the object in the body of a request for a kind."""
    what = f'the object provided is unrecognized (must be of type {kind.name}): '
    value, problems = parse(body, f"{what}couldn't get version/kind; json parse error: ")
    if isinstance(kind, CustomKind) and (value is None or isinstance(value, dict)):
        demand_type(value, lambda: (body.decode('utf-8', 'replace'), _show_body(body)), kind)
        custom = cast('JSONObject', value)
        return Decoded(custom, [*problems, *fit_custom(custom, kind)])
    if value is None:
        value = {}
    if not isinstance(value, dict):
        name = describe_type(value)
        message = (
            f"{what}couldn't get version/kind; json parse error: json: cannot unmarshal {name} into Go value of type"
        )
        raise bad_request(f'{message} {TYPE_META} ({body.hex()})')
    content = cast('JSONObject', value)
    if (why := why_untyped(content)) is not None:
        raise bad_request(f'{what}{why} ({_show_body(body)})')
    check_type(content, kind, body)
    if kind.schema is not None and kind.is_builtin:
        content, unknown = fit(content, kind)
        problems = [*unknown, *problems][:MAX_PROBLEMS]
    return Decoded({'kind': kind.name, 'apiVersion': kind.api_version, **_without_type(content)}, problems)


def _without_type(content: JSONObject) -> JSONObject:
    return {key: value for key, value in content.items() if key not in {'kind', 'apiVersion'}}


def why_untyped(content: JSONObject) -> str | None:
    """Why the kind of an object can't be told; None if it can be, or if there is none."""
    for field in ('apiVersion', 'kind'):
        value = content.get(field)
        if not isinstance(value, (str, NoneType)):
            why = f'json: cannot unmarshal {describe_type(value)} into Go struct field .{field} of type string'
            return f"couldn't get version/kind; json parse error: {why}"
    return None


def check_type(content: JSONObject, kind: Kind, body: bytes) -> None:
    """Refuse an object of another kind, or of another version."""
    version, name = content.get('apiVersion') or kind.api_version, content.get('kind') or kind.name
    if (version, name) == (kind.api_version, kind.name):
        return
    short = version.rpartition('/')[2]
    if version.count('/') > 1:
        message = f'the object provided is unrecognized (must be of type {kind.name}): unexpected GroupVersion string: '
        raise bad_request(f'{message}{version} ({_show_body(body)})')
    if name == kind.name and version in {*_FORMER, *_versions_of(kind)}:
        raise wrong_version(version, kind.api_version)
    prefix = f'{name} in version "{short}" cannot be handled as a {kind.name}: '
    raise bad_request(prefix + why_of_no_kind(version, name, kind))


def _versions_of(kind: Kind) -> list[str]:
    """The versions of a built-in kind that are known, as they stand in objects."""
    from kmock_k8s.schemas import builtin

    prefix = f'{kind.group}/' if kind.group else ''
    return [f'{prefix}{version}' for version in _VERSIONS if builtin(kind.group, version, kind.name) is not None]


def why_of_no_kind(version: str, name: str, kind: Kind) -> str:
    """Why an object of a kind is none of another kind."""
    from kmock_k8s.schemas import builtin

    group, _, short = version.rpartition('/')
    if builtin(group, short, name) is None:
        return f'no kind "{name}" is registered for version "{version}" in scheme "{SCHEME}"'
    internal = kind.group.partition('.')[0] or 'core'
    return f'converting ({short}.{name}) to ({internal}.{kind.name}): unknown conversion'


# ---- Built-in objects ----


def fit(content: JSONObject, kind: Kind, kept: Set[str] = frozenset()) -> tuple[JSONObject, list[str]]:
    """What is left of an object where there is only what its schema has; and what was unknown.

    Args:
        content: the object.
        kind: its kind.
        kept: the fields that are as they were in an object that is there, and need no second look.

    Raises:
        KubernetesError: something is of a wrong type.
    """
    fitting = _Fitting(kind)
    rest = {key: item for key, item in content.items() if key not in kept} if kept else content
    fitted = fitting.fit_object(rest, cast('Schema', kind.schema), '', kind.name)
    if kept:
        fitted = {
            key: item if key in kept else fitted[key] for key, item in content.items() if key in kept or key in fitted
        }
    if metadata_of(content).get('managedFields') == []:
        fitted['metadata']['managedFields'] = []  # it is not as if it was not there: all owners are to be forgotten
    return fitted, fitting.unknown


def fit_metadata(metadata: JSONObject, kind: Kind) -> tuple[JSONObject, list[str]]:
    """What is left of the metadata of any object; and what was unknown."""
    fitting = _Fitting(kind)
    fitted = fitting.fit_object({'metadata': metadata}, cast('Schema', kind.schema), '', kind.name)
    found: JSONObject = fitted.get('metadata') or {}
    return found, fitting.unknown


_first = itemgetter(0)


class _Fitting:
    """One walk along an object and its schema."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self.unknown: list[str] = []

    def fit_object(self, value: JSONObject, schema: Schema, path: str, struct: str) -> JSONObject:
        if not schema.properties and schema.additional is None:
            return value  # any JSON: FieldsV1, RawExtension
        fitted: JSONObject = {}
        properties, additional, required = schema.properties, schema.additional, schema.required
        for key, item in value.items() if properties else sorted(value.items(), key=_first):  # maps, as Go does
            known = properties.get(key)
            is_map = known is None
            child = additional if known is None else known
            if child is not None and item.__class__ is child.plain:
                if item != '' or is_map or key in required:
                    fitted[key] = item
                continue
            where = f'{path}.{key}' if path else key
            if child is None:
                if schema.preserve_unknown or schema.type is None or _is_any(schema):
                    fitted[key] = item
                else:
                    self.unknown.append(f'unknown field "{where}"')
                continue
            if item is None:
                if is_map and child.type == 'string':
                    fitted[key] = ''
                continue
            found = self._fit(item, child, where, struct if path == '' or is_map else _struct_of(schema, struct))
            if is_map or key in required or not _is_empty(found, child):
                fitted[key] = found
        return fitted

    def _fit(self, value: Any, schema: Schema, path: str, struct: str) -> Any:
        wanted = schema.type
        if _is_quantity(schema):
            return self._canonize(value if isinstance(value, str) else json.dumps(value), schema)
        if wanted is None or schema.int_or_string:
            if schema.name in _SCHEMAS_OR_ELSE and describe_type(value) == 'object':
                return self.fit_object(cast('JSONObject', value), Schema.named(_SCHEMAS), path, struct)
            return value
        if wanted == 'object':
            self._demand(isinstance(value, dict), value, schema, path, struct)
            return self.fit_object(cast('JSONObject', value), schema, path, struct)
        if wanted == 'array':
            self._demand(isinstance(value, list), value, schema, path, struct)
            items = schema.items
            listed = cast('list[Any]', value)
            if items is None:
                return listed
            return [
                _zero_of(items) if item is None else self._fit(item, items, f'{path}[{index}]', struct)
                for index, item in enumerate(listed)
            ]
        if wanted == 'string':
            self._demand(isinstance(value, str), value, schema, path, struct)
            if schema.format is not None:
                return self._canonize(value, schema)
        elif wanted == 'boolean':
            self._demand(isinstance(value, bool), value, schema, path, struct)
        else:
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            self._demand(is_number, value, schema, path, struct)
            if wanted == 'integer':
                self._demand(_fits(value, schema), value, schema, path, struct)
                return int(value)
        return value

    def _canonize(self, text: str, schema: Schema) -> str:
        try:
            return canonize(text, schema)
        except ValueError as exc:
            name = self._kind.name
            raise bad_request(f'{name} in version "{self._kind.version}" cannot be handled as a {name}: {exc}') from exc

    def _demand(self, holds: bool, value: Any, schema: Schema, path: str, struct: str) -> None:
        if holds:
            return
        kind = self._kind
        name = 'ObjectMeta' if path.startswith('metadata.') else struct
        shown = '.'.join(part.partition('[')[0] for part in path.split('.'))
        if isinstance(kind, CustomKind):  # only the metadata are decoded into structures there
            shown = shown.removeprefix('metadata.')
        if schema.type == 'string' and _is_in_map(path, kind):
            shown = shown.rpartition('.')[0]
        got = describe_type(value)
        if got == 'number' and schema.type == 'integer':
            got = f'number {json.dumps(value)}'
        what = f'json: cannot unmarshal {got} into Go struct field {name}.{shown} of type {_go(schema)}'
        raise bad_request(f'{kind.name} in version "{kind.version}" cannot be handled as a {kind.name}: {what}')


def _is_in_map(path: str, kind: Kind) -> bool:
    schema = cast('Schema', kind.schema)
    *parents, last = path.split('.')
    for part in parents:
        found = schema.child(part.partition('[')[0])
        if found is None:
            return False
        schema = found.items if '[' in part and found.items is not None else found
    return last not in schema.properties and schema.additional is not None


def _fits(value: float, schema: Schema) -> bool:
    """Tell if an integer of Go can have this value."""
    bits = 31 if schema.format == 'int32' else 63
    return value == value // 1 and -(2**bits) <= value < 2**bits


def _zero_of(schema: Schema) -> Any:
    """What null is in a list of Go."""
    if schema.int_or_string:
        return 0
    zeros: dict[str | None, Any] = {'string': '', 'integer': 0, 'number': 0, 'boolean': False, 'object': {}}
    return copy.copy(zeros.get(schema.type))


def _struct_of(schema: Schema, struct: str) -> str:
    return schema.name.rpartition('.')[2] if schema.name else struct


def _is_quantity(schema: Schema) -> bool:
    return schema.name is not None and schema.name.endswith('.Quantity')


def _is_any(schema: Schema) -> bool:
    """Tell if it is a definition that does not tell its fields, such as ``FieldsV1``."""
    return schema.name is not None and not schema.properties and schema.additional is None


def _is_empty(value: Any, schema: Schema) -> bool:
    """Tell if Go leaves it out: empty lists, maps and texts, but not empty structures."""
    if value == [] or value == '':
        return True
    return value == {} and schema.additional is not None


def describe_type(value: Any) -> str:
    """What Go calls a JSON value."""
    if isinstance(value, bool):
        return 'bool'
    if isinstance(value, (int, float)):
        return 'number'
    kinds: dict[Any, str] = {str: 'string', list: 'array', dict: 'object'}
    return kinds.get(type(value), 'null')


def _go(schema: Schema) -> str:
    if schema.type == 'object' and schema.name:
        package, _, name = schema.name.rpartition('.')
        return f'{package.rpartition(".")[2]}.{name}'
    if schema.type == 'object':
        return f'map[string]{_go(schema.additional) if schema.additional else "interface {}"}'
    if schema.type == 'array':
        return f'[]{_go(schema.items) if schema.items else "interface {}"}'
    if schema.type == 'integer':
        return schema.format or 'int64'
    return {'boolean': 'bool', 'number': 'float64'}.get(schema.type or '', schema.type or 'interface {}')


# ---- Problems ----


def refuse_strictly(decoded: Decoded, kind: Kind) -> None:
    """Refuse an object with problems, as ``fieldValidation=Strict`` demands."""
    if decoded.problems:
        prefix = f'{kind.name} in version "{kind.version}" cannot be handled as a {kind.name}: '
        raise bad_request(f'{prefix}strict decoding error: {", ".join(decoded.problems)}')


def invalid_patch(shown: str, why: str) -> KubernetesError:
    """The error about a patch whose result can't be decoded."""
    cause = Cause('FieldValueInvalid', f'Invalid value: {json.dumps(shown, ensure_ascii=False)}: {why}', 'patch')
    return invalid(Named('', ''), [cause])
