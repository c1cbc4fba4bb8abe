"""Who follows the changes of a store, and how they are told: in order, once, under its lock."""

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from kmock_k8s.model.resources import Key
from kmock_k8s.store.states import Event

Receive: TypeAlias = Callable[[Event], object]
"""Gets each event under the lock of the store, before the change returns to who made it; so it has to be quick."""


class Subscription:
    """The events of a store after `revision`, until it is cancelled."""

    __slots__ = ('_place', 'receive', 'revision')

    receive: Receive
    revision: int

    def __init__(self, receive: Receive, revision: int, place: 'dict[Subscription, None]') -> None:
        self.receive = receive
        self.revision = revision
        self._place = place
        place[self] = None

    def cancel(self) -> None:
        """Get no more events, not even those of a change that is going on; twice is as good as once."""
        self._place.pop(self, None)


class Announcer:
    """Tells the subscribers of each event: those of everything first, then those of its resource.

    It is used under the lock of the store.
    """

    __slots__ = ('_announcing', '_general', '_pending', '_special')

    def __init__(self) -> None:
        self._pending: deque[Event] = deque()
        self._announcing = False
        self._general: dict[Subscription, None] = {}
        self._special: dict[Key, dict[Subscription, None]] = {}

    def subscribe(self, receive: Receive, about: Key | None, revision: int) -> Subscription:
        """Tell of the events after a revision: of all, or of one resource."""
        place = self._general if about is None else self._special.setdefault(about, {})
        return Subscription(receive, revision, place)

    def announce(self, event: Event) -> None:
        """Tell of an event. If a subscriber has caused it, all are told of the one before it first.

        Raises:
            Exception: what a subscriber has raised, or a group of what several have; all the others were told.
        """
        self._pending.append(event)
        if self._announcing:
            return
        errors: list[Exception] = []
        self._announcing = True
        try:
            while self._pending:
                event = self._pending.popleft()
                for place in (self._general, self._special.get(event.key.resource.key, {})):
                    self._tell(event, place, errors)
        finally:
            self._announcing = False
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise ExceptionGroup('Several subscribers failed', errors)

    def _tell(self, event: Event, place: dict[Subscription, None], errors: list[Exception]) -> None:
        for subscription in list(place):
            if subscription in place and subscription.revision < event.revision:
                try:
                    subscription.receive(event)
                except Exception as exc:
                    errors.append(exc)
