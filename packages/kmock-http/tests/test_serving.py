"""`kmock.serving`, and servers entered by a plain ``with``: for blocking clients, from a thread of their own."""

import asyncio
import http.client
import queue
import ssl
import threading
import unittest
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Self, cast

import aiohttp
import pytest
from yarl import URL

import kmock
from kmock_core.errors import FeedingError, NotRunningError, StopTimeoutError
from kmock_http import threads
from kmock_http.errors import AlreadyRunningError, OptionError, WrongThreadError

PATIENCE = 10.0
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url: object, data: bytes | None = None) -> bytes:
    """Make a request by a blocking client."""
    with _opener.open(str(url), data, timeout=PATIENCE) as response:
        return bytes(response.read())


def ask_in_vain(mock: kmock.RawHandler, path: str = '') -> None:
    """Make a request that may get an error, or no answer at all."""
    with suppress(OSError, http.client.HTTPException):
        get(mock.url / path)


@contextmanager
def reading(mock: kmock.RawHandler, target: str = '/') -> Generator[http.client.HTTPResponse, None, None]:
    """A response that is read as it comes."""
    connection = http.client.HTTPConnection(mock.host, mock.port, timeout=PATIENCE)
    try:
        connection.request('GET', target)
        yield connection.getresponse()
    finally:
        connection.close()


_KNOWN: set[threading.Thread] = set()
"""The threads that were there when the test began: of other tests and their plugins."""


def other_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread not in _KNOWN]


@pytest.fixture(autouse=True)
def _no_thread_is_left_behind() -> Generator[None, None, None]:
    _KNOWN.clear()
    _KNOWN.update(threading.enumerate())
    yield
    assert other_threads() == []


@pytest.fixture
def mock() -> Generator[kmock.RawHandler, None, None]:
    with kmock.serving(kmock.RawHandler) as mock:
        yield mock


# ---- A server in a thread ----


def test_a_server_entered_by_a_plain_with_serves_blocking_clients() -> None:
    with kmock.RawHandler() as handler, kmock.Server(handler) as server:
        handler['get /'] << b'hello'
        assert get(f'{server.url}/') == b'hello'
        assert handler.servers == [server]
        assert [thread.name for thread in other_threads()] == ['kmock server']
    assert handler.servers == []
    with pytest.raises(NotRunningError, match='not active'):
        server.url


def test_a_server_can_be_entered_again_by_either_kind_of_with() -> None:
    handler = kmock.RawHandler()
    handler << b'hello'
    server = kmock.Server(handler)

    async def ask() -> bytes:
        async with server:
            return await (await handler.get('/')).read()

    for _ in range(2):
        with server:
            assert get(server.url) == b'hello'
        assert asyncio.run(ask()) == b'hello'


def test_a_server_that_is_entered_twice_is_an_error_and_goes_on() -> None:
    handler = kmock.RawHandler()
    handler << b'hello'
    with kmock.Server(handler) as server:
        with pytest.raises(AlreadyRunningError, match='only once'), server:
            pass
        assert get(server.url) == b'hello'


def test_a_server_that_can_not_be_started_leaves_no_thread() -> None:
    handler = kmock.RawHandler()
    with kmock.Server(handler) as first:
        second = kmock.Server(handler, port=first.port)
        with pytest.raises(OSError, match='in use'), second:
            pass
    assert other_threads() == []


def test_several_servers_of_a_handler_have_threads_of_their_own() -> None:
    with kmock.RawHandler() as handler, kmock.Server(handler) as first, kmock.Server(handler) as second:
        handler << b'hello'
        for server in (first, second, first):
            get(server.url)
        assert [request.url.port for request in handler] == [first.port, second.port, first.port]
        assert len(other_threads()) == 2


def test_leaving_a_server_that_was_not_entered_is_harmless() -> None:
    kmock.Server(kmock.RawHandler()).__exit__(None, None, None)


def test_the_error_of_the_body_is_raised_and_the_server_is_stopped() -> None:
    handler = kmock.RawHandler()
    with pytest.raises(ZeroDivisionError), kmock.Server(handler):
        raise ZeroDivisionError
    assert handler.servers == []


@pytest.mark.parametrize('name', ['client', 'clients'])
def test_the_client_of_a_server_in_a_thread_refers_to_blocking_ones(mock: kmock.RawHandler, name: str) -> None:
    with pytest.raises(WrongThreadError, match=rf'in a thread.* of its own.*with kmock\.url: {mock.url}$'):
        getattr(mock, name)
    with pytest.raises(NotRunningError):
        getattr(mock, name)


@pytest.mark.parametrize('method', ['get', 'put', 'post', 'patch', 'delete', 'head', 'options'])
def test_the_calls_of_a_handler_in_a_thread_refer_to_blocking_clients(mock: kmock.RawHandler, method: str) -> None:
    with pytest.raises(WrongThreadError, match='use a client of your own'):
        getattr(mock, method)('/')
    assert len(mock) == 0


async def test_calls_from_another_event_loop_refer_to_blocking_clients(mock: kmock.RawHandler) -> None:
    with pytest.raises(WrongThreadError, match='use a client of your own'):
        await mock.get('/')
    assert len(mock) == 0


def test_the_client_works_in_the_thread_of_the_server(mock: kmock.RawHandler) -> None:
    async def forward() -> bytes:
        return await (await mock.get('/inner')).read()

    mock['/outer'] << forward
    mock['/inner'] << b'hello'
    assert get(mock.url / 'outer') == b'hello'
    with pytest.raises(WrongThreadError):
        mock.client


# ---- kmock.serving ----


@pytest.mark.parametrize('cls', [None, 'raw', 'kmock_core.RawHandler', kmock.RawHandler])
def test_a_handler_is_chosen_by_its_class_or_its_name(cls: Any) -> None:
    with kmock.serving(cls) as mock:
        assert isinstance(cast('object', mock), kmock.RawHandler)
        assert mock.active
        mock['get /'] << b'hello'
        assert get(mock.url) == b'hello'
        assert get(f'{mock.url}/?q=1') == b'hello'
        assert [request.params['q'] for request in mock['?q']] == ['1']
    assert not mock.servers


async def test_it_serves_on_the_running_loop_by_async_with() -> None:
    async with kmock.serving(kmock.RawHandler) as mock:
        mock << b'hello'
        assert await (await mock.get('/')).read() == b'hello'
        assert other_threads() == []
    assert not mock.servers


def test_each_time_it_is_entered_the_mock_is_new() -> None:
    serving = kmock.serving()
    with serving as first:
        first << b'hello'
        get(first.url)
    with serving as second:
        assert second is not first
        assert len(second) == 0


async def test_it_can_be_entered_only_once_at_a_time() -> None:
    serving = kmock.serving()
    with serving as mock:
        with pytest.raises(AlreadyRunningError, match=r'entered already\. Make one more: kmock\.serving\(\)'), serving:
            pass
        with pytest.raises(AlreadyRunningError, match='entered already'):
            await serving.__aenter__()
        assert mock.servers
    await serving.__aexit__(None, None, None)
    serving.__exit__(None, None, None)


def test_options_go_to_the_handler_and_to_the_server() -> None:
    with kmock.serving(kmock.RawHandler, limit=3, strict=True, host='localhost', hostnames='api.example.com') as mock:
        assert (mock.limit, mock.strict) == (3, True)
        assert mock.host == 'localhost'
        assert mock.server.hostnames == 'api.example.com'


def test_no_names_of_others_are_taken_unless_it_is_told() -> None:
    with kmock.serving() as mock:
        assert mock.server.hostnames is None


@pytest.mark.parametrize('options', [{'tsl': True}, {'limit': 1, 'prot': 80}])
def test_an_unknown_option_is_refused_at_once_with_those_that_are_known(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r'Unknown options of kmock: .*did you mean (tls|port).*hostnames.*port.*tls'):
        kmock.serving(**options)


@pytest.mark.parametrize('cls', ['nosuch', 'no_such_package.Class', 'kmock_core.NoSuch', int, object(), kmock.Server])
def test_what_is_no_handler_is_refused_at_once_with_those_that_are_known(cls: Any) -> None:
    with pytest.raises(OptionError, match=r'The option cls of kmock.*') as caught:
        kmock.serving(cls)
    assert isinstance(caught.value, (TypeError, kmock.KMockError))


def test_a_mock_that_can_not_be_started_can_be_entered_later() -> None:
    with kmock.serving() as mock:
        serving = kmock.serving(port=mock.port)
        with pytest.raises(OSError, match='in use'), serving:
            pass
    with serving:
        pass


async def test_a_mock_that_can_not_be_started_on_the_running_loop_can_be_entered_later() -> None:
    async with kmock.serving() as mock:
        serving = kmock.serving(port=mock.port)
        with pytest.raises(OSError, match='in use'):
            await serving.__aenter__()
    async with serving:
        pass


async def test_hosts_of_others_are_reached_from_other_event_loops() -> None:
    with kmock.serving(kmock.RawHandler, hostnames='api.example.com') as mock:
        mock << b'hello'
        async with aiohttp.ClientSession() as session, session.get('http://api.example.com/x') as response:
            assert await response.read() == b'hello'
        assert mock[0].url.host == 'api.example.com'


class Prepared(kmock.RawHandler):
    """Its context needs an event loop."""

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(asyncio.sleep(3600))
        await asyncio.sleep(0)
        return await super().__aenter__()

    async def __aexit__(self, *exc_info: Any) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])
        await super().__aexit__(*exc_info)


def test_the_async_context_of_a_handler_runs_in_the_thread() -> None:
    with kmock.serving(Prepared) as mock:
        assert not mock.task.done()
    assert mock.task.cancelled()


def test_a_strict_mock_raises_its_errors_at_the_end() -> None:
    def run() -> None:
        with kmock.serving(strict=True) as mock:
            mock << ZeroDivisionError
            ask_in_vain(mock)

    with pytest.raises(ZeroDivisionError):
        run()


def test_the_error_of_the_body_wins_over_those_of_a_strict_mock() -> None:
    def run() -> None:
        with kmock.serving(strict=True) as mock:
            mock << ZeroDivisionError
            get(mock.url)

    with pytest.raises(urllib.error.HTTPError):
        run()


def test_it_serves_a_test_case_of_unittest() -> None:
    class Test(unittest.TestCase):
        def setUp(self) -> None:
            self.mock = self.enterContext(kmock.serving())

        def test(self) -> None:
            self.mock['get /'] << b'hello'
            assert get(self.mock.url) == b'hello'
            assert len(self.mock) == 1

    class AsyncTest(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self) -> None:
            self.mock = await self.enterAsyncContext(kmock.serving())

        async def test(self) -> None:
            self.mock['get /'] << b'hello'
            assert await (await self.mock.get('/')).read() == b'hello'

    result = unittest.TestResult()
    for case in (Test, AsyncTest):
        unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    assert result.testsRun == 2
    assert result.wasSuccessful(), result.errors + result.failures


def test_the_url_is_taken_as_a_string_by_clients_of_strings(mock: kmock.RawHandler) -> None:
    mock << b'hello'
    assert isinstance(mock.url, URL)
    assert get(f'{mock.url}/x') == b'hello'
    assert get(str(mock.url / 'y')) == b'hello'
    assert [request.path for request in mock] == ['/x', '/y']


# ---- From the thread of the test ----


def test_rules_are_added_while_it_serves(mock: kmock.RawHandler) -> None:
    for number in range(300):
        mock[f'/{number}'] << b'%d' % number
        assert get(mock.url / str(number)) == b'%d' % number


def test_spies_and_requests_are_read_while_many_threads_ask(mock: kmock.RawHandler) -> None:
    mock << b'hello'
    spy = mock['get /a']

    def ask() -> None:
        for _ in range(25):
            get(mock.url / 'a')
            get(mock.url / 'b')

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    seen = 0
    while len(mock) < 200:
        assert len(spy) >= seen
        seen = len(spy)
        assert all(request.path == '/a' for request in spy)
    for asker in askers:
        asker.join()
    assert len(spy) == len(mock['/b']) == 100


def test_a_request_that_is_under_way_is_waited_for(mock: kmock.RawHandler) -> None:
    mock << b'hello'
    asker = threading.Thread(target=get, args=(mock.url / 'x',))
    asker.start()
    (request,) = mock['/x'].wait_sync(1)
    assert request.path == '/x'
    asker.join()


def test_a_live_stream_is_fed_item_by_item(mock: kmock.RawHandler) -> None:
    mock['/events'] << (b'start\n', ...)
    with reading(mock, '/events') as response:
        assert response.readline() == b'start\n'
        for number in range(200):
            mock['/events'][...].wait_sync(1)
            mock['/events'][...] << {'n': number} << ...
            assert response.readline() == b'{"n": %d}\n' % number
        mock[...].wait_sync()
        mock[...] << b'end\n'
        assert response.read() == b'end\n'
    assert mock.errors == []


def test_hundreds_of_chained_feedings_are_neither_lost_nor_refused(mock: kmock.RawHandler) -> None:
    mock << (b'a', ...)
    with reading(mock) as response:
        for number in range(500):
            mock[...].wait_sync()
            mock[...] << b'%d:' % number << b'%d,' % number << ...
        mock[...].wait_sync()
        mock[...] << None
        assert response.read() == b'a' + b''.join(b'%d:%d,' % (number, number) for number in range(500))


def test_a_batch_that_is_kept_is_delivered_soon(mock: kmock.RawHandler) -> None:
    mock << (b'a', ...)
    with reading(mock) as response:
        mock[...].wait_sync()
        batch = mock[...] << b'b'
        assert response.read() == b'ab'
        with pytest.raises(FeedingError, match='already consumed'):
            batch << b'c'


async def test_another_event_loop_waits_and_feeds(mock: kmock.RawHandler) -> None:
    mock << (b'a', ...)
    async with aiohttp.ClientSession() as session, session.get(mock.url) as response:
        assert await response.content.readexactly(1) == b'a'
        for number in range(100):
            await mock[...].wait()
            mock[...] << b'%d:' % number << b'%d\n' % number << ...
            assert await response.content.readline() == b'%d:%d\n' % (number, number)


@pytest.mark.parametrize('kind', ['threading.Event', 'asyncio.Event', 'queue.Queue', 'asyncio.Queue'])
def test_events_and_queues_in_a_stream_are_set_and_filled_by_the_test(mock: kmock.RawHandler, kind: str) -> None:
    things: dict[str, Any] = {
        'threading.Event': threading.Event(),
        'asyncio.Event': asyncio.Event(),
        'queue.Queue': queue.Queue(),
        'asyncio.Queue': asyncio.Queue(),
    }
    thing = things[kind]
    mock << (b'a', thing, b'z')
    with reading(mock) as response:
        assert response.read(1) == b'a'
        if kind.endswith('Event'):
            thing.set()
            assert response.read() == b'z'
        else:
            thing.put_nowait(b'item')
            assert response.read() == b'itemz'


@pytest.mark.parametrize('sink', [threading.Event, asyncio.Event])
def test_events_as_sinks_are_seen_by_the_test(mock: kmock.RawHandler, sink: Any) -> None:
    event = sink()
    mock >> event
    mock << b'hello'
    get(mock.url)
    assert event.is_set()


@pytest.mark.parametrize('sink', [queue.Queue, queue.SimpleQueue, asyncio.Queue])
def test_queues_as_sinks_are_read_by_the_test(mock: kmock.RawHandler, sink: Any) -> None:
    items = sink()
    mock >> items
    mock << b'hello'
    get(mock.url, b'body')
    assert items.get_nowait().body == b'body'


def test_callables_run_in_the_thread_of_the_server(mock: kmock.RawHandler) -> None:
    names: list[str] = []

    async def note() -> bytes:
        await asyncio.sleep(0)
        names.append(threading.current_thread().name)
        return await asyncio.to_thread(lambda: b'hello')

    mock << note
    assert get(mock.url) == b'hello'
    assert names == ['kmock']


def test_tls_is_served_in_a_thread() -> None:
    pytest.importorskip('trustme')
    with kmock.serving(kmock.RawHandler, tls=True) as mock:
        mock << b'hello'
        context = ssl.create_default_context(cafile=mock.server.ca_path)
        with urllib.request.urlopen(str(mock.url), context=context, timeout=PATIENCE) as response:
            assert response.read() == b'hello'


# ---- What hangs ----


@contextmanager
def asking_in_vain(mock: kmock.RawHandler) -> Generator[None, None, None]:
    asking = threading.Thread(target=ask_in_vain, args=(mock,))
    asking.start()
    mock.wait_sync()
    yield
    asking.join(PATIENCE)


def test_an_answer_that_hangs_is_named_and_does_not_hold_the_test() -> None:
    released = threading.Event()

    async def hang() -> bytes:
        while not released.is_set():
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                pass
        return b''

    def run(stack: ExitStack) -> None:
        with kmock.serving(stop_timeout=0.05) as mock:
            mock << hang
            stack.enter_context(asking_in_vain(mock))

    with ExitStack() as stack:
        stack.callback(released.set)
        with pytest.raises(StopTimeoutError, match=r'1 answers did not end.*GET /') as caught:
            run(stack)
        assert ['hang at ' in note for note in caught.value.__notes__] == [True]
        released.set()


def test_a_callable_that_blocks_the_server_is_named_and_does_not_hold_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, 'PATIENCE', 0.05)
    released = threading.Event()

    def run(stack: ExitStack) -> None:
        with kmock.serving(stop_timeout=0.05) as mock:
            mock << released.wait
            stack.enter_context(asking_in_vain(mock))

    with ExitStack() as stack:
        stack.callback(released.set)
        with pytest.raises(StopTimeoutError, match=r'blocked by .*\(in wait at .*threading\.py'):
            run(stack)
        released.set()
    for thread in other_threads():
        thread.join(PATIENCE)


# ---- Nothing hangs, nothing is left ----


def test_hundreds_of_rounds_leave_nothing_behind() -> None:
    before = threading.enumerate()

    def flood() -> Any:
        while True:
            yield b'x' * 100_000

    for number in range(200):
        clients: list[http.client.HTTPConnection] = []
        askers: list[threading.Thread] = []
        with kmock.serving(kmock.RawHandler, stop_timeout=5) as mock:
            mock['/'] << b'hello'
            mock['/stream'] << (b'a', ...)
            mock['/wait'] << threading.Event()
            mock['/flood'] << flood
            targets = ['/', '/stream', '/wait', '/' if number % 50 else '/flood']
            target = targets[number % 4]
            if target == '/wait':
                askers = [threading.Thread(target=ask_in_vain, args=(mock, 'wait'))]
                askers[0].start()
                mock['/wait'].wait_sync()
            else:
                clients = [http.client.HTTPConnection(mock.host, mock.port, timeout=PATIENCE) for _ in range(2)]
                for client in clients:
                    client.request('GET', target)
                clients[0].getresponse().read(1)
        for client in clients:
            client.close()
        for asker in askers:
            asker.join(PATIENCE)
        assert set(threading.enumerate()) <= set(before)
