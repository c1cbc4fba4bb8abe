"""The errors of the Kubernetes API: exceptions that are answered as ``Status`` objects.

::

    KubernetesError                             500
    ├── KubernetesNotFoundError                 404 Not Found
    │   ├── KubernetesEndpointNotFoundError     404 Endpoint Not Found
    │   ├── KubernetesResourceNotFoundError     404 Resource Not Found
    │   └── KubernetesObjectNotFoundError       404 Object Not Found
    └── KubernetesObjectConflictError           409 Object Already Exists

Besides, what a test has typed wrong::

    ResourceNotationError                       a thing that denotes no resource   (also ValueError)
    NotJSONError                                a thing in an object that JSON does not have   (also TypeError)

The former are meant: a rule that has one as its payload, or raises it, answers it; no error of the test is collected.
The format is that of the API conventions (kinds, "Response Status Kind").
"""

from collections.abc import Mapping
from typing import Any

from kmock_core import KMockError, Response


class ResourceNotationError(KMockError, ValueError):
    """A thing denotes no resource, or not one alone; `given` is that thing."""

    def __init__(self, message: str, given: object = None) -> None:
        super().__init__(message)
        self.given = given


class NotJSONError(KMockError, TypeError):
    """An object has something that JSON does not have; the message says where."""


class KubernetesError(KMockError):
    """An error of the Kubernetes API, answered as a ``Status``.

    Args:
        details: the details of the status, a JSON object.
        status: the HTTP status and the code of the status.
        reason: why, in a word or two.
        message: why, for people.
    """

    status: int = 500
    reason: str | None = None
    message: str | None = None
    details: Mapping[str, Any] | None = None

    def __init__(
        self,
        details: Mapping[str, Any] | None = None,
        status: int | None = None,
        reason: str | None = None,
        message: str | None = None,
    ) -> None:
        self.details = details
        if status is not None:
            self.status = int(status)
        if reason is not None:
            self.reason = reason
        if message is not None:
            self.message = message
        super().__init__(self.message or self.reason or f'HTTP {self.status}')

    def as_status(self) -> dict[str, Any]:
        """The ``Status`` object; fields without a value are left out."""
        fields = {'message': self.message, 'reason': self.reason, 'details': self.details, 'code': self.status}
        return {
            'apiVersion': 'v1',
            'kind': 'Status',
            'metadata': {},
            'status': 'Failure',
            **{name: dict(value) if isinstance(value, Mapping) else value for name, value in fields.items() if value},
        }

    def __kmock_payload__(self) -> Response:
        return Response(status=self.status, payload=self.as_status())


class KubernetesNotFoundError(KubernetesError):
    """Something that was asked for is not there."""

    status = 404
    reason: str | None = 'Not Found'
    message: str | None = 'The server could not find what was requested.'


class KubernetesEndpointNotFoundError(KubernetesNotFoundError):
    """The URL is none of the Kubernetes API."""

    reason: str | None = 'Endpoint Not Found'
    message: str | None = 'The URL is not one of the Kubernetes API.'


class KubernetesResourceNotFoundError(KubernetesNotFoundError):
    """The resource is not known."""

    reason: str | None = 'Resource Not Found'
    message: str | None = 'The resource is not known to the server.'


class KubernetesObjectNotFoundError(KubernetesNotFoundError):
    """The object does not exist."""

    reason: str | None = 'Object Not Found'
    message: str | None = 'The object does not exist.'


class KubernetesObjectConflictError(KubernetesError):
    """The object exists already."""

    status = 409
    reason: str | None = 'Object Already Exists'
    message: str | None = 'An object of that name exists already.'
