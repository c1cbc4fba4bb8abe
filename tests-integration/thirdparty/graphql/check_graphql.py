"""The tests of the plugin, run where it is installed: it is what its authors would write."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kmock_graphql import Result, Tally
from kmock_graphql.command import COMMAND
from kmock_graphql.facet import GraphQLFacet
from kmock_graphql.handler import GraphQLHandler
from kmock_graphql.notation import NOTATION
from kmock_graphql.payloads import RENDERER
from kmock_graphql.sinks import ADAPTER
from kmock_graphql.transport import serve

import kmock as kmock_module
from kmock_core.testing import (
    check_command,
    check_facet,
    check_handler_class,
    check_notation,
    check_renderer,
    check_sink_adapter,
    check_transport,
    served,
    transport_promises,
)

HERO = kmock_module.Request('POST', '/graphql', data={'query': 'query Hero { name }', 'variables': {'id': 7}})
OTHER = kmock_module.Request('POST', '/graphql', data={'query': 'mutation Jump { high }'})


# ---- Each part keeps the promises of its protocol ----


async def test_the_notation_keeps_its_promises() -> None:
    await check_notation(NOTATION, [('query Hero', HERO, OTHER), ('mutation', OTHER, HERO)])


async def test_the_renderer_keeps_its_promises() -> None:
    await check_renderer(RENDERER, [(Result(hero=1), b'{"data": {"hero": 1}}')])


async def test_the_sink_keeps_its_promises() -> None:
    await check_sink_adapter(ADAPTER, Tally, lambda tally: tally.counts)


def test_the_facet_keeps_its_promises() -> None:
    check_facet(GraphQLFacet, [(HERO, {'operation': 'Hero', 'operation_kind': 'query', 'variables': {'id': 7}})])


async def test_the_handler_keeps_its_promises() -> None:
    await check_handler_class(GraphQLHandler)


@pytest.mark.parametrize('promise', transport_promises())
async def test_the_transport_keeps_its_promises(promise: str) -> None:
    await check_transport(serve, promise=promise)


def test_the_command_keeps_its_promises() -> None:
    assert check_command(COMMAND, ['query Hero { name }']) == "kmock['query Hero'] << kmock.Result(...)\n"


# ---- They are found by their entry points, with no configuration ----


@pytest.mark.parametrize('cls', ['raw', 'graphql'])
async def test_the_words_of_the_plugin_work_in_any_handler(cls: str) -> None:
    from kmock_core.registry import HANDLERS

    tally: Any = Tally()
    async with HANDLERS.get(cls)() as kmock:
        kmock['query Hero'] << kmock.Result(hero={'name': 'R2-D2'})
        kmock['/graphql'] >> tally
        response = await kmock.post('/graphql', json={'query': 'query Hero { name }', 'variables': {'id': 7}})
        assert await response.json() == {'data': {'hero': {'name': 'R2-D2'}}}
        assert kmock['query'][0].operation == 'Hero'
        assert kmock['query'][0].variables == {'id': 7}
    assert tally.counts == {}  # the rule came first, and has answered


async def test_the_sink_counts_what_passes_by() -> None:
    tally: Any = Tally()
    async with kmock_module.RawHandler() as kmock:
        kmock['/graphql'] >> tally
        kmock['/graphql'] << {'data': None}
        for query in ('query Hero { name }', 'query Hero { id }', 'mutation Jump { high }'):
            await kmock.post('/graphql', json={'query': query})
    assert tally.counts == {'Hero': 2, 'Jump': 1}


async def test_an_unmatched_request_is_explained_by_the_criteria_of_the_plugin() -> None:
    async with kmock_module.RawHandler() as kmock:
        kmock['query Hero'] << 200
        await kmock.post('/graphql', json={'query': 'mutation Jump { high }'})
        assert "✗ operation: mutation Jump != 'query Hero'" in str(kmock.errors[0])


async def test_the_transport_is_found_by_its_name() -> None:
    async with served('traced') as kmock:
        kmock['/'] << b'hello'
        response = await kmock.get('/')
        assert await response.read() == b'hello'
        assert kmock.server.trace == ['GET /']


@pytest.mark.kmock(cls='graphql')
async def test_the_fixture_takes_the_handler_by_its_name(kmock: GraphQLHandler) -> None:
    assert isinstance(kmock, GraphQLHandler)
    response = await kmock.post('/graphql', json={'query': 'query Hero { name }'})
    assert (await response.json())['errors'] == [{'message': 'Hero is not mocked'}]


def test_the_program_has_the_command() -> None:
    program = Path(sys.executable).with_name('kmock')
    result = subprocess.run([program, 'graphql', 'query Hero { name }'], capture_output=True, text=True, check=True)
    assert result.stdout == "kmock['query Hero'] << kmock.Result(...)\n"


def test_the_program_lists_the_plugin() -> None:
    program = Path(sys.executable).with_name('kmock')
    result = subprocess.run([program, 'plugins'], capture_output=True, text=True, check=True)
    assert result.stdout.count('(kmock-graphql)') == 8
