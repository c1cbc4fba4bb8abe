"""What a real API server answered; each step of `recorded.json` has its origin in its name.

Objects are as they were answered, those that are written by updates too: without what the server sets itself, and
does not track.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from kmock_k8s import schemas
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.ownership import apply, track_update
from kmock_k8s.ownership.scopes import scope_of_builtin, scope_of_custom

RECORDED: JSONObject = json.loads((Path(__file__).parent / 'recorded.json').read_text())
STEPS: list[JSONObject] = RECORDED['steps']
SERVERS_OWN = {'generation', 'managedFields', 'resourceVersion'}
DEFAULTS = {'imagePullPolicy', 'resources', 'terminationMessagePath', 'terminationMessagePolicy'}


def steps(write: str, answer: str) -> pytest.MarkDecorator:
    found = [step for step in STEPS if step['write'] == write and answer in step]
    return pytest.mark.parametrize('step', found, ids=[step['name'] for step in found])


def options(step: JSONObject) -> dict[str, Any]:
    group, version, kind = step['group'], step['version'], step['kind']
    subresource: str = step.get('subresource', '')
    custom = RECORDED['schemas'].get(f'{group}/{kind}')
    schema = schemas.custom(custom) if custom else schemas.builtin(group, version, kind)
    assert schema is not None
    has_status = 'status' in schema.properties
    scope = (
        scope_of_custom(subresource, has_status=has_status)
        if custom
        else scope_of_builtin(subresource, kind=kind, has_status=has_status)
    )
    return {
        'schema': schema,
        'api_version': f'{group}/{version}' if group else version,
        'subresource': subresource,
        'now': step['now'],
        'scope': scope,
    }


def applied(step: JSONObject) -> JSONObject:
    return apply(step.get('before'), step['given'], step['manager'], force=step.get('force', False), **options(step))


def comparable(entries: object, custom: bool) -> object:
    """The entries, or their bytes; those of custom resources are written with sorted keys."""
    return entries if custom else json.dumps(entries)


@steps('apply', 'owners')
def test_applying_leaves_the_recorded_owners(step: JSONObject) -> None:
    custom = f'{step["group"]}/{step["kind"]}' in RECORDED['schemas']
    owners = applied(step)['metadata'].get('managedFields', [])

    assert comparable(owners, custom) == comparable(step['owners'], custom)


@steps('apply', 'object')
def test_applying_makes_the_recorded_object_but_for_defaults(step: JSONObject) -> None:
    result = applied(step)

    assert missing(result, step['object'], '') == []
    if 'before' in step:
        assert missing(step['object'], result, '') == []


@steps('apply', 'refused')
def test_applying_is_refused_with_the_recorded_error(step: JSONObject) -> None:
    with pytest.raises(KubernetesError) as caught:
        applied(step)

    status = caught.value.as_status()
    assert {key: status[key] for key in step['refused']} == step['refused']


@pytest.mark.parametrize('write', ['apply', 'update'])
def test_nothing_that_is_given_is_changed(write: str) -> None:
    for step in STEPS:
        if step['write'] == write and 'refused' not in step:
            before = copy.deepcopy(step)
            if write == 'apply':
                applied(step)
            else:
                track_update(step.get('before'), step['given'], step['manager'], **options(step))
            assert step == before


@steps('update', 'owners')
def test_updates_leave_the_recorded_owners(step: JSONObject) -> None:
    custom = f'{step["group"]}/{step["kind"]}' in RECORDED['schemas']
    owners = track_update(step.get('before'), step['given'], step['manager'], **options(step))

    assert comparable(owners, custom) == comparable(step['owners'], custom)


@steps('update', 'owners')
def test_the_same_update_again_changes_no_owners(step: JSONObject) -> None:
    live = copy.deepcopy(step['given'])
    live['metadata']['managedFields'] = step['owners']

    later: dict[str, Any] = {**options(step), 'now': '2026-12-31T00:00:00Z'}
    assert track_update(live, copy.deepcopy(live), step['manager'], **later) == step['owners']


@steps('apply', 'owners')
def test_applying_the_same_again_gives_the_live_object_itself(step: JSONObject) -> None:
    live = applied(step)

    later: dict[str, Any] = {**options(step), 'now': '2026-12-31T00:00:00Z'}
    again = apply(live, step['given'], step['manager'], force=False, **later)

    assert again is live


def missing(some: Any, other: Any, path: str) -> list[str]:
    """Where the other does not have what there is."""
    fields: dict[str, Any] = some
    others: dict[str, Any] = other
    items: list[Any] = some
    more: list[Any] = other
    if isinstance(some, dict) and isinstance(other, dict):
        known = fields.keys() - (SERVERS_OWN if path == '.metadata' else DEFAULTS)
        gone = [f'{path}.{key}' for key in sorted(known - others.keys())]
        return gone + [at for key in known & others.keys() for at in missing(fields[key], others[key], f'{path}.{key}')]
    if isinstance(some, list) and isinstance(other, list):
        return missing(dict(enumerate(items)), dict(enumerate(more)), path)
    return [] if some == other else [path]
