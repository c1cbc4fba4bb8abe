"""The floors of the agreement: they only rise, and what falls below them is named."""

from pathlib import Path

import pytest

from conformance import floors
from conformance.floors import Floor
from conformance.judging import Judgement, Verdict
from conformance.levels import Level
from conformance.recordings import Scenario, Step

ANSWER = {'status': 200, 'headers': {}, 'body': {'json': {'n': 1}}}
OTHERS = {
    Level.NONE: {**ANSWER, 'status': 404},
    Level.STATUS: {**ANSWER, 'body': {'json': {'n': 2}}},
    Level.BODY: {**ANSWER, 'headers': {'Warning': 'w'}},
    Level.FULL: ANSWER,
}


def judgement(name: str = 'first', **levels: Level) -> Judgement:
    steps = tuple(Step(step, {}, ANSWER) for step in levels)
    verdicts = (Verdict(step, levels[step.id], OTHERS[levels[step.id]]) for step in steps)
    return Judgement(Scenario(name, 'about nothing', steps), tuple(verdicts))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / 'floors.json'


def test_there_are_no_floors_at_first(file: Path) -> None:
    assert floors.read(file) == {}


def test_floors_are_read_as_they_were_written(file: Path) -> None:
    written = {'a': Floor(3, {'x': Level.NONE, 'y': Level.BODY}), 'b': Floor(2)}
    floors.write(written, file)
    assert floors.read(file) == written


def test_a_floor_is_what_is_reached_today() -> None:
    floor = Floor.of(judgement(a=Level.FULL, b=Level.BODY, c=Level.NONE, d=Level.FULL))
    assert floor == Floor(4, {'b': Level.BODY, 'c': Level.NONE})
    assert [floor.reached(level) for level in (Level.STATUS, Level.BODY, Level.FULL)] == [3, 3, 2]


def test_floors_rise(file: Path) -> None:
    floors.rise([judgement(a=Level.STATUS)], file)
    assert floors.rise([judgement(a=Level.BODY)], file) == []
    assert floors.read(file) == {'first': Floor(1, {'a': Level.BODY})}


def test_floors_of_other_scenarios_stay(file: Path) -> None:
    floors.rise([judgement('first', a=Level.FULL)], file)
    floors.rise([judgement('second', b=Level.FULL)], file)
    assert floors.read(file) == {'first': Floor(1), 'second': Floor(1)}


@pytest.mark.parametrize('level', [Level.NONE, Level.STATUS, Level.BODY])
def test_floors_are_never_lowered_and_nothing_is_written_then(file: Path, level: Level) -> None:
    floors.rise([judgement('first', a=Level.FULL), judgement('second', b=Level.STATUS)], file)
    before = file.read_bytes()
    complaints = floors.rise([judgement('first', a=level), judgement('second', b=Level.FULL)], file)
    assert len(complaints) == 1
    assert file.read_bytes() == before


def test_the_complaint_says_which_steps_got_lost_and_why() -> None:
    floor = Floor.of(judgement(a=Level.FULL, b=Level.FULL, c=Level.NONE))
    complaint = floors.complaint(floor, judgement(a=Level.FULL, b=Level.STATUS, c=Level.NONE))
    assert complaint is not None
    assert complaint.splitlines() == [
        'first agrees less with the recordings than it did:',
        '  body: 1 of 3 steps agree, but there were 2 of 3',
        '  full: 1 of 3 steps agree, but there were 2 of 3',
        '  lost: b, which agreed at the level "full"',
        '    .body.json.n: recorded 1, got 2',
    ]


def test_there_is_no_complaint_if_as_much_is_gained_as_is_lost() -> None:
    floor = Floor.of(judgement(a=Level.FULL, b=Level.STATUS))
    today = judgement(a=Level.STATUS, b=Level.FULL)
    assert floors.complaint(floor, today) is None
    assert [(verdict.step.id, level) for verdict, level in floor.lost(today)] == [('a', Level.FULL)]


def test_a_level_that_is_lost_is_not_outweighed_by_another_level() -> None:
    floor = Floor.of(judgement(a=Level.STATUS, b=Level.STATUS))
    assert floors.complaint(floor, judgement(a=Level.NONE, b=Level.FULL)) is not None
