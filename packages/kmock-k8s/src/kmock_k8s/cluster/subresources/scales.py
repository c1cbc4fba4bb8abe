"""The scales of objects that have replicas: how many there are to be, and how many there are."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.decoding import fit
from kmock_k8s.cluster.defaulting import set_defaults
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.options import WriteOptions, read_write_options
from kmock_k8s.cluster.patching import JSON, MERGE, STRATEGIC, change, choose_format, read_changes
from kmock_k8s.cluster.statuses import (
    MODIFIED,
    Cause,
    bad_request,
    conflict,
    internal_error,
    invalid,
)
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.subresources.bodies import kind_of, read_body
from kmock_k8s.cluster.validating.selectors import describe_selector
from kmock_k8s.cluster.validating.values import check_nonnegative
from kmock_k8s.cluster.writing import check_identity, load, update
from kmock_k8s.model.copying import copy
from kmock_k8s.model.encoding import JSONObject, encode

_SHOWN = ('name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp')


class _Places(NamedTuple):
    """Where an object has what its scale shows."""

    wanted: tuple[str, ...]
    counted: tuple[str, ...]
    selector: tuple[str, ...] | None


_BUILTIN = _Places(('spec', 'replicas'), ('status', 'replicas'), ('spec', 'selector'))


def get_scale(call: Call, kind: Kind, backend: Backend) -> Answer:
    """GET: the scale of an object."""
    content = load(kind, call.key, backend)
    if isinstance(kind, CustomKind) and _read(content, _places_of(kind).wanted) is None:
        declared: JSONObject = kind.scale or {}
        raise internal_error(f'the spec replicas field "{declared.get("specReplicasPath")}" does not exist')
    return answer(encode(_show(kind, content)))


def replace_scale(call: Call, kind: Kind, backend: Backend) -> Answer:
    """PUT: scale an object."""
    options = read_write_options(call.request, 'UpdateOptions')
    content, warnings = read_body(call, kind_of('autoscaling', 'v1', 'Scale'), options)
    if not content['metadata'].get('name'):
        name = call.location.name
        raise bad_request(f'the name of the object ({name} based on URL) was undeterminable: name must be provided')
    with backend.store.lock:
        live = load(kind, call.key, backend)
        return _scale(call, kind, backend, live, content, options, warnings)


def patch_scale(call: Call, kind: Kind, backend: Backend) -> Answer:
    """PATCH: change the scale of an object."""
    scales = kind_of('autoscaling', 'v1', 'Scale')
    how = choose_format(call.request, [JSON, MERGE, *([STRATEGIC] if kind.is_builtin else [])])
    changes = read_changes(call.request.body, how)
    options = read_write_options(call.request, 'PatchOptions')
    with backend.store.lock:
        live = load(kind, call.key, backend)
        content = change(_show(kind, live), changes, how, scales)
        content, unknown = fit(content, scales)
        set_defaults(scales, content)
        warnings = unknown if options.validation == 'Warn' else []
        return _scale(call, kind, backend, live, content, options, warnings)


def _scale(
    call: Call,
    kind: Kind,
    backend: Backend,
    live: JSONObject,
    content: JSONObject,
    options: WriteOptions,
    warnings: list[str],
) -> Answer:
    metadata: JSONObject = content['metadata']
    scales = kind_of('autoscaling', 'v1', 'Scale')
    check_identity(metadata, kind, call)
    causes: list[Cause] = [*check_nonnegative(part_of(content, 'spec'), ('replicas',), 'spec')]
    if causes:
        raise invalid(scales.made(metadata.get('name') or ''), causes)
    known: JSONObject = live['metadata']
    if metadata.get('resourceVersion') not in (None, '', '0', known['resourceVersion']):
        raise conflict(kind.of(known['name']), MODIFIED)
    scaled: JSONObject = copy(live)
    _write(scaled, _places_of(kind).wanted, part_of(content, 'spec').get('replicas', 0))
    raw = update(call, kind, backend, live, scaled, options)
    return answer(encode(_show(kind, json.loads(raw))), 200, warnings)


def _show(kind: Kind, content: JSONObject) -> JSONObject:
    """The scale of an object; no replicas are the same as none that are known of."""
    metadata: JSONObject = content['metadata']
    places = _places_of(kind)
    wanted: Any = _read(content, places.wanted)
    counted: Any = _read(content, places.counted)
    selector = _describe(_read(content, places.selector)) if places.selector else ''
    status: JSONObject = {'replicas': counted or 0}
    return {
        'kind': 'Scale',
        'apiVersion': 'autoscaling/v1',
        'metadata': {field: metadata[field] for field in _SHOWN if field in metadata},
        'spec': {'replicas': wanted} if wanted else {},
        'status': {**status, 'selector': selector} if selector else status,
    }


def _describe(selector: Any) -> str:
    if isinstance(selector, dict):
        fields = cast('JSONObject', selector)
        if any(isinstance(item, str) for item in fields.values()):  # of a ReplicationController: only labels
            fields = {'matchLabels': fields}
        return describe_selector(fields)
    return selector if isinstance(selector, str) else ''


def _places_of(kind: Kind) -> _Places:
    if not isinstance(kind, CustomKind):
        return _BUILTIN
    declared: JSONObject = kind.scale or {}
    wanted, counted, selector = (
        tuple(_split(declared.get(field) or ''))
        for field in ('specReplicasPath', 'statusReplicasPath', 'labelSelectorPath')
    )
    return _Places(wanted, counted, selector or None)


def _split(path: str) -> Iterator[str]:
    """The steps of a path as in definitions: ``.spec.replicas``."""
    return (step for step in path.split('.') if step)


def _read(content: JSONObject, path: tuple[str, ...]) -> Any:
    found: Any = content
    for step in path:
        found = cast('JSONObject', found).get(step) if isinstance(found, dict) else None
    return found


def _write(content: JSONObject, path: tuple[str, ...], value: Any) -> None:
    *parents, last = path
    for step in parents:
        content = content.setdefault(step, {})
    content[last] = value
