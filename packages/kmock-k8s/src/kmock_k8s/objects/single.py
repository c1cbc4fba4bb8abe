"""One object: a mapping over its latest state, with a history."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from kmock_k8s.errors import NotJSONError
from kmock_k8s.objects.comparing import MISSING, Relation
from kmock_k8s.objects.copying import copy, copy_mapping
from kmock_k8s.objects.origins import Content, Detached, Origin, Stored, absence
from kmock_k8s.objects.versions import ObjectHistory, ObjectVersion
from kmock_k8s.objects.views import WritableMapping
from kmock_k8s.objects.waiting import wait, wait_sync
from kmock_k8s.patching.merge import merge
from kmock_k8s.store.spi import ObjectStore


class Object(WritableMapping):
    """A mapping over the latest state of an object, which compares with patterns.

    ``obj >= pattern`` if the object has all of the pattern, and maybe more keys in its mappings, at any depth;
    ``obj <= pattern`` if it has nothing that the pattern has not; ``obj == pattern`` if it is exactly so. In a pattern,
    ``...`` is any value that is present; regular expressions, sets, functions and so on mean the same as in criteria.
    Lists are compared item by item.

    What is inside is shown as views: ``obj['spec']['replicas'] = 2`` makes a new state, as each change of an object of
    ``kmock.objects`` does, and those who watch it see an event.

    An object that was deleted, or was never created, has no keys, and is in no relation to any pattern.

    ``copy.deepcopy(obj)`` is what the object is now, with its history: it is stored nowhere, and stays so.

    Args:
        state: what to compare, of any mapping: it is copied. Objects of ``kmock.objects`` are found there instead.
    """

    __slots__ = ()

    def __init__(self, state: Mapping[str, Any] | None = None, /) -> None:
        self._place(Detached(state), ())

    @classmethod
    def of(cls, origin: Origin) -> 'Object':
        """The object whose states are kept elsewhere."""
        found = cls.__new__(cls)
        found._place(origin, ())
        return found

    def __repr__(self) -> str:
        known = self._known()
        if known is not MISSING:
            return f'Object({known!r})'
        return 'Object()' if self.empty else f'<deleted Object, last it was {self.raw!r}>'

    def __deepcopy__(self, memo: object, /) -> 'Object':
        return Object.of(Detached.of(None if version is None else version.raw for version in self.history))

    def _compare(self, other: object, relation: Relation) -> Any:
        if isinstance(other, Object) and other._known() is MISSING:
            return self._known() is MISSING
        return super()._compare(other, relation)

    @property
    def history(self) -> ObjectHistory:
        """All that the object was and is, in this order, with None where it was deleted."""
        return ObjectHistory.of(self._origin.list_states)

    @property
    def last(self) -> ObjectVersion | None:
        """What the object is, or what it was before it was deleted; None if it never was."""
        found: Content | None = next(
            (state for state in reversed(self._origin.list_states()) if state is not None), None
        )
        return None if found is None else ObjectVersion(found)

    @property
    def raw(self) -> dict[str, Any]:
        """The same as `last`, as plain dictionaries and lists that are the caller's own; empty if it never was."""
        last = self.last
        return {} if last is None else last.raw

    @property
    def empty(self) -> bool:
        """True if the object has no history: it was never created, or it was forgotten."""
        return not self._origin.list_states()

    @property
    def deleted(self) -> bool:
        """True if the object existed, but does not exist any more."""
        return self._known() is MISSING and not self.empty

    def create(self, state: Mapping[str, Any], /) -> 'Object':
        """Make the object exist; after a deletion, its history goes on.

        Raises:
            KubernetesObjectConflictError: it does exist.
            NotJSONError: it is to be stored, but has something that JSON does not have.
        """
        self._origin.create(state)
        return self

    def patch(self, changes: Mapping[str, Any], /) -> 'Object':
        """Change the object by a merge patch (RFC 7386): mappings are merged, None removes a key, all else replaces.

        Raises:
            KubernetesObjectNotFoundError: it does not exist.
            NotJSONError: it is stored, but the changes have something that JSON does not have; or they contain
                themselves.
        """
        try:
            copied = copy_mapping(changes)
        except RecursionError as exc:
            raise NotJSONError('The changes are nested too deep: do they contain themselves?') from exc
        self._origin.edit(lambda state: merge(state, copied))
        return self

    def delete(self) -> None:
        """Mark the object as deleted, whatever its finalizers; its history stays.

        Raises:
            KubernetesObjectNotFoundError: it does not exist.
        """
        self._origin.delete()

    async def wait(
        self, wanted: Mapping[str, Any] | Callable[[], object] = MappingProxyType({}), *, timeout: float | None = 5.0
    ) -> 'Object':
        """Wait until the object has all of a pattern, or a function returns true; by default, until it is there.

        ``await pod.wait({'status': {'phase': 'Running'}})``, ``await pod.wait(lambda: pod.deleted)``. It is looked at
        now, and after each change in the store, whoever makes it.

        Args:
            wanted: a pattern as for ``>=``, or a function without arguments.
            timeout: seconds of the loop's clock; None is no limit.

        Raises:
            WaitTimeoutError: the time is over; the message tells what the object is.
        """
        await wait(self._stored(), self, wanted, timeout)
        return self

    def wait_sync(
        self, wanted: Mapping[str, Any] | Callable[[], object] = MappingProxyType({}), *, timeout: float | None = 5.0
    ) -> 'Object':
        """The blocking twin of `wait`, for other threads than that of the server."""
        wait_sync(self._stored(), self, wanted, timeout)
        return self

    def _stored(self) -> ObjectStore:
        if not isinstance(self._origin, Stored):
            raise TypeError(f'{self!r} is stored nowhere, so nobody changes it; wait for one of kmock.objects')
        return self._origin.store

    def __kmock_payload__(self) -> 'Callable[[], Any]':
        return self._render  # what it is when it is asked for, not when the rule is made

    def _render(self) -> Any:
        known = self._known()
        if known is MISSING:
            raise absence(self._origin)
        return copy(known)
