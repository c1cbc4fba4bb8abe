"""How a callable of the user wants to be called."""

import inspect
from collections.abc import Callable
from types import CodeType, FunctionType, MethodType
from typing import Any


def takes_request(fn: Callable[..., Any]) -> bool:
    """True if the callable requires an argument; arguments with defaults do not count, nor do ``*args``.

    Callables without a signature (some builtins) take none. One that requires more than one argument can't be
    called: a TypeError now is better than an error in each request.
    """
    code: CodeType | None = getattr(fn, '__code__', None)
    if code is not None and inspect.isfunction(fn) and not hasattr(fn, '__wrapped__'):
        keywords = code.co_kwonlyargcount - len(fn.__kwdefaults__ or ())
        required = code.co_argcount - len(fn.__defaults__ or ())
    else:
        try:
            signature = inspect.signature(fn)
        except (ValueError, TypeError):
            return False
        bare = [p for p in signature.parameters.values() if p.default is p.empty]
        required = sum(p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD} for p in bare)
        keywords = sum(p.kind is p.KEYWORD_ONLY for p in bare)
    if required > 1 or keywords:
        raise TypeError(f'{describe_callable(fn)} must require at most one argument, the request')
    return required == 1


def describe_callable(fn: Callable[..., Any]) -> str:
    """The name of a callable and where it is defined: for representations and messages."""
    name = str(getattr(fn, '__qualname__', None) or repr(fn)).rpartition('<locals>.')[2]
    code = getattr(fn, '__code__', None)
    if code is None:
        return name
    return f'{name} at {code.co_filename.rpartition("/")[2]}:{code.co_firstlineno}'


def describe_payload(payload: object) -> str:
    """A payload as it was typed, nearly: functions by their places, not by their addresses."""
    if payload is ...:
        return '...'
    if isinstance(payload, (FunctionType, MethodType)):
        return describe_callable(payload)
    parts: Any = payload
    if type(payload) is tuple:
        items = list(map(describe_payload, parts))
        return f'({", ".join(items)}{"," * (len(items) == 1)})'
    return repr(payload)
