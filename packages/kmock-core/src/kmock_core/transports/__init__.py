"""Transports that need nothing but this package: in process, and ASGI."""
