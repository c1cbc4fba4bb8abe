"""Tests of the frames of WebSockets, without sockets: RFC 6455 §5."""

import struct
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_http.websockets.frames import FrameError, FrameReader, Message, Opcode, mask, write_close, write_frame

KEY = b'\x01\x02\x03\x04'


def say(opcode: int, payload: bytes = b'', *, final: bool = True, size: bytes | None = None) -> bytes:
    """A frame of a client."""
    length = size
    if length is None:
        count = len(payload)
        long = struct.pack('!BH', 126, count) if count < 1 << 16 else struct.pack('!BQ', 127, count)
        length = bytes((count,)) if count < 126 else long
    masked = bytes((length[0] | 0x80,)) + length[1:]
    return bytes((opcode | (0x80 if final else 0),)) + masked + KEY + mask(payload, KEY)


def read(data: bytes, limit: int = 1_000_000) -> list[Message]:
    return list(FrameReader(limit).feed(data))


def refusal(data: bytes, limit: int = 1_000_000) -> int:
    with pytest.raises(FrameError) as caught:
        read(data, limit)
    return caught.value.code


@pytest.mark.parametrize('size', [0, 1, 125, 126, 65_535, 65_536, 100_000])
def test_messages_of_all_lengths_are_read(size: int) -> None:
    assert read(say(2, b'x' * size)) == [(Opcode.BINARY, b'x' * size)]


def test_the_example_of_the_standard_is_read() -> None:
    assert read(bytes.fromhex('818537fa213d7f9f4d5158')) == [(Opcode.TEXT, b'Hello')]  # RFC 6455 §5.7


@pytest.mark.parametrize(
    ('payload', 'head'),
    [(b'Hello', '8105'), (b'x' * 125, '817d'), (b'x' * 126, '817e007e'), (b'x' * 65_536, '817f0000000000010000')],
)
def test_frames_of_the_server_are_final_and_unmasked(payload: bytes, head: str) -> None:
    assert write_frame(Opcode.TEXT, payload) == bytes.fromhex(head) + payload


def test_the_goodbye_has_a_code_and_perhaps_a_reason() -> None:
    assert write_close(1000) == b'\x88\x02\x03\xe8'
    assert write_close(1002, 'no mask') == b'\x88\x09\x03\xeano mask'


def test_fragments_are_put_together_around_control_frames() -> None:
    data = say(1, b'a', final=False) + say(9, b'p') + say(0, b'b', final=False) + say(0, b'c')

    assert read(data) == [(Opcode.PING, b'p'), (Opcode.TEXT, b'abc')]


def test_a_character_may_be_cut_by_fragments() -> None:
    euro = '€'.encode()

    assert read(say(1, euro[:1], final=False) + say(0, euro[1:])) == [(Opcode.TEXT, euro)]


@pytest.mark.parametrize(
    'data',
    [
        pytest.param(b'\x81\x05Hello', id='no mask'),
        pytest.param(say(0x41, b'x'), id='reserved bit'),
        pytest.param(say(3, b'x'), id='unknown opcode'),
        pytest.param(say(11), id='unknown control opcode'),
        pytest.param(say(9, b'x' * 126), id='long ping'),
        pytest.param(say(9, b'x', final=False), id='fragmented ping'),
        pytest.param(say(0, b'x'), id='continuation of nothing'),
        pytest.param(say(1, b'x', final=False) + say(1, b'y'), id='message within a message'),
        pytest.param(say(2, size=struct.pack('!BH', 126, 125)), id='long form of a short length'),
        pytest.param(say(2, size=struct.pack('!BQ', 127, 65_535)), id='longest form of a long length'),
        pytest.param(say(2, size=struct.pack('!BQ', 127, 1 << 63)), id='negative length'),
        pytest.param(say(8, b'\x03'), id='half a code'),
        pytest.param(say(8, struct.pack('!H', 1005)), id='code that is never sent'),
        pytest.param(say(8, struct.pack('!H', 999)), id='code too small'),
        pytest.param(say(8, struct.pack('!H', 5000)), id='code too large'),
    ],
)
def test_who_breaks_the_protocol_is_refused(data: bytes) -> None:
    assert refusal(data) == 1002


@pytest.mark.parametrize('data', [say(1, b'\xff'), say(1, b'\xe2', final=False) + say(0, b''), say(8, b'\x03\xe8\xff')])
def test_texts_have_to_be_unicode(data: bytes) -> None:
    assert refusal(data) == 1007


def test_large_messages_are_refused_before_they_have_come() -> None:
    assert refusal(say(2, size=struct.pack('!BQ', 127, 1 << 40)), limit=100_000) == 1009
    assert refusal(say(2, b'x' * 60, final=False) + say(0, b'x' * 60), limit=100) == 1009


def test_what_is_not_whole_waits() -> None:
    reader = FrameReader()
    whole = say(1, b'Hello')

    assert [list(reader.feed(whole[at : at + 1])) for at in range(len(whole) - 1)] == [[]] * (len(whole) - 1)
    assert list(reader.feed(whole[-1:])) == [(Opcode.TEXT, b'Hello')]


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    texts = st.text(max_size=200).map(lambda text: Message(Opcode.TEXT, text.encode()))
    others = st.tuples(st.sampled_from([Opcode.BINARY, Opcode.PING, Opcode.PONG]), st.binary(max_size=125))
    return draw(st.lists(texts | others.map(lambda pair: Message(*pair)), max_size=8))


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    yield from (data[start:end] for start, end in pairwise(places))


@given(conversations(), st.lists(st.integers(0, 10_000), max_size=10))
def test_messages_are_read_in_whatever_pieces_they_come(said: list[Message], cuts: list[int]) -> None:
    data = b''.join(say(message.opcode, message.payload) for message in said)
    reader = FrameReader()

    assert [message for piece in pieces(data, cuts) for message in reader.feed(piece)] == said


@given(st.binary(max_size=300))
def test_nothing_but_frame_errors_comes_of_whatever_is_sent(data: bytes) -> None:
    with suppress(FrameError):
        read(data, limit=1000)


@given(st.binary(max_size=50), st.binary(min_size=4, max_size=4))
def test_masking_twice_changes_nothing(payload: bytes, key: bytes) -> None:
    assert mask(mask(payload, key), key) == payload
