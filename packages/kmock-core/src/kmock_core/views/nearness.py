"""What came instead: the requests that are the nearest to a view which lacks some."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from kmock_core.criteria.base import Finding
from kmock_core.values.requests import Request
from kmock_core.views.base import View
from kmock_core.views.reactions import Reaction
from kmock_core.views.streams import Stream

if TYPE_CHECKING:
    from kmock_core.views.waiting import Waitings

SHOWN = 5
"""How many requests are shown at the most of those that did come."""
NEAREST = 3
"""How many of the others are shown."""
CONSIDERED = 200
"""How many of the latest others are compared."""


def describe_arrivals(place: 'Waitings', view: View[Any], found: Sequence[Request]) -> Iterator[str]:
    """The requests that a view has, and the nearest of those that it lacks, in lines."""
    yield from describe_found(found)
    total = len(place.log) - len(found)
    if total <= 0:
        if not found:
            yield '  nothing came at all'
        return
    known = {request.id for request in found}
    latest = (request for request in reversed(place.root) if request.id not in known)
    explained = [(request, _explain(place, view, request)) for request in islice(latest, CONSIDERED)]
    explained.sort(key=lambda pair: distance_of(pair[1]))
    yield f'  The nearest of {total} other{"" if total == 1 else "s"}:'
    for request, findings in explained[:NEAREST]:
        yield f'    {request!r}'
        for finding in findings:
            if not finding.held:
                yield f'      ✗ {finding.detail or finding.label}'


def describe_found(found: Sequence[Request]) -> Iterator[str]:
    """The requests that a view has, those in the middle left out if they are many."""
    if len(found) <= SHOWN:
        yield from (f'  {request!r}' for request in found)
        return
    yield from (f'  {request!r}' for request in found[: SHOWN - 2])
    yield f'  … {len(found) - SHOWN + 1} more'
    yield f'  {found[-1]!r}'


def distance_of(findings: Sequence[Finding]) -> tuple[int, int]:
    """How far a request is from a view: the misses first, then the fewest matches."""
    return sum(not f.held for f in findings), -sum(f.held for f in findings)


def explain_safely(view: View[Any], request: Request) -> list[Finding]:
    """What every criterion says of a request; here criteria are asked that serving had no need to ask, and may fail."""
    try:
        return view.explain(request)
    except Exception as exc:
        return [Finding(repr(view), held=False, detail=f'{type(exc).__name__}: {exc}')]


def _explain(place: 'Waitings', view: View[Any], request: Request) -> list[Finding]:
    found = explain_safely(view, request)
    if not all(finding.held for finding in found):
        return found
    return [*found, Finding(repr(view), held=False, detail=_describe_absence(place, view, request))]


def _describe_absence(place: 'Waitings', view: View[Any], request: Request) -> str:
    """Why a request is not in a view although it is as the criteria say."""
    if isinstance(view, Stream):
        return 'it does not stand at a feeding point'
    if isinstance(view, Reaction):
        rule = place.served_by[request.id]
        if rule is not None:
            return f'it was served by another rule: {rule.describe()}  ({rule.location})'
        return 'it matches, but the rule has not served it'
    return 'it did not match when it came'
