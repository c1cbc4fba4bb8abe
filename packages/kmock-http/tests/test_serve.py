"""``kmock serve``: as a process, as people and programs run it; and its refusals."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import ssl
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import pytest
import pytest_asyncio

from kmock_core import cli
from kmock_core.registry import HANDLERS
from kmock_http.commands.announcing import export
from kmock_http.commands.journal import printable
from kmock_http.commands.lines import Columns, Line

PATIENCE = 30.0
"""Seconds; a process takes a fraction of one to start, but the machines of CI are slow at times."""

pytestmark = pytest.mark.skipif(sys.platform == 'win32', reason='processes are ended in another way on Windows')

SHOP = """
import asyncio
import kmock


class Shop(kmock.RawHandler):
    async def __aenter__(self):
        self['get /tea'] << {'price': 3}
        self['get /news'] << (b'tea has arrived', ...)
        self['get /broken'] << (lambda: 1 / 0)
        self['get /slow'] << self.wait_forever
        return await super().__aenter__()

    async def wait_forever(self):
        print('waiting', flush=True)
        await asyncio.Event().wait()


class Hanging(kmock.RawHandler):
    async def __aexit__(self, *args):
        print('leaving', flush=True)
        await asyncio.Event().wait()


class Stubborn(kmock.RawHandler):
    async def __aenter__(self):
        self['get /slow'] << self.refuse_to_end
        return await super().__aenter__()

    async def refuse_to_end(self):
        print('waiting', flush=True)
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                pass


class Demanding(kmock.RawHandler):
    def __init__(self, name):
        super().__init__()


class Passing(kmock.RawHandler):
    def __init__(self, **options):
        super().__init__()
        self << options
"""


SLOW = """
import threading
import kmock


class Slow(kmock.RawHandler):
    def prepare_serving(self):
        print('preparing', flush=True)
        threading.Event().wait()
"""


class Served:
    """A process of ``kmock serve`` that is ready."""

    def __init__(self, process: asyncio.subprocess.Process, ready: str) -> None:
        self.process = process
        self.ready = ready
        self.url = re.findall(r'https?://\S+', ready)[0]

    async def read_line(self) -> str:
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            return (await self.process.stdout.readline()).decode()

    async def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, list[str]]:
        """Send a signal; the exit status, and the lines of the log without their times."""
        self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            _, log = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, re.sub(r' \d+\.\d ms$', '', log.decode(), flags=re.MULTILINE).splitlines()


Serve: TypeAlias = Callable[..., Coroutine[None, None, Served]]


@pytest_asyncio.fixture
async def serve(tmp_path: Path) -> AsyncGenerator[Serve, None]:
    """Runs ``kmock serve`` in a folder with handlers in `shop.py`, until it is ready."""
    processes: list[asyncio.subprocess.Process] = []
    (tmp_path / 'shop.py').write_text(SHOP)

    async def run(*args: str) -> Served:
        program = Path(sys.executable).with_name('kmock')
        process = await asyncio.create_subprocess_exec(
            program, 'serve', *args, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        processes.append(process)
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            ready = (await process.stdout.readline()).decode()
            assert ready, (await process.stderr.read()).decode()
        return Served(process, ready)

    yield run
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def get(url: str, context: ssl.SSLContext | bool = True) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url, ssl=context) as response:
        return response.status, await response.text()


async def test_it_says_in_one_line_where_it_serves_and_how_to_stop_it(serve: Serve) -> None:
    served = await serve('--handler', 'raw')
    where = r'http://127\.0\.0\.1:\d+'
    assert re.fullmatch(
        rf'kmock serves raw at {where} \| to stop: Ctrl\+C, or kill {served.process.pid}\n', served.ready
    )


async def test_a_cluster_is_served_by_default_where_there_is_one(serve: Serve) -> None:
    expected = 'k8s-cluster' if 'k8s-cluster' in HANDLERS else 'raw'
    assert (await serve()).ready.startswith(f'kmock serves {expected} at ')


async def test_a_handler_that_takes_any_options_gets_them(serve: Serve) -> None:
    served = await serve('--handler', 'shop:Passing', '--namespaces', 'auto')
    assert await get(f'{served.url}/') == (200, '{"namespaces": "auto"}')


async def test_it_is_ready_when_it_says_so(serve: Serve) -> None:
    served = await serve('--handler', 'raw')
    assert await get(f'{served.url}/readyz') == (200, 'ok')


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_in_order(serve: Serve, number: signal.Signals) -> None:
    served = await serve('--handler', 'raw')
    assert await served.end(number) == (0, [])


async def test_a_signal_ends_it_with_an_open_stream(serve: Serve) -> None:
    served = await serve('--handler', 'shop.Shop')
    async with aiohttp.ClientSession() as session, session.get(f'{served.url}/news') as response:
        assert await response.content.readexactly(15) == b'tea has arrived'
        status, log = await served.end()
        assert await response.read() == b''
    line = "GET /news 200 kmock['get /news'] at shop.py:9"
    assert (status, log) == (0, [f'{line} (stream begins)', f'{line} (stream ends)'])


async def test_a_signal_ends_it_with_an_answer_that_is_still_made(serve: Serve) -> None:
    served = await serve('--handler', 'shop.Shop')
    asked = asyncio.create_task(get(f'{served.url}/slow'))
    assert await served.read_line() == 'waiting\n'
    assert await served.end() == (0, ["GET /slow - kmock['get /slow'] at shop.py:11 (left unanswered)"])
    with pytest.raises(aiohttp.ClientError):
        await asked


async def test_an_answer_that_refuses_to_end_is_named_and_left_alone(serve: Serve) -> None:
    served = await serve('--handler', 'shop.Stubborn')
    asked = asyncio.create_task(get(f'{served.url}/slow'))
    assert await served.read_line() == 'waiting\n'
    status, log = await served.end()
    assert status == 1
    assert log[0].startswith('kmock serve: 1 answers did not end in 0.3 s after the server was stopped')
    assert log[0].endswith(': GET /slow')
    with pytest.raises(aiohttp.ClientError):
        await asked


async def test_a_second_signal_ends_it_at_once(serve: Serve) -> None:
    served = await serve('--handler', 'shop.Hanging')
    served.process.send_signal(signal.SIGTERM)
    assert await served.read_line() == 'leaving\n'
    assert await served.end() == (-signal.SIGTERM, [])


async def test_each_request_is_a_line_with_what_has_served_it(serve: Serve) -> None:
    served = await serve('--handler', 'shop:Shop')
    assert (await get(f'{served.url}/tea?sugar=no'))[0] == 200
    assert (await get(f'{served.url}/coffee'))[0] == 500
    assert (await get(f'{served.url}/readyz'))[0] == 200
    assert await served.end() == (
        0,
        [
            "GET /tea?sugar=no 200 kmock['get /tea'] at shop.py:8",
            'GET /coffee 500 no rule',
            'GET /readyz 200 built-in',
        ],
    )


async def test_an_error_of_the_handler_is_shown_with_its_traceback(serve: Serve) -> None:
    served = await serve('--handler', 'shop.Shop')
    assert (await get(f'{served.url}/broken'))[0] == 500
    status, log = await served.end()
    assert (status, log[0], log[-2]) == (0, 'Traceback (most recent call last):', 'ZeroDivisionError: division by zero')
    assert log[-1] == "GET /broken 500 kmock['get /broken'] at shop.py:10"


async def test_it_serves_by_tls(serve: Serve) -> None:
    served = await serve('--handler', 'raw', '--tls')
    assert served.url.startswith('https://')
    (ca,) = re.findall(r'\| CA: (\S+) \|', served.ready)
    assert await get(f'{served.url}/readyz', ssl.create_default_context(cafile=ca)) == (200, 'ok')


async def test_the_ready_line_ends_with_what_to_paste_for_other_clients_of_tls(serve: Serve) -> None:
    served = await serve('--handler', 'raw', '--tls')
    command = served.ready.rstrip('\n').rpartition(' | ')[2]
    shell = ['sh', '-c', f'{command}; echo "$SSL_CERT_FILE $REQUESTS_CA_BUNDLE $NODE_EXTRA_CA_CERTS"']
    process = await asyncio.create_subprocess_exec(*shell, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(PATIENCE):
        out, _ = await process.communicate()
    (ca,) = re.findall(r'\| CA: (\S+) \|', served.ready)
    assert out.decode().split() == [ca, ca, ca]


@pytest.mark.parametrize('option', ['-q', '--quiet'])
async def test_quiet_is_a_log_of_errors_alone(serve: Serve, option: str) -> None:
    served = await serve('--handler', 'shop.Shop', option)
    for path, status in (('/tea', 200), ('/coffee', 500), ('/broken', 500)):
        assert (await get(f'{served.url}{path}'))[0] == status
    status, log = await served.end()
    assert (status, log[0], log[-1]) == (0, 'Traceback (most recent call last):', 'ZeroDivisionError: division by zero')


async def read_terminal(folder: Path, paths: list[str], **variables: str) -> list[str]:
    """The log of requests of these paths, as a terminal gets it."""
    pty = pytest.importorskip('pty')
    terminal, stderr = pty.openpty()
    (folder / 'shop.py').write_text(SHOP)
    program = Path(sys.executable).with_name('kmock')
    process = await asyncio.create_subprocess_exec(
        program,
        *('serve', '--handler', 'shop.Shop'),
        cwd=folder,
        env={'TERM': 'xterm', **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            url = re.findall(r'http://\S+', (await process.stdout.readline()).decode())[0]
        for path in paths:
            await get(f'{url}{path}')
        process.terminate()
        async with asyncio.timeout(PATIENCE):
            await process.communicate()
        log = os.read(terminal, 65536).decode()
        return re.sub(r' +\d+\.\d ms\r$', '', log, flags=re.MULTILINE).splitlines()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(terminal)
        os.close(stderr)


async def test_a_terminal_has_the_log_in_columns_with_coloured_statuses(tmp_path: Path) -> None:
    assert await read_terminal(tmp_path, ['/coffee/with/milk', '/tea', '/readyz']) == [
        'GET    /coffee/with/milk  \x1b[31m500\x1b[0m  no rule',
        "GET    /tea               \x1b[32m200\x1b[0m  kmock['get /tea'] at shop.py:8",
        'GET    /readyz            \x1b[32m200\x1b[0m  built-in',
    ]


@pytest.mark.parametrize('variables', [{'NO_COLOR': '1'}, {'TERM': 'dumb'}], ids=str)
async def test_a_terminal_may_want_no_colours(tmp_path: Path, variables: dict[str, str]) -> None:
    assert await read_terminal(tmp_path, ['/tea'], **variables) == ["GET    /tea  200  kmock['get /tea'] at shop.py:8"]


def test_a_line_that_is_too_wide_does_not_widen_the_columns() -> None:
    align = Columns(coloured=False)
    wide = align(Line('GET', f'/{"x" * 100}', '200', 'y' * 100, 1.0))
    assert wide == f'GET    /{"x" * 100}  200  {"y" * 100}      1.0 ms'
    assert align(Line('POST', '/tea', '-', 'no rule', 1.0)) == 'POST   /tea  -    no rule      1.0 ms'


@pytest.mark.parametrize(
    ('platform', 'command'),
    [('linux', "export A=/x B='/y z'\"'\"'s'"), ('win32', "$env:A = '/x'; $env:B = '/y z''s'")],
)
def test_what_to_paste_is_for_the_shell_of_the_platform(platform: str, command: str) -> None:
    assert export({'A': '/x', 'B': "/y z's"}, platform) == command


async def test_nobody_has_to_read_the_log(serve: Serve) -> None:
    served = await serve('--handler', 'raw')
    process: Any = served.process
    process._transport.get_pipe_transport(2).close()
    for _ in range(3):
        assert await get(f'{served.url}/readyz') == (200, 'ok')
    assert (await served.end())[0] == 0


@pytest.mark.parametrize('redirection', ['>&-', '2>&-', '>&- 2>&-', '>/dev/full', '2>/dev/full'])
async def test_it_serves_without_streams_to_write_to(tmp_path: Path, redirection: str) -> None:
    with socket.create_server(('127.0.0.1', 0)) as free:
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name('kmock')
    command = f'exec {program} serve --handler raw --port {port} {redirection}'
    process = await asyncio.create_subprocess_shell(
        command, cwd=tmp_path, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(PATIENCE):
            while process.returncode is None:
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    assert await get(f'http://127.0.0.1:{port}/readyz') == (200, 'ok')
                    break
            process.terminate()
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_signal_ends_it_before_it_serves(tmp_path: Path) -> None:
    (tmp_path / 'slow.py').write_text(SLOW)
    program = Path(sys.executable).with_name('kmock')
    process = await asyncio.create_subprocess_exec(
        program,
        *('serve', '--handler', 'slow.Slow'),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        assert await process.stdout.readline() == b'preparing\n'
        process.send_signal(signal.SIGINT)
        assert await process.communicate() == (b'', b'')
    assert process.returncode == 130


@pytest.mark.parametrize('args', [[], ['--port', '0']])
async def test_any_free_port_is_taken_by_default(serve: Serve, args: list[str]) -> None:
    first, second = await serve('--handler', 'raw', *args), await serve('--handler', 'raw', *args)
    assert first.url != second.url


def test_what_would_do_something_to_a_terminal_is_escaped() -> None:
    assert printable('GET /\x1b[2Ja\nb\u202ec\xe9') == 'GET /\\x1b[2Ja\\nb\\u202ec\xe9'


# ---- Refusals ----


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs ``kmock serve`` with what can't be; returns the one line that says so."""
    monkeypatch.setattr(sys, 'path', [*sys.path])

    def run(*args: str) -> str:
        try:
            status: object = cli.main(['serve', *args])
        except SystemExit as exc:
            status = exc.code
        out, err = capsys.readouterr()
        assert (status, out, err.count('\n')) == (2, '', 1)
        return err

    return run


@pytest.fixture
def taken_port() -> Generator[int, None, None]:
    with socket.create_server(('127.0.0.1', 0)) as listening:
        yield listening.getsockname()[1]


USAGE = 'usage: kmock serve [-h] [--handler NAME] [--host H] [--port P] [--tls]'


@pytest.mark.parametrize('port', ['65536', '-1', 'http', '1e3', '', '²'])
def test_a_port_that_can_not_be_is_refused(refused: Callable[..., str], port: str) -> None:
    message = refused(f'--port={port}')
    assert message.startswith('kmock serve: argument --port: a port is 0..65535, where 0 is any that is free, not ')
    assert USAGE in message


@pytest.mark.parametrize('option', ['handler', 'kubeconfig', 'load', 'resources', 'tokens'])
def test_an_option_that_is_empty_is_refused(refused: Callable[..., str], option: str) -> None:
    message = refused(f'--{option}=')  # as of a variable of the shell that is not set
    assert message.startswith(f'kmock serve: argument --{option}: this is empty; usage: ')


def test_an_authorization_that_is_unknown_is_refused_with_those_that_are_known(refused: Callable[..., str]) -> None:
    message = refused('--authorization', 'all')
    assert message.startswith("kmock serve: argument --authorization: invalid choice: 'all' (choose from ")
    assert 'rbac' in message


@pytest.mark.parametrize('args', [['--colour'], ['more'], ['--port', '0', '-x'], ['--port']])
def test_unknown_arguments_are_refused_with_those_that_are_known(refused: Callable[..., str], args: list[str]) -> None:
    assert USAGE in refused(*args)


def test_a_port_that_is_in_use_is_refused(refused: Callable[..., str], taken_port: int) -> None:
    message = refused('--handler', 'raw', '--port', str(taken_port))
    assert message == (
        f'kmock serve: port {taken_port} of 127.0.0.1 is in use by another server; --port 0 takes any that is free\n'
    )


@pytest.mark.parametrize('host', ['192.0.2.1', 'no such host', 'x' * 300])
def test_an_address_of_others_is_refused(refused: Callable[..., str], host: str) -> None:
    message = refused('--handler', 'raw', '--host', host)
    assert message.startswith(f'kmock serve: {host!r} is not an address of this machine (')
    assert message.endswith('; --host 127.0.0.1 is always there\n')


@pytest.mark.parametrize(
    ('name', 'reason'),
    [
        ('nope', "no handler is named 'nope' (known: "),
        ('nope.Shop', "'nope.Shop' can not be imported: No module named 'nope'"),
        ('kmock_core.Shop', "'kmock_core.Shop' can not be found: module 'kmock_core' has no attribute 'Shop'"),
        ('kmock_core.KMockError', ' has to be a class of handlers, not '),
        ('kmock_core.criteria', ' has to be a class, not '),
    ],
)
def test_an_unknown_handler_is_refused_with_those_that_are_known(
    refused: Callable[..., str], name: str, reason: str
) -> None:
    message = refused('--handler', name)
    assert message.startswith('kmock serve: --handler')
    assert reason in message


def test_a_handler_that_needs_arguments_is_refused(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / 'shop_to_refuse.py').write_text(SHOP)
    monkeypatch.chdir(tmp_path)
    message = refused('--handler', 'shop_to_refuse.Demanding')
    assert message.startswith(
        'kmock serve: --handler shop_to_refuse.Demanding: Demanding can not be made without arguments: '
    )


@pytest.mark.parametrize(
    ('option', 'value'),
    [
        *((name, os.devnull) for name in ('load', 'resources', 'kubeconfig', 'tokens')),
        ('authorization', 'rbac'),
        ('namespaces', 'auto'),
    ],
)
def test_options_for_kubernetes_are_refused_by_other_handlers(
    refused: Callable[..., str], option: str, value: str
) -> None:
    message = refused('--handler', 'raw', f'--{option}', value)
    assert message.startswith(f"kmock serve: --{option} is not for the handler 'raw' (")
    assert 'pip install kmock-k8s' in message or '--handler k8s-' in message
