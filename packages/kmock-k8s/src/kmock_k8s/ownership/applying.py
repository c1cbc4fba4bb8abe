"""Server-side apply: who applies says what it wants, and owns that."""

from functools import reduce

from kmock_k8s.errors import KubernetesBadRequestError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.ownership.comparing import UNTRACKED, Changes, compare, equal, tracked
from kmock_k8s.ownership.conflicts import conflict, mistyped, not_too_deep
from kmock_k8s.ownership.elements import of_field
from kmock_k8s.ownership.fieldsets import FieldSet, difference, intersection, union
from kmock_k8s.ownership.managers import Entry, read, settle
from kmock_k8s.ownership.merging import merge
from kmock_k8s.ownership.pruning import prune
from kmock_k8s.ownership.reconciling import reconcile
from kmock_k8s.ownership.scopes import EVERYTHING, Scope
from kmock_k8s.ownership.shapes import Shape
from kmock_k8s.ownership.typed import MistypedError, field_set
from kmock_k8s.ownership.updating import track_update
from kmock_k8s.ownership.upgrading import KUBECTL, applied_before, keep_applied
from kmock_k8s.schemas import Schema

BEFORE_FIRST_APPLY = 'before-first-apply'
"""The manager of all that was there before anything was applied, if nobody owned it."""

_METADATA: FieldSet = {'f:metadata': {}}
_IDENTITY = frozenset(('apiVersion', 'kind', 'metadata'))


@not_too_deep
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
    else owns it. If nothing is new, that is the live object itself, or one that differs only in its owners. Nothing is
    changed that was given, but the result shares values with it.

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
        KubernetesBadRequestError: the configuration has managedFields, or is nested too deep.
    """
    shape = Shape.of(schema)
    said = _check(config, api_version, shape)
    written = _written(config, scope)
    before: JSONObject = live or {}
    managed = metadata_of(before).get('managedFields') or track_update(
        None,
        before,
        BEFORE_FIRST_APPLY,
        schema=schema,
        api_version=api_version,
        subresource=subresource,
        now=now,
        scope=scope,
    )
    entries = [entry.owning(reconcile(entry.fields, schema), entry.time) for entry in read(managed)]
    own = Entry(manager, 'Apply', api_version, subresource, scope(difference(said, UNTRACKED)))
    last = next((entry for entry in entries if entry.key == own.key), None)
    others = [entry for entry in entries if entry is not last]
    after = merge(before, written, shape)
    if last is not None:
        owned = reduce(union, (entry.fields for entry in others), union(said, _METADATA))
        after = prune(after, last.fields, owned, shape)
    if live is not None and equal(live, after):
        after = live
        own = own.owning(own.fields, last and last.time)
    else:
        allowed = applied_before(before, shape) if manager == KUBECTL and not force else {}
        others = _give_way(others, compare(tracked(before), tracked(after), shape), scope, force=force, allowed=allowed)
        own = own.owning(own.fields, None if subresource == 'scale' else now)
    if manager == KUBECTL:
        after = keep_applied(after, config)
    return _with_owners(after, settle([*others, own]))


def _check(config: JSONObject, api_version: str, shape: Shape) -> FieldSet:
    if metadata_of(config).get('managedFields') is not None:
        raise KubernetesBadRequestError(message='metadata.managedFields must be nil')
    try:
        return field_set(config, shape)
    except MistypedError as exc:
        raise mistyped(config, api_version, exc) from exc


def _written(config: JSONObject, scope: Scope) -> JSONObject:
    metadata = {key: value for key, value in metadata_of(config).items() if key != 'managedFields'}
    fields = {key: value for key, value in config.items() if key in _IDENTITY or scope({of_field(key): {}})}
    return {**fields, 'metadata': metadata} if 'metadata' in fields else fields


def _with_owners(value: JSONObject, entries: list[Entry]) -> JSONObject:
    managed = [entry.as_json() for entry in entries]
    metadata = metadata_of(value)
    if managed == metadata.get('managedFields', []):
        return value
    metadata = {**metadata, 'managedFields': managed}
    if not managed:
        del metadata['managedFields']
    return {**value, 'metadata': metadata}


def _give_way(others: list[Entry], changes: Changes, scope: Scope, *, force: bool, allowed: FieldSet) -> list[Entry]:
    taken = scope(union(changes.modified, changes.added))
    if not force:
        common = [(entry, difference(intersection(entry.fields, taken), allowed)) for entry in others]
        if lost := [(entry, fields) for entry, fields in common if fields]:
            raise conflict(lost)
    gone = union(taken, scope(changes.removed))
    return [entry.owning(difference(entry.fields, gone), entry.time) for entry in others]
