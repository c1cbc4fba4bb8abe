"""The floors: how far each scenario has to agree, since it did so once. They only rise."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.judging import Judgement, Verdict
from conformance.levels import LEVELS, Level

FILE = Path(__file__).with_name('floors.json')


@dataclass(frozen=True)
class Floor:
    """How far one scenario has to agree.

    Args:
        steps: how many there are.
        short: the steps that do not agree in full, with the levels they reach.
    """

    steps: int
    short: Mapping[str, Level] = field(default_factory=dict[str, Level])

    @classmethod
    def of(cls, judgement: Judgement) -> 'Floor':
        """The agreement of today as a floor."""
        short = {verdict.step.id: verdict.level for verdict in judgement.verdicts if verdict.level < Level.FULL}
        return cls(len(judgement.verdicts), short)

    def reached(self, level: Level) -> int:
        """How many steps have to agree at a level."""
        return self.steps - sum(reached < level for reached in self.short.values())

    def lowered(self, judgement: Judgement) -> list[str]:
        """What has fallen below: a line for each level; empty if nothing has."""
        return [
            f'{level.name.lower()}: {judgement.reached(level)} of {len(judgement.verdicts)} steps agree,'
            f' but there were {self.reached(level)} of {self.steps}'
            for level in LEVELS
            if judgement.reached(level) < self.reached(level)
        ]

    def lost(self, judgement: Judgement) -> list[tuple[Verdict, Level]]:
        """The steps that agree less than they did, with the levels that they had reached."""
        floors = [(verdict, self.short.get(verdict.step.id, Level.FULL)) for verdict in judgement.verdicts]
        return [(verdict, level) for verdict, level in floors if verdict.level < level]


def read(file: Path = FILE) -> dict[str, Floor]:
    """The floors by the names of scenarios; none if there is no file."""
    if not file.exists():
        return {}
    return {
        name: Floor(floor['steps'], {step: Level[level.upper()] for step, level in floor['short'].items()})
        for name, floor in json.loads(file.read_text('utf-8')).items()
    }


def write(floors: Mapping[str, Floor], file: Path = FILE) -> None:
    """Write the floors, a line for each step that does not agree in full."""
    content = {
        name: {'steps': floor.steps, 'short': {step: level.name.lower() for step, level in sorted(floor.short.items())}}
        for name, floor in sorted(floors.items())
    }
    file.write_text(json.dumps(content, indent=1) + '\n', 'utf-8')


def complaint(floor: Floor, judgement: Judgement) -> str | None:
    """What to say if a scenario has fallen below its floor: the numbers, and what got lost; None if it has not."""
    lowered = floor.lowered(judgement)
    if not lowered:
        return None
    lines = [f'{judgement.scenario.name} agrees less with the recordings than it did:']
    lines += [f'  {each}' for each in lowered]
    for verdict, level in floor.lost(judgement):
        places = verdict.why(level)[:4]
        lines.append(f'  lost: {verdict.step.id}, which agreed at the level "{level.name.lower()}"')
        lines += [f'    {place}' for place in places]
    return '\n'.join(lines)


def rise(judgements: Iterable[Judgement], file: Path = FILE) -> list[str]:
    """Raise the floors to the agreement of today; nothing is written if any would be lowered.

    Returns:
        The complaints about those that would be lowered; empty if the floors are written.
    """
    floors = read(file)
    today = {judgement.scenario.name: judgement for judgement in judgements}
    complaints = [each for name in floors.keys() & today if (each := complaint(floors[name], today[name])) is not None]
    if not complaints:
        write(floors | {name: Floor.of(judgement) for name, judgement in today.items()}, file)
    return complaints
