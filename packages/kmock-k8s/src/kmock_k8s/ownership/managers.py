"""The entries of managedFields: who owns which fields, how they were written, and when."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias, cast

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.ownership.fieldsets import FieldSet, canonical, decode, union

Operation: TypeAlias = Literal['Apply', 'Update']
Key: TypeAlias = tuple[str, str, str, str]

MAX_UPDATERS = 10
"""How many entries of updates there are at most; the oldest ones are joined."""

ANCIENT = 'ancient-changes'
"""The manager of the updates that were joined."""

_V1 = 'FieldsV1'


class Entry(NamedTuple):
    """What one manager owns by one kind of operations.

    Attributes:
        fields: what is owned.
        time: when that changed; None if it is not known, as for those who took over what was there.
        written: the entry as it is in managedFields, if it is.
    """

    manager: str
    operation: Operation
    api_version: str
    subresource: str
    fields: FieldSet
    time: str | None = None
    written: JSONObject | None = None

    @property
    def key(self) -> Key:
        """What there is one entry for: appliers have one for all versions."""
        version = '' if self.operation == 'Apply' else self.api_version
        return (self.manager, self.operation, version, self.subresource)

    def owning(self, fields: FieldSet, time: str | None) -> 'Entry':
        """The same entry with other fields, and a time."""
        if fields is self.fields and time == self.time:
            return self
        return Entry(self.manager, self.operation, self.api_version, self.subresource, fields, time)

    def as_json(self) -> JSONObject:
        """The entry in managedFields, in the order of the API."""
        if self.written is not None:
            return self.written
        entry: JSONObject = {'manager': self.manager, 'operation': self.operation, 'apiVersion': self.api_version}
        if self.time:
            entry['time'] = self.time
        entry['fieldsType'] = _V1
        entry['fieldsV1'] = canonical(self.fields)
        if self.subresource:
            entry['subresource'] = self.subresource
        return entry


def read(managed: object) -> list[Entry]:
    """The entries of the managedFields of an object; none if they were not written by `Entry.as_json`."""
    try:
        return [
            Entry(
                entry['manager'],
                entry['operation'],
                entry['apiVersion'],
                entry.get('subresource', ''),
                entry['fieldsV1'],
                entry.get('time'),
                entry,
            )
            for entry in cast('Iterable[JSONObject]', managed or ())
        ]
    except (AttributeError, KeyError, TypeError):
        return []


def read_given(given: Any, live: object) -> list[Entry] | None:
    """The entries that a request gives instead of those of the object.

    None if they are those of the object, or if anything is wrong in them, or if nobody owns anything; but an empty
    list, or a list of one empty entry, makes all forgotten.
    """
    entries: list[Any] = given
    if given == live or not isinstance(given, list):
        return None
    if entries in ([], [{}]):
        return []
    try:
        found = [_read(entry) for entry in entries]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return found if any(entry.fields for entry in found) else None


def _read(entry: Any) -> Entry:
    if not isinstance(entry, Mapping) or entry['operation'] not in ('Apply', 'Update') or entry['fieldsType'] != _V1:
        raise ValueError(f'no entry of managedFields: {entry!r}')
    given = cast('Mapping[str, Any]', entry)
    names = [given.get(key, '') for key in ('manager', 'apiVersion', 'subresource', 'time')]
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f'no entry of managedFields: {entry!r}')
    manager, version, subresource, time = names
    return Entry(manager, given['operation'], version, subresource, decode(given['fieldsV1']), time or None)


def settle(entries: Iterable[Entry]) -> list[Entry]:
    """The entries as they are kept: without empty ones, in order, not too many of updates."""
    kept = [entry for entry in entries if entry.fields]
    if len(kept) > MAX_UPDATERS:
        kept = _cap(kept)
    if len(kept) > 1:
        kept.sort(key=_order)
    return kept


def _order(entry: Entry) -> tuple[str, str, str, str, str]:
    return (entry.operation, entry.time or '', entry.manager, entry.api_version, entry.subresource)


def _cap(entries: list[Entry]) -> list[Entry]:
    updaters = [entry for entry in entries if entry.operation == 'Update']
    surplus = len(updaters) - MAX_UPDATERS
    if surplus <= 0:
        return entries
    kept = {entry.key: entry for entry in entries}
    oldest: dict[str, Entry] = {}
    for entry in sorted(updaters, key=lambda entry: (entry.time or '', entry.key)):
        first = oldest.setdefault(entry.api_version, entry)
        bucket = Entry(ANCIENT, 'Update', entry.api_version, '', entry.fields, entry.time)
        if surplus > 0 and first is not entry and entry.key != bucket.key:
            if bucket.key not in kept:
                kept[bucket.key] = kept.pop(first.key)
            kept[bucket.key] = bucket.owning(union(kept[bucket.key].fields, entry.fields), entry.time)
            del kept[entry.key]
            surplus -= 1
    return list(kept.values())
