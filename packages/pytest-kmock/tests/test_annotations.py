"""How users annotate the fixtures; what is checked here is checked by mypy and pyright too."""

from collections.abc import Iterator
from typing import assert_type

import pytest

import kmock
import pytest_kmock
from kmock import Filter, RawHandler, Reaction, Request, View
from kmock_http import Server
from pytest_kmock import Factory


async def test_the_fixture_is_annotated_by_the_name_that_it_shadows(kmock: kmock.RawHandler) -> None:
    reaction = kmock['get'] << b'hello'
    await kmock.get('/')
    assert_type(kmock, RawHandler)
    assert_type(kmock['get'], View[Request])
    assert_type(reaction, Reaction[Request])
    assert_type(kmock[0], Request)
    assert isinstance(kmock.server, Server)
    assert isinstance(kmock['get'], Filter)


class Handler(RawHandler):
    pass


@pytest.fixture(scope='module')
def api(kmock_factory: Factory) -> Iterator[RawHandler]:
    with kmock_factory() as kmock:
        yield kmock


def test_the_factory_is_annotated_by_its_class(kmock_factory: Factory, api: RawHandler) -> None:
    with kmock_factory(cls=Handler, limit=1) as handler:
        assert_type(handler, Handler)
    with kmock_factory(cls='raw', limit=1) as kmock:
        assert_type(kmock, RawHandler)
    assert_type(kmock_factory.start(), RawHandler)
    assert_type(kmock_factory.start(cls=Handler), Handler)
    assert not api


def test_the_package_has_no_names_but_those_that_it_lists() -> None:
    assert all(hasattr(pytest_kmock, name) for name in pytest_kmock.__all__)
    assert not hasattr(pytest_kmock, 'Factories')
