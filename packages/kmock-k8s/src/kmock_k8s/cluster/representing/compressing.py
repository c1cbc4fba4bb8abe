"""Big answers, compressed for those who ask for it (``apiserver/pkg/endpoints/handlers/responsewriters``)."""

from kmock_core import Request
from kmock_core.values.responses import Answer
from kmock_k8s.cluster.representing.choosing import MEDIA

BIG = 128 * 1024
"""Answers with more bytes are compressed, not those with fewer."""

_FAST = 1  # the level of compression, as of a real server


def is_big(answer: Answer) -> bool:
    """Tell if an answer is worth compressing: the check that each of them goes through."""
    return type(answer.body) is bytes and len(answer.body) > BIG


def compress(request: Request, answer: Answer) -> Answer:
    """A big answer as it is, or compressed, if its client has asked for that."""
    accepted = request.header_values.get(b'accept-encoding')
    if not accepted or 'gzip' not in {item.strip() for item in accepted[0].split(',')}:
        return answer
    media = answer.header('content-type') or ''
    if not media.startswith(MEDIA) or request.target.startswith('/openapi/') or answer.header('content-encoding'):
        return answer
    import gzip

    assert isinstance(answer.body, bytes)
    body = gzip.compress(answer.body, _FAST, mtime=0)
    kept = [(name, value) for name, value in answer.headers if name.lower() != 'content-length']
    headers = (*kept, ('Content-Encoding', 'gzip'), ('Content-Length', str(len(body))), ('Vary', 'Accept-Encoding'))
    return Answer(answer.status, answer.reason, headers, body)
