"""The OpenAPI v2 document of a server, in the two encodings that there are of it."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property, lru_cache
from hashlib import sha512
from typing import TYPE_CHECKING, Final, TypeAlias

from kmock_k8s.api.accepting import parse_accept
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.openapi import documents
from kmock_k8s.openapi.custom import list_routes
from kmock_k8s.openapi.routes import Route
from kmock_k8s.openapi.swagger import Fragment, describe_routes, head
from kmock_k8s.openapi.swagger_custom import define_custom
from kmock_k8s.openapi.swagger_definitions import collect, define
from kmock_k8s.protobuf.gnostic import encode_document

if TYPE_CHECKING:
    from kmock_k8s.openapi.serving import Source

JSON: Final = 'application/json'
PROTOBUF: Final = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

_FORMER: Final = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
_OFFERED: Final = {JSON: JSON, _FORMER: PROTOBUF, PROTOBUF: PROTOBUF}


class Together:
    """The document that is made of all others; it is made when it is first asked for.

    What is built in is encoded once for all servers; so that a new custom resource does not take long.

    Args:
        sources: what the others are made of.
    """

    def __init__(self, sources: 'Sequence[Source]') -> None:
        self.sources: tuple[Source, ...] = tuple(sources)
        self._made: dict[str, bytes] = {}

    @cached_property
    def tag(self) -> str:
        """What tells the states of the document apart."""
        return sha512(''.join(source.hash for source in self.sources).encode()).hexdigest().upper()

    def encode(self, media: str) -> bytes:
        """Its bytes in one of the encodings."""
        if media not in self._made:
            self._made[media] = self._encode(_encode_binary if media == PROTOBUF else _encode_json)
        return self._made[media]

    def _encode(self, encode_part: '_Encoder') -> bytes:
        builtin = [one._replace(custom=()) for one in self.sources if one.builtin or not one.custom]
        known = [(fragment_of(source), encode_paths(source, encode_part)) for source in builtin]
        own: dict[str, JSONObject] = {}
        for source in self.sources:
            for item, published in source.custom:
                fragment = describe_routes(list_routes(source.group, source.version, item, published.list_kind))
                known.append((fragment, encode_part('paths', fragment.paths)))
                own |= define_custom(source.group, source.version, item.kind, published)
        parameters: JSONObject = {}
        wanted: set[str] = set()
        for fragment, _ in known:
            parameters |= fragment.parameters
            wanted |= fragment.wanted
        definitions = [
            encode_part('definitions', {name: own[name]}) if name in own else encode_definition(name, encode_part)
            for name in collect(wanted, own)
        ]
        start = head(self.sources[0].release)
        if encode_part is _encode_binary:
            shared = encode_part('parameters', parameters)
            return b''.join([encode_document(start), *(paths for _, paths in known), *definitions, shared])
        paths = b','.join(filter(None, (paths for _, paths in known)))
        whole = [encode(start)[:-1], b',"paths":{', paths, b'},"definitions":{', b','.join(definitions)]
        return b''.join([*whole, b'},"parameters":', encode(parameters), b'}'])


_Encoder: TypeAlias = Callable[[str, JSONObject], bytes]
"""Encodes a part of the document: its name there, and what is in it."""


def _encode_json(_: str, part: JSONObject) -> bytes:
    return encode(part)[1:-1]


def _encode_binary(name: str, part: JSONObject) -> bytes:
    """Messages that stand one behind another are one."""
    return encode_document({name: part})


@lru_cache(maxsize=256)
def fragment_of(source: 'Source') -> Fragment:
    """The fragment of the built-in operations in a document of v3."""
    return describe_routes(_list_routes(source))


@lru_cache(maxsize=512)
def encode_paths(source: 'Source', encode_part: _Encoder) -> bytes:
    """The paths of these operations."""
    return encode_part('paths', fragment_of(source).paths)


@cache
def encode_definition(name: str, encode_part: _Encoder) -> bytes:
    """A built-in definition."""
    return encode_part('definitions', {name: define(name)})


def _list_routes(source: 'Source') -> Iterable[Route]:
    """The built-in operations of a document of v3."""
    if not source.version:
        return [_LONE.get(source.path, lambda: documents.tell_group(source.group))()]
    return documents.list_version(source.group, source.version, source.builtin)


_LONE: Final[dict[str, Callable[[], Route]]] = {'version': documents.tell_release, 'apis': documents.tell_groups}


def choose(accept: str) -> str | None:
    """The encoding that a client prefers; None if it takes none of them.

    >>> choose('application/com.github.proto-openapi.spec.v2@v1.0+protobuf, application/json;q=0.5')
    'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
    """
    for clause in parse_accept(accept or '*/*'):
        for offered, media in _OFFERED.items():
            if clause.covers(offered):
                return media
    return None
