"""What may stand in the brackets, after ``<<`` and after ``>>``: type aliases for the checkers of users' tests."""

import asyncio
import concurrent.futures
import queue
import re
import threading
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterator,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Sequence,
)
from collections.abc import Set as AbstractSet
from os import PathLike
from types import EllipsisType
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeAlias, Union

from kmock_core.criteria.base import Criteria
from kmock_core.live.items import Bus
from kmock_core.sinks.adapters import SinkBox
from kmock_core.values.boxes import Box
from kmock_core.values.methods import method
from kmock_core.values.requests import Request
from kmock_core.values.responses import Response

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    RequestT = TypeVar('RequestT', bound=Request, default=Request)
    """The type of the requests that a handler records."""
else:
    from typing import TypeVar

    RequestT = TypeVar('RequestT', bound=Request)


class SupportsCriteria(Protocol):
    """An object that says by itself what it means in the brackets."""

    def __kmock_criteria__(self) -> Any: ...


class SupportsPayload(Protocol):
    """An object that says by itself what it means after ``<<``."""

    def __kmock_payload__(self) -> Any: ...


class SupportsBool(Protocol):
    """An object whose truth is asked for late."""

    def __bool__(self) -> bool: ...


Criterion: TypeAlias = Union[
    None, str, bytes, bool, 're.Pattern[str]', 're.Pattern[bytes]', Mapping[Any, Any], Criteria, Box, method,
    asyncio.Event, threading.Event, 'asyncio.Future[Any]', 'concurrent.futures.Future[Any]',
    Callable[[RequestT], Any], Callable[[], Any], SupportsCriteria,
]  # fmt: skip
"""One criterion in the brackets."""

Criterions: TypeAlias = Union[
    Criterion[RequestT],
    slice,
    'AbstractSet[Any]',
    'tuple[Criterion[RequestT] | slice | AbstractSet[Any], ...]',
    'list[Any]',
]
"""One criterion, a tuple or list of them (all), or a set of them (any)."""

Payload: TypeAlias = Union[
    None, bytes, bytearray, memoryview, str, int, float, bool, Mapping[Any, Any], Sequence[Any],
    'tuple[Payload[RequestT], ...]', Box, Response, 'PathLike[str]', IO[Any],
    Iterator[Any], AsyncIterator[Any], EllipsisType, BaseException, 'type[BaseException]', Awaitable[Any],
    Callable[[RequestT], Any], Callable[[], Any],
    asyncio.Event, threading.Event, asyncio.Condition, threading.Condition, 'asyncio.Queue[Any]', 'queue.Queue[Any]',
    'queue.SimpleQueue[Any]', 'concurrent.futures.Future[Any]', Bus, SinkBox, SupportsPayload,
]  # fmt: skip
"""What may stand after ``<<``."""

Sink: TypeAlias = Union[
    None, 'PathLike[str]', IO[Any], MutableSequence[Any], MutableSet[Any], MutableMapping[Any, Any],
    asyncio.Event, threading.Event, asyncio.Condition, threading.Condition, 'asyncio.Queue[Any]', 'queue.Queue[Any]',
    'queue.SimpleQueue[Any]', 'asyncio.Future[Any]', 'concurrent.futures.Future[Any]', Awaitable[Any],
    Callable[[RequestT], Any], Callable[[], Any], Generator[Any, Any, Any], AsyncGenerator[Any, Any], Bus, SinkBox,
]  # fmt: skip
"""What may stand after ``>>``."""
