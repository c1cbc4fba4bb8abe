"""Explaining what did not match: the nearest rules, criterion by criterion, with the place of their definition."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kmock_core.criteria.base import Finding
from kmock_core.rendering.outcomes import Outcome
from kmock_core.values.requests import Request
from kmock_core.views.reactions import Reaction

if TYPE_CHECKING:
    from difflib import SequenceMatcher

NEAREST = 3
"""How many rules are shown."""
CONSIDERED = 1_000
"""How many rules are compared at the most: an unmatched request must not stall a server that has more."""
DIFF_LINES = 40
"""How long a diff of JSON may be."""


class NearRule(NamedTuple):
    """A rule that did not answer, and why."""

    reaction: Reaction[Any]
    findings: list[Finding]
    outcome: Outcome | None = None
    """Why it did not answer although it matched."""

    @property
    def distance(self) -> tuple[int, int]:
        """How far it is: the misses first, then the fewest matches."""
        return sum(not f.held for f in self.findings), -sum(f.held for f in self.findings)


def nearest_rules(
    request: Request, rules: Sequence[Reaction[Any]], outcomes: 'Sequence[tuple[Reaction[Any], Outcome]]' = ()
) -> list[NearRule]:
    """The rules that are the nearest to the request, the nearest first."""
    passed = {id(reaction): outcome for reaction, outcome in outcomes}
    near = [
        NearRule(reaction, reaction.source.explain(request), passed.get(id(reaction)))
        for reaction in rules[:CONSIDERED]
        if reaction.active
    ]
    nearest = sorted(near, key=lambda rule: rule.distance)[: 10 * NEAREST]
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(b=f'{request.method_name.lower()} {request.target}')
    return sorted(nearest, key=lambda rule: (rule.distance, -_likeness(matcher, rule.reaction)))[:NEAREST]


def _likeness(matcher: 'SequenceMatcher[str]', reaction: Reaction[Any]) -> float:
    matcher.set_seq1(repr(reaction.source))
    return matcher.ratio()


def explain_unmatched(
    request: Request, rules: Sequence[Reaction[Any]], outcomes: 'Sequence[tuple[Reaction[Any], Outcome]]' = ()
) -> str:
    """The whole explanation, in plain text."""
    lines = [f'No rule answers {request.method_name} {request.target}']
    body = request.body
    if body:
        shown = request.text if len(request.text) <= 500 else request.text[:500] + '…'
        lines.append(f'  body: {shown}')
    near = nearest_rules(request, rules, outcomes)
    if not near:
        lines.append('There are no rules at all. Add one:')
    else:
        lines.append(f'The nearest of {len(rules)} rule{"" if len(rules) == 1 else "s"}:')
        for number, rule in enumerate(near, 1):
            lines += describe_rule(number, rule)
        lines.append('A rule that would answer:')
    lines.append(f'  {suggest_rule(request)}')
    return '\n'.join(lines)


def describe_rule(number: int, rule: NearRule) -> list[str]:
    """One rule with a line for each criterion."""
    reaction = rule.reaction
    lines = [f'{number}. {reaction.source!r} << {reaction.describe()}  ({reaction.location})']
    for finding in rule.findings:
        if finding.held:
            lines.append(f'   ✓ {finding.label}')
        else:
            lines.append(f'   ✗ {finding.detail or finding.label}')
            lines += [f'     {line}' for line in json_diff(finding.expected, finding.actual)]
    if rule.outcome is not None:
        lines.append(f'   - {rule.outcome.value}')
    elif all(finding.held for finding in rule.findings):
        lines.append('   - it did not match when the request came')
    return lines


def json_diff(expected: object, actual: object) -> list[str]:
    """A unified diff of two JSON documents, where there are such; at most `DIFF_LINES` lines long."""
    if not isinstance(expected, (dict, list)) or not isinstance(actual, (dict, list)):
        return []
    import difflib  # heavy, and only failures need it

    documents: list[object] = [expected, actual]
    old, new = (
        json.dumps(document, indent=2, sort_keys=True, default=repr, skipkeys=True).splitlines()
        for document in documents
    )
    lines = list(difflib.unified_diff(old, new, 'expected', 'actual', lineterm='', n=2))
    if len(lines) > DIFF_LINES:
        rest = len(lines) - DIFF_LINES + 1
        lines = [*lines[: DIFF_LINES - 1], f'… {rest} more lines']
    return lines


def suggest_rule(request: Request) -> str:
    """A rule that would answer the request, ready to be pasted."""
    notation = f'{request.method_name.lower()} {request.target}'
    return f'kmock[{notation!r}] << 200'
