"""A plugin that takes a name which another one has."""

from kmock_core import RawHandler


class Handler(RawHandler):
    """Never used: there are two of this name."""
