"""Where an object has its states from: a place in the store, or nothing but the object itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, cast

from kmock_k8s.errors import KubernetesObjectConflictError, KubernetesObjectNotFoundError
from kmock_k8s.model.encoding import JSONObject, copy_object, encode
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.objects.copying import copy_mapping
from kmock_k8s.store.spi import ObjectStore
from kmock_k8s.store.states import State

Content: TypeAlias = JSONObject | bytes
"""What a version of an object consists of: a mapping of its own, or the bytes of its JSON."""

Change: TypeAlias = Callable[[JSONObject], Any]
"""Changes the state that it is given, and may have a result."""

Complete: TypeAlias = Callable[[ObjectKey, JSONObject, JSONObject | None], JSONObject]
"""Makes what is stored at a place of what was given for it, and of what was there before, if anything was."""


class Origin(Protocol):
    """Has the states of one object, and makes new ones."""

    def get(self) -> JSONObject | None:
        """What the object is, not to be changed or given away; None if it does not exist."""
        ...

    def list_states(self) -> Sequence[Content | None]:
        """All that the object was and is, with None for each deletion."""
        ...

    def create(self, state: Mapping[str, Any]) -> None:
        """Make the object exist; a conflict if it does."""
        ...

    def edit(self, change: Change) -> Any:
        """Add a state which differs from the latest one by a change; what the change gives is the result."""
        ...

    def delete(self) -> None:
        """Make the object not exist."""
        ...

    def describe(self) -> str:
        """What the object is called in messages."""
        ...


class Detached:
    """States that are in no store; they may have more in them than JSON has."""

    __slots__ = ('_states',)

    _states: list[JSONObject | None]

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        self._states = [] if state is None else [copy_mapping(state)]

    @classmethod
    def of(cls, states: Iterable[JSONObject | None]) -> 'Detached':
        """One that has been in these states, which are its own from now on."""
        found = cls()
        found._states = list(states)
        return found

    def get(self) -> JSONObject | None:
        return self._states[-1] if self._states else None

    def list_states(self) -> Sequence[Content | None]:
        return self._states

    def create(self, state: Mapping[str, Any]) -> None:
        if self.get() is not None:
            raise conflict(self)
        self._states.append(copy_mapping(state))

    def edit(self, change: Change) -> Any:
        known = self.get()
        if known is None:
            raise absence(self)
        state = copy_mapping(known)
        result = change(state)
        self._states.append(state)
        return result

    def delete(self) -> None:
        if self.get() is None:
            raise absence(self)
        self._states.append(None)

    def describe(self) -> str:
        return 'the object'


class Stored:
    """The states at a place in a store.

    Args:
        store: where the object is.
        key: which one it is.
        complete: makes what is stored of what was given; by default, it is the same.
    """

    __slots__ = ('_complete', '_content', '_state', 'key', 'store')

    store: ObjectStore
    key: ObjectKey

    def __init__(self, store: ObjectStore, key: ObjectKey, complete: Complete | None = None) -> None:
        self.store = store
        self.key = key
        self._complete = complete
        self._state: State | None = None
        self._content: JSONObject | None = None

    def get(self) -> JSONObject | None:
        state = self.store.get(self.key)
        with self.store.lock:  # the two fields belong together
            if state is not self._state:
                self._content = None if state is None else state.load()
                self._state = state
            return self._content

    def list_states(self) -> Sequence[Content | None]:
        return [None if state is None else state.raw for state in self.store.history(self.key)]

    def create(self, state: Mapping[str, Any]) -> None:
        content = copy_object(state)
        with self.store.lock:
            if self.store.get(self.key) is not None:
                raise conflict(self)
            self.put(content)

    def edit(self, change: Change) -> Any:
        with self.store.lock:
            known = self.store.get(self.key)
            if known is None:
                raise absence(self)
            state = known.load()
            result = change(state)
            self.put(copy_object(state))
            return result

    def put(self, content: JSONObject) -> None:
        """Add a state, whatever was there before; it is the caller's no more."""
        with self.store.lock:
            if self._complete is not None:
                before = self.store.get(self.key)
                content = self._complete(self.key, content, None if before is None else before.load())
            self.store.put(self.key, encode(content), content)

    def delete(self) -> None:
        with self.store.lock:
            if self.store.get(self.key) is None:
                raise absence(self)
            self.store.delete(self.key)

    def describe(self) -> str:
        return str(self.key)


class Past:
    """One state that was, and can't be changed any more."""

    __slots__ = ('_state',)

    def __init__(self, state: JSONObject) -> None:
        self._state = state

    def get(self) -> JSONObject | None:
        return self._state

    def list_states(self) -> Sequence[Content | None]:
        return [self._state]

    def create(self, state: Mapping[str, Any]) -> None:
        self._refuse()

    def edit(self, change: Change) -> Any:
        self._refuse()

    def delete(self) -> None:
        self._refuse()

    def describe(self) -> str:
        return 'a version'

    def _refuse(self) -> None:
        raise TypeError('A version in a history can not be changed; change the object: kmock.objects[…]')


def absence(origin: Origin) -> KubernetesObjectNotFoundError:
    """The error about an object that does not exist."""
    message = f'{_explain_absence(origin)}. Make it by create(), or by kmock.objects[…] = …'
    return KubernetesObjectNotFoundError(_details(origin), message=message)


def conflict(origin: Origin) -> KubernetesObjectConflictError:
    """The error about an object that exists already."""
    message = f'{origin.describe()} exists already. Change it by patch(), or by kmock.objects[…] = …'
    return KubernetesObjectConflictError(_details(origin), message=message)


def explain_absence(origin: Origin) -> str:
    """Say why there is nothing in an object that does not exist."""
    if any(state is not None for state in origin.list_states()):
        return f'{_explain_absence(origin)}; what it was last is in `last`'
    return _explain_absence(origin)


def _explain_absence(origin: Origin) -> str:
    return f'{origin.describe()} {"was deleted" if origin.list_states() else "does not exist"}'


def _details(origin: Origin) -> Mapping[str, Any] | None:
    if not isinstance(origin, Stored):
        return None
    key = origin.key
    return {'name': key.name, 'group': cast('str', key.resource.group), 'kind': cast('str', key.resource.plural)}


_detached: Origin = Detached()
_past: Origin = Past({})
_stored: type[Origin] = Stored
