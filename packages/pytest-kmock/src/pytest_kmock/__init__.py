"""The pytest plugin of KMock: the fixture ``kmock``."""

__version__ = '0.1.0'

__all__ = ['__version__']
