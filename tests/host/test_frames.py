# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames survive the way there and back, and no damaged one is believed."""

from __future__ import annotations

from binascii import crc_hqx

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kilolearn.errors import BadReplyError
from kilolearn.frames import FRAME_OVERHEAD, Frame, decode, encode

bodies = st.binary(max_size=249)
bytes_ = st.integers(0, 255)


def test_the_checksum_is_ccitt_false():
    """The catalogue's check value of CRC-16/CCITT-FALSE (alias IBM-3740)."""
    assert crc_hqx(b"123456789", 0xFFFF) == 0x29B1


@given(bytes_, bytes_, bodies)
def test_a_frame_comes_back_as_it_was_sent(sequence, command, body):
    sent = encode(Frame(sequence, command, body))
    assert sent.count(0) == 1
    assert len(sent) == len(body) + FRAME_OVERHEAD
    assert decode(sent[:-1]) == (sequence, command, body)


@given(bodies, st.data())
def test_no_frame_with_one_damaged_byte_is_believed(body, data):
    sent = encode(Frame(1, 2, body))[:-1]
    at = data.draw(st.integers(0, len(sent) - 1))
    other = data.draw(bytes_.filter(lambda byte: byte not in (0, sent[at])))
    with pytest.raises(BadReplyError):
        decode(sent[:at] + bytes((other,)) + sent[at + 1 :])


@given(bodies, st.data())
def test_no_frame_with_a_lost_byte_is_believed(body, data):
    sent = encode(Frame(1, 2, body))[:-1]
    at = data.draw(st.integers(0, len(sent) - 1))
    lost = sent[:at] + sent[at + 1 :]
    with pytest.raises(BadReplyError):
        decode(lost)


@pytest.mark.parametrize("stuffed", [b"", b"\x01", b"\x05ab", b"\x02a"])
def test_what_is_no_frame_is_refused(stuffed):
    with pytest.raises(BadReplyError):
        decode(stuffed)
