"""Label selectors: parsed once, and compiled into one function."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import final

from kmock_k8s.selectors.grammar import parse_requirements
from kmock_k8s.selectors.requirements import Check, Requirement


@final
class LabelSelector:
    """Which labels are selected; it is false if it selects everything.

    ``=``, ``==``, ``in`` select by the value; ``!=`` and ``notin`` also where there is no such label at all.

    Selectors are equal if they require the same, in any order::

        >>> LabelSelector.parse('tier in (a,b), app=x') == LabelSelector.parse('app==x,tier in (b,a)')
        True
        >>> str(LabelSelector.parse(' app  notin (y,x),!tier '))
        'app notin (x,y),!tier'
        >>> LabelSelector.parse('app=x').matches({'app': 'x', 'tier': 'a'})
        True

    Args:
        requirements: what is required, all of it.
    """

    __slots__ = ('matches', 'requirements')

    requirements: tuple[Requirement, ...]
    """What is required, sorted."""

    matches: Check
    """Whether labels are selected."""

    def __init__(self, requirements: Iterable[Requirement] = ()) -> None:
        self.requirements = tuple(sorted(set(requirements)))
        self.matches = _compile(self.requirements)

    @classmethod
    def parse(cls, text: str) -> 'LabelSelector':
        """The selector of a text, as in the query ``labelSelector``; an empty text selects everything.

        Raises:
            KubernetesBadRequestError: it is no label selector.
        """
        return _parse(text)

    def __bool__(self) -> bool:
        return bool(self.requirements)

    def __str__(self) -> str:
        return ','.join(map(str, self.requirements))

    def __repr__(self) -> str:
        return f'LabelSelector.parse({str(self)!r})'

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LabelSelector):
            return NotImplemented
        return self.requirements == other.requirements

    def __hash__(self) -> int:
        return hash(self.requirements)


@lru_cache(maxsize=512)
def _parse(text: str) -> LabelSelector:
    return LabelSelector(parse_requirements(text))


def _compile(requirements: tuple[Requirement, ...]) -> Check:
    checks = tuple(requirement.compile() for requirement in requirements)
    if not checks:
        return lambda labels: True
    if len(checks) == 1:
        return checks[0]
    if len(checks) == 2:
        first, second = checks
        return lambda labels: first(labels) and second(labels)

    def every(labels: Mapping[str, str]) -> bool:
        for check in checks:  # noqa: SIM110  # a generator costs more than the checks
            if not check(labels):
                return False
        return True

    return every
