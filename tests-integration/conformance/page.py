"""The page of the documentation that says what is served: made of the floors, the behaviours and the reasons.

Nothing is replayed for it: the floors are how far the recordings agree, and the tests hold them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from conformance import behaviours, floors, reasons
from conformance.behaviours import ROOT, Behaviour, Group
from conformance.floors import Floor
from conformance.levels import LEVELS, Level
from conformance.reasons import Reason, Sort
from conformance.recordings import Scenario, load

FILE = ROOT / 'docs' / 'reference' / 'kubernetes' / 'conformance.md'
PATH = FILE.relative_to(ROOT).as_posix()
COMMAND = 'python3 dev.py conformance --page'

_SORTS = {
    Sort.MISSING: 'Not there yet',
    Sort.CHOSEN: 'On purpose',
    Sort.RECORDED: 'By chance of the recording',
}


class Kept:
    """What is kept in the tree about the agreement: all that the page is made of.

    Args:
        known: how far the scenarios agree.
        groups: the behaviours.
        why: the reasons.
    """

    def __init__(self, known: Mapping[str, Floor], groups: Sequence[Group], why: Mapping[str, Reason]) -> None:
        self.floors = known
        self.groups = groups
        self.reasons = why
        self.explained = reasons.explain(known, why)
        self.scenarios: list[Scenario] = [load(name) for name in known]
        self.steps = [
            f'{one.name}/{step.id}' for one in self.scenarios for step in one.steps if step.answer is not None
        ]

    def level(self, step: str) -> Level:
        """How far a step agrees, given as ``SCENARIO/STEP``."""
        name, _, identity = step.partition('/')
        return self.floors[name].short.get(identity, Level.FULL)

    def of(self, scenario: Scenario) -> list[str]:
        """The steps of a scenario."""
        return [step for step in self.steps if step.startswith(f'{scenario.name}/')]

    def counted(self) -> list[str]:
        """The steps that count in the totals, as `report.totals` has them."""
        return [step for one in self.scenarios if one.counts for step in self.of(one)]

    def reached(self, steps: Iterable[str], level: Level) -> int:
        """How many of the steps agree at a level."""
        return sum(self.level(step) >= level for step in steps)

    def complaints(self) -> list[str]:
        """What keeps the page from being true; empty if nothing does."""
        return [
            *reasons.complaints(self.floors, self.reasons),
            *behaviours.complaints(self.groups, self.steps, self.explained, self.floors),
        ]


def kept() -> Kept:
    """What is kept in the tree."""
    return Kept(floors.read(), behaviours.read(), reasons.read())


def write() -> list[str]:
    """Write the page; the complaints about what it is made of, with which nothing is written."""
    found = kept()
    complaints = found.complaints()
    if not complaints:
        FILE.write_text(render(found), 'utf-8')
    return complaints


def render(known: Kept) -> str:
    """The page."""
    parts = [_HEAD, *_totals(known), _BEHAVIOURS, *_behaviours(known), _RECORDINGS, *_recordings(known), _REASONS]
    return '\n'.join([*parts, *_reasons(known)]) + '\n'


def _totals(known: Kept) -> Iterator[str]:
    steps = known.counted()
    yield '<!-- totals -->'
    rows = [[text, f'{100 * known.reached(steps, level) / len(steps):.1f} %'] for level, text in _LEVELS.items()]
    yield from _table(['the answers have', "of the real server's answers"], rows)
    yield _TOTALS.format(steps=len(steps))


def _behaviours(known: Kept) -> Iterator[str]:
    for group in known.groups:
        yield f'\n### {group.title}\n'
        rows = [[_told(one), one.state.value, _shown(one, known)] for one in group.behaviours]
        yield from _table(['behaviour', 'served', 'shown by'], rows)


def _told(behaviour: Behaviour) -> str:
    missing = f'<br>*{"Missing" if behaviour.state.value == "partly" else "Instead"}:* {behaviour.missing}'
    return f'[{behaviour.text}]{{#{behaviour.name}}}{missing if behaviour.missing else ""}'


def _shown(behaviour: Behaviour, known: Kept) -> str:
    parts: list[str] = []
    for scenario in known.scenarios:
        steps = [step for step in known.of(scenario) if behaviour.is_shown_by(step)]
        if steps:
            parts.append(f'`{scenario.name}` {_agreement(steps, known)}')
    return '<br>'.join([*parts, *(f'`{test}`' for test in behaviour.tests)])


def _agreement(steps: Sequence[str], known: Kept) -> str:
    counts = [known.reached(steps, level) for level in LEVELS]
    if len(set(counts)) == 1:
        return f'{counts[0]}/{len(steps)}'
    return f'{", ".join(map(str, counts))} of {len(steps)}'


def _recordings(known: Kept) -> Iterator[str]:
    rows: list[list[str]] = []
    for scenario in known.scenarios:
        steps = known.of(scenario)
        counts = [str(known.reached(steps, level)) for level in LEVELS]
        name = f'`{scenario.name}`{"" if scenario.counts else " *"}'
        rows.append([f'{name}<br>{scenario.description}', str(len(steps)), *counts, _differing(steps, known)])
    head = ['recording', 'steps', *(level.name.lower() for level in LEVELS), 'what differs, and why']
    yield from _table(head, rows, '| --- | --: | --: | --: | --: | --- |')


def _differing(steps: Sequence[str], known: Kept) -> str:
    found: dict[str, list[str]] = {}
    for step in steps:
        if known.level(step) < Level.FULL:
            found.setdefault(known.explained[step].name, []).append(step.partition('/')[2])
    return '<br>'.join(f'[{name}](#why-{name}): {", ".join(f"`{step}`" for step in found[name])}' for name in found)


def _reasons(known: Kept) -> Iterator[str]:
    used = {reason.name for reason in known.explained.values()}
    for sort, title in _SORTS.items():
        yield f'\n### {title}\n'
        rows = [
            [f'[{reason.name}]{{#why-{reason.name}}}', _why(reason), str(_count(known, reason))]
            for reason in known.reasons.values()
            if reason.sort is sort and reason.name in used
        ]
        yield from _table(['', 'why', 'steps'], rows, '| --- | --- | --: |')


def _why(reason: Reason) -> str:
    return reason.why if reason.behaviour is None else f'{reason.why} [What it is.](#{reason.behaviour})'


def _count(known: Kept, reason: Reason) -> int:
    return sum(other is reason for other in known.explained.values())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], rule: str | None = None) -> Iterator[str]:
    yield _row(head)
    yield rule or _row(['---'] * len(head))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return f'| {" | ".join(cell.replace("|", "&#124;") for cell in cells)} |'


_LEVELS = {
    Level.STATUS: 'the same status, the same events of watches',
    Level.BODY: 'the same body',
    Level.FULL: 'the same in full',
}

_HEAD = f"""\
<!-- Made by "{COMMAND}" from behaviours.toml, reasons.toml and floors.json in tests-integration/conformance/. -->

# What the cluster serves

How far [the cluster](cluster.md) is like a real API server, behaviour by behaviour, and how that is known: by requests
that were recorded from a kube-apiserver 1.36, with its answers, and by tests. Our tests send the requests to the
cluster and compare the answers; what agrees once has to agree from then on.
"""

_TOTALS = """
{steps} requests count for it. The body is compared without the owners of fields; in full are those, too, and the
headers that clients read. The real server agrees with its own recordings to 98.8 % by status and 97 % by body: other
writers move its versions.
<!-- end of totals -->

`python3 dev.py conformance` compares them again, and `--show 3` shows differences. With `--kubeconfig FILE`, it asks a
cluster of yours; it needs one that can be thrown away, because the scenarios leave their objects there.
The [recordings](#recordings) with an asterisk do not count: they need controllers.
"""

_BEHAVIOURS = """\
## Behaviours

The numbers are of recorded steps that agree; if there are three, they agree by status, by body, and in full. Files and
folders are those of tests, in `packages/kmock-k8s/tests/` or `tests-integration/`."""

_RECORDINGS = """
## Recordings

How many of the steps agree by status, by body, and in full; the others are named, each with the
[reason](#why-they-differ).
"""

_REASONS = """
## Why they differ"""
