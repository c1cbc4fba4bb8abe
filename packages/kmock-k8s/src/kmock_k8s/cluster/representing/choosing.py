"""Which representation a client gets (``apiserver/pkg/endpoints/handlers/negotiation``)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from kmock_core import Request
from kmock_k8s.api.accepting import Clause, parse_accept
from kmock_k8s.errors import KubernetesError

JSON, YAML, PROTOBUF = 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'

MEDIA = (JSON, YAML, PROTOBUF)
STREAMS = (f'{JSON};stream=watch', f'{PROTOBUF};stream=watch')
STREAMED = (*MEDIA, *STREAMS)
"""Of collections, which can be watched."""
LOGGED = ('text/plain', *MEDIA)
"""Of the logs of pods."""

TABLE, PARTIAL, PARTIAL_LIST = 'Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'
_TRANSFORMS = frozenset({TABLE, PARTIAL, PARTIAL_LIST})
_VERSIONS = frozenset({'v1', 'v1beta1'})
_HUMAN = ('curl', 'Wget', 'Mozilla/5.0')
_TRUE = frozenset({'1', 't', 'T', 'TRUE', 'true', 'True'})


class Choice(NamedTuple):
    """What a client gets."""

    media: str = JSON
    transform: str = ''
    """What objects are turned into; empty if they stay what they are."""
    version: str = ''
    """The version of that."""
    indented: bool = False
    """Whether JSON is to be read by people."""


def is_plain(request: Request) -> bool:
    """Tell if a request is one of the many to which all is compact JSON: the check that each of them goes through."""
    values = request.header_values
    accept = values.get(b'accept')
    if accept is not None and accept[0] not in _PLAIN:
        return False
    agent = values.get(b'user-agent')
    return (agent is None or not agent[0].startswith(_HUMAN)) and 'pretty' not in request.target


_PLAIN = frozenset({'', '*/*', JSON, f'{JSON}, */*', f'{JSON}, text/plain, */*', f'{JSON},*/*'})


def accept_of(request: Request) -> str:
    """The header of that name: the first one, if there are several."""
    values = request.header_values.get(b'accept')
    return values[0] if values else ''


def is_indented(request: Request) -> bool:
    """Tell if a request is that of somebody who wants to read the answer: by its query, or else by its client."""
    if 'pretty' in request.target:
        for name, value in request.query_pairs:
            if name == 'pretty':
                if value:
                    return value in _TRUE
                break
    agent = request.header_values.get(b'user-agent')
    return agent is not None and agent[0].startswith(_HUMAN)


@lru_cache(maxsize=512)
def choose(accept: str, *, transforming: bool, custom: bool = False) -> Choice | None:
    """What a header asks for; None if it takes nothing that there is.

    Where clients take JSON as well as protobuf, they get JSON: which is to be read by who debugs a test.

    Args:
        accept: the header.
        transforming: whether objects can be turned into others there.
        custom: whether the objects are custom ones, that have no protobuf.
    """
    if not accept:
        return Choice()
    binary: Choice | None = None
    for clause in parse_accept(accept):
        for media in MEDIA:
            found = _accept(clause, media, transforming, custom) if clause.covers(media) else None
            if found is not None and media != PROTOBUF:
                return found
            binary = binary or found
    return binary


def _accept(clause: Clause, media: str, transforming: bool, custom: bool) -> Choice | None:
    given = clause.parameters
    if given.get('sv') or (given.get('stream') and (media == YAML or given['stream'] != 'watch')):
        return None
    indented = given.get('pretty') == '1'
    if not given.keys() & {'as', 'g', 'v'}:
        return None if custom and media == PROTOBUF else Choice(media, indented=indented)
    kind, version = given.get('as', ''), given.get('v', '')
    if not transforming or kind not in _TRANSFORMS or version not in _VERSIONS or given.get('g') != 'meta.k8s.io':
        return None
    return None if kind == TABLE and media == PROTOBUF else Choice(media, kind, version, indented)


def demand_produced(accept: str, produced: tuple[str, ...]) -> None:
    """Refuse what is not even named among the media types of a URL: the first of two checks, on built-in URLs."""
    if accept and not _is_produced(accept, produced):
        text = f'406: Not Acceptable\n\nAvailable representations: {", ".join(produced)}'
        raise KubernetesError({}, 406, 'NotAcceptable', text)


@lru_cache(maxsize=512)
def _is_produced(accept: str, produced: tuple[str, ...]) -> bool:
    named = {item.partition(';')[0].strip(' ') for item in accept.split(',')}
    return not named.isdisjoint({'*/*', *produced})


def not_acceptable(accepted: Sequence[str] = MEDIA) -> KubernetesError:
    """Nothing that there is would be taken."""
    return refuse_form(f'only the following media types are accepted: {", ".join(accepted)}')


def refuse_form(message: str) -> KubernetesError:
    """The answer can't be what is asked for."""
    return KubernetesError(status=406, reason='NotAcceptable', message=message)
