"""The page of the documentation on what the cluster serves: made of facts, and up to date."""

import dataclasses
from pathlib import Path

import pytest

from conformance import behaviours, floors, page, reasons
from conformance.behaviours import Behaviour, Group, State
from conformance.floors import Floor
from conformance.levels import Level
from conformance.page import Kept, kept
from conformance.reasons import Reason, Sort

SHORT = {'health': Floor(10, {'readyz-verbose': Level.STATUS, 'livez-nope': Level.NONE})}
REASON = Reason('names', Sort.MISSING, 'They are others.', ('health/*-verbose',), 'health')
OTHER = Reason('luck', Sort.RECORDED, 'It was so.', ('health/livez-*',))
BEHAVIOUR = Behaviour('health', 'It lives.', State.PARTLY, ('health', '-health/livez'), ('test_serve.py',), 'Names.')


def made(*whys: Reason, behaviour: Behaviour = BEHAVIOUR) -> Kept:
    """What is kept, of one recording with two steps that do not agree."""
    return Kept(SHORT, [Group('Health', (behaviour,))], {reason.name: reason for reason in whys})


# ---- The page itself. ----


def test_the_page_is_up_to_date_and_what_it_is_made_of_is_true() -> None:
    found = kept()
    if complaints := found.complaints():
        pytest.fail('\n'.join(complaints), pytrace=False)
    if page.FILE.read_text('utf-8') != page.render(found):
        pytest.fail(f'{page.PATH} is not up to date; type: {page.COMMAND}', pytrace=False)


def test_the_numbers_are_those_of_the_report() -> None:
    assert sum(floor.steps for floor in floors.read().values()) == len(kept().steps)


# ---- What it is made of. ----


def test_nothing_is_to_complain_of_if_all_is_explained() -> None:
    assert made(REASON, OTHER).complaints() == []


def test_a_step_that_does_not_agree_needs_a_reason() -> None:
    assert made(REASON).complaints() == ['health/livez-nope does not agree, and reasons.toml has no reason for it']


def test_a_reason_needs_a_step_that_does_not_agree() -> None:
    stale = dataclasses.replace(OTHER, steps=('health/livez-*', 'health/healthz'))
    (complaint,) = made(REASON, stale).complaints()
    assert complaint.startswith('reasons.toml: [luck] has "health/healthz"')


@pytest.mark.parametrize(
    ('changes', 'complaint'),
    [
        ({'missing': ''}, 'health is "partly": that something is missing has to be said'),
        ({'state': State.SERVED}, 'health is "yes": that something is missing has to be said'),
        ({'state': State.SERVED, 'missing': ''}, 'health is said to be served, but health/readyz-verbose shows'),
        ({'tests': ('test_nothing.py',)}, 'health is shown by a test that is not there: test_nothing.py'),
        ({'steps': ('health', 'nothing-*')}, 'health has "nothing-*", but there is no such step'),
        ({'steps': ()}, 'nothing is shown by the recording health'),
        ({'steps': (), 'tests': ()}, 'health is shown by nothing'),
        ({'name': 'life'}, 'the reason names is about an unknown behaviour: health'),
    ],
)
def test_a_behaviour_has_to_fit_the_facts(changes: dict[str, object], complaint: str) -> None:
    complaints = made(REASON, OTHER, behaviour=dataclasses.replace(BEHAVIOUR, **changes)).complaints()  # type: ignore[arg-type]
    assert any(complaint in line for line in complaints), complaints


def test_the_names_of_behaviours_are_unique() -> None:
    twice = Kept(SHORT, [Group('Health', (BEHAVIOUR, BEHAVIOUR))], {'names': REASON, 'luck': OTHER})
    assert twice.complaints() == ['behaviours.toml: two behaviours have one name']


def test_a_reason_says_which_behaviour_is_missing_and_only_then(tmp_path: Path) -> None:
    file = tmp_path / 'reasons.toml'
    file.write_text('[a]\nsort = "chosen"\nwhy = "So."\nsteps = ["x/*"]\nbehaviour = "b"\n', 'utf-8')
    with pytest.raises(ValueError, match=r'reasons\.toml: \[a\] has to name a behaviour if its sort is "missing"'):
        reasons.read(file)


# ---- What it says. ----


def test_a_behaviour_is_shown_by_the_steps_that_are_named_without_those_that_are_excluded() -> None:
    text = page.render(made(REASON, OTHER))
    assert '| [It lives.]{#health}<br>*Missing:* Names. | partly | `health` 8, 7, 7 of 9<br>`test_serve.py` |' in text


def test_a_recording_is_shown_with_the_reasons_of_what_differs() -> None:
    text = page.render(made(REASON, OTHER))
    differing = '[luck](#why-luck): `livez-nope`<br>[names](#why-names): `readyz-verbose`'
    assert f'| `health`<br>Health endpoints | 10 | 9 | 8 | 8 | {differing} |' in text
    assert '| [names]{#why-names} | They are others. [What it is.](#health) | 1 |' in text


def test_the_totals_are_those_of_the_steps_that_count() -> None:
    text = page.render(made(REASON, OTHER))
    totals = text.partition('<!-- totals -->')[2].partition('<!-- end of totals -->')[0]
    assert '| the same body | 80.0 % |' in totals
    assert '10 requests count for it.' in totals


def test_all_behaviours_of_the_tree_are_read() -> None:
    assert {group.title for group in behaviours.read()} >= {'Watching', 'Custom resources', 'Server-side apply'}
