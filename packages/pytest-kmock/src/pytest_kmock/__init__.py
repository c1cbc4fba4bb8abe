"""The pytest plugin of KMock: the fixtures ``kmock`` and ``kmock_factory``."""

from typing import TYPE_CHECKING

__version__ = '0.1.0'

__all__ = ['Factory', '__version__']

if TYPE_CHECKING:
    from pytest_kmock.factory import Factory
else:  # pytest imports this package in every run

    def __getattr__(name):
        if name == 'Factory':
            from pytest_kmock.factory import Factory

            return Factory
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
