"""Views of what is inside of an object: reading sees the latest state, writing makes a new one."""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any, SupportsIndex, TypeAlias, cast, overload

from kmock_k8s.objects.comparing import MISSING, Comparable, Relation
from kmock_k8s.objects.copying import copy, copy_mapping
from kmock_k8s.objects.origins import Origin, explain_absence

Path: TypeAlias = tuple[Any, ...]


class Inside(Comparable):
    """A place in an object: how to get there, and to what is below."""

    __slots__ = ('_origin', '_path')

    _origin: Origin
    _path: Path

    def _place(self, origin: Origin, path: Path) -> None:
        self._origin = origin
        self._path = path

    def _find(self, kind: type[Any]) -> Any:
        """What is here now; a KeyError if it is not, or is something else by now."""
        known: Any = self._origin.get()
        if known is None:
            raise KeyError(explain_absence(self._origin))
        found = walk(known, self._path)
        if not isinstance(found, kind):
            what = 'is not there any more' if found is MISSING else f'is {found!r} by now'
            raise KeyError(f'{"".join(f"[{step!r}]" for step in self._path)} of {self._origin.describe()} {what}')
        return cast('object', found)

    def _known(self) -> Any:
        known: Any = self._origin.get()
        return MISSING if known is None else walk(known, self._path)

    def _wrap(self, step: Any, found: Any) -> Any:
        """What is shown of a value: a view of a mapping or a list, else the value."""
        if isinstance(found, dict):
            return DictView(self._origin, (*self._path, step))
        if isinstance(found, list):
            return ListView(self._origin, (*self._path, step))
        return found

    def _change(self, change: Callable[[Any], Any]) -> Any:
        """Make a new state of the object in which this place is changed."""
        return self._origin.edit(lambda state: change(reach(state, self._path, self._origin)))

    def __kmock_payload__(self) -> Any:
        return copy(self._find(object))

    def __kmock_explain__(self, sign: str, other: object) -> list[str]:
        from kmock_k8s.objects.explaining import explain

        if sign not in {'>=', '<=', '=='} or not self._is_comparable(other):
            return []
        if self._origin.get() is None:
            return [explain_absence(self._origin)]
        return explain(self._known(), other, Relation(sign))


def walk(found: Any, path: Path) -> Any:
    """What is at a place, or `MISSING`."""
    for step in path:
        try:
            found = found[step]
        except (LookupError, TypeError):
            return MISSING
    return found


def reach(state: Any, path: Path, origin: Origin) -> Any:
    """The same, where it has to be."""
    found = walk(state, path)
    if not isinstance(found, (dict, list)):
        shown = ''.join(f'[{step!r}]' for step in path)
        raise KeyError(f'{shown} of {origin.describe()} is not there any more')
    return cast('object', found)


class ReadableMapping(Inside, Mapping[str, Any]):
    """Reads a mapping in an object, and compares it with patterns."""

    __slots__ = ()

    def _is_comparable(self, other: object) -> bool:
        return isinstance(other, Mapping)

    def __getitem__(self, key: str, /) -> Any:
        return self._wrap(key, self._find(dict)[key])

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._content()))

    def __len__(self) -> int:
        return len(self._content())

    def __contains__(self, key: object, /) -> bool:
        return key in self._content()

    def _content(self) -> dict[str, Any]:
        """The mapping, or an empty one where there is none."""
        known = self._known()
        return cast('dict[str, Any]', known) if isinstance(known, dict) else {}

    def __repr__(self) -> str:
        known = self._known()
        return 'nothing any more' if known is MISSING else repr(known)

    @property
    def raw(self) -> dict[str, Any]:
        """The same as plain dictionaries and lists, which are the caller's own."""
        return copy_mapping(self._find(dict))


class WritableMapping(ReadableMapping, MutableMapping[str, Any]):
    """Besides, changes it: each operation makes one new state of the object, with all of its changes in it."""

    __slots__ = ()

    def __setitem__(self, key: str, value: Any, /) -> None:
        copied = copy(value)
        self._change(lambda found: operator.setitem(found, key, copied))

    def __delitem__(self, key: str, /) -> None:
        if key not in self._find(dict):
            raise KeyError(key)
        self._change(lambda found: operator.delitem(found, key))

    def __ior__(self, other: Any) -> Any:
        self.update(other)
        return self

    def pop(self, key: str, *default: Any) -> Any:
        """Remove a key, and give its value as it was."""
        if key not in self._find(dict):
            if default:
                return default[0]
            raise KeyError(key)
        return self._change(lambda found: found.pop(key))

    def popitem(self) -> tuple[str, Any]:
        """Remove the last key, and give it with its value as it was."""
        return cast('tuple[str, Any]', self._change(lambda found: found.popitem()))

    def setdefault(self, key: str, default: Any = None, /) -> Any:
        """What is at a key, as a view if it is a mapping or a list; it is the default if there was nothing."""
        if key not in self._find(dict):
            self[key] = default
        return self[key]

    def clear(self) -> None:
        """Remove all keys."""
        self._change(lambda found: found.clear())

    def update(self, *others: Any, **named: Any) -> None:
        """Set several keys at once."""
        copied = copy_mapping(dict(*others, **named))
        self._change(lambda found: found.update(copied))


class DictView(WritableMapping):
    """A mapping in an object, as it is now: ``obj['metadata']``.

    It is gone with the key where it was: then reading is a KeyError, and it compares as false.
    """

    __slots__ = ()

    def __init__(self, origin: Origin, path: Path) -> None:
        self._place(origin, path)

    def __deepcopy__(self, memo: object, /) -> dict[str, Any]:
        return self.raw


class ListView(Inside, MutableSequence[Any]):
    """A list in an object, as it is now: ``obj['spec']['containers']``; the same as `DictView` for lists."""

    __slots__ = ()

    def __init__(self, origin: Origin, path: Path) -> None:
        self._place(origin, path)

    def __deepcopy__(self, memo: object, /) -> list[Any]:
        return self.raw

    def _is_comparable(self, other: object) -> bool:
        return isinstance(other, Sequence) and not isinstance(other, (str, bytes, bytearray, memoryview))

    def __repr__(self) -> str:
        known = self._known()
        return 'nothing any more' if known is MISSING else repr(known)

    def __len__(self) -> int:
        known = self._known()
        return len(cast('Any', known)) if isinstance(known, list) else 0

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Any: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[Any]: ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> Any:
        found: list[Any] = self._find(list)
        if isinstance(index, slice):
            return [self._wrap(number, found[number]) for number in range(len(found))[index]]
        number = range(len(found))[index]  # so that a view of the last item stays where it is
        return self._wrap(number, found[number])

    @overload
    def __setitem__(self, index: SupportsIndex, value: Any, /) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[Any], /) -> None: ...
    def __setitem__(self, index: SupportsIndex | slice, value: Any, /) -> None:
        copied = [copy(item) for item in value] if isinstance(index, slice) else copy(value)
        self._change(lambda found: operator.setitem(found, index, copied))

    def __delitem__(self, index: SupportsIndex | slice, /) -> None:
        self._change(lambda found: operator.delitem(found, index))

    def insert(self, index: SupportsIndex, value: Any, /) -> None:
        """Insert an item before the one with this index."""
        copied = copy(value)
        self._change(lambda found: found.insert(index, copied))

    def append(self, value: Any, /) -> None:
        """Add an item to the end."""
        copied = copy(value)
        self._change(lambda found: found.append(copied))

    def extend(self, values: Iterable[Any], /) -> None:
        """Add several items to the end, at once."""
        copied = [copy(item) for item in values]
        self._change(lambda found: found.extend(copied))

    def clear(self) -> None:
        """Remove all items."""
        self._change(lambda found: found.clear())

    def sort(self, *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        """Sort the items, as those of lists are sorted; the key gets plain ones."""
        self._change(lambda found: found.sort(key=key, reverse=reverse))

    def reverse(self) -> None:
        """Turn the order round."""
        self._change(lambda found: found.reverse())

    def pop(self, index: SupportsIndex = -1, /) -> Any:
        """Remove an item, and give it as it was."""
        return self._change(lambda found: found.pop(index))

    @property
    def raw(self) -> list[Any]:
        """The same as plain dictionaries and lists, which are the caller's own."""
        return cast('list[Any]', copy(self._find(list)))
