"""How far a server agrees with a scenario: replayed, in terms of placeholders, and compared step by step."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.levels import Difference, Level, agreement, differences, view
from conformance.placeholders import with_placeholders
from conformance.recordings import JSON, Scenario, Step
from conformance.replay import QUICK, Pace, Replay
from conformance.targets import Target


@dataclass(frozen=True)
class Verdict:
    """How far the answer to one step agrees with the recorded one."""

    step: Step
    level: Level
    got: Mapping[str, JSON] | None
    error: str | None = None

    def why(self, level: Level) -> list[Difference]:
        """The places that differ at a level; empty if it is reached."""
        if self.level >= level:
            return []
        recorded = view(self.step.answer or {}, level)
        if self.got is None:
            return [Difference('', recorded['status'], self.error or 'no answer')]
        return list(differences(recorded, view(self.got, level)))


@dataclass(frozen=True)
class Judgement:
    """The verdicts on all steps of one scenario."""

    scenario: Scenario
    verdicts: tuple[Verdict, ...]
    seconds: float = 0.0

    def reached(self, level: Level) -> int:
        """How many steps agree at a level."""
        return sum(verdict.level >= level for verdict in self.verdicts)

    def met_leftovers(self) -> bool:
        """True if something that the scenario needs to create for itself was there before."""
        return any(
            verdict.step.send.get('setup')
            and verdict.got
            and verdict.got['status'] == 409
            and verdict.level < Level.FULL
            for verdict in self.verdicts
        )


def judge(scenario: Scenario, target: Target, pace: Pace = QUICK) -> Judgement:
    """Replay one scenario against a server, and compare."""
    begin = time.monotonic()
    with target() as address:
        taken = Replay(scenario, address, pace).run()
    return Judgement(scenario, tuple(compare(scenario, taken)), time.monotonic() - begin)


def compare(scenario: Scenario, taken: Iterable[Mapping[str, JSON]]) -> Iterable[Verdict]:
    """The verdicts on what was answered, with all its values as they came."""
    literals = json.dumps([step.send for step in scenario.steps])
    by_id = {step['id']: step for step in with_placeholders(taken, literals)}
    for step in scenario.steps:
        if step.answer is not None:
            mine = by_id.get(step.id, {})
            got = mine.get('response')
            yield Verdict(step, agreement(step.answer, got), got, mine.get('error'))
