"""What the cluster does as a real API server: behaviours, by ``behaviours.toml``, and the recordings that show them."""

import enum
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from conformance.floors import Floor
from conformance.reasons import Reason, Sort

FILE = Path(__file__).with_name('behaviours.toml')
ROOT = FILE.parents[2]
TESTS = (ROOT / 'packages' / 'kmock-k8s' / 'tests', ROOT / 'tests-integration')
"""The folders of the tests that are named."""


class State(enum.Enum):
    """How far a behaviour is served."""

    SERVED = 'yes'
    PARTLY = 'partly'
    NOT_YET = 'not yet'


@dataclass(frozen=True)
class Behaviour:
    """Something that users of a real server may rely on.

    Args:
        name: a short one.
        text: what it is.
        state: how far it is served.
        steps: the recorded steps that show it: patterns of scenarios, or of ``SCENARIO/STEP``; with a ``-`` before
            them, of steps that do not.
        tests: the files or folders of the tests that show it.
        missing: what is missing, and what happens instead; empty if it is served.
    """

    name: str
    text: str
    state: State
    steps: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    missing: str = ''

    def is_shown_by(self, step: str) -> bool:
        """True if a step shows it, given as ``SCENARIO/STEP``."""
        name = step.partition('/')[0]
        taken = [pattern for pattern in self.steps if not pattern.startswith('-')]
        left = [pattern[1:] for pattern in self.steps if pattern.startswith('-')]
        return any(_fits(name, step, one) for one in taken) and not any(_fits(name, step, one) for one in left)


@dataclass(frozen=True)
class Group:
    """Behaviours that belong together."""

    title: str
    behaviours: tuple[Behaviour, ...]


def read(file: Path = FILE) -> list[Group]:
    """The groups, in the order of the file."""
    groups: list[Group] = []
    for group in tomllib.loads(file.read_text('utf-8'))['group']:
        behaviours = tuple(
            Behaviour(
                entry['name'],
                entry['text'],
                State(entry['served']),
                tuple(entry.get('steps', ())),
                tuple(entry.get('tests', ())),
                entry.get('missing', ''),
            )
            for entry in group['behaviour']
        )
        groups.append(Group(group['title'], behaviours))
    return groups


def complaints(
    groups: Iterable[Group], steps: Collection[str], explained: Mapping[str, Reason], floors: Mapping[str, Floor]
) -> list[str]:
    """What contradicts the facts; empty if nothing does.

    Args:
        groups: the behaviours.
        steps: all steps of the recordings, as ``SCENARIO/STEP``.
        explained: the reasons of those that do not agree in full.
        floors: how far they agree.
    """
    behaviours = [behaviour for group in groups for behaviour in group.behaviours]
    known = {behaviour.name: behaviour for behaviour in behaviours}
    lines = [f'{FILE.name}: two behaviours have one name' for _ in range(len(known), len(behaviours))]
    for behaviour in behaviours:
        lines += [f'{FILE.name}: {behaviour.name} {why}' for why in _why_not(behaviour, steps, explained)]
    for reason in {id(reason): reason for reason in explained.values()}.values():
        if reason.behaviour is not None and reason.behaviour not in known:
            lines.append(f'the reason {reason.name} is about an unknown behaviour: {reason.behaviour}')
    for name in floors:
        if not any(
            behaviour.is_shown_by(step) for step in steps for behaviour in behaviours if step.startswith(f'{name}/')
        ):
            lines.append(f'{FILE.name}: nothing is shown by the recording {name}')
    return lines


def _why_not(behaviour: Behaviour, steps: Collection[str], explained: Mapping[str, Reason]) -> Iterator[str]:
    if (behaviour.state is State.SERVED) == bool(behaviour.missing):
        yield f'is "{behaviour.state.value}": that something is missing has to be said where it is, and only there'
    if behaviour.state is not State.NOT_YET and not behaviour.steps and not behaviour.tests:
        yield 'is shown by nothing'
    for test in behaviour.tests:
        if not any((folder / test).exists() for folder in TESTS):
            yield f'is shown by a test that is not there: {test}'
    for pattern in behaviour.steps:
        if not any(_fits(step.partition('/')[0], step, pattern.removeprefix('-')) for step in steps):
            yield f'has "{pattern}", but there is no such step'
    if behaviour.state is State.SERVED:
        for step, reason in explained.items():
            if reason.sort is Sort.MISSING and (reason.behaviour == behaviour.name or behaviour.is_shown_by(step)):
                yield f'is said to be served, but {step} shows what is missing: {reason.name}'


def _fits(name: str, step: str, pattern: str) -> bool:
    return fnmatchcase(step if '/' in pattern else name, pattern)
