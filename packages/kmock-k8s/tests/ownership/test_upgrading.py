import json
from typing import Any

import pytest

from kmock_k8s import schemas
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.ownership.shapes import Shape
from kmock_k8s.ownership.upgrading import LAST_APPLIED, applied_before, keep_applied

SHAPE = Shape.of(schemas.builtin('', 'v1', 'ConfigMap'))
CONFIG: JSONObject = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'x'}, 'data': {'a': '1', 'b': '2'}}


def annotated(value: JSONObject, annotation: str | None) -> JSONObject:
    return {**value, 'metadata': {**value['metadata'], 'annotations': {LAST_APPLIED: annotation}}}


def test_what_is_still_as_it_was_applied_is_allowed() -> None:
    live = annotated({**CONFIG, 'data': {'a': '1', 'b': 'changed', 'c': '3'}}, json.dumps(CONFIG))

    assert applied_before(live, SHAPE) == {'f:data': {'f:a': {}}}


@pytest.mark.parametrize('annotation', [None, '', '{', '[]', '5', '{"nope": 1}', '{"apiVersion": "v1", "data": 5}'])
def test_other_annotations_allow_nothing(annotation: Any) -> None:
    assert applied_before(annotated(CONFIG, annotation), SHAPE) == {}


def test_configurations_of_other_versions_allow_nothing() -> None:
    assert applied_before(annotated(CONFIG, json.dumps({**CONFIG, 'apiVersion': 'v2'})), SHAPE) == {}
    assert applied_before(CONFIG, SHAPE) == {}


def test_the_annotation_follows_what_is_applied() -> None:
    config = {**CONFIG, 'metadata': {'name': 'x', 'annotations': {LAST_APPLIED: 'old', 'a': 'b'}}}
    after = keep_applied(annotated(CONFIG, 'old'), config)

    assert after['metadata']['annotations'][LAST_APPLIED] == (
        '{"apiVersion":"v1","data":{"a":"1","b":"2"},"kind":"ConfigMap",'
        '"metadata":{"annotations":{"a":"b"},"name":"x"}}\n'
    )
    assert keep_applied(after, config) is after


def test_there_is_no_new_annotation() -> None:
    assert keep_applied(CONFIG, CONFIG) is CONFIG
