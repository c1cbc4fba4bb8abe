"""KMock in a few seconds: a real server, a few mocks, a real client, a live stream, and what the server has seen."""

import asyncio
import sys
from http.client import HTTPException
from urllib.request import urlopen

import aiohttp

import kmock


async def main() -> int:
    async with kmock.RawHandler() as mock, kmock.Server(mock) as server:
        title('A real HTTP server on a free port')
        say(f'listening at {server.url}')

        title('Mocks: what comes, and what is answered')
        mock['get /users/{id}'] << greet
        mock['post /users'] << 201 << {'Location': '/users/3'}
        mock['/flaky'][:1] << 503
        mock['/flaky'] << {'healthy': True}
        mock['/events'] << (b'hello\n', {'numbers': [1, 2, 3]}, ..., b'bye\n')
        for rule in mock.rules:
            say(repr(rule.source))

        async with aiohttp.ClientSession(server.url) as client:
            title('A real client asks')
            async with client.get('/users/7') as response:
                say(f'GET  /users/7  -> {response.status} {await response.json()}')
            async with client.post('/users', json={'name': 'Jane'}) as response:
                say(f'POST /users    -> {response.status} Location: {response.headers["Location"]}')
            for _ in range(2):
                async with client.get('/flaky') as response:
                    say(f'GET  /flaky    -> {response.status} {await response.text()}')

            title('A live stream: the test feeds it while it is open')
            reading = asyncio.create_task(read_events(client))
            for number in range(3):
                await mock[...].wait()
                mock[...] << ({'event': number}, ...)
                await asyncio.sleep(0.2)
            mock[...] << b'the last event\n'
            await reading

            title('What the server has seen')
            say(f'{len(mock)} requests, {len(mock["get"])} of them GET, {len(mock["/flaky"])} to /flaky')
            say(f'the body of the POST: {mock["post"][0].data}')

            title('A request that nothing answers is explained, in the answer and in the failed test')
            async with client.post('/user', json={'name': 'Jane'}) as response:
                for line in (await response.text()).splitlines():
                    say(line)

    matched = len(mock.unmatched) == 1 and len(mock) == 6
    matched &= await asyncio.to_thread(block)
    print('\nThat was KMock.' if matched else '\nSomething went wrong.')
    return 0 if matched else 1


def block() -> bool:
    """What a plain test with a blocking client does: the server has a thread of its own."""
    title('A blocking client: the server is in a thread of its own')
    with kmock.serving() as mock:
        mock['get /hello'] << 'hello'
        with urlopen(f'{mock.url}/hello') as response:
            say(f'GET  /hello    -> {response.status} {response.read().decode()}')

        title('Faults: what servers and networks do to clients')
        mock['get /cut'] << [1, 2, 3] << kmock.fault.truncate(4)
        mock['get /reset'] << kmock.fault.reset()
        for path in ('/cut', '/reset'):
            try:
                with urlopen(f'{mock.url}{path}') as response:
                    response.read()
            except (OSError, HTTPException) as exc:
                say(f'GET  {path:<9} -> {exc!r}')

        title('Expectations: they fail the test when it ends')
        mock['delete'].never()
        mock['get /hello'].times(2)
        unmet = mock.unmet
        for line in '\n'.join(unmet).splitlines():
            say(line)
        mock.lenient = True  # it was meant
        return len(unmet) == 1


def greet(request: kmock.Request) -> dict[str, str]:
    return {'id': request.path_params['id'], 'name': 'John'}


async def read_events(client: aiohttp.ClientSession) -> None:
    async with client.get('/events') as response:
        async for line in response.content:
            say(f'the client gets: {line.decode().rstrip()}')


def title(text: str) -> None:
    print(f'\n● {text}')


def say(text: str) -> None:
    print(f'  {text}')


if __name__ == '__main__':
    sys.exit(asyncio.run(main()))
