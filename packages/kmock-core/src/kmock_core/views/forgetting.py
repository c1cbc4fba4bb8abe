"""What of the rules lasts when a handler is reset, and how all the rest is undone."""

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple

from kmock_core.views.expectations import Expectation
from kmock_core.views.reactions import Reaction
from kmock_core.views.typing import RequestT


class Demands(NamedTuple):
    """What a rule has said for itself; None leaves it to the level of the handler."""

    errors: bool | None = None
    """Whether its errors are raised in the end."""
    use: bool | None = None
    """Whether it must be used."""


class Change(NamedTuple, Generic[RequestT]):
    """A rule was made, or put in the place of another one."""

    made: Reaction[RequestT]
    replaced: Reaction[RequestT] | None


class Checkpoint(NamedTuple, Generic[RequestT]):
    """What was there besides rules when `checkpoint` was called; of rules, only the changes since are kept."""

    epoch: int
    expectations: Sequence[Expectation[RequestT]]
    demands: dict[int, Demands]


START: Checkpoint[Any] = Checkpoint(-1, (), {})
"""Where no checkpoint was made: nothing lasts."""
