"""What objects are turned into, where a client asks for that: rows of tables, or their metadata alone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from kmock_k8s.api.views import View
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.representing.choosing import JSON, PARTIAL, PARTIAL_LIST, refuse_form
from kmock_k8s.cluster.representing.columns import Printing, printing_of_part
from kmock_k8s.cluster.representing.metadata import GROUP, show_metadata
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.store.states import State, encode_event

_NO_COLUMNS = b',"columnDefinitions":null,'


class Transform(View, Protocol):
    """A view of objects that answers have, too."""

    def show_one(self, state: State, /) -> bytes:
        """The JSON of what an answer has of one object."""
        ...

    def join(self, metadata: JSONObject, states: Sequence[State], /) -> bytes:
        """The JSON of a list of objects, with the metadata of the list."""
        ...


class _Transform:
    """A view that is equal to those that show the same."""

    media_type: str = JSON

    def __init__(self, kind: Kind, version: str, *identity: object) -> None:
        self._kind = kind
        self._version = version
        self._identity = (type(self), kind, version, *identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Transform) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def frame(self, type: str, raw: bytes, /) -> bytes:
        """A line."""
        return encode_event(type, raw)


class TableView(_Transform):
    """Objects as rows of a table.

    Args:
        kind: that of the objects.
        version: that of the table.
        include: what is said of each object besides its cells: ``Metadata``, ``Object``, ``None``.
        printing: how they are printed.
        clock: the time, which ages are told by.
    """

    def __init__(
        self, kind: Kind, version: str, include: str, printing: Printing, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(kind, version, include)
        self._include = include
        self._printing = printing
        self._clock = clock

    def show(self, state: State, /) -> bytes:
        """A table of one row, whose columns were defined before."""
        content = state.load()
        revision = metadata_of(content).get('resourceVersion')
        now = self._clock().astimezone(UTC)
        row = self._print(state, now, int(now.timestamp()), content)
        return self._head({'resourceVersion': revision}) + _NO_COLUMNS + b'"rows":[%b]}' % row

    def show_one(self, state: State, /) -> bytes:
        """A table of one row; of what is at the URL of a subresource, perhaps with other columns."""
        printing = printing_of_part(self._kind, state.load())
        view = TableView(self._kind, self._version, self._include, printing, self._clock)
        return view.begin(view.show(state))

    def begin(self, line: bytes, /) -> bytes:
        """The line of a table, with the definitions of its columns."""
        return line.replace(_NO_COLUMNS, self._columns, 1)

    def join(self, metadata: JSONObject, states: Sequence[State], /) -> bytes:
        """A table of objects."""
        now = self._clock().astimezone(UTC)
        second = int(now.timestamp())
        rank = self._printing.rank
        if rank is not None:
            states = sorted(states, key=lambda state: rank(state.load()))
        rows = b'[%b]' % b','.join([self._print(state, now, second) for state in states])
        return b'%b%b"rows":%b}' % (self._head(metadata), self._columns, rows if states else self._printing.no_rows)

    @property
    def _columns(self) -> bytes:
        return b',"columnDefinitions":%b,' % self._printing.columns

    def _head(self, metadata: JSONObject) -> bytes:
        given = {key: metadata[key] for key in LIST_METADATA if metadata.get(key)}
        return encode({'kind': 'Table', 'apiVersion': f'{GROUP}/{self._version}', 'metadata': given})[:-1]

    def _print(self, state: State, now: datetime, second: int, content: JSONObject | None = None) -> bytes:
        """The row of an object. Ages stay what they are for a second, and so does what was made of it."""
        known: tuple[int, bytes] | None = state.views.get(self._identity)
        if known is None or known[0] != second:
            content = state.load() if content is None else content
            if self._include == 'None':
                shown = b'null'
            elif self._include == 'Object':
                shown = state.raw
            else:
                shown = show_metadata(state, self._version, content)
            cells = encode(self._printing.cells(content, now))
            if self._printing.conditions is not None and (found := self._printing.conditions(content)):
                cells += b',"conditions":%b' % encode(found)
            known = state.views[self._identity] = (second, b'{"cells":%b,"object":%b}' % (cells, shown))
        return known[1]


class MetadataView(_Transform):
    """The metadata of objects alone, where one object is asked for, or watches show them one by one."""

    def show(self, state: State, /) -> bytes:
        """The metadata of an object."""
        return show_metadata(state, self._version)

    show_one = show

    def begin(self, line: bytes, /) -> bytes:
        """The same line: nothing is said only once."""
        return line

    def join(self, metadata: JSONObject, states: Sequence[State], /) -> bytes:
        """A list is no object."""
        type = _type_of(self._kind, 'List')
        raise refuse_form(f'you requested PartialObjectMetadata, but the requested object is a list ({type})')


class MetadataListView(_Transform):
    """The metadata of objects alone, in lists."""

    def show(self, state: State, /) -> bytes:
        """The object as it is: no watch shows it."""
        return state.raw

    def show_one(self, state: State, /) -> bytes:
        """An object is no list."""
        type = _type_of(self._kind)
        raise refuse_form(f'you requested PartialObjectMetadataList, but the requested object is not a list ({type})')

    def begin(self, line: bytes, /) -> None:
        """No watch has an event that is a list: that of a real server breaks off with the first one."""

    def join(self, metadata: JSONObject, states: Sequence[State], /) -> bytes:
        """A list of objects; null if it is empty, as in a real server."""
        given = {key: metadata[key] for key in LIST_METADATA if metadata.get(key)}
        kind = {'kind': 'PartialObjectMetadataList', 'apiVersion': f'{GROUP}/{self._version}', 'metadata': given}
        items = b'[%b]' % b','.join([show_metadata(state, self._version) for state in states])
        return b'%b,"items":%b}' % (encode(kind)[:-1], items if states else b'null')


LIST_METADATA = ('resourceVersion', 'continue', 'remainingItemCount')


def _type_of(kind: Kind, suffix: str = '') -> str:
    """What a real server calls the objects inside of it."""
    if not kind.is_builtin:
        return f'*unstructured.Unstructured{suffix}'
    package = 'core' if kind.group in {'', 'events.k8s.io'} else kind.group.partition('.')[0]
    return f'*{package}.{kind.name}{suffix}'


VIEWS: Mapping[str, type[MetadataView | MetadataListView]] = {PARTIAL: MetadataView, PARTIAL_LIST: MetadataListView}
"""The views that need to know no more than a kind and a version."""
