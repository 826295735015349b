# SPDX-License-Identifier: GPL-3.0-or-later
"""The STK500 protocol, and the chip's side of programming, by what AVR061 and datasheets say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyavr_sim import Chip
from pyavr_sim.isp import IspTarget
from pyavr_sim.stk500 import Stk500

OK = b"\x14\x10"
END = b"\x20"
ENTER, LEAVE = b"\x50" + END, b"\x51" + END


@pytest.fixture(scope="module")
def chip() -> Iterator[Chip]:
    with Chip("attiny85") as chip:
        yield chip


@pytest.fixture
def target(chip: Chip) -> IspTarget:
    target = IspTarget(chip)
    target.erase()
    return target


def test_a_page_goes_to_its_word_address_and_back(target: IspTarget, chip: Chip) -> None:
    session = Stk500(target)
    load = b"\x55\x20\x00" + END
    page = bytes(range(64))
    assert session.feed(ENTER + load + b"\x64\x00\x40F" + page + END + LEAVE) == OK * 4
    assert bytes(chip.flash[0x40:0x80]) == page
    assert (chip.flash[0x80:] == 0xFF).all()
    answer = session.feed(ENTER + load + b"\x74\x00\x40F" + END)
    assert answer == OK + OK + b"\x14" + page + b"\x10"


def test_flash_that_was_not_erased_only_loses_ones(target: IspTarget, chip: Chip) -> None:
    target.write_flash(0, b"\x0f")
    target.write_flash(0, b"\x3c")
    assert chip.flash[0] == 0x0C


def test_single_instructions_program_a_page(target: IspTarget, chip: Chip) -> None:
    for instruction in ("40 00 01 34", "48 00 01 12", "4c 00 20 00"):
        target.instruct(bytes.fromhex(instruction))
    assert bytes(chip.flash[0x42:0x44]) == b"\x34\x12"
    assert target.instruct(bytes.fromhex("28 00 21 00")) == 0x12
    assert target.instruct(bytes.fromhex("20 00 21 00")) == 0x34


@pytest.mark.parametrize(
    ("instruction", "answer"),
    [
        ("30 00 00 00", 0x1E),
        ("30 00 01 00", 0x93),
        ("30 00 02 00", 0x0B),
        ("50 00 00 00", 0x62),
        ("58 08 00 00", 0xDF),
        ("50 08 00 00", 0xFF),
        ("58 00 00 00", 0xFF),
        ("f0 00 00 00", 0x00),
        ("ac 53 00 00", 0x00),
    ],
    ids=["1", "2", "3", "low", "high", "extended", "lock", "ready", "enable"],
)
def test_a_new_chip_answers_as_delivered(target: IspTarget, instruction: str, answer: int) -> None:
    assert target.instruct(bytes.fromhex(instruction)) == answer


def test_lock_bits_are_only_given_back_by_an_erase(target: IspTarget) -> None:
    target.instruct(bytes.fromhex("ac e0 00 fc"))
    target.instruct(bytes.fromhex("ac e0 00 ff"))
    assert target.lock_bits == 0xFC
    target.instruct(bytes.fromhex("ac 80 00 00"))
    assert target.lock_bits == 0xFF


def test_the_fuse_of_the_interface_itself_stays(target: IspTarget) -> None:
    target.instruct(bytes.fromhex("ac a8 00 ff"))
    assert target.fuses[1] == 0xDF
    assert target.answers


def test_nothing_is_programmed_outside_a_session(target: IspTarget, chip: Chip) -> None:
    session = Stk500(target)
    assert session.feed(b"\x64\x00\x01F\x00" + END) == b"\x14\x11"
    assert chip.flash[0] == 0xFF


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (b"\x30" + END, OK),
        (b"\x31" + END, b"\x14AVR STK\x10"),
        (b"\x41\x81" + END, b"\x14\x01\x10"),
        (b"\x45\x05\x04\xd7\xa0\x01" + END, OK),
        (b"\x99" + END, b"\x14\x12"),
        (b"\x30\x30", b"\x15"),
    ],
    ids=["sync", "sign_on", "version", "device", "unknown", "no_end"],
)
def test_commands_outside_a_session(target: IspTarget, command: bytes, answer: bytes) -> None:
    assert Stk500(target).feed(command) == answer


@given(octets=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300), max_size=8))
def test_any_bytes_in_any_pieces_have_the_same_answer(octets: bytes, cuts: list[int]) -> None:
    ends = [0, *sorted(min(cut, len(octets)) for cut in cuts), len(octets)]
    pieces = [octets[start:end] for start, end in pairwise(ends)]
    with Chip("attiny13a") as chip:
        whole = Stk500(IspTarget(chip)).feed(ENTER + octets)
    with Chip("attiny13a") as chip:
        session = Stk500(IspTarget(chip))
        answer = session.feed(ENTER) + b"".join(map(session.feed, pieces))
    # Only what is thrown away to find the end of a command again depends on the pieces.
    assert whole.startswith(OK)
    if b"\x15" not in whole + answer:
        assert answer == whole
