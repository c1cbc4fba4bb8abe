"""The errors of a real server: its codes, reasons, messages and details (``apimachinery/pkg/api/errors``)."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from kmock_k8s.errors import KubernetesError, KubernetesExpiredError
from kmock_k8s.model.encoding import JSONObject, encode


class Cause(NamedTuple):
    """What is wrong with one field of an object."""

    reason: str
    message: str
    field: str


def required(field: str, detail: str = '') -> Cause:
    """A field is absent."""
    return Cause('FieldValueRequired', f'Required value: {detail}' if detail else 'Required value', field)


def invalid_value(field: str, value: Any, detail: str) -> Cause:
    """A field has a value that can't be."""
    return Cause('FieldValueInvalid', f'Invalid value: {show(value)}: {detail}', field)


def forbidden(field: str, detail: str) -> Cause:
    """A field can't be there, or can't be changed."""
    return Cause('FieldValueForbidden', f'Forbidden: {detail}', field)


def not_supported(field: str, value: Any, supported: Iterable[str]) -> Cause:
    """A field has none of the values that it can have."""
    known = ', '.join(json.dumps(one) for one in supported)
    return Cause('FieldValueNotSupported', f'Unsupported value: {show(value)}: supported values: {known}', field)


def not_found_value(field: str, value: Any) -> Cause:
    """A field refers to something that is not there."""
    return Cause('FieldValueNotFound', f'Not found: {show(value)}', field)


def duplicate(field: str, value: Any) -> Cause:
    """A list has something twice that it can have only once."""
    return Cause('FieldValueDuplicate', f'Duplicate value: {show(value)}', field)


def show(value: Any) -> str:
    """A value in messages."""
    text = json.dumps(value, ensure_ascii=False, separators=(',', ':'))
    if isinstance(value, str):
        return text
    return text.replace('&', r'\u0026').replace('<', r'\u003c').replace('>', r'\u003e')  # as Go writes JSON


class Named(NamedTuple):
    """What an error is about: a group with a plural, or with a kind; and the name of an object."""

    group: str
    what: str
    name: str = ''

    @property
    def qualified(self) -> str:
        """The plural or the kind, with its group."""
        return f'{self.what}.{self.group}' if self.group else self.what

    @property
    def details(self) -> JSONObject:
        """The same in the details of a status."""
        fields = {'name': self.name, 'group': self.group, 'kind': self.what}
        return {key: value for key, value in fields.items() if value}


def bad_request(message: str) -> KubernetesError:
    """The request can't be understood."""
    return KubernetesError(status=400, reason='BadRequest', message=message)


def too_long(limit: int) -> KubernetesError:
    """The body has more bytes than anybody wants to read."""
    message = f'Request entity too large: limit is {limit}'
    return KubernetesError(status=413, reason='RequestEntityTooLarge', message=message)


def unknown_format(accepted: Iterable[str]) -> KubernetesError:
    """The body is in none of the formats that are read here."""
    message = f'the body of the request was in an unknown format - accepted media types include: {", ".join(accepted)}'
    return KubernetesError(status=415, reason='UnsupportedMediaType', message=message)


def with_warnings(error: KubernetesError, warnings: Sequence[str]) -> KubernetesError:
    """The error with the warnings that came before it: they are answered in headers."""
    error.warnings = warnings  # type: ignore[attr-defined]
    return error


def not_found(named: Named) -> KubernetesError:
    """There is no such object."""
    return KubernetesError(named.details, 404, 'NotFound', f'{named.qualified} {_quote(named.name)} not found')


def no_such_resource() -> KubernetesError:
    """There is no such resource."""
    return KubernetesError({}, 404, 'NotFound', 'the server could not find the requested resource')


def not_allowed() -> KubernetesError:
    """The method means nothing at this URL."""
    message = 'the server does not allow this method on the requested resource'
    return KubernetesError({}, 405, 'MethodNotAllowed', message)


def already_exists(named: Named, prefix: str = '', *, generated: bool = False) -> KubernetesError:
    """There is such an object already; if its name was generated, one can try again."""
    message = f'{prefix}{named.qualified} {_quote(named.name)} already exists'
    if not generated:
        return KubernetesError(named.details, 409, 'AlreadyExists', message)
    message += ', the server was not able to generate a unique name for the object'
    return KubernetesError({**named.details, 'retryAfterSeconds': 1}, 409, 'AlreadyExists', message)


def conflict(named: Named, why: str) -> KubernetesError:
    """What the request was made of is not what is there now."""
    message = f'Operation cannot be fulfilled on {named.qualified} {_quote(named.name)}: {why}'
    return KubernetesError(named.details, 409, 'Conflict', message)


def rejected() -> KubernetesError:
    """The patch can't be applied; a real server does not say why."""
    return KubernetesError({}, 422, 'Invalid', 'the server rejected our request due to an error in our request')


def refused(named: Named, why: str) -> KubernetesError:
    """It is not allowed."""
    return KubernetesError(
        named.details, 403, 'Forbidden', f'{named.qualified} {_quote(named.name)} is forbidden: {why}'
    )


MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'


def invalid(named: Named, causes: Sequence[Cause]) -> KubernetesError:
    """The object would not be valid."""
    shown = [f'{cause.field}: {cause.message}' for cause in dict.fromkeys(causes)]
    text = shown[0] if len(shown) == 1 else f'[{", ".join(shown)}]'
    listed = [{'reason': cause.reason, 'message': cause.message, 'field': cause.field} for cause in causes]
    details = {**named.details, 'causes': listed}
    return KubernetesError(details, 422, 'Invalid', f'{named.qualified} {_quote(named.name)} is invalid: {text}')


def internal(message: str) -> KubernetesError:
    """An error that the real server has given no reason for."""
    return KubernetesError(status=500, reason='', message=message)


def internal_error(why: str) -> KubernetesError:
    """The server itself can't do it."""
    return KubernetesError({'causes': [{'message': why}]}, 500, 'InternalError', f'Internal error occurred: {why}')


def too_large(asked: int, current: int) -> KubernetesError:
    """The client knows of a future that has not come yet."""
    details: JSONObject = {
        'causes': [{'reason': 'ResourceVersionTooLarge', 'message': 'Too large resource version'}],
        'retryAfterSeconds': 1,
    }
    message = f'Timeout: Too large resource version: {asked}, current: {current}'
    return KubernetesError(details, 504, 'Timeout', message)


def success(code: int) -> bytes:
    """The body of an answer that has nothing to tell but that all went well."""
    return encode({'kind': 'Status', 'apiVersion': 'v1', 'metadata': {}, 'status': 'Success', 'code': code})


def too_old_list() -> KubernetesError:
    """What there was at a revision is forgotten."""
    return KubernetesExpiredError(message='The resourceVersion for the provided list is too old.')


class TooOldTokenError(KubernetesExpiredError):
    """What a page was to be taken of is forgotten; `token` goes on with what is there now.

    Args:
        token: the token.
    """

    message: str | None = (
        'The provided continue parameter is too old to display a consistent list result. You can start a new list '
        'without the continue parameter, or use the continue token in this response to retrieve the remainder of the '
        'results. Continuing with the provided token results in an inconsistent list - objects that were created, '
        'modified, or deleted between the time the first chunk was returned and now may show up in the list.'
    )

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token

    def as_status(self) -> JSONObject:
        """The ``Status`` object, with the token in its metadata."""
        return {**super().as_status(), 'metadata': {'continue': self.token}}


def _quote(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
