"""One run of ``kmock serve``: from the handler to the ready line, and to the signal that ends it."""

import asyncio
import errno
import gc
import os
import signal
from argparse import Namespace
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from kmock_core.errors import MissingExtraError, StopTimeoutError
from kmock_http.commands.announcing import announce
from kmock_http.commands.journal import journaling, write_log
from kmock_http.commands.picking import NEEDED, TAKEN, pick_class
from kmock_http.commands.refusing import RefusedError, refusing
from kmock_http.errors import PortInUseError
from kmock_http.server import Server

STOP_TIMEOUT = 0.3
"""Seconds for answers that do not end by themselves: stopping takes well under a second."""

_ADVICE = {errno.EADDRINUSE: '--port 0 takes any that is free', errno.EACCES: '--port 0 takes any that is free'}


async def run_server(args: Namespace) -> None:
    """Serve until a signal comes; a `RefusedError` if the arguments can't be."""
    # Until it serves, there is nothing to end in order: a signal ends the reading of files at once.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    name, cls = pick_class(args)
    stopped = asyncio.Event()
    options = read_options(cls, args)
    with refusing('--tokens' if args.tokens else '--handler'):
        handler = make_handler(name, journaling(cls, is_quiet=args.quiet), options)
    async with handler:
        prepare(handler, args)
        end_by_signals(stopped)
        try:
            async with listening(handler, args) as server:
                if args.kubeconfig:
                    with refusing('--kubeconfig'):
                        handler.write_kubeconfig(args.kubeconfig)
                announce(name, server, args, speaks_kubernetes=hasattr(cls, NEEDED['kubeconfig']))
                gc.freeze()
                gc.enable()
                await stopped.wait()
        except StopTimeoutError as exc:
            write_log(f'kmock serve: {exc}')
            os._exit(1)  # else the loop, and Python, would wait for it


def read_options(cls: Any, args: Namespace) -> dict[str, Any]:
    """What the handler is made with: only what the command line says."""
    options: dict[str, Any] = {option: given for option in TAKEN if (given := getattr(args, option))}
    if args.tokens:
        with refusing('--tokens'):
            options['tokens'] = cls.read_tokens(args.tokens)
    return options


def make_handler(name: str, cls: Any, options: dict[str, Any]) -> Any:
    """The handler that is served."""
    try:
        return cls(**options)
    except TypeError as exc:
        how = f'with {", ".join(options)}' if options else 'without arguments'
        raise RefusedError(f'--handler {name}: {cls.__name__} can not be made {how}: {exc}') from exc


def prepare(handler: Any, args: Namespace) -> None:
    """Let the handler know what it needs before the first request."""
    cls: type[Any] = handler.__class__
    if hasattr(cls, 'prepare_serving'):
        handler.prepare_serving()
    else:
        handler.fallback['/readyz'].respond(b'ok', {'Content-Type': 'text/plain; charset=utf-8'})
    for path in args.resources:
        with refusing('--resources'):
            handler.load_resources(path)
    if args.load:
        with refusing('--load'):
            count = handler.load_path(*('/dev/stdin' if path == '-' else path for path in args.load))
        if not count and '-' in args.load:
            raise RefusedError('--load: there is nothing in the standard input')


@asynccontextmanager
async def listening(handler: Any, args: Namespace) -> AsyncGenerator[Server, None]:
    """The running server."""
    try:
        server = Server(handler, args.host, args.port, tls=args.tls, stop_timeout=STOP_TIMEOUT)
        await server.__aenter__()
    except PortInUseError as exc:
        reason = str(exc.strerror).partition(';')[0]
        advice = _ADVICE.get(exc.errno or 0, '--host 127.0.0.1 is always there')
        raise RefusedError(f'{reason}; {advice}') from exc
    except MissingExtraError as exc:
        raise RefusedError(f'--tls: {exc}') from exc
    except OSError as exc:
        raise RefusedError(f'--host {args.host} --port {args.port}: {exc}') from exc
    try:
        yield server
    finally:
        await server.__aexit__(None, None, None)


# ---- Signals ----


def end_by_signals(stopped: asyncio.Event) -> None:
    """Set the event when the process is to end; by a second signal it ends at once."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, _end, stopped)
        except NotImplementedError:  # the loops of Windows

            def tell_loop(number: int, frame: object) -> None:
                loop.call_soon_threadsafe(_end, stopped)

            signal.signal(number, tell_loop)


def _end(stopped: asyncio.Event) -> None:
    stopped.set()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
