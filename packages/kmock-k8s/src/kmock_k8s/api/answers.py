"""Answers with JSON that is encoded already."""

from kmock_core.values.responses import Answer, Metadata

JSON_TYPE = 'application/json'

_OK = Metadata()


def answer_raw(raw: bytes) -> Answer:
    """The bytes of JSON, as an answer."""
    return _OK.compose(raw, JSON_TYPE)
