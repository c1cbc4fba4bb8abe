"""The log of requests: a sequence of records that costs the garbage collector nothing, however long it grows.

A full collection visits every item of a list, and a hundred thousand records take it tens of milliseconds: the
slowest requests of a long run. Records are tuples of atoms, which the collector stops tracking; so it does with
a tuple of them. The log is made of such blocks, and of a short list for the latest records.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import overload

from kmock_core.values.requests import Record

BLOCK = 1024
"""How many records are in a block; a power of two."""


class Log(Sequence[Record]):
    """The records in the order of arrival; only the newest block changes.

    Whoever appends does it to `tail`, and calls `seal` when it has `BLOCK` records: a method for each record would cost
    more than the rest of recording it.
    """

    __slots__ = ('_state', 'tail')

    tail: list[Record]

    def __init__(self) -> None:
        self.tail = []
        # Replaced as a whole, so that other threads that look never see a record twice or not at all.
        self._state: tuple[list[tuple[Record, ...]], list[Record]] = ([], self.tail)

    def seal(self) -> None:
        """Make a block of the latest records."""
        blocks, _ = self._state
        tail: list[Record] = []
        self._state = ([*blocks, tuple(self.tail)], tail)
        self.tail = tail

    def __len__(self) -> int:
        blocks, tail = self._state
        return len(blocks) * BLOCK + len(tail)

    def __iter__(self) -> Iterator[Record]:
        blocks, tail = self._state
        return chain(chain.from_iterable(blocks), tail)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        if isinstance(index, slice):
            return list(self)[index] if len(self) <= BLOCK else self._slice(index)
        blocks, tail = self._state
        size = len(blocks) * BLOCK + len(tail)
        number = index + size if index < 0 else index
        if not 0 <= number < size:
            raise IndexError(f'there is no request {index}, only {size} came')
        block = number // BLOCK
        return blocks[block][number % BLOCK] if block < len(blocks) else tail[number % BLOCK]

    def _slice(self, index: slice) -> Sequence[Record]:
        return [self[number] for number in range(*index.indices(len(self)))]
