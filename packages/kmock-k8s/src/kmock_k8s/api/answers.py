"""Answers with JSON that is encoded already."""

from kmock_core.values.responses import Answer, Metadata, Response
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import JSONObject, encode

JSON_TYPE = 'application/json'

_OK = Metadata()


def answer_raw(raw: bytes) -> Answer:
    """The bytes of JSON, as an answer."""
    return _OK.compose(raw, JSON_TYPE)


def answer_json(document: JSONObject) -> Answer:
    """A document, as an answer."""
    return answer_raw(encode(document))


def response_of(error: KubernetesError) -> Response:
    """The ``Status`` of an error."""
    return error.__kmock_payload__()
