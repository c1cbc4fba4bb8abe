"""Where an object is, and which of its versions is meant: the keys of ``kmock.objects``."""

from typing import NamedTuple

from kmock_k8s.model.resources import resource


class ObjectKey(NamedTuple):
    """Where an object is: its resource, its namespace (None for objects of the cluster), its name."""

    resource: resource
    namespace: str | None
    name: str

    def __str__(self) -> str:
        place = self.name if self.namespace is None else f'{self.namespace}/{self.name}'
        return f'{self.resource} {place}'


class VersionKey(NamedTuple):
    """One version of an object: the number in its history, from 0, or from -1 backwards."""

    resource: resource
    namespace: str | None
    name: str
    number: int


class HistoryKey(NamedTuple):
    """Some versions of an object: a slice of its history."""

    resource: resource
    namespace: str | None
    name: str
    slice: slice
