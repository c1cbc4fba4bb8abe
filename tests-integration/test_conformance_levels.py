"""Answers are compared at three levels."""

import random
from typing import Any

import pytest

from conformance.levels import Difference, Level, agreement, differences, view


def answer(json: Any = None, status: int = 200, **headers: Any) -> dict[str, Any]:
    headers = {'Content-Type': 'application/json', **{name.replace('_', '-'): value for name, value in headers.items()}}
    return {'status': status, 'headers': headers, 'body': {'json': json}}


def stream(*events: Any, **headers: Any) -> dict[str, Any]:
    return {'status': 200, 'headers': headers, 'events': list(events)}


def event(kind: str, **item: Any) -> dict[str, Any]:
    return {'type': kind, 'object': item}


def test_equal_answers_agree_in_full() -> None:
    assert agreement(answer({'a': 1}), answer({'a': 1})) == Level.FULL


def test_no_answer_agrees_in_nothing() -> None:
    assert agreement(answer(), None) == Level.NONE


@pytest.mark.parametrize(
    ('got', 'expected'),
    [
        (answer({'a': 1}, status=201), Level.NONE),
        (answer({'a': 2}), Level.STATUS),
        (answer({'a': 1, 'b': None}), Level.STATUS),
        (answer({'a': 1}, Warning='299 - "old"'), Level.BODY),
        (answer({'a': 1}, Location='/b'), Level.BODY),
        (answer({'a': 1}, Content_Type='text/plain'), Level.BODY),
        (answer({'a': 1}, Server='kmock'), Level.FULL),
        ({**answer(), 'body': {'text': '{"a": 1}'}}, Level.STATUS),
        ({**answer(), 'body': {'json': {'a': 1}, 'indented': True}}, Level.STATUS),
        (stream(), Level.NONE),
    ],
)
def test_the_level_says_how_far_the_answers_agree(got: dict[str, Any], expected: Level) -> None:
    assert agreement(answer({'a': 1}), got) == expected


def test_managers_of_fields_are_compared_only_in_full() -> None:
    with_managers = answer({'metadata': {'name': 'a', 'managedFields': [{'manager': 'x'}]}})
    assert agreement(with_managers, answer({'metadata': {'name': 'a'}})) == Level.BODY
    assert agreement(with_managers, answer({'metadata': {'name': 'b', 'managedFields': []}})) == Level.STATUS


@pytest.mark.parametrize(
    ('got', 'expected'),
    [
        (stream(event('ADDED', n=1), event('MODIFIED', n=2)), Level.FULL),
        (stream(event('ADDED', n=1), event('MODIFIED', n=3)), Level.STATUS),
        (stream(event('ADDED', n=1)), Level.NONE),
        (stream(event('ADDED', n=1), event('DELETED', n=2)), Level.NONE),
        (stream(event('MODIFIED', n=2), event('ADDED', n=1)), Level.NONE),
        (stream(event('ADDED', n=1), event('MODIFIED', n=2), event('BOOKMARK')), Level.NONE),
    ],
)
def test_watches_agree_in_the_number_and_the_types_of_events_and_then_in_the_objects(
    got: dict[str, Any], expected: Level
) -> None:
    assert agreement(stream(event('ADDED', n=1), event('MODIFIED', n=2)), got) == expected


def test_times_and_addresses_need_only_be_there() -> None:
    recorded = answer({'at': '<ts:1>', 'ip': '10.43.0.7'})
    assert agreement(recorded, answer({'at': '<ts:5>', 'ip': '10.96.1.2'})) == Level.FULL
    assert agreement(recorded, answer({'at': None, 'ip': '10.43.0.7'})) == Level.STATUS


@pytest.mark.parametrize('seed', range(3))
def test_several_causes_may_come_in_any_order_with_any_order_in_the_message(seed: int) -> None:
    causes = [{'field': name, 'message': 'Required value'} for name in 'abcd']
    shuffled = random.Random(seed).sample(causes, len(causes))
    recorded = answer({'message': 'a, b, c, d', 'details': {'causes': causes}}, status=422)
    got = answer({'message': 'in another order', 'details': {'causes': shuffled}}, status=422)
    assert agreement(recorded, got) == Level.FULL


def test_a_cause_that_is_absent_is_a_difference_in_any_order() -> None:
    causes = [{'field': 'a'}, {'field': 'b'}]
    recorded = answer({'message': 'm', 'details': {'causes': causes}}, status=422)
    got = answer({'message': 'm', 'details': {'causes': causes[:1]}}, status=422)
    assert agreement(recorded, got) == Level.STATUS


def test_the_message_of_a_single_cause_is_compared() -> None:
    recorded, got = (answer({'message': text, 'details': {'causes': [{'field': 'a'}]}}, 422) for text in ('x', 'y'))
    assert agreement(recorded, got) == Level.STATUS


def test_comparing_leaves_the_answers_as_they_are() -> None:
    recorded = answer({'message': 'm', 'details': {'causes': [{'field': 'b'}, {'field': 'a'}]}})
    view(recorded, Level.FULL)
    assert recorded == answer({'message': 'm', 'details': {'causes': [{'field': 'b'}, {'field': 'a'}]}})


def test_differences_name_the_places() -> None:
    recorded = {'a': [1, {'b': 2}], 'c': [1], 'd': 1}
    got = {'a': [1, {'b': 3}], 'c': [1, 2], 'e': 1}
    assert list(differences(recorded, got)) == [
        Difference('.a[1].b', 2, 3),
        Difference('.c', [1], [1, 2]),
        Difference('.d', 1, 'absent'),
        Difference('.e', 'absent', 1),
    ]


def test_a_difference_is_shown_in_one_short_line() -> None:
    text = str(Difference('.a', 'x' * 1000, 'absent'))
    assert text.startswith('.a: recorded "xxx')
    assert text.endswith('…, got absent')
    assert len(text) < 250
