"""How users annotate the fixture; what is checked here is checked by mypy and pyright too."""

from typing import assert_type

import kmock
from kmock import Filter, RawHandler, Reaction, Request, View
from kmock_http import Server


async def test_the_fixture_is_annotated_by_the_name_that_it_shadows(kmock: kmock.RawHandler) -> None:
    reaction = kmock['get'] << b'hello'
    await kmock.get('/')
    assert_type(kmock, RawHandler)
    assert_type(kmock['get'], View[Request])
    assert_type(reaction, Reaction[Request])
    assert_type(kmock[0], Request)
    assert isinstance(kmock.server, Server)
    assert isinstance(kmock['get'], Filter)
