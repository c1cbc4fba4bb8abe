"""PATCH: merge patches, JSON patches, strategic merge patches, applied to what is there."""

import json
from collections.abc import Callable, Sequence, Set
from types import NoneType
from typing import Any, NamedTuple, cast

from kmock_core import Request
from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster import jsonpatch
from kmock_k8s.cluster.applying import apply_patch
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.crds.objects import demand_type, fit_custom
from kmock_k8s.cluster.fitting import fit
from kmock_k8s.cluster.identity import check_version, demand_identity
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.owners import name_owners_once
from kmock_k8s.cluster.parsing import parse
from kmock_k8s.cluster.recognizing import check_type, why_of_no_kind, why_untyped
from kmock_k8s.cluster.statuses import Cause, Named, bad_request, invalid, rejected, unknown_format
from kmock_k8s.cluster.unstructured import convert_error, show_changes
from kmock_k8s.cluster.updating import update
from kmock_k8s.cluster.write_options import WriteOptions, read_write_options
from kmock_k8s.cluster.writing import load
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.patching.golang import describe_type
from kmock_k8s.patching.merge import merge

MERGE = 'application/merge-patch+json'
JSON = 'application/json-patch+json'
STRATEGIC = 'application/strategic-merge-patch+json'
APPLY = 'application/apply-patch+yaml'

_MAP = 'Go value of type map[string]interface {}'
_TEXTS = frozenset({'op', 'from', 'path'})
_TYPED = ('kind', 'apiVersion')


def patch(call: Call, kind: Kind, backend: Backend) -> Answer:
    """PATCH: change an object."""
    request = call.request
    how = choose_format(request, [JSON, MERGE, *([STRATEGIC] if kind.is_builtin else []), APPLY])
    if how == APPLY:
        return apply_patch(call, kind, backend)
    options = read_write_options(request, 'PatchOptions')
    with backend.store.lock:
        live = load(kind, call.key, backend)
        changes = read_changes(request.body, how)
        content, warnings = apply_changes(lambda: load(kind, call.key, backend), changes, kind, options)
        metadata: JSONObject = {**metadata_of(content)}
        content['metadata'] = metadata
        warnings = [*warnings, *name_owners_once(metadata, patched=True)]
        name = call.location.name or ''
        demand_identity(metadata, kind, call)
        check_version(metadata, live['metadata'], kind, name)
        raw = update(call, kind, backend, live, content, options)
    return answer(raw, 200, [*warnings, *kind.warn(content, live)])


def choose_format(request: Request, accepted: Sequence[str]) -> str:
    """How a patch is written; an error if it is none of the ways that are known."""
    how = request.full_content_type.partition(';')[0].strip()
    if how not in accepted:
        raise unknown_format(accepted)
    return how


class Changes(NamedTuple):
    """What the body of a patch says."""

    how: str
    """The type of the patch."""
    content: Any
    problems: Sequence[str] = ()
    """What is in it twice, or means nothing."""


def read_changes(body: bytes, how: str) -> Changes:
    """The changes that are in the body of a patch."""
    prefix = '' if how == STRATEGIC else 'error decoding patch: '
    content, problems = parse(body, prefix, shown=False)
    operations: list[Any] = [] if content is None else content
    if how == JSON:
        if content is not None and not isinstance(content, list):
            what = describe_type(content)
            raise bad_request(f'{prefix}json: cannot unmarshal {what} into Go value of type []handlers.jsonPatchOp')
        return Changes(how, operations, [f'json patch {one}' for one in [*_check(operations, prefix), *problems]])
    if content is None:
        if how == MERGE:
            raise bad_request('Invalid JSON Patch')
        content = {}  # a nil map, in Go
    if not isinstance(content, dict):
        raise bad_request(f'{prefix}json: cannot unmarshal {describe_type(content)} into {_MAP}')
    return Changes(how, cast('JSONObject', content), problems)


def _check(operations: list[Any], prefix: str) -> list[str]:
    """The fields of the operations of a JSON patch that mean nothing; an error if an operation is none."""
    unknown: list[str] = []
    for index, operation in enumerate(operations):
        if not isinstance(operation, dict):
            if operation is None:
                continue
            what = describe_type(operation)
            raise bad_request(f'{prefix}json: cannot unmarshal {what} into Go value of type handlers.jsonPatchOp')
        for name, value in cast('JSONObject', operation).items():
            if name in _TEXTS:
                if not isinstance(value, (str, NoneType)):
                    where = f'Go struct field jsonPatchOp.{name} of type string'
                    raise bad_request(f'{prefix}json: cannot unmarshal {describe_type(value)} into {where}')
            elif name != 'value':
                unknown.append(f'unknown field "[{index}].{name}"')
    return unknown


def apply_changes(
    load_live: Callable[[], JSONObject], changes: Changes, kind: Kind, options: WriteOptions
) -> tuple[JSONObject, list[str]]:
    """The object that comes of a patch, as one that was sent, with the warnings about it.

    Args:
        load_live: gives what is patched, each time anew.
        changes: the patch.
        kind: the kind of what is patched.
        options: what is asked for.
    """
    how = changes.how

    def result() -> JSONObject:
        return change(load_live(), changes.content, how, kind)

    def show() -> str:
        return json.dumps(_sorted(result()), separators=(',', ':'), ensure_ascii=False)

    content, unknown = _fit(result(), kind, show, changes.content, how)
    told = [*changes.problems, *unknown]
    if told and options.validation == 'Strict':
        shown = show_changes(changes.content) if how == STRATEGIC else show()
        raise _invalid_patch(shown, f'strict decoding error: {", ".join(told)}')
    return content, told if options.validation == 'Warn' else []


def change(live: JSONObject, changes: Any, how: str, kind: Kind) -> JSONObject:
    """The object after a patch; what was given is used up."""
    if how == MERGE:
        return cast('JSONObject', merge(live, _prune(changes, in_list=False)))
    if how == STRATEGIC and kind.schema is not None:
        from kmock_k8s.patching.strategic import merge_strategic

        return merge_strategic(live, changes, kind.schema)
    changed = jsonpatch.apply(live, changes)
    if not isinstance(changed, dict):
        raise rejected()
    return cast('JSONObject', changed)


def _prune(value: Any, *, in_list: bool) -> Any:
    """A merge patch as the real server takes it: nulls in the objects of its lists are left out, not set.

    RFC 7386 has lists taken as they are; what is in them already is neither merged nor removed in either case.
    """
    fields: JSONObject = value
    items: list[Any] = value
    scalar: object = value
    if isinstance(value, dict):
        return {key: _prune(item, in_list=in_list) for key, item in fields.items() if not (in_list and item is None)}
    return [_prune(item, in_list=True) for item in items] if isinstance(value, list) else scalar


def _fit(
    content: JSONObject, kind: Kind, show: Callable[[], str], changes: Any, how: str
) -> tuple[JSONObject, list[str]]:
    """The object that comes of a patch, as one that was sent."""
    if isinstance(kind, CustomKind):
        demand_type(content, lambda: (text := show(), text), kind)
        return content, fit_custom(content, kind)
    if how == STRATEGIC and kind.is_builtin and all(isinstance(content.get(one), (str, NoneType)) for one in _TYPED):
        content = {**content, 'kind': kind.name, 'apiVersion': kind.api_version}  # the type is that of the Go object
    if (why := why_untyped(content)) is not None:
        raise _invalid_patch(show(), why)
    if (content.get('kind'), content.get('apiVersion')) != (kind.name, kind.api_version) and content.get('kind'):
        version = str(content.get('apiVersion') or '')
        raise _invalid_patch(show(), why_of_no_kind(version, str(content['kind']), kind))
    if not kind.is_builtin:
        return content, []
    try:
        check_type(content, kind, b'')
        fitted, unknown = fit(content, kind, _untouched(content, changes), exact=how != STRATEGIC)
    except KubernetesError as exc:
        why = (exc.message or '').partition(': ')[2]
        if how == STRATEGIC:
            raise _invalid_patch(show_changes(changes), convert_error(why)) from exc
        raise _invalid_patch(show(), why) from exc
    return {'kind': kind.name, 'apiVersion': kind.api_version, **fitted}, unknown


def _invalid_patch(shown: str, why: str) -> KubernetesError:
    """The error about a patch whose result can't be decoded."""
    cause = Cause('FieldValueInvalid', f'Invalid value: {json.dumps(shown, ensure_ascii=False)}: {why}', 'patch')
    return invalid(Named('', ''), [cause])


def _untouched(content: JSONObject, changes: Any) -> Set[str]:
    """The fields of an object that a patch says nothing about."""
    if not isinstance(changes, dict) or any(key[:1] == '$' for key in cast('JSONObject', changes)):
        return frozenset()
    return content.keys() - cast('JSONObject', changes).keys()


def _sorted(content: JSONObject) -> JSONObject:
    return {key: content[key] for key in sorted(content)}
