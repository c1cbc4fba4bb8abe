"""The base of all criteria, and the words in which they explain themselves."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from kmock_core.values.requests import Request

Verdict = bool | Awaitable[bool]
"""What a criterion says of a request; an awaitable where a coroutine function of the user decides."""


class Finding(NamedTuple):
    """What one criterion said of one request: for the explanations of what did not match."""

    label: str
    """The criterion in short: ``method``, ``path``, ``params['a']``."""
    held: bool
    detail: str = ''
    """How it did not hold: ``path: '/heloo' != '/hello'``."""
    expected: object = None
    actual: object = None
    """The JSON values to be shown as a diff, where there are such."""
    exact: bool = True
    """False if the expected value is a pattern, and so says nothing about keys that it lacks."""


class Criteria:
    """What a request must be like: a frozen value.

    ``pure`` criteria depend on the request alone and may be asked at any time, any number of times. The others (truth
    values, events, functions) are asked once about each request, when it arrives.
    """

    __slots__ = ()

    pure: bool = True

    def __call__(self, request: Request, /) -> Verdict:
        """Say if the request is such; what subclasses of other code may override instead of `check`."""
        return self.check(request)

    def check(self, request: Request, /) -> Verdict:
        """Say if the request is such."""
        if type(self).__call__ is Criteria.__call__:
            raise NotImplementedError(f'{type(self).__name__} must define check(request)')
        return self(request)

    @property
    def target_check(self) -> 'Callable[[Request], bool] | None':
        """The part of `check` that depends on the method and the target alone, if there is such a part.

        It is asked once for each method with each target, and then remembered; what it refuses is not asked further.
        """
        return None

    @property
    def rest_check(self) -> 'Callable[[Request], Verdict] | None':
        """The other part of `check`, asked for each request; None if there is none."""
        return self.check

    @property
    def notation(self) -> str:
        """What to type in the brackets for these criteria, as nearly as can be said in a line."""
        return repr(self)

    def merge(self, other: 'Criteria', /) -> 'Criteria | None':
        """The criteria that mean both, None if they do not merge; a `ContradictionError` if they can't both hold."""
        return None

    def explain(self, request: Request, /) -> list[Finding]:
        """Say which parts hold for the request and which do not; never asks what is not pure."""
        if not self.pure:
            return [Finding(repr(self), held=True, detail='asked at arrival only')]
        held = bool(self.check(request))
        return [Finding(repr(self), held, '' if held else f'{self!r}: no')]
