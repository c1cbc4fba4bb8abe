"""What requests do."""

import json
from typing import Any

import pytest

import kmock
from kmock_k8s import CREATE, DELETE, FETCH, LIST, UPDATE, WATCH, action
from kmock_k8s.model.actions import action_of
from kmock_k8s.model.urls import locate

LISTED = '/api/v1/pods'
NAMED = '/api/v1/namespaces/ns1/pods/p1'

ACTIONS = [
    ('GET', LISTED, LIST),
    ('GET', f'{LISTED}?watch=0', LIST),
    ('GET', f'{LISTED}?watch=1', WATCH),
    ('GET', f'{LISTED}?labelSelector=a&watch=true', WATCH),
    ('GET', f'{NAMED}?watch=True', WATCH),
    ('GET', NAMED, FETCH),
    ('GET', f'{NAMED}/log', FETCH),
    ('HEAD', LISTED, LIST),
    ('HEAD', f'{LISTED}?watch=1', LIST),
    ('HEAD', NAMED, FETCH),
    ('POST', LISTED, CREATE),
    ('POST', f'{LISTED}?watch=1', CREATE),
    ('POST', f'{NAMED}/eviction', CREATE),
    ('PATCH', NAMED, UPDATE),
    ('PUT', f'{NAMED}/status', UPDATE),
    ('DELETE', NAMED, DELETE),
    ('DELETE', LISTED, DELETE),
    ('OPTIONS', LISTED, None),
    ('STORE', LISTED, None),
    ('GET', '/', None),
    ('GET', '/api', None),
    ('GET', '/api/v1', None),
    ('GET', '/apis/apps/v1?watch=1', None),
    ('POST', '/apis/apps/v1', None),
    ('DELETE', '/x', None),
]


@pytest.mark.parametrize(('method', 'target', 'expected'), ACTIONS)
def test_the_action_is_told_by_the_method_and_the_url(method: str, target: str, expected: action | None) -> None:
    assert action_of(method, locate(target), target) is expected


@pytest.mark.parametrize('name', ['LIST', 'WATCH', 'FETCH', 'CREATE', 'UPDATE', 'DELETE'])
def test_the_known_actions_are_names_of_the_facade(name: str) -> None:
    assert getattr(kmock, name) is action[name] is action(name) is action(name.lower())
    assert getattr(kmock.RawHandler(), name) is action[name]


def test_the_known_actions_are_listed_in_their_order() -> None:
    assert list(action) == [LIST, WATCH, FETCH, CREATE, UPDATE, DELETE]


@pytest.mark.parametrize('name', ['approve', 'APPROVE', 'Approve'])
def test_unknown_actions_are_members_too_in_any_case(name: str) -> None:
    assert action(name) == action('approve') == 'APPROVE'
    assert hash(action(name)) == hash(action('approve'))
    assert action(name).name == 'APPROVE'
    assert 'APPROVE' not in action.__members__


@pytest.mark.parametrize('value', ['', ' ', 'list pods', None, 5])
def test_what_can_be_no_action_is_an_error_that_says_what_to_type(value: Any) -> None:
    with pytest.raises(ValueError, match=r"is not an action; type e\.g\. action\('list'\)"):
        action(value)


def test_an_action_is_a_text_in_json() -> None:
    assert json.dumps([LIST]) == '["LIST"]'
