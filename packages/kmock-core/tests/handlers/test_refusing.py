"""Handlers with behaviour of their own that refuse a request by an exception."""

import asyncio

import attrs
import pytest

import kmock
from kmock_core.values.responses import Answer


class AbsentError(Exception):
    """What is meant for the client: no error of the test."""

    def __kmock_payload__(self) -> kmock.Response:
        return kmock.Response(status=404)


@attrs.define
class Refusing(kmock.RawHandler):
    """Has nothing that anybody asks for."""

    error: Exception = attrs.field(factory=AbsentError, kw_only=True)

    def _answer_builtin(self, request: kmock.Request, /) -> Answer | None:
        raise self.error


@pytest.mark.parametrize(('error', 'status'), [(AbsentError(), 404), (ValueError('wrong'), 500)])
async def test_a_refused_request_wakes_who_waits_for_it(error: Exception, status: int) -> None:
    async with Refusing(error=error) as kmock:
        waiting = asyncio.ensure_future(kmock['get /x'].wait(timeout=None))
        await asyncio.sleep(0)
        assert (await kmock.get('/x')).status == status
        assert await asyncio.wait_for(waiting, 5) == kmock.requests
