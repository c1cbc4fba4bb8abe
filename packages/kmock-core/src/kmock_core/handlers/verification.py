"""What a handler complains about in the end: unmet expectations and unused rules, in words."""

from collections.abc import Sequence
from typing import Any

from kmock_core.errors import ExpectationError, UnusedRuleError
from kmock_core.views.expectations import Expectation
from kmock_core.views.nearness import describe_arrivals, describe_found
from kmock_core.views.reactions import Reaction
from kmock_core.views.workshop import Workshop


def raise_all(failures: Sequence[Exception]) -> None:
    """Raise the only failure, or a group of several."""
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise ExceptionGroup('Several exceptions happened.', failures)


def explain_unmet(workshop: Workshop[Any], unmet: Sequence[Expectation[Any]]) -> ExpectationError | None:
    """The error that lists the expectations that are not met; None if there are none."""
    if not unmet:
        return None
    texts = tuple(describe_unmet(workshop, expectation) for expectation in unmet)
    place = unmet[0].place
    if len(texts) == 1:
        return ExpectationError(texts[0], texts, place)
    return ExpectationError('\n'.join([f'{len(texts)} expectations are not met:', *texts]), texts, place)


def describe_unmet(workshop: Workshop[Any], expectation: Expectation[Any]) -> str:
    """One unmet expectation: what was expected, and what came instead."""
    view = workshop.demands.subject(expectation)
    shown, place = repr(view), f'expected at {expectation.location}'
    if isinstance(view, Reaction):
        shown = view.describe()
        place = f'{view.location}' if view.place == expectation.place else f'{view.location}, {place}'
    try:
        found = list(view)
    except Exception as exc:  # of a criterion
        return f'Expected {expectation.bounds}: {shown}  ({place})\n  but it fails: {type(exc).__name__}: {exc}'
    came = 'nothing' if not found else 'only ' * (len(found) < expectation.bounds.least) + str(len(found))
    lines = [f'Expected {expectation.bounds}, but {came} came: {shown}  ({place})']
    if len(found) < expectation.bounds.least:
        lines += describe_arrivals(workshop, view, found)
    else:
        lines += describe_found(found)
    return '\n'.join(lines)


def explain_unused(rules: Sequence[Reaction[Any]]) -> UnusedRuleError | None:
    """The error that lists the rules that were never used; None if there are none."""
    if not rules:
        return None
    lines = [f'  {rule.describe()}  ({rule.location})' for rule in rules]
    count = '1 rule was' if len(rules) == 1 else f'{len(rules)} rules were'
    return UnusedRuleError('\n'.join([f'{count} never used:', *lines]), tuple(rules))
