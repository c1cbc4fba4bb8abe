"""Entering and leaving a handler without an event loop: by a plain ``with``."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from kmock_core.errors import NotRunningError

T = TypeVar('T')


def drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that waits for nothing to its end, and return its result; an error if it does wait."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    except RuntimeError as exc:
        if str(exc) != 'no running event loop':
            raise
        raise NotRunningError(_describe(coroutine)) from exc
    coroutine.close()
    raise NotRunningError(_describe(coroutine))


def _describe(coroutine: Coroutine[Any, Any, Any]) -> str:
    name = getattr(coroutine, '__qualname__', repr(coroutine))
    return (
        f'{name}() needs an event loop, and a plain "with" of the handler has none. Use kmock.serving(), which has one '
        f'in a thread of its own, for the server too: with kmock.serving({name.partition(".")[0]}) as kmock'
    )
