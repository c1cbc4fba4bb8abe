"""Mocks of any scope, for the fixtures of users: each is served from a thread of its own."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, overload

import pytest

from pytest_kmock.choosing import choose, ini_options, refuse_positional
from pytest_kmock.reporting import Reports
from pytest_kmock.serving import Mock, served_in_thread

if TYPE_CHECKING:
    from kmock_core import RawHandler


HandlerT = TypeVar('HandlerT')


class Factory:
    """Makes mocks that live as long as the fixtures of users do: what the fixture ``kmock_factory`` is.

    Each is served from a thread of its own, and so answers blocking clients, and async ones of any loop. The options
    are those of the mark ``kmock``, over those of the ini file; but ``localhost`` is not intercepted by default.

        with kmock_factory(tls=True) as kmock: ...  # stopped at the end of the block
        kmock = kmock_factory.start(tls=True)       # stopped at the end of the session
    """

    def __init__(self, config: pytest.Config, reports: Reports) -> None:
        self._config = config
        self._reports = reports
        self._left_open = ExitStack()

    def __repr__(self) -> str:
        return '<kmock_factory>'

    @overload
    def __call__(self, *, cls: type[HandlerT], **options: Any) -> AbstractContextManager[HandlerT]: ...
    @overload
    def __call__(self, *, cls: str | None = None, **options: Any) -> 'AbstractContextManager[RawHandler]': ...
    def __call__(self, *args: object, **options: Any) -> AbstractContextManager[Any]:
        """A context manager that starts a mock, gives it, and stops it.

        Raises:
            pytest.UsageError: an option is unknown or wrong; the message lists the known ones.
        """
        __tracebackhide__ = True
        return self._make(args, options)

    def _make(self, args: Sequence[object], options: Mapping[str, Any]) -> AbstractContextManager[Any]:
        __tracebackhide__ = True
        try:
            chosen = ini_options(self._config)
            refuse_positional('kmock_factory', args, chosen)
            choice = choose({**chosen, **options}, as_localhost=False)
        except pytest.UsageError as exc:
            raise exc.with_traceback(None) from None
        return self._serve(Mock(choice))

    @overload
    def start(self, *, cls: type[HandlerT], **options: Any) -> HandlerT: ...
    @overload
    def start(self, *, cls: str | None = None, **options: Any) -> 'RawHandler': ...
    def start(self, *args: object, **options: Any) -> Any:
        """Start a mock that is stopped at the end of the session.

        Raises:
            pytest.UsageError: an option is unknown or wrong; the message lists the known ones.
        """
        __tracebackhide__ = True
        return self._left_open.enter_context(self._make(args, options))

    def stop(self) -> None:
        """Stop what was started by `start`."""
        self._left_open.close()

    @contextmanager
    def _serve(self, mock: Mock) -> Generator[Any, None, None]:
        with self._reports.watching(mock), served_in_thread(mock, 'kmock_factory') as handler:
            yield handler
