"""The TCP server of KMock, on aiohttp."""

__version__ = '0.1.0'

__all__: list[str] = []
