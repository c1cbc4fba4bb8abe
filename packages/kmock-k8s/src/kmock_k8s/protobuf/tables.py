"""The table of the messages: their fields, by their numbers."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from kmock_k8s.model.loading import read_path
from kmock_k8s.schemas import tables as schemas

BUNDLED: Final = 'kubernetes-1.36-protobuf.json.gz'
"""The messages of a current Kubernetes; derived by ``tools/derive_protobuf.py``."""

SCALARS: Final = frozenset(('string', 'int32', 'int64', 'bool', 'double', 'bytes', 'json'))


class Field(NamedTuple):
    """A field of a message."""

    number: int
    name: str
    """As it stands in JSON."""
    type: str
    """One of the scalars, or the name of a message."""
    is_map: bool
    """Whether there are values of this type by texts."""
    is_repeated: bool
    is_inline: bool
    """Whether its own fields are those of the message that it stands in."""
    is_plain: bool
    """Whether a zero is the same as nothing: it is no pointer in Go, and left out of JSON."""

    @property
    def is_empty_nothing(self) -> bool:
        """Whether it is left out of JSON when there is nothing in it."""
        return self.is_plain or self.is_map or self.is_repeated

    @property
    def is_message(self) -> bool:
        """Whether it is made of fields."""
        return self.type not in SCALARS


class Table(NamedTuple):
    """The fields by the packages of messages and by their names there; and the names of messages by their kinds."""

    messages: Mapping[str, Mapping[str, list[Any]]]
    kinds: Mapping[str, str]


@cache
def load() -> Table:
    """The table that comes with this package: read once, when it is first needed."""
    content = read_path(Path(__file__).parent.parent / 'data' / BUNDLED)
    return Table(content['messages'], content['kinds'])


def find_message(api_version: str, kind: str) -> str | None:
    """The name of the message that a kind is; None if there is no such kind.

    >>> find_message('apps/v1', 'Deployment')
    'io.k8s.api.apps.v1.Deployment'
    """
    group, _, version = api_version.rpartition('/')
    key = f'{group}/{version}/{kind}'
    return load().kinds.get(key) or schemas.load().kinds.get(key)


@cache
def fields_of(message: str) -> tuple[Field, ...]:
    """The fields of a message, by their numbers."""
    package, _, name = message.rpartition('.')
    return tuple(_field(package, *row) for row in load().messages[package][name])


@cache
def lasting_texts(message: str) -> frozenset[str]:
    """The texts of a message that stay in JSON when they are empty: they are pointers in Go, or are always written.

    >>> sorted(lasting_texts('io.k8s.api.coordination.v1.LeaseSpec'))
    ['holderIdentity', 'preferredHolder', 'strategy']
    """
    package, _, name = message.rpartition('.')
    if name not in load().messages.get(package, {}):
        return frozenset()
    inline = [lasting_texts(field.type) for field in fields_of(message) if field.is_inline]
    own = [field.name for field in fields_of(message) if field.type == 'string' and not field.is_empty_nothing]
    return frozenset(own).union(*inline)


def _field(package: str, number: int, name: str, type_: str, flags: str) -> Field:
    is_map = type_.startswith('map<')
    type_ = type_[len('map<') : -1] if is_map else type_
    if type_ not in SCALARS:
        type_ = type_[1:] if type_.startswith('.') else f'{package}.{type_}'
    return Field(number, name, type_, is_map, 'r' in flags, 'i' in flags, 'z' in flags)
