"""Names that the server makes, for objects that have only a ``generateName``."""

import random

_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
_LENGTH = 5
_MAX_BASE = 58


def generate_name(base: str) -> str:
    """A name that begins as is wanted, and may be free: as of ``names/generate.go`` of the API server."""
    return base[:_MAX_BASE] + ''.join(random.choices(_ALPHABET, k=_LENGTH))
