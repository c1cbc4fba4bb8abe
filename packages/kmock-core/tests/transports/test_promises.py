"""The transports of this package keep the promises of transports; `kmock_core.testing` has the promises."""

import pytest

from kmock_core.registry import TRANSPORTS
from kmock_core.testing import check_transport, transport_promises


@pytest.mark.parametrize('promise', transport_promises())
async def test_a_transport_keeps_its_promise(promise: str, transport: str) -> None:
    await check_transport(TRANSPORTS.get(transport), promise=promise)


async def test_the_promises_can_be_checked_all_at_once(transport: str) -> None:
    await check_transport(TRANSPORTS.get(transport))
