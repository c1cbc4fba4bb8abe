"""Compiling payloads to nodes: a table of rules, first one that accepts."""

import asyncio
import concurrent.futures
import inspect
import io
import os
import reprlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from types import AsyncGeneratorType, BuiltinFunctionType, EllipsisType, FunctionType, GeneratorType, MethodType
from typing import Any, cast

from kmock_core.errors import UnsupportedPayloadError
from kmock_core.registry import RENDERERS
from kmock_core.rendering import nodes
from kmock_core.rendering.nodes import Node
from kmock_core.values import boxes
from kmock_core.values.requests import Request
from kmock_core.values.responses import Response

KNOWN = (
    'known: None, bytes, JSON values, text() body() data() headers() cookies(), paths, files, tuples, iterators, '
    '..., callables, awaitables, events, queues, exceptions, Response(), fault.…()'
)


def compile_payload(payload: Any) -> Node:
    """Make a node of a payload, without reading any of it as a status or as headers."""
    exact = _EXACT.get(cast('type[object]', type(payload)))
    if exact is not None:
        return exact(payload)
    node = VALUES.render(payload)
    if node is NotImplemented:
        node = _ask_plugins(payload)
    if node is NotImplemented:
        node = CALLABLES.render(payload)
    if node is NotImplemented:
        raise UnsupportedPayloadError(f'Unsupported payload type: {type(payload)!r}: {payload!r} ({KNOWN})', payload)
    return node if isinstance(node, Node) else compile_payload(node)


def _ask_plugins(payload: object) -> object:
    for renderer in RENDERERS.ordered():
        rendered = renderer.render(payload)
        if rendered is not NotImplemented:
            return rendered
    return NotImplemented


class ValuesRenderer:
    """Values of Python's own types, the words of the DSL, and objects that know their payload."""

    order = 100

    def render(self, payload: Any, /) -> object:
        """The node of such a value."""
        for kind, rule in _RULES:
            if isinstance(payload, kind):
                return rule(payload)
        if isinstance(payload, type):
            return _compile_exception(payload) if issubclass(payload, BaseException) else NotImplemented
        custom = getattr(payload, '__kmock_payload__', None)
        if custom is not None:
            return compile_payload(custom())
        return nodes.waiting_for(payload) or NotImplemented


class CallablesRenderer:
    """What is left: awaitables, iterators, callables, and objects that can be read, of any type."""

    order = 900

    def render(self, payload: Any, /) -> object:
        """The node of such an object."""
        if not isinstance(payload, type):
            if inspect.isawaitable(payload):
                return nodes.Pending(payload)
            iterator: Iterator[Any] | AsyncIterator[Any] = payload
            if isinstance(payload, (Iterator, AsyncIterator)):
                return nodes.OneShot(iterator)
        elif getattr(payload, 'is_fault', False) is True:
            name = f'fault.{payload.__name__}' if payload.__name__ != 'fault' else 'fault'
            message = f'Unsupported payload: {name} is a class; type e.g. {name}{"" if "." in name else ".reset"}()'
            raise UnsupportedPayloadError(message, payload)
        if callable(payload):
            return nodes.Call(payload)
        return nodes.Buffer(payload) if hasattr(payload, 'read') else NotImplemented


VALUES = ValuesRenderer()
CALLABLES = CallablesRenderer()


def _compile_atom(payload: Any) -> Node:
    encoded = nodes.encode_json(payload)
    return nodes.Fixed(encoded, nodes.JSON_TYPE, encoded + b'\n')


def _compile_document(payload: Any) -> Node:
    custom = getattr(payload, '__kmock_payload__', None)
    if custom is not None:
        return compile_payload(custom())
    document = nodes.Document(payload)
    try:
        document.make()
    except (TypeError, ValueError, RecursionError) as exc:
        raise UnsupportedPayloadError(f'Unsupported payload: {exc} in {reprlib.repr(payload)}', payload) from exc
    return document


def _compile_bytes(payload: Any) -> Node:
    content = bytes(payload)
    return nodes.Fixed(content, nodes.BINARY_TYPE if content else None)


def _compile_tuple(payload: tuple[Any, ...]) -> Node:
    return nodes.Sequence(tuple(compile_payload(item) for item in payload))


def _compile_exception(payload: 'BaseException | type[BaseException]') -> Node:
    kind = payload if isinstance(payload, type) else type(payload)
    return nodes.DEPLETED if issubclass(kind, (StopIteration, StopAsyncIteration)) else nodes.Raising(payload)


def _compile_text(payload: boxes.text) -> Node:
    value = payload.value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return nodes.Fixed(bytes(cast('bytes', value)), nodes.TEXT_TYPE)
    if isinstance(value, (str, int, float)):
        return nodes.Fixed(str(value).encode('utf-8'), nodes.TEXT_TYPE)
    raise UnsupportedPayloadError(f'Unsupported payload: {payload!r} has no text to send', payload)


def _compile_body(payload: boxes.body) -> Node:
    value: object = payload.value
    return _compile_bytes(value) if isinstance(value, (bytes, bytearray, memoryview)) else compile_payload(value)


def _compile_path(payload: 'os.PathLike[str]') -> Node:
    from pathlib import Path  # heavy, and loaded already by those who have a path

    return nodes.File(Path(payload))


def _compile_metadata(payload: boxes.Box) -> Node:
    if isinstance(payload, (boxes.headers, boxes.cookies)) and isinstance(payload.value, Mapping):
        is_headers = isinstance(payload, boxes.headers)
        return nodes.Whole(Response(headers=payload.value) if is_headers else Response(cookies=payload.value))
    raise UnsupportedPayloadError(f'Unsupported payload: {payload!r} is a criterion only ({KNOWN})', payload)


def _refuse_set(payload: AbstractSet[Any]) -> Node:
    raise UnsupportedPayloadError(
        f'Unsupported payload type: {type(payload)!r}: {payload!r}; sets are reserved, type a tuple for a stream, '
        f'or a list for JSON',
        payload,
    )


def _refuse_request(payload: Request) -> Node:
    raise UnsupportedPayloadError(f'Unsupported payload type: {type(payload)!r}; type e.g. request.data', payload)


def _refuse_other(payload: Any) -> Node:
    raise UnsupportedPayloadError(f'Unsupported payload type: {type(payload)!r}: {payload!r} ({KNOWN})', payload)


_EXACT: dict[type, Callable[[Any], Node]] = {
    bytes: _compile_bytes,
    dict: _compile_document,
    list: _compile_document,
    str: _compile_atom,
    int: _compile_atom,
    float: _compile_atom,
    bool: _compile_atom,
    tuple: _compile_tuple,
    type(None): lambda payload: nodes.NOTHING,
    EllipsisType: lambda payload: nodes.FEED,
    type(NotImplemented): lambda payload: nodes.DECLINED,
}

_RULES: tuple[tuple[Any, Callable[[Any], Node]], ...] = (
    (Node, lambda payload: payload),
    ((bytes, bytearray, memoryview), _compile_bytes),
    (boxes.text, _compile_text),
    (boxes.body, _compile_body),
    (boxes.data, lambda payload: _compile_document(payload.value)),
    (boxes.Box, _compile_metadata),
    (Response, nodes.Whole),
    (Request, _refuse_request),
    (os.PathLike, _compile_path),
    (tuple, _compile_tuple),
    ((str, int, float), _compile_atom),
    ((list, Mapping), _compile_document),
    ((GeneratorType, AsyncGeneratorType), nodes.OneShot),
    (AbstractSet, _refuse_set),
    (io.IOBase, nodes.Buffer),
    (BaseException, _compile_exception),
    (concurrent.futures.Future, lambda payload: nodes.Waiting(lambda: asyncio.shield(asyncio.wrap_future(payload)))),
    ((asyncio.Future, asyncio.Task), nodes.Pending),
    (range, _refuse_other),
    ((FunctionType, MethodType, BuiltinFunctionType, partial), nodes.Call),
)
