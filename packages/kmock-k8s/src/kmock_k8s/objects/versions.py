"""What an object was at some time: its versions, and all of them in their order."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import index as operator_index
from typing import Any, SupportsIndex, TypeAlias, cast, overload

from kmock_k8s.objects.comparing import Comparable, Relation, compare
from kmock_k8s.objects.copying import copy_mapping
from kmock_k8s.objects.origins import Content, Past
from kmock_k8s.objects.pairing import pair
from kmock_k8s.objects.views import ReadableMapping

Given: TypeAlias = 'Mapping[str, Any] | bytes | None'


class ObjectVersion(ReadableMapping):
    """What an object was at some time: a mapping that does not change.

    It compares with patterns as an `Object` does. It is made of a mapping, or of the bytes of its JSON.
    """

    __slots__ = ('_encoded',)

    def __init__(self, state: Mapping[str, Any] | bytes, /) -> None:
        self._encoded = state if isinstance(state, bytes) else None
        if not isinstance(state, bytes):
            self._place(Past(copy_mapping(state)), ())

    def __getattr__(self, name: str) -> Any:
        if name not in ('_origin', '_path') or self._encoded is None:  # the slots are empty until somebody looks
            raise AttributeError(f'{type(self).__name__!r} has no attribute {name!r}', name=name, obj=self)
        self._place(Past(json.loads(self._encoded)), ())
        return getattr(self, name)

    def __repr__(self) -> str:
        return f'ObjectVersion({self._known()!r})'


class ObjectHistory(Comparable, Sequence['ObjectVersion | None']):
    """What an object was and is, in this order, with None for each time when it was deleted.

    It equals a list of patterns when each version is exactly as its pattern says, in their order. With ``>=``, each
    pattern has to find a version of its own that has all of it; with ``<=``, each version a pattern that it has nothing
    besides; one to one, in any order.

    That of an object goes on with the object; a slice does not.
    """

    __slots__ = ('_items', '_list')

    def __init__(self, states: Iterable[Given] = (), /) -> None:
        items = [None if state is None else ObjectVersion(state) for state in states]
        self._items: list[ObjectVersion | None] = items
        self._list: Callable[[], Sequence[Content | None]] | None = None

    @classmethod
    def of(cls, list_states: Callable[[], Sequence[Content | None]]) -> 'ObjectHistory':
        """The history that goes on as the states do."""
        history = cls()
        history._list = list_states
        return history

    def _versions(self) -> list[ObjectVersion | None]:
        if self._list is None:
            return self._items
        return [None if state is None else ObjectVersion(state) for state in self._list()]

    def _is_comparable(self, other: object) -> bool:
        return isinstance(other, Sequence) and not isinstance(other, (str, bytes, bytearray, memoryview))

    def _compare(self, other: object, relation: Relation) -> Any:
        if not self._is_comparable(other):
            return NotImplemented
        known = [None if version is None else version.raw for version in self._versions()]
        patterns = list(cast('Sequence[Any]', other))
        if relation is Relation.EXACTLY:
            return compare(known, patterns, relation)
        return pair(known, patterns, relation)

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> ObjectVersion | None: ...
    @overload
    def __getitem__(self, index: slice, /) -> 'ObjectHistory': ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> 'ObjectVersion | ObjectHistory | None':
        versions = self._versions()
        if not isinstance(index, slice):
            try:
                return versions[index]
            except IndexError:
                message = f'The history has {len(versions)} version(s), but number {operator_index(index)} is wanted'
                raise IndexError(message) from None
        history = ObjectHistory()
        history._items = versions[index]
        return history

    def __len__(self) -> int:
        return len(self._items if self._list is None else self._list())

    def __repr__(self) -> str:
        shown = ', '.join('None' if version is None else repr(version.raw) for version in self._versions())
        return f'ObjectHistory([{shown}])'
