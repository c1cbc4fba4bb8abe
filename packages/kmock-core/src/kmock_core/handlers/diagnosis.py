"""Explaining what did not match: the nearest rules, criterion by criterion, with the place of their definition."""

import json
import re
from collections.abc import Sequence
from heapq import nsmallest
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kmock_core.criteria.base import Finding
from kmock_core.criteria.differences import align
from kmock_core.criteria.http import HTTPCriteria
from kmock_core.criteria.notations import parse_http
from kmock_core.criteria.patterns import describe
from kmock_core.rendering.outcomes import Outcome
from kmock_core.values.methods import STANDARD_METHODS
from kmock_core.values.requests import Request
from kmock_core.views.base import View
from kmock_core.views.chained import Chained, Filter
from kmock_core.views.nearness import distance_of, explain_safely
from kmock_core.views.reactions import Reaction

if TYPE_CHECKING:
    from difflib import SequenceMatcher

NEAREST = 3
"""How many rules are shown."""
CONSIDERED = 500
"""How many rules are compared at the most: an unmatched request must not stall a server that has more."""
DIFF_LINES = 40
"""How long a diff of JSON may be."""
DIFFED_LINES = 1_000
"""How much of two JSON documents is compared at the most, for the same reason: from the first difference on."""
SCANNED_LINES = 20_000
"""How far the first difference is looked for."""
CONTEXT = 2
"""How many lines of a diff surround a difference."""
BODY = 500
"""How many characters of a body are shown."""
LINE_LENGTH = 200
"""How long a line of a diff may be."""


class NearRule(NamedTuple):
    """A rule that did not answer, and why."""

    reaction: Reaction[Any]
    findings: list[Finding]
    outcome: Outcome | None = None
    """Why it did not answer although it matched."""

    @property
    def distance(self) -> tuple[int, int]:
        """How far it is: the misses first, then the fewest matches."""
        return distance_of(self.findings)


def nearest_rules(
    request: Request, rules: Sequence[Reaction[Any]], outcomes: 'Sequence[tuple[Reaction[Any], Outcome]]' = ()
) -> list[NearRule]:
    """The rules that are the nearest to the request, the nearest first."""
    passed = {id(reaction): outcome for reaction, outcome in outcomes}
    path = request.path
    if len(rules) > CONSIDERED:
        rules = nsmallest(CONSIDERED, rules, lambda rule: _rough_distance(rule.source, request.method_name, path))
    near = [
        NearRule(reaction, explain_safely(reaction.source, request), passed.get(id(reaction)))
        for reaction in rules
        if reaction.active
    ]
    nearest = sorted(
        near, key=lambda rule: (rule.distance, _rough_distance(rule.reaction.source, request.method_name, path))
    )
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(b=f'{request.method_name.lower()} {request.target}')
    nearest = nearest[: 10 * NEAREST]
    return sorted(nearest, key=lambda rule: (rule.distance, -_likeness(matcher, rule.reaction)))[:NEAREST]


def _rough_distance(view: View[Any], method: str, path: str) -> tuple[int, int]:
    """What is seen without asking the criteria: a mismatch of the method, and how little the paths have in common."""
    other_method = False
    common = 0
    while isinstance(view, Chained):
        if isinstance(view, Filter) and isinstance(view.criteria, HTTPCriteria):
            other_method = other_method or view.criteria.exact_method not in (None, method)
            wanted = view.criteria.path
            if isinstance(wanted, str):
                size = min(len(wanted), len(path))
                common = next((n for n in range(size) if wanted[n] != path[n]), size) - abs(len(wanted) - len(path))
        view = view.source
    return -common, other_method


def _likeness(matcher: 'SequenceMatcher[str]', reaction: Reaction[Any]) -> float:
    matcher.set_seq1(repr(reaction.source))
    return matcher.ratio()


def explain_unmatched(
    request: Request, rules: Sequence[Reaction[Any]], outcomes: 'Sequence[tuple[Reaction[Any], Outcome]]' = ()
) -> str:
    """The whole explanation, in plain text."""
    lines = [f'No rule answers {request.method_name} {request.target}']
    lines += describe_body(request)
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


def describe_body(request: Request) -> list[str]:
    """The body in a few lines that no terminal stumbles over: the fields of a form, else a text, else bytes."""
    if not request.body:
        return []
    essence = request.content_type.partition(';')[0].strip().lower()
    if essence == 'multipart/form-data' and request.data is not None:
        return [f'  form: {_cut(repr(request.data))}']
    lines = _cut(request.text).split('\n')
    if not all(line.rstrip('\r').replace('\t', ' ').isprintable() for line in lines) or '\ufffd' in request.text:
        return [f'  body: {_cut(repr(request.body[:BODY]))}']
    first, *rest = (line.rstrip('\r') for line in lines)
    return [f'  body: {first}', *(f'        {line}' for line in rest)]


def _cut(text: str) -> str:
    return text if len(text) <= BODY else text[:BODY] + '…'


def describe_rule(number: int, rule: NearRule) -> list[str]:
    """One rule with a line for each criterion."""
    reaction = rule.reaction
    lines = [f'{number}. {reaction.describe()}  ({reaction.location})']
    for finding in rule.findings:
        if finding.held:
            lines.append(f'   ✓ {finding.label}')
        else:
            lines.append(f'   ✗ {finding.detail or finding.label}')
            documents = align(finding.expected, finding.actual, exact=finding.exact)
            lines += [f'     {line}' for line in json_diff(*documents)]
    if rule.outcome is not None:
        lines.append(f'   - {rule.outcome.value}')
    elif all(finding.held for finding in rule.findings):
        reason = Outcome.DEPLETED.value if reaction.exhausted else 'it did not match when the request came'
        lines.append(f'   - {reason}')
    return lines


def json_diff(expected: object, actual: object) -> list[str]:
    """A unified diff of two JSON documents, where there are such; at most `DIFF_LINES` lines long."""
    if not isinstance(expected, (dict, list)) or not isinstance(actual, (dict, list)):
        return []
    import difflib  # heavy, and only failures need it

    documents: list[object] = [expected, actual]
    try:
        try:
            old, new = (_json_lines(document, sort_keys=True) for document in documents)
        except TypeError:  # keys that can't be sorted
            old, new = (_json_lines(document, sort_keys=False) for document in documents)
    except (ValueError, RecursionError):  # a document that contains itself, or too deep
        return []
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, same - CONTEXT)
    old, new = old[start : start + DIFFED_LINES], new[start : start + DIFFED_LINES]
    lines = list(difflib.unified_diff(old, new, 'expected', 'actual', lineterm='', n=CONTEXT))
    if start:
        lines = [_BEGINNINGS.sub(lambda n: str(int(n[0]) + start), x) if x.startswith('@@') else x for x in lines]
    if len(lines) > DIFF_LINES:
        rest = len(lines) - DIFF_LINES + 1
        lines = [*lines[: DIFF_LINES - 1], f'… {rest} more lines']
    return lines


_BEGINNINGS = re.compile(r'(?<=[-+])\d+')
"""Where a hunk of a diff begins in both documents."""


def _json_lines(document: object, *, sort_keys: bool) -> list[str]:
    encoder = json.JSONEncoder(indent=2, sort_keys=sort_keys, default=describe, skipkeys=True)
    lines = ''.join(islice(encoder.iterencode(document), 4 * SCANNED_LINES)).splitlines()
    return [line if len(line) <= LINE_LENGTH else line[: LINE_LENGTH - 1] + '…' for line in lines[:SCANNED_LINES]]


def suggest_rule(request: Request) -> str:
    """A rule that would answer the request, ready to be pasted."""
    verb, target = request.method_name.lower(), request.target
    is_standard = request.method_name in STANDARD_METHODS
    notation = f'{verb} {target}' if is_standard else target
    method = repr(verb) if is_standard else f'kmock.method({verb!r})'
    criteria = parse_http(notation)
    if criteria is None or not criteria.check(request):  # it would read as a host, or as a glob for something else
        return f'kmock[{method}, re.compile({re.escape(request.path)!r})] << 200'
    return f'kmock[{notation!r}] << 200' if is_standard else f'kmock[{method}, {notation!r}] << 200'
