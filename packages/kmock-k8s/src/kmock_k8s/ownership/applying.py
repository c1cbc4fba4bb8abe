"""Server-side apply: who applies says what it wants, and owns that."""

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

from kmock_k8s.errors import KubernetesBadRequestError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.ownership.comparing import compare, same, tracked
from kmock_k8s.ownership.conflicts import conflict, mistyped
from kmock_k8s.ownership.elements import of_field
from kmock_k8s.ownership.fieldsets import FieldSet, difference, intersection, union
from kmock_k8s.ownership.managers import Entry, settle, trust
from kmock_k8s.ownership.merging import merge
from kmock_k8s.ownership.pruning import prune
from kmock_k8s.ownership.scopes import EVERYTHING, Scope
from kmock_k8s.ownership.shapes import Shape
from kmock_k8s.ownership.typed import MistypedError, field_set
from kmock_k8s.ownership.updating import track_update
from kmock_k8s.schemas import Schema

BEFORE_FIRST_APPLY = 'before-first-apply'
"""The manager of all that was there before anything was applied, if nobody owned it."""

_IDENTITY = frozenset(('apiVersion', 'kind', 'metadata'))


def apply(
    live: JSONObject | None,
    config: JSONObject,
    manager: str,
    *,
    force: bool,
    schema: Schema | None,
    api_version: str,
    subresource: str = '',
    now: str,
    scope: Scope = EVERYTHING,
) -> JSONObject:
    """The object after a configuration was applied, with its managedFields.

    What the configuration says is merged into the object and owned by its applier, besides others who own the same with
    the same values. What its applier owned before, and what is not in the configuration any more, is removed if nobody
    else owns it. If nothing is new, that is the live object itself, or one that differs only in its owners.

    Args:
        live: the object as it is; None to create it.
        config: the configuration, as parsed.
        manager: who applies it.
        force: whether fields are taken from others that own them with other values.
        schema: the schema of the object; with None, all that is known is what JSON is.
        api_version: the version of the API by which it is applied.
        subresource: the subresource that it is applied to, empty for the object itself.
        now: the time.
        scope: which fields such a request can write.

    Raises:
        KubernetesError: 409, others own what would be changed, and it is not forced; 500, the configuration is not as
            its schema says.
        KubernetesBadRequestError: the configuration has managedFields.
    """
    if (config.get('metadata') or {}).get('managedFields') is not None:
        raise KubernetesBadRequestError(message='metadata.managedFields must be nil')
    shape = Shape.of(schema)
    try:
        field_set(config, shape)
    except MistypedError as exc:
        raise mistyped(config, api_version, exc) from exc
    config = {key: value for key, value in config.items() if key in _IDENTITY or scope({of_field(key): {}})}
    before = {} if live is None else live
    entries = _owners(live, schema, api_version, subresource, now)
    fields = scope(field_set(tracked(config), shape))
    if fields.get('f:metadata') == {}:
        del fields['f:metadata']
    own = Entry(manager, 'Apply', api_version, subresource, fields=fields)
    last = next((entry for entry in entries if entry.key == own.key), own)
    others = [entry for entry in entries if entry.key != own.key]
    after = merge(before, config, shape)
    if last is not own:
        after = prune(after, last.fields, _owned([own, *others]), shape)
    others = _give_way(others, before, after, shape, scope, force=force)
    changed = not same(before, after)
    time = None if subresource == 'scale' else now if changed else last.time
    managed = [entry.as_json() for entry in settle([*others, replace(own, time=time)])]
    if live is not None and not changed:
        if managed == (live.get('metadata') or {}).get('managedFields', []):
            return live
        after = live
    metadata: JSONObject = {**(after.get('metadata') or {}), 'managedFields': managed}
    if not managed:
        del metadata['managedFields']
    return {**after, 'metadata': metadata}


def _owners(
    live: JSONObject | None, schema: Schema | None, api_version: str, subresource: str, now: str
) -> list[Entry]:
    if live is None:
        return []
    managed = (live.get('metadata') or {}).get('managedFields') or track_update(
        None, live, BEFORE_FIRST_APPLY, schema=schema, api_version=api_version, subresource=subresource, now=now
    )
    return [trust(entry) for entry in managed]


def _owned(entries: Iterable[Entry]) -> FieldSet:
    return reduce(union, (entry.fields for entry in entries), {})


def _give_way(
    others: list[Entry], before: JSONObject, after: JSONObject, shape: Shape, scope: Scope, *, force: bool
) -> list[Entry]:
    changes = compare(tracked(before), tracked(after), shape)
    taken = scope(union(changes.modified, changes.added))
    lost = [(entry, common) for entry in others if (common := intersection(entry.fields, taken))]
    if lost and not force:
        raise conflict(lost)
    gone = union(taken, scope(changes.removed))
    return [entry.owning(difference(entry.fields, gone)) for entry in others]
