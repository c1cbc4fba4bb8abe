"""Scenarios are replayed as they were recorded, against servers that answer so, nearly so, or not at all."""

import copy
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeAlias

import pytest

from conformance.judging import Judgement, judge
from conformance.levels import Level
from conformance.orders import USER_AGENT, fill, order
from conformance.playback import Playback, playing
from conformance.recordings import known, load, select
from conformance.wire import Address

Alter: TypeAlias = Callable[[str, Any], Any]

HIDDEN = {'table-limitranges', 'table-roles'}
"""Steps in whose recordings a timestamp in a table is hidden as if it were an age."""

SECONDS = {'kcm-gc', 'kcm-namespace'}
"""Scenarios that wait for controllers."""


def altered(name: str, alter: Alter, run: int = 1) -> Judgement:
    """How far a server agrees that answers as recorded, but for what is altered."""
    scenario = load(name)
    return judge(scenario, lambda: playing(Playback(scenario, alter, run)))


def in_step(step: str, change: Callable[[Any], Any]) -> Alter:
    """Alter the answer to one step."""

    def alter(current: str, answer: Any) -> Any:
        return change(copy.deepcopy(answer)) if current == step else answer

    return alter


def short(judgement: Judgement) -> dict[str, Level]:
    """The steps that do not agree in full."""
    return {verdict.step.id: verdict.level for verdict in judgement.verdicts if verdict.level < Level.FULL}


def as_recorded(step: str, answer: Any) -> Any:
    return answer


@pytest.mark.parametrize('name', [name for name in known() if name not in SECONDS])
def test_a_server_that_answers_as_recorded_agrees_in_full(name: str) -> None:
    assert short(altered(name, as_recorded)).keys() <= HIDDEN


def test_each_run_may_have_uids_versions_times_and_names_of_its_own() -> None:
    assert short(altered('cm-create', as_recorded, run=7)) == {}


def test_what_is_altered_is_found_in_its_step_alone() -> None:
    def change(answer: Any) -> Any:
        answer['body']['json']['data'] = {'k': 'other'}
        return answer

    judgement = altered('cm-create', in_step('get', change))
    assert short(judgement) == {'get': Level.STATUS}
    (why,) = next(verdict for verdict in judgement.verdicts if verdict.step.id == 'get').why(Level.BODY)
    assert str(why) == '.body.json.data.k: recorded "v", got "other"'


def test_a_version_that_is_older_than_it_should_be_is_a_difference() -> None:
    def change(answer: Any) -> Any:
        answer['body']['json']['metadata']['resourceVersion'] = '2000'
        return answer

    assert altered('cm-create', in_step('get', change)).reached(Level.BODY) < len(load('cm-create').steps)


def test_another_uid_of_the_same_object_is_a_difference() -> None:
    def change(answer: Any) -> Any:
        answer['body']['json']['metadata']['uid'] = 'ffffffff-0000-4000-8000-00000000ffff'
        return answer

    assert short(altered('cm-create', in_step('get', change)))['get'] == Level.STATUS


def one_less(answer: Any) -> Any:
    return {**answer, 'events': answer['events'][:-1]}


def one_more(answer: Any) -> Any:
    return {**answer, 'events': [*answer['events'], answer['events'][-1]]}


def another_type(answer: Any) -> Any:
    return {**answer, 'events': [*answer['events'][:-1], {**answer['events'][-1], 'type': 'BOOKMARK'}]}


def another_object(answer: Any) -> Any:
    *events, last = answer['events']
    return {**answer, 'events': [*events, {**last, 'object': None}]}


def no_stream(answer: Any) -> Any:
    return {'status': 200, 'headers': {}, 'body': {'json': {}}}


def nothing(answer: Any) -> Any:
    return None


@pytest.mark.parametrize(
    ('change', 'expected'),
    [
        (one_less, Level.NONE),
        (one_more, Level.NONE),
        (another_type, Level.NONE),
        (another_object, Level.STATUS),
        (no_stream, Level.NONE),
    ],
)
def test_events_of_a_watch_beside_other_steps_are_compared(change: Callable[[Any], Any], expected: Level) -> None:
    watch = next(step for step in load('cr-delete-watch').steps if 'stop_watch' in step.send)
    assert short(altered('cr-delete-watch', in_step(watch.id, change)))[watch.id] == expected


def test_a_server_that_hangs_up_fails_in_that_step_and_the_scenario_goes_on() -> None:
    judgement = altered('health', in_step('healthz', nothing))
    assert short(judgement) == {'healthz': Level.NONE}
    (why,) = judgement.verdicts[[verdict.step.id for verdict in judgement.verdicts].index('healthz')].why(Level.STATUS)
    assert 'RemoteDisconnected' in str(why)


def test_a_server_that_is_not_there_agrees_in_nothing() -> None:
    scenario = load('health')
    with playing(Playback(scenario)) as address:
        pass
    assert judge(scenario, lambda: nullcontext(address)).reached(Level.STATUS) == 0


def test_scenarios_of_controllers_do_not_count() -> None:
    assert {name for name in known() if not load(name).counts} == {'kcm-gc', 'kcm-namespace'}


def test_as_many_steps_count_as_were_counted_when_the_figures_were_promised() -> None:
    steps = [step for scenario in map(load, known()) if scenario.counts for step in scenario.steps]
    assert sum(step.answer is not None for step in steps) == 1060


def test_scenarios_are_selected_by_patterns() -> None:
    assert select(['patch-*', 'health']) == ['health', 'patch-json', 'patch-merge', 'patch-strategic']
    assert select([]) == known()


def test_an_unknown_scenario_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(LookupError, match=r'^no scenario cm-x \(known: apply-cm, '):
        select(['health', 'cm-x'])


def test_captured_values_get_into_later_requests() -> None:
    filled = fill({'path': '/x/${name}?v=${rv}', 'body': {'uid': '${uid}', '${name}': ['${n}']}}, {'name': 'a', 'n': 5})
    assert filled == {'path': '/x/a?v=${rv}', 'body': {'uid': '${uid}', 'a': [5]}}


def test_a_request_is_sent_as_a_client_of_the_recordings_did() -> None:
    sent = order({'method': 'POST', 'path': '/a?b=1', 'query': {'c': ['x/y', 'ä']}, 'body': None}, 'secret')
    assert (sent.target, sent.body) == ('/a?b=1&c=x%2Fy&c=%C3%A4', b'null')
    assert sent.headers == {
        'Accept': 'application/json',
        'Authorization': 'Bearer secret',
        'Content-Type': 'application/json',
        'User-Agent': USER_AGENT,
    }


def test_headers_of_a_step_replace_and_remove_the_usual_ones() -> None:
    headers = {'Accept': None, 'Content-Type': 'application/yaml'}
    sent = order({'method': 'PUT', 'path': '/', 'raw': 'a: b', 'headers': headers}, None)
    assert sent.headers == {'Content-Type': 'application/yaml', 'User-Agent': USER_AGENT}
    assert sent.body == b'a: b'


@pytest.mark.parametrize(
    ('user', 'expected'),
    [(None, 'a'), ('admin', 'a'), ('nobody', 'n'), ('none', None), ('bogus', 'bogus')],
)
def test_steps_name_the_users_they_are_sent_as(user: str | None, expected: str | None) -> None:
    assert Address('http://127.0.0.1', 'a', 'n').token_of(user) == expected
