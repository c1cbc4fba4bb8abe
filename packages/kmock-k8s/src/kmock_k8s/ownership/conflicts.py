"""The errors of server-side apply, in the words of the API."""

import json
from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.ownership.fieldsets import FieldSet, paths, show_path
from kmock_k8s.ownership.managers import Entry
from kmock_k8s.patching.decoding import too_deep

P = ParamSpec('P')
R = TypeVar('R')


def conflict(found: Sequence[tuple[Entry, FieldSet]]) -> KubernetesError:
    """The error about fields that the applied configuration would change, and that others own."""
    listed = [
        (name_manager(entry), [show_path(path) for path in paths(fields)])
        for entry, fields in sorted(found, key=lambda pair: pair[0].key)
    ]
    causes = [
        {'reason': 'FieldManagerConflict', 'message': f'conflict with {manager}', 'field': path}
        for manager, shown in listed
        for path in shown
    ]
    if len(causes) == 1:
        message = f'Apply failed with 1 conflict: {causes[0]["message"]}: {causes[0]["field"]}'
    else:
        lines = [
            line for manager, shown in listed for line in (f'conflicts with {manager}:', *map('- {}'.format, shown))
        ]
        message = f'Apply failed with {len(causes)} conflicts: ' + '\n'.join(lines)
    return KubernetesError(status=409, reason='Conflict', message=message, details={'causes': causes})


def name_manager(entry: Entry) -> str:
    """A manager in a message: who it is, and what it used."""
    name = json.dumps(entry.manager, ensure_ascii=False)
    if entry.subresource:
        name += f' with subresource {json.dumps(entry.subresource)}'
    return name if entry.operation == 'Apply' else f'{name} using {entry.api_version}'


def mistyped(config: JSONObject, api_version: str, why: object) -> KubernetesError:
    """The error about a configuration that is not as its schema says."""
    place = metadata_of(config)
    group_version = api_version if '/' in api_version else f'/{api_version}'
    which = (
        f'{place.get("namespace") or ""}/{place.get("name") or ""}; {group_version}, Kind={config.get("kind") or ""}'
    )
    return KubernetesError(status=500, message=f'failed to create typed patch object ({which}): {why}')


def not_too_deep(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, with the error of the API about what is nested too deep for it."""

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except RecursionError as exc:
            raise too_deep() from exc

    return guarded
