"""For the authors of extensions: a check for each kind of them, and helpers that make tests deterministic.

The checks are plain functions and coroutines, for any test framework. They raise an `AssertionError` that says which
promise is broken.
"""

from kmock_core.testing.expectations import until
from kmock_core.testing.plugins import (
    check_command,
    check_facet,
    check_handler_class,
    check_notation,
    check_renderer,
    check_sink_adapter,
    odd_requests,
)
from kmock_core.testing.timing import FakeClock, FakeTimeLoop, Sequencer
from kmock_core.testing.transports import check_transport, served, transport_promises

__all__ = [
    'FakeClock',
    'FakeTimeLoop',
    'Sequencer',
    'check_command',
    'check_facet',
    'check_handler_class',
    'check_notation',
    'check_renderer',
    'check_sink_adapter',
    'check_transport',
    'odd_requests',
    'served',
    'transport_promises',
    'until',
]
