"""The agreement of all scenarios: as lines, as a table in Markdown, as data."""

from collections.abc import Iterable, Sequence

from conformance.judging import Judgement
from conformance.levels import LEVELS, Level
from conformance.recordings import JSON


def totals(judgements: Iterable[Judgement]) -> tuple[int, dict[Level, int]]:
    """How many steps there are in the scenarios that count, and how many of them agree at each level."""
    counted = [judgement for judgement in judgements if judgement.scenario.counts]
    steps = sum(len(judgement.verdicts) for judgement in counted)
    return steps, {level: sum(judgement.reached(level) for judgement in counted) for level in LEVELS}


def line(judgement: Judgement) -> str:
    """One scenario in a line; in brackets if it does not count in the totals."""
    steps = len(judgement.verdicts)
    name = judgement.scenario.name if judgement.scenario.counts else f'({judgement.scenario.name})'
    levels = '  '.join(f'{level.name.lower()} {f"{judgement.reached(level)}/{steps}":7}' for level in LEVELS)
    return f'{name:28} {levels} {judgement.seconds:5.1f} s'


def total_line(judgements: Sequence[Judgement]) -> str:
    """All scenarios that count in a line."""
    steps, reached = totals(judgements)
    levels = [f'{level.name.lower()} {reached[level]}/{steps} = {_percent(reached[level], steps)}' for level in LEVELS]
    return f'{"TOTAL":28} {"  ".join(levels)}'


def explained(judgement: Judgement, level: Level, most: int, places: int = 4) -> list[str]:
    """The first steps that do not reach a level, with the first places that differ."""
    lines: list[str] = []
    for verdict in judgement.verdicts:
        if len(lines) < most and (why := verdict.why(level)):
            more = f' (+{len(why) - places} more)' if len(why) > places else ''
            lines.append(f'    {verdict.step.id}: {"; ".join(map(str, why[:places]))}{more}')
    return lines


def markdown(judgements: Sequence[Judgement]) -> str:
    """A table with a row for each scenario, and a row for the totals."""
    steps, reached = totals(judgements)
    header = ['Scenario', 'What it is about', 'Steps', *(level.name.capitalize() for level in LEVELS)]
    rule = ['---', '---', *(['--:'] * 4)]
    total = [f'{reached[level]} ({_percent(reached[level], steps)})' for level in LEVELS]
    rows = [header, rule, *map(_row, judgements), ['**all**', 'those with * do not count', str(steps), *total]]
    return '\n'.join(f'| {" | ".join(cell.replace("|", "&#124;") for cell in row)} |' for row in rows)


def as_data(judgements: Sequence[Judgement]) -> JSON:
    """The totals, and the level of each step."""
    steps, reached = totals(judgements)
    return {
        'total': {'steps': steps, **{level.name.lower(): reached[level] for level in LEVELS}},
        'scenarios': {
            judgement.scenario.name: {verdict.step.id: verdict.level.name.lower() for verdict in judgement.verdicts}
            for judgement in judgements
        },
    }


def _row(judgement: Judgement) -> list[str]:
    name = f'`{judgement.scenario.name}`{"" if judgement.scenario.counts else " *"}'
    reached = (str(judgement.reached(level)) for level in LEVELS)
    return [name, judgement.scenario.description, str(len(judgement.verdicts)), *reached]


def _percent(part: int, whole: int) -> str:
    return f'{100 * part / max(whole, 1):.1f} %'
