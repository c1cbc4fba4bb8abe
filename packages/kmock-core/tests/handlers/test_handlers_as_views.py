"""A handler is the view of all requests: what views can do, it can."""

from kmock_core import RawHandler


async def test_a_handler_makes_rules_by_methods_as_any_view_does() -> None:
    requests: list[object] = []
    async with RawHandler(strict=True) as kmock:
        rule = kmock.respond(201, b'hello').effect(requests)
        response = await kmock.get('/anything')
        assert (response.status, await response.read()) == (201, b'hello')
        assert requests == list(rule) == list(kmock)
