"""The protocols of the extension points: what a plugin of each entry-point group has to be.

Every group is documented at its protocol; `kmock_core.testing` has a ``check_*`` for each. All calls are positional.
Nothing of a plugin is loaded before it is needed.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import NotImplementedType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from kmock_core.criteria.base import Criteria
    from kmock_core.values.requests import Request
    from kmock_core.values.responses import Answer

__all__ = [
    'Command', 'Deliver', 'DescribesBuiltins', 'Endpoint', 'Exports', 'HandlerClass', 'LoadsManifests',
    'LoadsResources', 'Notation', 'PreparesServing', 'ReadsTokens', 'Renderer', 'Respondent', 'SinkAdapter',
    'Transport', 'TransportOptions', 'WritesKubeconfig',
]  # fmt: skip


class Respondent(Protocol):
    """What transports carry requests to: any handler."""

    def serve(
        self, method: str, target: str, headers: Any, body: bytes, origin: Any, /
    ) -> 'Answer | Awaitable[Answer]':
        """Record and answer one request; see `kmock_core.handlers.raw.RawHandler.serve`."""
        ...


class TransportOptions:
    """How a handler is to be reached; one frozen object for all transports, which ignore what they have no use for."""

    __slots__ = ('extra', 'host', 'hostnames', 'port', 'tls')

    host: str
    port: int | None
    hostnames: Any
    tls: Any
    extra: dict[str, Any]

    def __init__(
        self,
        *,
        host: str = '127.0.0.1',
        port: int | None = None,
        hostnames: Any = None,
        tls: Any = None,
        **extra: Any,
    ) -> None:
        for name, value in (('host', host), ('port', port), ('hostnames', hostnames), ('tls', tls), ('extra', extra)):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError('transport options can not be changed; make new ones')

    def __repr__(self) -> str:
        return f'TransportOptions(host={self.host!r}, port={self.port!r}, hostnames={self.hostnames!r})'


class Endpoint(Protocol):
    """A handler that can be reached now."""

    @property
    def url(self) -> Any:
        """The base URL, as a ``yarl.URL``."""
        ...

    @property
    def client(self) -> Any:
        """A client whose ``request(method, url, **kwargs)`` reaches the handler: awaitable, or ``async with``."""
        ...


@runtime_checkable
class Transport(Protocol):
    """Group ``kmock.transports``: makes a handler reachable while the returned context is entered."""

    def __call__(self, handler: Any, options: TransportOptions, /) -> AbstractAsyncContextManager[Endpoint]: ...


@runtime_checkable
class Notation(Protocol):
    """Group ``kmock.notations``: gives a meaning to plain objects in ``kmock[...]``.

    Asked in the rising ``order`` (then by name) about what Python's own types and the HTTP notation leave open. Words
    of a notation's own that are texts too derive from ``kmock_core.values.boxes.Word``: else they are read as HTTP.
    """

    order: int

    def parse(self, item: object, /) -> 'Criteria | NotImplementedType':
        """The criteria that the object means, or NotImplemented."""
        ...


@runtime_checkable
class Renderer(Protocol):
    """Group ``kmock.renderers``: gives a meaning to payloads after ``<<``.

    Asked in the rising ``order`` (then by name) about objects that are not of Python's own types.
    """

    order: int

    def render(self, payload: object, /) -> object:
        """Another payload that stands for this one (bytes, JSON, a tuple for a stream ...), or NotImplemented."""
        ...


Deliver = Callable[['Request'], object]
"""Delivers one request to a sink; what it returns is awaited if it can be."""


@runtime_checkable
class SinkAdapter(Protocol):
    """Group ``kmock.sinks``: makes an object after ``>>`` something that requests are delivered to."""

    order: int

    def adapt(self, sink: object, /) -> 'Deliver | NotImplementedType':
        """A function that delivers a request, or NotImplemented."""
        ...


@runtime_checkable
class Command(Protocol):
    """Group ``kmock.commands``: a subcommand of the ``kmock`` program; its name is that of the entry point."""

    help: str

    def configure(self, parser: ArgumentParser, /) -> None:
        """Add the arguments."""
        ...

    def run(self, args: Namespace, /) -> int:
        """Do it; returns the exit status."""
        ...


HandlerClass = type[Any]
"""Group ``kmock.handlers``: a handler class, usually a subclass of `kmock_core.handlers.raw.RawHandler`."""


# ---- What handlers may have besides, for ``kmock serve`` ----


@runtime_checkable
class PreparesServing(Protocol):
    """A handler with defaults of its own for ``kmock serve``, where no test says what it has to know."""

    def prepare_serving(self) -> None:
        """Called before anything is loaded; from then on, the handler answers ``/readyz`` by itself."""
        ...


@runtime_checkable
class LoadsResources(Protocol):
    """A handler for ``kmock serve --resources``."""

    def load_resources(self, path: str, /) -> None:
        """Learn the resources that a file defines; an OSError or a ValueError if it can't be read."""
        ...


@runtime_checkable
class LoadsManifests(Protocol):
    """A handler for ``kmock serve --load``."""

    def load_path(self, *paths: str) -> int:
        """Store the objects of files and folders, all or nothing; returns how many objects they are.

        Paths that can't be read, or have no such thing, are an OSError or a ValueError.
        """
        ...


@runtime_checkable
class WritesKubeconfig(Protocol):
    """A handler for ``kmock serve --kubeconfig``."""

    def write_kubeconfig(self, path: str, /) -> None:
        """Write the file by which clients reach the server of the handler, which runs.

        A file that must not be overwritten, or can't be written, is an OSError or a ValueError.
        """
        ...


@runtime_checkable
class ReadsTokens(Protocol):
    """A handler for ``kmock serve --tokens``: it is made with ``tokens`` as an argument."""

    @staticmethod
    def read_tokens(path: str, /) -> Any:
        """What it is made with as its ``tokens``, from a file; an OSError or a ValueError if that can't be."""
        ...


@runtime_checkable
class DescribesBuiltins(Protocol):
    """A handler that tells by which behaviour of its own it serves a request, for the log of ``kmock serve``."""

    def describe_builtin(self, request: 'Request', /) -> str | None:
        """A few words: ``'list v1/pods'``; None if it is nothing special."""
        ...


Exports = Any
"""Group ``kmock.exports``: a module with ``__all__``; its names become those of ``import kmock``."""
