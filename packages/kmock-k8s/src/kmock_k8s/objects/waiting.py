"""Waiting until objects are as a test wants them."""

from collections.abc import Callable

from kmock_core.values import waiting
from kmock_core.values.calls import describe_callable
from kmock_k8s.objects.comparing import Comparable
from kmock_k8s.store.spi import ObjectStore


async def wait(store: ObjectStore, seen: Comparable, wanted: object, timeout: float | None) -> None:
    """Wait until what is seen in a store is as wanted; it is looked at after each change, in the loop."""
    await waiting.wait(
        lambda: _look(seen, wanted), lambda wake: _attend(store, wake), timeout, lambda: _tell(seen, wanted, timeout)
    )


def wait_sync(store: ObjectStore, seen: Comparable, wanted: object, timeout: float | None) -> None:
    """The blocking twin of `wait`; it is looked at in the thread that waits."""
    waiting.wait_sync(
        lambda: _look(seen, wanted), lambda wake: _attend(store, wake), timeout, lambda: _tell(seen, wanted, timeout)
    )


def _attend(store: ObjectStore, wake: Callable[[], None]) -> Callable[[], object]:
    return store.subscribe(lambda _: wake()).cancel


def _look(seen: Comparable, wanted: object) -> bool | None:
    return bool(wanted() if callable(wanted) else seen >= wanted) or None


def _tell(seen: Comparable, wanted: object, timeout: float | None) -> str:
    what = f'{describe_callable(wanted)} to be true' if callable(wanted) else f'>= {wanted!r}'
    differences = [] if callable(wanted) else seen.__kmock_explain__('>=', wanted)
    told = ''.join(f'\n  {line}' for line in differences)
    return f'waited in vain for {what}, for {timeout} s; what is there is {seen!r}{told}'
