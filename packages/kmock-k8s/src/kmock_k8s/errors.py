"""The errors of the Kubernetes API: exceptions that are answered as ``Status`` objects.

::

    KubernetesError                             500
    ├── KubernetesBadRequestError               400 BadRequest
    ├── KubernetesNotFoundError                 404 Not Found
    │   ├── KubernetesEndpointNotFoundError     404 Endpoint Not Found
    │   ├── KubernetesResourceNotFoundError     404 Resource Not Found
    │   └── KubernetesObjectNotFoundError       404 Object Not Found
    ├── KubernetesMethodNotAllowedError         405 MethodNotAllowed
    ├── KubernetesObjectConflictError           409 Object Already Exists
    ├── KubernetesExpiredError                  410 Expired
    ├── KubernetesMediaTypeError                415 UnsupportedMediaType
    └── KubernetesInvalidError                  422 Invalid

Besides, what a test has typed wrong::

    ResourceNotationError                       a thing that denotes no resource   (also ValueError)
    NotJSONError                                a thing in an object that JSON does not have   (also TypeError)
    ManifestError                               a thing in a file of manifests that is no object   (also ValueError)
    KubeconfigError                             a file that must not be overwritten   (also OSError)

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


class ManifestError(KMockError, ValueError):
    """Something in a file of manifests is no object of Kubernetes; the message says where, and what is wrong."""


class KubeconfigError(KMockError, OSError):
    """A file is there already that must not be overwritten by a kubeconfig."""


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
            'kind': 'Status',
            'apiVersion': 'v1',
            'metadata': {},
            'status': 'Failure',
            **{
                name: dict(value) if isinstance(value, Mapping) else value
                for name, value in fields.items()
                if value is not None and value != ''
            },
        }

    def __kmock_payload__(self) -> Response:
        return Response(status=self.status, payload=self.as_status())


class KubernetesBadRequestError(KubernetesError):
    """The request can't be understood: its body, or its query."""

    status = 400
    reason: str | None = 'BadRequest'
    message: str | None = 'The request is malformed.'


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


class KubernetesMethodNotAllowedError(KubernetesError):
    """The method means nothing at this URL."""

    status = 405
    reason: str | None = 'MethodNotAllowed'
    message: str | None = 'The method is not allowed here.'


class KubernetesObjectConflictError(KubernetesError):
    """The object exists already."""

    status = 409
    reason: str | None = 'Object Already Exists'
    message: str | None = 'An object of that name exists already.'


class KubernetesExpiredError(KubernetesError):
    """What is to be continued or resumed is too long ago: the client has to list anew."""

    status = 410
    reason: str | None = 'Expired'
    message: str | None = 'The resource version is too old.'


class KubernetesMediaTypeError(KubernetesError):
    """The body is in a format that is not accepted here."""

    status = 415
    reason: str | None = 'UnsupportedMediaType'
    message: str | None = 'The media type of the body is not accepted.'


class KubernetesInvalidError(KubernetesError):
    """The request is understood, but it makes no valid object."""

    status = 422
    reason: str | None = 'Invalid'
    message: str | None = 'The object is invalid.'
