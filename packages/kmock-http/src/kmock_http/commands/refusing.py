"""What ``kmock serve`` can't do: refused in one line that says what is accepted."""

from collections.abc import Generator
from contextlib import contextmanager

from kmock_core import KMockError


class RefusedError(Exception):
    """Arguments that can't be; the message is for whoever has typed them."""


@contextmanager
def refusing(option: str) -> Generator[None]:
    """Refuse the value of an option, if it is what fails."""
    try:
        yield
    except (KMockError, OSError, ValueError, ImportError) as exc:
        raise RefusedError(f'{option}: {describe(exc)}') from exc


def describe(exc: Exception) -> str:
    """The message of an error, without numbers that say nothing to people."""
    if isinstance(exc, OSError) and not isinstance(exc, KMockError) and exc.filename and exc.strerror:
        return f'{exc.filename}: {exc.strerror}'
    return str(exc)
