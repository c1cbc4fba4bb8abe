"""The transport ``aiohttp``: what every transport promises."""

from typing import Any

import pytest
from yarl import URL

from kmock_core import RawHandler
from kmock_core.registry import TRANSPORTS
from kmock_core.spi import TransportOptions
from kmock_core.testing import check_transport, transport_promises
from kmock_http import Server
from kmock_http.transport import serve


@pytest.mark.parametrize('promise', transport_promises())
@pytest.mark.parametrize('host', ['127.0.0.1', '::1'])
@pytest.mark.parametrize('tls', [False, True], ids=['plain', 'tls'])
async def test_the_transport_keeps_the_promise(
    request: pytest.FixtureRequest, host: str, tls: bool, promise: str
) -> None:
    if host == '::1':
        request.getfixturevalue('ipv6')
    await check_transport(serve, TransportOptions(host=host, tls=tls), promise=promise)


def test_the_transport_is_known_by_its_name() -> None:
    assert TRANSPORTS.get('aiohttp') is serve


async def test_the_options_of_a_transport_are_those_of_the_server(kmock: RawHandler) -> None:
    kmock << b'hello'
    options: dict[str, Any] = {
        'host': 'localhost',
        'hostnames': ['example.test'],
        'user_agent': 'me/1',
        'stop_timeout': 7,
    }
    async with serve(kmock, TransportOptions(**options)) as endpoint:
        assert isinstance(endpoint, Server)
        assert endpoint.url == URL(f'http://localhost:{endpoint.port}')
        assert await (await endpoint.client.get('http://example.test/')).read() == b'hello'
        assert endpoint.stop_timeout == 7
    assert kmock[0].headers['User-Agent'] == 'me/1'


async def test_an_unknown_option_is_an_error(kmock: RawHandler) -> None:
    with pytest.raises(TypeError, match='unheard_of'):
        await serve(kmock, TransportOptions(unheard_of=1)).__aenter__()
