# SPDX-License-Identifier: GPL-3.0-or-later
"""avr/wire against the definitions: the package `cobs`, and a CRC that divides bit by bit."""

from __future__ import annotations

import random
from pathlib import Path

import cffi
import pytest
from cobs import cobs
from hypothesis import given, settings
from hypothesis import strategies as st

from kilolearn import firmware

WHOLE, CUT, LOST_BYTE = 0, 1, 2
PAYLOAD_MAX = 253

bodies = st.one_of(
    st.binary(max_size=249),
    st.lists(st.sampled_from([0, 0, 1, 255]), max_size=249).map(bytes),
)
byte = st.integers(0, 255)
patient = settings(deadline=None)


def crc_bit_by_bit(data: bytes) -> int:
    """CRC-16/CCITT-FALSE as polynomial division: x^16 + x^12 + x^5 + 1, register of ones."""
    register = 0xFFFF
    for value in data:
        for bit in range(7, -1, -1):
            out = register >> 15 ^ value >> bit & 1
            register = (register << 1 & 0xFFFF) ^ (0x1021 if out else 0)
    return register


class Wire:
    """The room wire/ of a twin, and a line of memory."""

    def __init__(self, library: Path) -> None:
        self.ffi = cffi.FFI()
        self.ffi.cdef("""
            typedef struct { uint8_t sequence, command; } frame_header;
            typedef struct { uint8_t size, fault; uint16_t crc; uint8_t highest; } frame_received;
            uint16_t crc16_update(uint16_t crc, const uint8_t *bytes, uint8_t size);
            void frame_send(const frame_header *header, const uint8_t *body, uint8_t size);
            frame_received frame_receive(uint8_t *payload, uint8_t capacity);
            void line_twin_open(const uint8_t *in, const uint8_t *lost, size_t in_size,
                                uint8_t *out, size_t out_size);
            size_t line_twin_sent(void);
        """)
        self.native = self.ffi.dlopen(str(library))

    def crc(self, data: bytes) -> int:
        return self.native.crc16_update(0xFFFF, data, len(data))

    def send(self, sequence: int, command: int, body: bytes) -> bytes:
        out = self.ffi.new("uint8_t[]", 300)
        self.native.line_twin_open(self.ffi.NULL, self.ffi.NULL, 0, out, 300)
        header = self.ffi.new("frame_header *", [sequence, command])
        self.native.frame_send(header, body, len(body))
        return bytes(self.ffi.buffer(out, self.native.line_twin_sent()))

    def receive(
        self, stuffed: bytes, capacity: int = PAYLOAD_MAX, lost_at: int | None = None
    ) -> tuple[bytes, int]:
        lost = bytes(i == lost_at for i in range(len(stuffed)))
        self.line = self.ffi.new("uint8_t[]", stuffed), self.ffi.new("uint8_t[]", lost)
        self.native.line_twin_open(*self.line, len(stuffed), self.ffi.NULL, 0)
        return self.receive_next(capacity)

    def receive_next(self, capacity: int = PAYLOAD_MAX) -> tuple[bytes, int]:
        guard = b"\xa5" * 3
        payload = self.ffi.new("uint8_t[]", b"\x5a" * capacity + guard)
        got = self.native.frame_receive(payload, capacity)
        assert bytes(payload)[capacity : capacity + 3] == guard, "wrote behind the buffer"
        kept = bytes(payload)[: got.size]
        assert got.highest >= max(kept[2:-2], default=0), "a byte of the body is above"
        return kept, got.fault


@pytest.fixture(scope="module")
def wire() -> Wire:
    return Wire(firmware.build_twin("probe_learner"))


def test_crc_of_the_check_text(wire):
    assert wire.crc(b"123456789") == crc_bit_by_bit(b"123456789") == 0x29B1


@patient
@given(data=st.binary(max_size=255))
def test_crc_is_the_remainder(wire, data):
    assert wire.crc(data) == crc_bit_by_bit(data)


def test_crc_of_every_byte_after_every_high_byte(wire):
    """All 65,536 quotients of one step."""
    for first in range(256):
        for second in range(256):
            pair = bytes((first, second))
            assert wire.crc(pair) == crc_bit_by_bit(pair)


@patient
@given(sequence=byte, command=byte, body=bodies)
def test_a_sent_frame_is_cobs_of_header_body_and_crc(wire, sequence, command, body):
    content = bytes((sequence, command)) + body
    payload = content + crc_bit_by_bit(content).to_bytes(2, "little")
    assert wire.send(sequence, command, body) == cobs.encode(payload) + b"\0"


def test_frames_whose_crc_holds_a_zero_are_sent(wire):
    """The last two bytes decide how COBS ends: low, high, and neither of them zero."""
    seen = set()
    for number in range(70_000):
        content = b"\1\2" + number.to_bytes(3, "big")
        crc = crc_bit_by_bit(content).to_bytes(2, "little")
        kind = tuple(b == 0 for b in crc)
        if kind in seen and any(kind):
            continue
        seen.add(kind)
        if any(kind):
            assert wire.send(1, 2, content[2:]) == cobs.encode(content + crc) + b"\0"
        if len(seen) == 4:
            break
    assert {(True, False), (False, True), (False, False)} <= seen


@patient
@given(payload=st.binary(min_size=1, max_size=PAYLOAD_MAX))
def test_a_received_frame_is_what_was_encoded(wire, payload):
    assert wire.receive(cobs.encode(payload) + b"\0") == (payload, WHOLE)


@pytest.mark.parametrize("value", [0, 1, 255])
@pytest.mark.parametrize("size", [1, 2, 252, 253])
def test_extreme_payloads_are_received(wire, value, size):
    payload = bytes([value]) * size
    assert wire.receive(cobs.encode(payload) + b"\0") == (payload, WHOLE)


@patient
@given(payload=st.binary(min_size=2, max_size=PAYLOAD_MAX), data=st.data())
def test_a_frame_cut_short_is_noticed_or_a_shorter_one(wire, payload, data):
    """Cut inside a block: noticed. Cut between blocks: a prefix, which only the CRC can tell."""
    stuffed = cobs.encode(payload)
    cut = stuffed[: data.draw(st.integers(1, len(stuffed) - 1))]
    kept, fault = wire.receive(cut + b"\0")
    try:
        expected = (cobs.decode(cut), WHOLE)
    except cobs.DecodeError:
        expected = (kept, CUT)
    assert (kept, fault) == expected
    assert payload.startswith(kept)


@patient
@given(payload=st.binary(min_size=8, max_size=PAYLOAD_MAX), capacity=st.integers(1, 7))
def test_an_overlong_frame_is_swallowed_to_its_delimiter(wire, payload, capacity):
    following = b"next"
    stuffed = cobs.encode(payload) + b"\0" + cobs.encode(following) + b"\0"
    assert wire.receive(stuffed, capacity) == (payload[:capacity], LOST_BYTE)
    assert wire.receive_next() == (following, WHOLE)


def test_a_run_of_thousands_of_bytes_is_swallowed(wire):
    """Longer than any 8-bit count: the size must not wrap."""
    noise = bytes(random.Random(1).choices(range(1, 256), k=5000))
    stuffed = noise + b"\0" + cobs.encode(b"next") + b"\0"
    kept, fault = wire.receive(stuffed)
    assert (len(kept), fault) == (PAYLOAD_MAX, LOST_BYTE)
    assert wire.receive_next() == (b"next", WHOLE)


@patient
@given(payload=st.binary(min_size=1, max_size=40), data=st.data())
def test_a_spoilt_byte_is_noticed_wherever_it_is(wire, payload, data):
    stuffed = cobs.encode(payload) + b"\0"
    lost_at = data.draw(st.integers(0, len(stuffed) - 1))
    assert wire.receive(stuffed, lost_at=lost_at) == (payload, LOST_BYTE)


def test_an_empty_frame_is_empty(wire):
    assert wire.receive(b"\0" + cobs.encode(b"x") + b"\0") == (b"", WHOLE)
    assert wire.receive_next() == (b"x", WHOLE)


@patient
@given(noise=st.binary(max_size=600))
def test_the_frame_after_any_noise_is_received(wire, noise):
    stuffed = noise + b"\0" + cobs.encode(b"after") + b"\0"
    wire.receive(stuffed)
    for _ in range(noise.count(0)):
        wire.receive_next()
    assert wire.receive_next() == (b"after", WHOLE)
