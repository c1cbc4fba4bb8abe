"""Writes that say nothing about owners: what they change is owned by those who write."""

from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.ownership.blanks import blank
from kmock_k8s.ownership.comparing import compare, tracked
from kmock_k8s.ownership.conflicts import not_too_deep
from kmock_k8s.ownership.fieldsets import difference, union
from kmock_k8s.ownership.managers import Entry, read, read_given, settle
from kmock_k8s.ownership.reconciling import reconcile
from kmock_k8s.ownership.scopes import EVERYTHING, Scope
from kmock_k8s.ownership.shapes import Shape
from kmock_k8s.schemas import Schema


@not_too_deep
def track_update(
    before: JSONObject | None,
    after: JSONObject,
    manager: str,
    *,
    schema: Schema | None,
    api_version: str,
    subresource: str = '',
    now: str,
    scope: Scope = EVERYTHING,
) -> list[JSONObject]:
    """The managedFields of an object after a create, an update, or a patch that is no apply.

    What the manager changes becomes its own, and is nobody else's any more; nobody owns what is gone. The time is that
    of the last change; that of scaling is not kept. Where nobody owns anything, as in an object that was created empty,
    nothing is tracked until somebody applies. The managedFields in the new object count (an empty list, or a list with
    an empty entry, makes all forgotten) if they are valid; else those of the old one do.

    Give the new object with its defaults, but without what the server sets itself. Nothing is changed that was given,
    but the result shares values with it.

        >>> track_update(None, {'data': {'k': '1'}}, 'me', schema=None, api_version='v1', now='2026-01-01T00:00:00Z')
        [{'manager': 'me', 'operation': 'Update', 'apiVersion': 'v1', 'time': '2026-01-01T00:00:00Z', 'fieldsType': \
'FieldsV1', 'fieldsV1': {'f:data': {'.': {}, 'f:k': {}}}}]

    Args:
        before: the object as it is; None to create it.
        after: the object as it is to be.
        manager: who writes.
        schema: the schema of the object; with None, all that is known is what JSON is.
        api_version: the version of the API by which it is written.
        subresource: the subresource that is written, empty for the object itself.
        now: the time.
        scope: which fields such a request can write.

    Raises:
        KubernetesBadRequestError: an object is nested too deep.
    """
    managed = _managed(before)
    given = _managed(after)
    entries = read_given(given, managed) if given is not None and not subresource else None
    if entries is None:
        entries = read(managed)
    if before is not None and not entries:
        return []
    changes = compare(tracked(blank(schema) if before is None else before), tracked(after), Shape.of(schema))
    taken = scope(union(changes.modified, changes.added))
    removed = scope(changes.removed)
    time = None if subresource == 'scale' else now
    own = Entry(manager, 'Update', api_version, subresource, taken, time)
    left: list[Entry] = []
    for entry in entries:
        fields = difference(difference(reconcile(entry.fields, schema), taken), removed)
        if entry.key == own.key:
            own = entry.owning(union(fields, taken), time if taken else entry.time)
        else:
            left.append(entry.owning(fields, entry.time))
    return [entry.as_json() for entry in settle([*left, own])]


def _managed(value: JSONObject | None) -> Any:
    return metadata_of(value).get('managedFields')
