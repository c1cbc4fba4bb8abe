"""Reading the objects that clients send."""

import json
from typing import Any, NamedTuple, cast

from kmock_core import Request
from kmock_k8s.errors import KubernetesBadRequestError, KubernetesInvalidError, KubernetesMediaTypeError
from kmock_k8s.model.decoding import read_float, refuse_constant
from kmock_k8s.model.encoding import JSONObject, as_line

_JSON_TYPES = frozenset({'', 'application/json', 'application/octet-stream', '*/*'})
_FORBIDDEN = ('/', '%')


class Body(NamedTuple):
    """An object as it was sent."""

    content: JSONObject
    raw: bytes
    """Its bytes, on one line."""


def read_object(request: Request) -> Body:
    """The object in the body of a request.

    Raises:
        KubernetesMediaTypeError: it is said to be no JSON.
        KubernetesBadRequestError: it is no JSON.
        KubernetesInvalidError: it is no object.
    """
    if request.body and request.content_type not in _JSON_TYPES:
        message = (
            f'the body of the request was in an unknown format - accepted media types include: application/json; '
            f'it was {request.content_type!r}'
        )
        raise KubernetesMediaTypeError(message=message)
    content = read_json(request.body)
    if not isinstance(content, dict):
        message = f'an object is expected in the body, not {_describe(content)}: {{"metadata": {{"name": …}}, …}}'
        raise KubernetesInvalidError(message=message)
    content = cast('JSONObject', content)
    check_metadata(content)
    return Body(content, as_line(request.body))


def read_json(body: bytes) -> Any:
    """The JSON in a body; a `KubernetesBadRequestError` says what is wrong with it."""
    if not body:
        raise KubernetesBadRequestError(message='the body of the request is empty; an object in JSON is expected')
    try:
        return _decode(body.decode('utf-8-sig'))
    except UnicodeDecodeError as exc:
        message = f'the body of the request is no UTF-8: byte {exc.start} is 0x{body[exc.start]:02x}'
        raise KubernetesBadRequestError(message=message) from exc
    except RecursionError as exc:
        raise KubernetesBadRequestError(message='the JSON in the body is nested too deep') from exc
    except ValueError as exc:
        raise KubernetesBadRequestError(message=f'the body of the request is no JSON: {exc}') from exc


_decode = json.JSONDecoder(parse_constant=refuse_constant, parse_float=read_float).decode


def check_metadata(content: JSONObject) -> None:
    """Refuse names and namespaces that can be none, and metadata that is none.

    Raises:
        KubernetesInvalidError: something of it is of a wrong type; or the name could be no segment of a URL, as in
            ``IsValidPathSegmentName`` of apimachinery.
    """
    metadata: Any = content.get('metadata')
    if metadata is None:
        return
    if not isinstance(metadata, dict):
        raise KubernetesInvalidError(message=f'metadata: Invalid value: it is an object, not {_describe(metadata)}')
    fields = cast('JSONObject', metadata)
    for field in ('name', 'namespace', 'generateName'):
        value = fields.get(field)
        if value is not None and not isinstance(value, str):
            message = f'metadata.{field}: Invalid value: it is a text, not {_describe(value)}'
            raise KubernetesInvalidError(message=message)
        if value and (wrong := _find_wrong(value)):
            shown = json.dumps(value, ensure_ascii=False)
            raise KubernetesInvalidError(message=f'metadata.{field}: Invalid value: {shown}: {wrong}')
    finalizers: Any = fields.get('finalizers')
    if finalizers is not None and not isinstance(finalizers, list):
        message = f'metadata.finalizers: Invalid value: it is a list, not {_describe(finalizers)}'
        raise KubernetesInvalidError(message=message)


def _find_wrong(name: str) -> str | None:
    if name in {'.', '..'}:
        return f"may not be '{name}'"
    found = [f"may not contain '{char}'" for char in _FORBIDDEN if char in name]
    return ', '.join(found) or None


def _describe(value: Any) -> str:
    for kind, shown in _KINDS:
        if isinstance(value, kind):
            return shown
    return 'null'


_KINDS = ((list, 'a list'), (str, 'a text'), (bool, 'a boolean'), ((int, float), 'a number'), (dict, 'an object'))
