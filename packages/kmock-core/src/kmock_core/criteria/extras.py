"""What criteria of extras have in common: a library that may be absent, and the document that they ask about."""

from importlib import import_module
from typing import Any

from kmock_core.criteria.patterns import ABSENT
from kmock_core.errors import MissingExtraError
from kmock_core.values.requests import Request


def load(module: str, *, extra: str) -> Any:
    """The library of an extra; a `MissingExtraError` tells what to install."""
    try:
        return import_module(module)
    except ModuleNotFoundError as exc:
        if exc.name != module:  # the library is there, but not all that it needs
            raise
        message = f"kmock.{extra}() needs the extra {extra!r} of kmock-core: pip install 'kmock-core[{extra}]'"
        raise MissingExtraError(message, extra=extra) from exc


def document_of(request: Request) -> Any:
    """The JSON or form data of a request; `ABSENT` if there are none, unlike the JSON document ``null``."""
    data = request.data
    if data is None and request.body.strip() != b'null':
        return ABSENT
    return data
