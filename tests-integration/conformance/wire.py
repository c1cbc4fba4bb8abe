"""A client that sends exactly what it is told, and that notes of an answer what the recordings have."""

import base64
import binascii
import http.client
import json
import ssl
import urllib.parse
from dataclasses import dataclass

from conformance.orders import Order
from conformance.recordings import JSON

VALUED = (
    'Content-Type', 'Warning', 'Location', 'Allow', 'Retry-After', 'WWW-Authenticate', 'Cache-Control',
    'X-Content-Type-Options', 'Accept-Patch', 'Vary', 'ETag',
)  # fmt: skip
"""Headers whose values are noted."""

PRESENT = (
    'Audit-Id', 'X-Kubernetes-Pf-Flowschema-Uid', 'X-Kubernetes-Pf-Prioritylevel-Uid', 'Date', 'Content-Length',
    'Transfer-Encoding',
)  # fmt: skip
"""Headers whose values say nothing: only their presence is noted."""

TIMEOUT = 30.0


@dataclass(frozen=True)
class Address:
    """A server, and as whom to speak to it.

    Args:
        url: without a path, or with that of a proxy.
        token: of a user who may do all; None sends no such header, as where the certificate of the client says it all.
        nobody: the token of a user who may do nothing.
        context: for https.
    """

    url: str
    token: str | None = 'admin-token'
    nobody: str = 'nobody-token'
    context: ssl.SSLContext | None = None

    def token_of(self, user: str | None) -> str | None:
        """The token that a step means: of ``admin`` (the default), of ``nobody``, of ``none``, or any other."""
        return {None: self.token, 'admin': self.token, 'nobody': self.nobody, 'none': None}.get(user, user)

    def connect(self, timeout: float = TIMEOUT) -> http.client.HTTPConnection:
        """A new connection."""
        parts = urllib.parse.urlsplit(self.url)
        if parts.hostname is None:
            raise ValueError(f'no URL of a server: {self.url!r}; it has to be as http://127.0.0.1:8001')
        if parts.scheme == 'https':
            return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=self.context)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def send(self, connection: http.client.HTTPConnection, order: Order) -> None:
        """Send a request, with no headers but its own, and those without which HTTP/1.1 does not work."""
        parts = urllib.parse.urlsplit(self.url)
        connection.putrequest(order.method, parts.path.rstrip('/') + order.target, True, True)
        connection.putheader('Host', parts.netloc)
        for name, value in order.headers.items():
            connection.putheader(name, value)
        if order.body is not None or order.method in ('POST', 'PUT', 'PATCH'):
            connection.putheader('Content-Length', str(len(order.body or b'')))
        connection.endheaders(order.body or None)


class Client:
    """Sends requests one after another over a connection that is kept."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._kept: http.client.HTTPConnection | None = None

    def request(self, order: Order) -> tuple[http.client.HTTPResponse, bytes]:
        """The answer, read to its end; sent again if the server has closed the connection meanwhile."""
        if self._kept is not None:
            try:
                return self._exchange(self._kept, order)
            except (http.client.HTTPException, OSError):
                self.close()
        self._kept = self._address.connect()
        return self._exchange(self._kept, order)

    def close(self) -> None:
        """Close the connection."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _exchange(self, connection: http.client.HTTPConnection, order: Order) -> tuple[http.client.HTTPResponse, bytes]:
        self._address.send(connection, order)
        response = connection.getresponse()
        body = response.read()
        if response.will_close:
            self.close()
        return response, body


def noted_headers(response: http.client.HTTPResponse) -> dict[str, JSON]:
    """The headers of interest; repeated ones are lists."""
    noted: dict[str, JSON] = {}
    for name in VALUED:
        if values := response.headers.get_all(name):
            noted[name] = values[0] if len(values) == 1 else values
    noted['_present'] = [name for name in PRESENT if name in response.headers]
    return noted


def noted_body(response: http.client.HTTPResponse, body: bytes, *, skip: bool = False) -> dict[str, JSON]:
    """The body as what it is: JSON, text, bytes, or nothing; only whether there is one if it is to be skipped."""
    if skip:
        return {'skipped': True, 'length_is_zero': not body}
    if not body:
        return {'empty': True}
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {'base64': binascii.b2a_base64(body, newline=False).decode()}
    media_type = (response.headers.get('Content-Type') or '').split(';')[0].strip()
    if media_type.endswith('json') or text[:1] in ('{', '['):
        try:
            return {'json': json.loads(text), **({'indented': True} if '\n  ' in text else {})}
        except ValueError:
            pass
    return {'text': text}


def decoded(text: str) -> bytes:
    """Base64, as kubeconfigs have it."""
    return base64.b64decode(text)
