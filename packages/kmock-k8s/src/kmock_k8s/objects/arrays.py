"""All objects, or those of a resource, or those of a namespace: ``kmock.objects``."""

from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, MutableMapping, Sequence
from types import EllipsisType
from typing import Any, Self, TypeVar, cast, overload

from kmock_k8s.model.encoding import JSONObject, copy_object, encode
from kmock_k8s.model.keys import HistoryKey, ObjectKey, VersionKey
from kmock_k8s.model.resolving import Choose
from kmock_k8s.model.resources import ResourceKey, is_selectable, resource
from kmock_k8s.objects.addressing import USAGE, Scope, locate
from kmock_k8s.objects.comparing import Comparable, Relation, compare
from kmock_k8s.objects.origins import Complete, Stored
from kmock_k8s.objects.pairing import pair
from kmock_k8s.objects.single import Object
from kmock_k8s.objects.versions import ObjectHistory, ObjectVersion
from kmock_k8s.objects.waiting import wait, wait_sync
from kmock_k8s.store.memory import Store
from kmock_k8s.store.spi import ObjectStore
from kmock_k8s.store.states import State

DefaultT = TypeVar('DefaultT')


class ObjectsArray(Comparable, MutableMapping[Any, Object]):
    """All objects that exist, with their histories: ``kmock.objects``.

    - ``objects[resource, namespace, name]`` is an `Object`, also if there is none: then it is `empty` or `deleted`, and
      can be created. The namespace of the objects of the cluster is None. The resource is in any notation; parts of it
      may be left out where only one known resource can be meant.
    - ``objects[resource, namespace, name, -1]`` is a version of it, and a slice is a part of its history.
    - ``objects[resource]`` and ``objects[resource, namespace]`` are arrays of what is there. They take what remains of
      the key: ``objects[resource]['ns1', 'pod1']``, ``objects[resource, 'ns1']['pod1']``; and the whole `ObjectKey`.

    Assigning a mapping adds a state to an object; assigning a list replaces its history, where None is a deletion.
    ``del`` forgets an object and its history, as if it never was. All else - ``in``, ``len()``, iterating, comparing -
    is about those objects that exist.

    ``objects >= [pattern, …]`` if each pattern has an object of its own that has all of it; ``objects <= [pattern, …]``
    if each object has a pattern of its own that it has nothing besides; ``objects == [pattern, …]`` if all have each
    other, exactly. The order does not matter. With a mapping from keys to patterns, objects are compared by their keys.
    """

    __slots__ = ('_choose', '_completing', '_known_resources', '_scope', '_store')

    _store: ObjectStore
    _scope: Scope
    _known_resources: Callable[[], Iterable[resource]]

    def __init__(
        self,
        store: ObjectStore | None = None,
        known_resources: Callable[[], Iterable[resource]] = tuple,
        complete: Complete | None = None,
        choose: Choose | None = None,
    ) -> None:
        self._store = Store() if store is None else store
        self._choose = choose
        self._known_resources = known_resources
        self._completing = complete
        self._scope = Scope()

    @property
    def store(self) -> ObjectStore:
        """Where the objects are kept."""
        return self._store

    # ---- Single objects. ----

    @overload  # in tuples of texts, only the first one is of the resource, whose own tuples have to be inside of them
    def __getitem__(self, key: tuple[ResourceKey, str | None, str], /) -> Object: ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self, key: tuple[ResourceKey, str | None, str, int], /) -> ObjectVersion | None: ...
    @overload
    def __getitem__(self, key: tuple[ResourceKey, str | None, str, slice], /) -> ObjectHistory: ...
    @overload
    def __getitem__(self, key: tuple[ResourceKey, str | None], /) -> 'NamespacedArray': ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self, key: ResourceKey, /) -> 'ResourceArray': ...
    def __getitem__(self, key: Any, /) -> Any:
        place = self._locate(key)
        if isinstance(place, Scope):
            return self._narrow(place)
        found = Object.of(self._at(ObjectKey(*place[:3])))
        return found if isinstance(place, ObjectKey) else found.history[place[3]]

    def __setitem__(self, key: Any, value: Mapping[str, Any] | Sequence[Mapping[str, Any] | None] | None, /) -> None:
        place = self._locate(key)
        if isinstance(place, Scope):
            raise TypeError(f'Objects are assigned one by one: {USAGE} = …')
        where = ObjectKey(*place[:3])
        with self._store.lock:
            if isinstance(place, ObjectKey):
                self._assign(where, value)
            else:
                states: list[bytes | JSONObject | None] = [*self._list_raws(where)]
                given = cast('Any', value)
                if isinstance(place, HistoryKey):
                    states[place.slice] = [_copy(one) for one in given]
                else:
                    state, replaced = _copy(given), cast('bytes | None', states[place.number])
                    if state is not None and replaced is not None:  # it is what that was, but for what is given
                        state = self._complete_state(where, state, replaced)
                    states[place.number] = state
                self._replace(where, states)

    def __delitem__(self, key: Any, /) -> None:
        place = self._locate(key)
        if isinstance(place, Scope):
            self._narrow(place).clear()
        elif isinstance(place, ObjectKey):
            self._store.forget(place)
        else:
            where = ObjectKey(*place[:3])
            with self._store.lock:
                raws = self._list_raws(where)
                del raws[place[3]]
                self._store.replace(where, raws)

    def __contains__(self, key: object, /) -> bool:
        try:
            place = self._locate(key, strict=False)
        except KeyError:
            return False
        if isinstance(place, Scope):
            return len(self._narrow(place)) > 0
        wheres = [ObjectKey(one, place.namespace, place.name) for one in self._list_resources(place.resource)]
        if isinstance(place, ObjectKey):
            return any(self._store.get(where) for where in wheres)
        histories = [range(len(self._store.history(where))) for where in wheres]
        if isinstance(place, HistoryKey):
            return any(history[place.slice] for history in histories)
        return any(-len(history) <= place.number < len(history) for history in histories)

    @overload
    def get(self, key: Any, default: None = None, /) -> Object | None: ...
    @overload
    def get(self, key: Any, default: Object | DefaultT, /) -> Object | DefaultT: ...
    def get(self, key: Any, default: Any = None, /) -> Any:
        """The object if it exists, else the default."""
        return cast('Any', self[key]) if key in self else default

    def pop(self, key: Any, *default: Any) -> Any:
        """Forget an object that exists; what it was is returned as an `Object` that is stored nowhere."""
        with self._store.lock:
            if key not in self:
                if default:
                    return default[0]
                raise KeyError(key)
            found = Object(cast('Object', self[key]))
            del self[key]
            return found

    def popitem(self) -> tuple[ObjectKey, Object]:
        """Forget the last of the objects, and return its key with what it was."""
        with self._store.lock:
            keys = list(self)
            if not keys:
                raise KeyError('There are no objects')
            return keys[-1], cast('Object', self.pop(keys[-1]))

    def setdefault(self, key: Any, default: Any = None, /) -> Object:
        """The object if it exists; else it is created with this state."""
        with self._store.lock:
            if key not in self:
                self[key] = default
            return cast('Object', self[key])

    # ---- All of them. ----

    def __iter__(self) -> Iterator[ObjectKey]:
        return iter([key for key, _ in self._select()])

    def keys(self) -> KeysView[ObjectKey]:
        """The keys of the objects that exist, in full."""
        return KeysView(cast('Mapping[ObjectKey, Object]', self))

    def items(self) -> ItemsView[ObjectKey, Object]:
        """The objects that exist, with their full keys."""
        return ItemsView(cast('Mapping[ObjectKey, Object]', self))

    def __len__(self) -> int:
        selector, namespace = self._scope
        return sum(self._store.count(one, namespace) for one in self._list_resources(selector))

    def __repr__(self) -> str:
        shown = ', '.join(f'{str(key)!r}: {state.load()!r}' for key, state in self._select())
        return f'ObjectsArray({{{shown}}})'

    def clear(self) -> None:
        """Forget all objects, the deleted ones too, and their histories."""
        selector, namespace = self._scope
        with self._store.lock:
            for one in self._list_resources(selector):
                self._store.clear(one, namespace)

    async def wait(self, wanted: Any, *, timeout: float | None = 5.0) -> Self:
        """Wait until the objects are as wanted: ``await kmock.objects['v1/pods'].wait([{'spec': {'nodeName': …}}])``.

        They are looked at now, and after each change in the store, whoever makes it.

        Args:
            wanted: patterns as for ``>=``, or a function without arguments that returns true then.
            timeout: seconds of the loop's clock; None is no limit.

        Raises:
            WaitTimeoutError: the time is over; the message tells which objects there are.
        """
        await wait(self._store, self, wanted, timeout)
        return self

    def wait_sync(self, wanted: Any, *, timeout: float | None = 5.0) -> Self:
        """The blocking twin of `wait`, for other threads than that of the server."""
        wait_sync(self._store, self, wanted, timeout)
        return self

    def _is_comparable(self, other: object) -> bool:
        return isinstance(other, (Mapping, Sequence)) and not isinstance(other, (str, bytes, bytearray, memoryview))

    def _compare(self, other: object, relation: Relation) -> Any:
        if not self._is_comparable(other):
            return NotImplemented
        known = {key: state.load() for key, state in self._select()}
        mapping: Mapping[Any, Any] = cast('Any', other)
        sequence: Sequence[Any] = cast('Any', other)
        if not isinstance(other, Mapping):
            return pair(list(known.values()), list(sequence), relation)
        patterns = {key if isinstance(key, ObjectKey) else self._locate(key): item for key, item in mapping.items()}
        few, many = (known, patterns) if relation is Relation.AT_MOST else (patterns, known)
        if not few.keys() <= many.keys() or (relation is Relation.EXACTLY and len(few) != len(many)):
            return False
        return all(compare(known[cast('ObjectKey', key)], patterns[key], relation) for key in few)

    # ---- Internals. ----

    def _complete(self, key: Any) -> tuple[Any, ...]:
        """The parts of a key, from the resource on."""
        parts: tuple[Any, ...] = key
        return parts if isinstance(key, tuple) and not is_selectable(parts) else (parts,)

    def _locate(self, key: Any, *, strict: bool = True) -> ObjectKey | VersionKey | HistoryKey | Scope:
        """What a key is about; unless it is strict, partial resources remain."""
        full = isinstance(key, (ObjectKey, VersionKey, HistoryKey))
        parts: tuple[Any, ...] = tuple(key) if full else self._complete(key)
        if full and not self._covers(parts):
            raise KeyError(f'{key!r} is not in {self._scope}')
        if not 1 <= len(parts) <= 4:
            raise TypeError(f'Objects are addressed as {USAGE}, not by {key!r}')
        return locate(parts, self._list_known if strict else None, self._choose)

    def _list_known(self) -> list[resource]:
        return [*self._store.resources(), *self._known_resources()]

    def _covers(self, parts: tuple[Any, ...]) -> bool:
        selector, namespace = self._scope
        return (selector is ... or selector.check(parts[0])) and (namespace is ... or namespace == parts[1])

    def _narrow(self, scope: Scope) -> 'ObjectsArray':
        kind = ResourceArray if scope.namespace is ... else NamespacedArray
        found = kind(self._store, self._known_resources, self._completing, self._choose)
        found._scope = scope
        return found

    def _list_resources(self, selector: resource | EllipsisType) -> list[resource]:
        if selector is ...:
            return self._store.resources()
        return [selector] if selector.full else [one for one in self._store.resources() if selector.check(one)]

    def _select(self) -> list[tuple[ObjectKey, State]]:
        selector, namespace = self._scope
        with self._store.lock:
            found = [self._store.select(one, namespace) for one in self._list_resources(selector)]
        return [pair for pairs in found for pair in pairs]

    def _at(self, key: ObjectKey) -> Stored:
        return Stored(self._store, key, self._completing)

    def _list_raws(self, key: ObjectKey) -> list[bytes | None]:
        return [None if state is None else state.raw for state in self._store.history(key)]

    def _replace(self, key: ObjectKey, states: Sequence[bytes | JSONObject | None]) -> None:
        """Replace a history; what is no bytes in it is given anew."""
        raws: list[bytes | None] = []
        with self._store.lock:
            before = self._store.get(key)
            last = None if before is None else before.raw
            for state in states:
                last = encode(self._complete_state(key, state, last)) if isinstance(state, dict) else state
                raws.append(last)
            self._store.replace(key, raws)

    def _complete_state(self, key: ObjectKey, state: JSONObject, before: bytes | None) -> JSONObject:
        """What is stored of a state that is given, where something was before it or in its place."""
        if self._completing is None:
            return state
        return self._completing(key, state, None if before is None else State(0, before).load())

    def _assign(self, key: ObjectKey, value: Any) -> None:
        states: Sequence[Any] = value
        state: Any = value
        if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview)):
            self._replace(key, [_copy(one) for one in states])
        elif isinstance(value, Object) and (value.empty or value.deleted):
            raise TypeError(f'{value!r} has no state to assign')
        elif value is None:
            raise TypeError('None is no state of an object; to delete it, type kmock.objects[…].delete()')
        else:
            self._at(key).put(copy_object(state))


class ResourceArray(ObjectsArray):
    """The objects of a resource: ``kmock.objects[resource]``."""

    __slots__ = ()

    @overload  # type: ignore[override]  # the keys are what remains of those of the whole
    def __getitem__(self, key: tuple[str | None, str], /) -> Object: ...
    @overload
    def __getitem__(self, key: ObjectKey, /) -> Object: ...
    @overload
    def __getitem__(self, key: tuple[str | None, str, int], /) -> ObjectVersion | None: ...
    @overload
    def __getitem__(self, key: tuple[str | None, str, slice], /) -> ObjectHistory: ...
    @overload
    def __getitem__(self, key: str | None, /) -> 'NamespacedArray': ...
    def __getitem__(self, key: Any, /) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        return cast('Any', super().__getitem__(key))

    def _complete(self, key: Any) -> tuple[Any, ...]:
        return (self._scope.selector, *_listed(key))


class NamespacedArray(ObjectsArray):
    """The objects of a resource in a namespace: ``kmock.objects[resource, namespace]``."""

    __slots__ = ()

    @overload  # type: ignore[override]  # the keys are what remains of those of the whole
    def __getitem__(self, key: str, /) -> Object: ...
    @overload
    def __getitem__(self, key: ObjectKey, /) -> Object: ...
    @overload
    def __getitem__(self, key: tuple[str, int], /) -> ObjectVersion | None: ...
    @overload
    def __getitem__(self, key: tuple[str, slice], /) -> ObjectHistory: ...
    def __getitem__(self, key: Any, /) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        return cast('Any', super().__getitem__(key))

    def _complete(self, key: Any) -> tuple[Any, ...]:
        return (*self._scope, *_listed(key))


def _listed(key: Any) -> tuple[Any, ...]:
    parts: tuple[Any, ...] = key
    return parts if isinstance(key, tuple) else (key,)


def _copy(value: Mapping[str, Any] | None) -> JSONObject | None:
    return None if value is None else copy_object(value)
