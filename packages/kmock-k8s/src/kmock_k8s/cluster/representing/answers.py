"""Answers that are about no objects: documents, and errors; as they are accepted."""

from kmock_core import Request
from kmock_core.values.responses import Answer
from kmock_k8s.cluster.representing.choosing import (
    JSON,
    MEDIA,
    accept_of,
    choose,
    demand_produced,
    is_indented,
    is_plain,
    not_acceptable,
)
from kmock_k8s.cluster.representing.indenting import indent
from kmock_k8s.cluster.representing.writing import rewrite, write
from kmock_k8s.errors import KubernetesError


def represent_document(request: Request, answer: Answer, produced: tuple[str, ...] = MEDIA) -> Answer:
    """A document that is about no objects: as it is accepted."""
    if is_plain(request) or not isinstance(answer.body, bytes) or answer.header('content-type') != JSON:
        return answer
    accept = accept_of(request)
    demand_produced(accept, produced)
    choice = choose(accept, transforming=False)
    if choice is None:
        raise not_acceptable()
    if is_indented(request):
        choice = choice._replace(indented=True)
    return rewrite(answer, write(answer.body.rstrip(b'\n'), choice), choice.media)


def represent_error(request: Request, answer: Answer) -> Answer:
    """An error as it is accepted; to who takes nothing that there is, as JSON for people."""
    if is_plain(request) or not isinstance(answer.body, bytes):
        return answer
    raw = answer.body.rstrip(b'\n')
    choice = choose(accept_of(request), transforming=False)
    if choice is None:
        return rewrite(answer, indent(raw))
    if is_indented(request):
        choice = choice._replace(indented=True)
    try:
        return rewrite(answer, write(raw, choice), choice.media)
    except KubernetesError:
        return rewrite(answer, indent(raw))
