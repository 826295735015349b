# SPDX-License-Identifier: GPL-3.0-or-later
"""Every character model on the smallest chip with room for it: what it codes, what it takes."""

from __future__ import annotations

import pytest

from kilolearn import firmware
from kilolearn.charlm.compressor import compress
from kilolearn.charlm.line import ChipModel
from kilolearn.charlm.twin import state_bytes
from kilolearn.emulator import emulated_chip, image_size, port_url
from kilolearn.port import open_port

TEXT = (
    b"\r\n CHAPTER I.\r\n\r\nAlice was beginning to get very tired of 1 thing, \xe9\x00.\r\r\n"
    b"`What is the use of a book?' thought Alice; (that is, of that thing) - and of that thing\n"
    b"and of that thing, and of that thing, and of that thing, and of that thing.\n"
    b"O" + 66 * b"o" + b"!\n"
)


@pytest.mark.parametrize(
    ("model", "mcu", "flash_limit", "sram_limit", "cycles_limit"),
    [
        ("plain", "atmega168p", 4_096, 1_000, 11_000),
        ("plain", "attiny1634", 4_096, 1_000, 25_000),
        ("tiny", "attiny85", 8_192, 500, 16_000),
        ("unigram", "attiny85", 2_560, 160, 9_000),
        ("bigram", "atmega328p", 2_560, 1_160, 8_000),
        ("bigram_neural", "atmega328p", 3_200, 1_440, 16_000),
        ("hashed", "atmega168p", 3_200, 1_000, 14_000),
        ("hashed", "attiny1634", 3_200, 1_000, 25_000),
    ],
)
def test_a_chip_codes_as_its_twin_and_decodes(
    model: str, mcu: str, flash_limit: int, sram_limit: int, cycles_limit: int
) -> None:
    elf = firmware.build("charlm", mcu, model)
    assert image_size(elf).flash_bytes <= flash_limit
    file = compress(TEXT, model)
    with open_port(port_url(elf, mcu)) as port:
        line = ChipModel(port, model)
        chip = emulated_chip(port)
        timer = chip.time("charlm_code")
        assert line.compress(TEXT) == file
        assert timer.cycles_mean <= cycles_limit
        assert line.decompress(file) == TEXT
        assert chip.sram_high_water <= sram_limit
        assert chip.symbols["net"].size == state_bytes(model)


def test_a_state_goes_through_two_pins_and_back() -> None:
    """The longest request of all, without a gap between its bytes, on the chip that counts bits."""
    elf = firmware.build("charlm", "attiny85", "tiny")
    with open_port(port_url(elf, "attiny85")) as port:
        line = ChipModel(port, "tiny")
        line.train(TEXT, lambda learned, coded: None)
        state = line.save()
        line.start()
        assert line.save() != state
        line.restore(state)
        assert line.save() == state
