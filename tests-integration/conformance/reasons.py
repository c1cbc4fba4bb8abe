"""Why steps do not agree: each one has a reason in ``reasons.toml``, and each reason has such a step."""

import enum
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from conformance.floors import Floor

FILE = Path(__file__).with_name('reasons.toml')


class Sort(enum.Enum):
    """What a reason is about."""

    MISSING = 'missing'
    """Something is not there yet: a behaviour, which is named."""
    CHOSEN = 'chosen'
    """The cluster answers so on purpose, or has to."""
    RECORDED = 'recorded'
    """The answer depends on when and where it was recorded: a second run of a real server differs, too."""


@dataclass(frozen=True)
class Reason:
    """Why some steps do not agree.

    Args:
        name: a short one.
        sort: what it is about.
        why: a sentence or two.
        steps: patterns of the steps, such as ``cm-list/*-empty``.
        behaviour: the name of the behaviour that is missing, if one is.
    """

    name: str
    sort: Sort
    why: str
    steps: tuple[str, ...]
    behaviour: str | None = None

    def explains(self, step: str) -> bool:
        """True if it is about a step, given as ``SCENARIO/STEP``."""
        return any(fnmatchcase(step, pattern) for pattern in self.steps)


def read(file: Path = FILE) -> dict[str, Reason]:
    """The reasons by their names, in the order of the file.

    Raises:
        ValueError: the file is not as it has to be.
    """
    found: dict[str, Reason] = {}
    for name, entry in tomllib.loads(file.read_text('utf-8')).items():
        sort = Sort(entry['sort'])
        if (sort is Sort.MISSING) != ('behaviour' in entry):
            raise ValueError(f'{file.name}: [{name}] has to name a behaviour if its sort is "missing", and only then')
        found[name] = Reason(name, sort, entry['why'], tuple(entry['steps']), entry.get('behaviour'))
    return found


def short_steps(floors: Mapping[str, Floor]) -> Iterator[str]:
    """The steps that do not agree in full, as ``SCENARIO/STEP``."""
    for name, floor in floors.items():
        for step in floor.short:
            yield f'{name}/{step}'


def explain(floors: Mapping[str, Floor], reasons: Mapping[str, Reason]) -> dict[str, Reason]:
    """The reason of each step that has one; the first of them, if there are several."""
    found = ((step, _find(reasons, step)) for step in short_steps(floors))
    return {step: reason for step, reason in found if reason is not None}


def complaints(floors: Mapping[str, Floor], reasons: Mapping[str, Reason]) -> list[str]:
    """What is wrong: the steps without a reason, and the patterns without a step; empty if nothing is."""
    steps = list(short_steps(floors))
    lines = [
        f'{step} does not agree, and {FILE.name} has no reason for it' for step in steps if _find(reasons, step) is None
    ]
    lines += [
        f'{FILE.name}: [{reason.name}] has "{pattern}", but each such step agrees: remove that'
        for reason in reasons.values()
        for pattern in reason.steps
        if not any(fnmatchcase(step, pattern) for step in steps)
    ]
    return lines


def _find(reasons: Mapping[str, Reason], step: str) -> Reason | None:
    return next((reason for reason in reasons.values() if reason.explains(step)), None)
