"""What the verbs of a cluster work with: the objects, the kinds, the time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import uuid4

from kmock_core.values.responses import REASONS, Answer, Metadata
from kmock_k8s.cluster.access.users import UserNotation
from kmock_k8s.cluster.allocations import Allocations
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.logs import Logs
from kmock_k8s.cluster.warning import compose_warnings
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import resource
from kmock_k8s.store.spi import ObjectStore

if TYPE_CHECKING:
    from kmock_k8s.cluster.access.access import Access

NAMESPACES: resource = resource('', 'v1', 'namespaces')

_JSON = 'application/json'
_CACHING = ('Cache-Control', 'no-cache, private')
_TYPE = ('Content-Type', _JSON)
_HEADERS: dict[str, object] = dict([_CACHING])
_NO_PAGE = Metadata(status=404, headers={**_HEADERS, 'X-Content-Type-Options': 'nosniff'})


class Backend:
    """The state of a cluster, and how it is changed; to be used under the lock of its store.

    Args:
        store: where the objects are.
        find_kind: gives the kind of a resource; None if that is not served.
        clock: the time.
        auto_namespaces: whether namespaces come to be when something is created in them.
        tokens: the users by their tokens, in the notation of tests; None: they are not told apart.
        authorization: how it is decided what users may do.
    """

    def __init__(
        self,
        store: ObjectStore,
        find_kind: Callable[[resource], Kind | None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        auto_namespaces: bool = False,
        tokens: Mapping[str, UserNotation] | None = None,
        authorization: str | None = None,
    ) -> None:
        self.store = store
        self.find_kind = find_kind
        self.clock = clock
        self.auto_namespaces = auto_namespaces
        self._tokens = tokens
        self._authorization = authorization
        self.logs: Logs = Logs(lambda: self.clock())
        self.allocations: Allocations = Allocations(store)

    @cached_property
    def access(self) -> 'Access':
        """Who asks, and what they may do; where users are not told apart, hardly anybody wants to know."""
        from kmock_k8s.cluster.access.access import Access

        return Access(self._tokens, self._authorization, self)

    def now(self) -> str:
        """The time as it stands in metadata."""
        return self.clock().astimezone(UTC).isoformat()[: len('2026-01-01T00:00:00')] + 'Z'

    def new_uid(self) -> str:
        """A uid that no object had yet."""
        return str(uuid4())

    def new_metadata(self) -> JSONObject:
        """What the metadata of each object has to have."""
        return {'uid': self.new_uid(), 'creationTimestamp': self.now()}

    def commit(self, kind: Kind, key: ObjectKey, content: JSONObject) -> bytes:
        """Store the next state of an object under the next revision, which it gets as its own."""
        content['metadata']['resourceVersion'] = str(self.store.revision + 1)
        raw = kind.encode(content)
        self.store.put(key, kind.pack(raw), content)
        return raw

    def remove(self, key: ObjectKey) -> None:
        """Remove an object; those who watch see what it was last, under the revision of the removal."""
        self.store.delete(key)


def answer(
    raw: bytes, status: int = 200, warnings: Sequence[str] = (), extra: Mapping[str, object] | None = None
) -> Answer:
    """JSON as a real server sends it."""
    return answer_body(raw + b'\n', status, warnings, extra)


def answer_body(
    body: bytes, status: int = 200, warnings: Sequence[str] = (), extra: Mapping[str, object] | None = None
) -> Answer:
    """JSON as a real server sends it, which ends its line already."""
    if not warnings and not extra:
        return Answer(status, REASONS[status], (_CACHING, ('Content-Length', str(len(body))), _TYPE), body)
    headers: dict[str, object] = {**_HEADERS, **(extra or {})}
    if warnings:
        headers['Warning'] = compose_warnings(warnings)
    return Metadata(status=status, headers=headers).compose(body, _JSON)


def no_such_page() -> Answer:
    """The answer where there is nothing at all, not even a resource by that name."""
    return _NO_PAGE.compose(b'404 page not found\n', 'text/plain; charset=utf-8')
