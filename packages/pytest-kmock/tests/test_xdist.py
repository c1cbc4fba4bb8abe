"""Runs on several processes: nothing is shared, and nothing is lost."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Run

pytest_plugins = ['pytester']

SUITE = """
    import aiohttp, os, pytest
    from urllib.request import urlopen

    def get(kmock, path):
        with urlopen(f'{kmock.url}{path}') as response:
            return response.read()

    @pytest.fixture(scope='session')
    def api(kmock_factory, worker_id):
        with kmock_factory() as kmock:
            kmock['get /worker'] << worker_id
            kmock.checkpoint()
            yield kmock

    @pytest.fixture(autouse=True)
    def fresh(api):
        yield
        api.reset()

    @pytest.mark.parametrize('number', range(20))
    def test_plain(kmock, api, number, worker_id):
        kmock['get /'] << number
        assert get(kmock, '/') == str(number).encode()
        assert get(api, '/worker') == f'"{worker_id}"'.encode()
        assert len(kmock) == len(api) == 1

    @pytest.mark.parametrize('number', range(20))
    async def test_async(kmock, api, number, worker_id):
        kmock['get /'] << number
        assert await (await kmock.get('/')).json() == number
        async with aiohttp.ClientSession() as session:
            async with session.get('http://localhost/') as response:
                assert await response.json() == number
            async with session.get(api.url / 'worker') as response:
                assert await response.json() == worker_id
        assert len(kmock) == 2
        assert len(api) == 1
"""


def test_two_workers_share_nothing(run: 'Run') -> None:
    result = run(SUITE, '-n', '2', plugins=['asyncio', 'xdist'], subprocess=True)
    result.assert_outcomes(passed=40)


def test_the_sections_of_workers_are_reported(run: 'Run') -> None:
    source = f"""{SUITE}
    def test_failing(kmock, api):
        get(api, '/worker')
        get(kmock, '/unmatched')
    """
    result = run(source, '-n', '2', '-k', 'failing', plugins=['asyncio', 'xdist'], subprocess=True)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(['*- kmock: * -*', '  GET /unmatched  ←  no rule', '*- kmock: * -*', '  GET /worker *'])
