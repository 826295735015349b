# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of contract/frame.h agree with one another and with COBS."""

from __future__ import annotations

from pathlib import Path

from cobs import cobs

from kilolearn import contract

CONTRACT = contract.load(Path(__file__).parents[2] / "avr" / "contract")


def values(prefix: str) -> list[int]:
    return [value for name, value in CONTRACT.constants.items() if name.startswith(prefix)]


def test_the_longest_payload_is_header_body_and_crc():
    parts = ["FRAME_HEADER_SIZE", "FRAME_BODY_MAX", "FRAME_CRC_SIZE"]
    assert sum(map(CONTRACT.constant, parts)) == CONTRACT.constant("FRAME_PAYLOAD_MAX")


def test_cobs_adds_one_byte_to_any_payload():
    longest = CONTRACT.constant("FRAME_PAYLOAD_MAX")
    for payload in (bytes(longest), b"\xff" * longest, b"\1" * (longest - 1) + b"\0"):
        assert len(cobs.encode(payload)) == longest + 1


def test_every_fixed_reply_fits_a_frame():
    largest = max(layout.itemsize for layout in CONTRACT.structs.values())
    assert largest <= CONTRACT.constant("FRAME_BODY_MAX")


def test_commands_replies_and_errors_are_told_apart():
    reply, error = CONTRACT.constant("COMMAND_REPLY"), CONTRACT.constant("COMMAND_ERROR")
    commands = [value for value in values("COMMAND_") if value not in (reply, error)]
    assert len(set(commands)) == len(commands) == 22
    assert all(0 < command < reply for command in commands)
    assert error not in {command | reply for command in commands}
    assert len(set(values("ERROR_"))) == len(values("ERROR_")) == 10
