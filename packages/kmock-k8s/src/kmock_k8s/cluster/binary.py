"""Bodies in protobuf: what Go clients send for the built-in kinds; the errors are those of a real server."""

from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.fitting import fit
from kmock_k8s.cluster.gotypes import unhandled
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.parsing import show_body
from kmock_k8s.cluster.recognizing import check_type
from kmock_k8s.cluster.statuses import bad_request
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.protobuf import Envelope, ProtobufError, decode_message, open_envelope
from kmock_k8s.protobuf.tables import find_message


def decode_binary(body: bytes, kind: Kind) -> JSONObject:
    """Decode the object in a body for a kind; it is the same as that of JSON would be.

    Raises:
        KubernetesError: it is none of this kind, or it is malformed, or there is no such encoding of this kind.
    """
    try:
        envelope = open_envelope(body)
    except ProtobufError as exc:
        what = f'the object provided is unrecognized (must be of type {kind.name})'
        raise bad_request(f'{what}: {exc} ({show_body(body)})') from exc
    if isinstance(kind, CustomKind):
        raise unhandled(kind, "Object 'Kind' is missing in 'object has no kind field '")
    check_type({'apiVersion': envelope.api_version, 'kind': envelope.kind}, kind, body)
    message = find_message(kind.api_version, kind.name)
    if message is None or kind.schema is None:
        raise unhandled(kind, f'{kind.name} is known in JSON and YAML only')
    try:
        content = decode_message(message, envelope.raw)
    except ProtobufError as exc:
        raise unhandled(kind, str(exc)) from exc
    content, _ = fit(content, kind, exact=True)
    return {'kind': kind.name, 'apiVersion': kind.api_version, **content}


def decode_options(body: bytes, name: str, scheme: str) -> JSONObject:
    """Decode the options in a body; their kind is in all groups, so that none needs to be told.

    Args:
        body: what was sent.
        name: the kind of the options.
        scheme: where a real server would look for it.

    Raises:
        KubernetesError: they are malformed, or of another kind.
    """
    try:
        envelope = open_envelope(body)
        _check_name(envelope, name, scheme)
        return decode_message(f'io.k8s.apimachinery.pkg.apis.meta.v1.{name}', envelope.raw)
    except ProtobufError as exc:
        raise bad_request(str(exc)) from exc


def _check_name(envelope: Envelope, name: str, scheme: str) -> None:
    if envelope.kind not in ('', name):
        version = envelope.api_version
        raise bad_request(f'no kind "{envelope.kind}" is registered for version "{version}" in scheme "{scheme}"')
