"""What may stand in the brackets, after ``<<`` and after ``>>``: type aliases for the checkers of users' tests.

At run time they stand for anything: nothing asks them there, and the evaluation of long unions takes time.
"""

from typing import TYPE_CHECKING, Any

from kmock_core.values.requests import Request

if TYPE_CHECKING:
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
    )
    from collections.abc import Set as AbstractSet
    from os import PathLike
    from types import EllipsisType
    from typing import IO, Protocol, TypeAlias

    from typing_extensions import TypeVar

    from kmock_core.criteria.base import Criteria
    from kmock_core.live.items import Bus
    from kmock_core.rendering.nodes import Node
    from kmock_core.sinks.adapters import SinkBox
    from kmock_core.values.boxes import Box, Word
    from kmock_core.values.methods import method
    from kmock_core.values.responses import Response

    RequestT = TypeVar('RequestT', bound=Request, default=Request, covariant=True)
    """The type of the requests that a handler records.

    A view of special requests is a view of requests: functions of tests can take any handler.
    """

    class SupportsCriteria(Protocol):
        """An object that says by itself what it means in the brackets."""

        def __kmock_criteria__(self) -> Any: ...

    class SupportsPayload(Protocol):
        """An object that says by itself what it means after ``<<``."""

        def __kmock_payload__(self) -> Any: ...

    class SupportsSink(Protocol):
        """An object that says by itself what it means after ``>>``."""

        def __kmock_sink__(self) -> Any: ...

    class SupportsBool(Protocol):
        """An object whose truth is asked for late; numbers have one too, but mean something else."""

        def __bool__(self) -> bool: ...

    Condition: TypeAlias = (
        str | bytes | re.Pattern[str] | re.Pattern[bytes] | Mapping[Any, Any] | Criteria | Word | method
        | Callable[[RequestT], Any] | Callable[[], Any] | asyncio.Event | threading.Event | asyncio.Future[Any]
        | concurrent.futures.Future[Any] | SupportsCriteria | SupportsBool
    )  # fmt: skip
    """One criterion, except for those that have an overload of their own."""

    Criterion: TypeAlias = Condition[RequestT] | bool | None
    """One criterion in the brackets."""

    Part: TypeAlias = Criterion[RequestT] | slice | AbstractSet[Any] | tuple[Any, ...] | list[Any]
    """One of several in the brackets."""

    Parts: TypeAlias = tuple[Part[RequestT], ...]
    """All but the last one of several in the brackets."""

    Criterions: TypeAlias = Condition[RequestT] | AbstractSet[Any] | tuple[Part[RequestT], ...] | list[Any]
    """Criteria in the brackets: one, a tuple or list of them (all), or a set of them (any)."""

    Item: TypeAlias = (
        bytes | bytearray | memoryview | str | float | bool | Mapping[Any, Any] | list[Any] | Box | Response
        | PathLike[str] | IO[Any] | Callable[[RequestT], Any] | Callable[[], Any] | Iterator[Any] | AsyncIterator[Any]
        | Awaitable[Any] | BaseException | type[BaseException] | asyncio.Event | threading.Event | asyncio.Condition
        | threading.Condition | asyncio.Queue[Any] | queue.Queue[Any] | queue.SimpleQueue[Any]
        | concurrent.futures.Future[Any] | Bus | SinkBox | SupportsPayload | EllipsisType | Node | None
    )  # fmt: skip
    """One item of a stream, or a whole payload."""

    Payload: TypeAlias = Item[RequestT] | tuple[Item[RequestT] | tuple[Any, ...], ...]
    """What may stand after ``<<``."""

    Sink: TypeAlias = (
        PathLike[str] | IO[Any] | MutableSequence[Any] | MutableSet[Any] | MutableMapping[Any, Any]
        | Callable[[RequestT], Any] | Callable[[], Any] | Awaitable[Any] | Generator[Any, Any, Any]
        | AsyncGenerator[Any, Any] | asyncio.Event | threading.Event | asyncio.Condition | threading.Condition
        | asyncio.Queue[Any] | queue.Queue[Any] | queue.SimpleQueue[Any] | asyncio.Future[Any]
        | concurrent.futures.Future[Any] | Bus | SinkBox | SupportsSink | None
    )  # fmt: skip
    """What may stand after ``>>``."""
else:
    from typing import TypeVar

    RequestT = TypeVar('RequestT', bound=Request)
    Criterion = Criterions = Payload = Sink = Any | RequestT
