# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of the remote protocol, in pieces and damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyavr_sim.debug.packets import PAYLOAD_MAX, Mark, Packet, PacketReader, encode


@given(payloads=st.lists(st.binary(max_size=60), max_size=5), cuts=st.data())
def test_any_bytes_survive_any_pieces(payloads, cuts):
    line = b"+".join(map(encode, payloads))
    reader, found = PacketReader(), []
    while line:
        size = cuts.draw(st.integers(1, len(line)))
        found += reader.feed(line[:size])
        line = line[size:]

    assert found == [Packet(payload) for payload in payloads]


def test_the_frame_is_that_of_the_manual():
    """The checksum is the sum of what goes over the line, the escape is } and the byte ^ 0x20."""
    assert encode(b"OK") == b"$OK#9a"
    assert encode(b"}$#*") == b"$}]}\x04}\x03}\x0a#" + b"%02x" % (
        (4 * 0x7D + 0x5D + 0x04 + 0x03 + 0x0A) & 0xFF
    )


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"$OK#9b", [Mark.DAMAGED]),
        (b"$OK#zz", [Mark.DAMAGED]),
        (b"$OK#9A", [Packet(b"OK")]),
        (b"$}#7d", [Packet(b"")]),
        (b"+\x00\xffhello$?#3f", [Packet(b"?")]),
        (b"\x03", [Mark.INTERRUPT]),
        (b"-\x03-", [Mark.REPEAT, Mark.INTERRUPT, Mark.REPEAT]),
        (b"$g#", []),
        (b"$m0,4#fd\x03", [Packet(b"m0,4"), Mark.INTERRUPT]),
    ],
)
def test_damage_and_marks_are_told_apart(line, found):
    assert PacketReader().feed(line) == found


@pytest.mark.parametrize("piece", [1 << 20, 1000])
def test_a_packet_without_end_takes_no_memory_and_the_next_is_read(piece):
    reader = PacketReader()
    endless = b"$" + bytes(1 << 20)
    for start in range(0, len(endless), piece):
        assert reader.feed(endless[start : start + piece]) == []
        assert len(reader._waiting) <= PAYLOAD_MAX + 4

    assert reader.feed(b"#00$?#3f") == [Mark.TOO_LONG, Packet(b"?")]
