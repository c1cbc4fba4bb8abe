"""The entries of managedFields: who owns which fields, how they were written, and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, cast

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.ownership.fieldsets import FieldSet, canonical, decode, no_fields, union

Operation: TypeAlias = Literal['Apply', 'Update']
Key: TypeAlias = tuple[str, str, str, str]

MAX_UPDATERS = 10
"""How many entries of updates there are at most; the oldest ones are joined."""

ANCIENT = 'ancient-changes'
"""The manager of the updates that were joined."""

_V1 = 'FieldsV1'


@dataclass(frozen=True, slots=True)
class Entry:
    """What one manager owns by one kind of operations.

    Attributes:
        time: when the fields changed; None if it is not known, as for those that were taken over unchanged.
    """

    manager: str
    operation: Operation
    api_version: str
    subresource: str = ''
    time: str | None = None
    fields: FieldSet = field(default_factory=no_fields)

    @property
    def key(self) -> Key:
        """What there is one entry for: appliers have one for all versions."""
        version = '' if self.operation == 'Apply' else self.api_version
        return (self.manager, self.operation, version, self.subresource)

    def owning(self, fields: FieldSet) -> 'Entry':
        """The same entry with other fields."""
        return self if fields is self.fields else replace(self, fields=fields)

    def as_json(self) -> JSONObject:
        """The entry in managedFields, in the order of the API."""
        written: JSONObject = {
            'manager': self.manager,
            'operation': self.operation,
            'apiVersion': self.api_version,
            'time': self.time,
            'fieldsType': _V1,
            'fieldsV1': canonical(self.fields),
            'subresource': self.subresource,
        }
        if not self.time:
            del written['time']
        if not self.subresource:
            del written['subresource']
        return written


def read(entries: object) -> list[Entry] | None:
    """The entries of managedFields, whoever wrote them; None if anything in them is wrong."""
    if not isinstance(entries, list):
        return None
    try:
        return [_read(entry) for entry in cast('list[Any]', entries)]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _read(entry: Any) -> Entry:
    if not isinstance(entry, Mapping) or entry['operation'] not in ('Apply', 'Update') or entry['fieldsType'] != _V1:
        raise ValueError(f'no entry of managedFields: {entry!r}')
    found = cast('Mapping[str, Any]', entry)
    return trust(found, decode(found['fieldsV1']))


def trust(entry: Mapping[str, Any], fields: 'FieldSet | None' = None) -> Entry:
    """An entry that was written by `Entry.as_json`."""
    get = entry.get
    return Entry(
        manager=get('manager') or '',
        operation=entry['operation'],
        api_version=get('apiVersion') or '',
        subresource=get('subresource') or '',
        time=get('time') or None,
        fields=entry['fieldsV1'] if fields is None else fields,
    )


def is_reset(entries: object) -> bool:
    """Whether managedFields are to be forgotten: an empty list, or a list of one empty entry."""
    if not isinstance(entries, list):
        return False
    given = cast('list[Any]', entries)
    return not given or (len(given) == 1 and isinstance(given[0], Mapping) and not any(given[0].values()))


def settle(entries: Iterable[Entry]) -> list[Entry]:
    """The entries as they are kept: without empty ones, in order, not too many of updates."""
    return sorted(_cap([entry for entry in entries if entry.fields]), key=_order)


def _order(entry: Entry) -> tuple[str, str, str, str, str]:
    return (entry.operation, entry.time or '', entry.manager, entry.api_version, entry.subresource)


def _cap(entries: list[Entry]) -> list[Entry]:
    updaters = [entry for entry in entries if entry.operation == 'Update']
    surplus = len(updaters) - MAX_UPDATERS
    if surplus <= 0:
        return entries
    kept = {entry.key: entry for entry in entries}
    first: dict[str, Entry] = {}
    for entry in sorted(updaters, key=lambda entry: (entry.time or '', entry.key)):
        oldest = first.setdefault(entry.api_version, entry)
        if surplus > 0 and oldest is not entry:
            del kept[entry.key]
            kept.pop(oldest.key, None)
            bucket = Entry(ANCIENT, 'Update', entry.api_version, time=entry.time)
            fields = union(union(oldest.fields, entry.fields), kept.get(bucket.key, bucket).fields)
            first[entry.api_version] = kept[bucket.key] = bucket.owning(fields)
            surplus -= 1
    return list(kept.values())
