"""Clients have versions: what the older ones can't do is skipped."""

from collections.abc import Generator
from contextlib import contextmanager

import pytest


@contextmanager
def of_later_versions() -> Generator[None, None, None]:
    """Skip the test if the client knows of no such argument."""
    try:
        yield
    except TypeError as exc:
        if 'unexpected keyword argument' not in str(exc):
            raise
        pytest.skip(f'of later versions: {exc}')
