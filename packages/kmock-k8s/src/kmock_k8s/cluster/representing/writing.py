"""Writes JSON that is encoded already in the media types that there are."""

import json

from kmock_core.values.responses import Answer
from kmock_k8s.cluster.representing.choosing import JSON, PROTOBUF, YAML, Choice, not_acceptable, refuse_form
from kmock_k8s.cluster.representing.indenting import indent


def write(raw: bytes, choice: Choice) -> bytes:
    """A body in the media type that was chosen.

    Raises:
        KubernetesError: it can't be written so.
    """
    if choice.media == YAML:
        from kmock_k8s.cluster.representing.yaml import write_yaml

        return write_yaml(json.loads(raw))
    if choice.media == PROTOBUF:
        return write_protobuf(raw)
    return indent(raw) if choice.indented else raw + b'\n'


def write_protobuf(raw: bytes) -> bytes:
    """The same object in protobuf.

    Raises:
        KubernetesError: there is no such encoding of its kind; or it is none of its kind, as tests may store anything.
    """
    from kmock_k8s.protobuf import ProtobufError, encode

    try:
        found = encode(json.loads(raw))
    except ProtobufError as exc:
        raise refuse_form(f'it can not be written in protobuf: {exc}') from exc
    if found is None:
        raise not_acceptable()
    return found


def rewrite(answer: Answer, body: bytes, media: str = JSON) -> Answer:
    """The same answer with another body."""
    headers = [(name, value) for name, value in answer.headers if name.lower() not in _OF_BODY]
    sized = (*headers, ('Content-Length', str(len(body))), ('Content-Type', media))
    return Answer(answer.status, answer.reason, sized, body)


_OF_BODY = frozenset({'content-length', 'content-type'})
