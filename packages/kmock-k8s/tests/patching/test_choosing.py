"""Which patch a request is."""

from typing import Any

import pytest

from kmock_k8s.errors import KubernetesBadRequestError, KubernetesMediaTypeError
from kmock_k8s.patching import jsonpatch
from kmock_k8s.patching.choosing import check_media_type, choose
from kmock_k8s.patching.merge import merge

BY_BODY = [
    'application/merge-patch+json',
    'application/json',
    'application/octet-stream',
    '*/*',
    '',
    None,
    ' ; charset=utf-8',
    'application/json; charset=utf-8',
    'Application/Merge-Patch+JSON ;x=y',
]


@pytest.mark.parametrize('content_type', BY_BODY)
def test_an_object_is_a_merge_patch(content_type: str | None) -> None:
    assert choose(content_type, {}) is merge


@pytest.mark.parametrize('content_type', BY_BODY)
def test_a_list_is_a_json_patch(content_type: str | None) -> None:
    assert choose(content_type, []) is jsonpatch.apply


@pytest.mark.parametrize('patch', [[], {}, None, 'x'])
@pytest.mark.parametrize('content_type', ['application/json-patch+json', 'application/JSON-patch+json; charset=utf-8'])
def test_a_json_patch_is_what_says_so(content_type: str, patch: Any) -> None:
    assert choose(content_type, patch) is jsonpatch.apply


def test_a_strategic_merge_patch_replaces_lists() -> None:
    patch = {'spec': {'containers': [{'name': 'b'}]}}
    patcher = choose('application/strategic-merge-patch+json', patch)
    target: dict[str, Any] = {'spec': {'containers': [{'name': 'a'}], 'x': 'y'}}
    assert patcher(target, patch) == {'spec': {'containers': [{'name': 'b'}], 'x': 'y'}}


@pytest.mark.parametrize(
    'content_type',
    ['application/apply-patch+yaml', 'application/yaml', 'text/plain', 'json', 'application/json, text/plain', 'é'],
)
@pytest.mark.parametrize('patch', [{}, []])
def test_other_media_types_are_refused_with_what_is_accepted(content_type: str, patch: Any) -> None:
    with pytest.raises(KubernetesMediaTypeError) as caught:
        choose(content_type, patch)
    assert caught.value.as_status()['code'] == 415
    assert caught.value.message == (
        f'the body of the request was in an unknown format ({content_type}) - accepted media types include: '
        'application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json'
    )


@pytest.mark.parametrize(
    ('content_type', 'patch', 'kind'),
    [
        ('application/merge-patch+json', 'x', 'string'),
        ('application/merge-patch+json', None, 'null'),
        ('application/json', 1, 'number'),
        (None, True, 'bool'),
        ('application/strategic-merge-patch+json', [], 'array'),
    ],
)
def test_a_merge_patch_that_is_no_object_is_a_bad_request(content_type: str | None, patch: Any, kind: str) -> None:
    with pytest.raises(KubernetesBadRequestError) as caught:
        choose(content_type, patch)
    assert caught.value.message == (
        f'error decoding patch: json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}'
    )


@pytest.mark.parametrize(
    ('content_type', 'media'),
    [(None, ''), ('Application/JSON; charset=utf-8', 'application/json'), ('application/json', 'application/json')],
)
def test_a_media_type_can_be_checked_before_the_body_is_parsed(content_type: str | None, media: str) -> None:
    assert check_media_type(content_type) == media


def test_a_media_type_that_is_not_known_is_refused_before_the_body_is_parsed() -> None:
    with pytest.raises(KubernetesMediaTypeError, match='application/apply-patch'):
        check_media_type('application/apply-patch+yaml')
