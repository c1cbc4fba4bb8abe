"""How the store in memory keeps its objects: as few bytes as there can be around those of their JSON."""

from collections.abc import Iterable
from itertools import chain
from types import EllipsisType
from typing import Any, TypeAlias, cast

from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import resource
from kmock_k8s.store.states import State

Namespaces: TypeAlias = str | EllipsisType | None
"""A namespace; None for the objects of the cluster itself; ``...`` for all of these."""


class Record:
    """An object as it is kept: what it is, and what it was before.

    The past is a flat list of revisions and bytes by turns, half as big as a list of states; a deletion is 0, None.
    """

    __slots__ = ('_past', 'key', 'state')

    key: ObjectKey
    state: State | None
    _past: list[int | bytes | None] | None

    def __init__(self, key: ObjectKey) -> None:
        self.key = key
        self.state = None
        self._past = None

    @property
    def is_new(self) -> bool:
        """True if it never was anything yet."""
        return self.state is None and self._past is None

    def change(self, state: State | None) -> None:
        """Go on to a state, or to a deletion."""
        if self.state is not None:
            self._remember(self.state.revision, self.state.raw)
        if state is None:
            self._remember(0, None)
        self.state = state

    def rewrite(self, states: Iterable[State | None]) -> None:
        """Have been these, and nothing else."""
        self.state = self._past = None
        for state in states:
            self.change(state)

    def history(self) -> list[State | None]:
        """All that it was, and what it is."""
        past = iter(cast('list[Any]', self._past or []))
        history = [None if raw is None else State(revision, raw) for revision, raw in zip(past, past, strict=True)]
        return history if self.state is None else [*history, self.state]

    def copy(self) -> 'Record':
        """The same, to go on by itself."""
        record = Record(self.key)
        record.state = self.state
        record._past = None if self._past is None else [*self._past]
        return record

    def _remember(self, revision: int, raw: bytes | None) -> None:
        if self._past is None:
            self._past = [revision, raw]
        else:
            self._past += (revision, raw)


class Table:
    """The objects of one resource: by namespace, by name, in the order of their creation."""

    __slots__ = ('about', 'records')

    about: resource
    records: dict[str | None, dict[str, Record]]

    def __init__(self, about: resource) -> None:
        self.about = about
        self.records = {}

    def copy(self) -> 'Table':
        """The same, to go on by itself."""
        table = Table(self.about)
        for namespace, records in self.records.items():
            table.records[namespace] = {name: record.copy() for name, record in records.items()}
        return table

    def walk(self, namespace: Namespaces, name: str | None = None) -> Iterable[Record]:
        """The objects of a namespace, or of all, the deleted ones too; perhaps only those of a name."""
        places = self.records.values() if namespace is ... else (self.records.get(namespace, {}),)
        if name is not None:
            return [records[name] for records in places if name in records]
        return chain.from_iterable([records.values() for records in places])
