# SPDX-License-Identifier: GPL-3.0-or-later
"""The character model on the chip: the twin's bytes, and the text back from them."""

from __future__ import annotations

import pytest

from kilolearn import firmware
from kilolearn.charlm.compressor import compress
from kilolearn.charlm.line import ChipModel
from kilolearn.charlm.twin import state_bytes
from kilolearn.errors import BadReplyError, CodedTextError
from kilolearn.measure import emulated_chip, image_size, port_url
from kilolearn.port import open_port

TEXT = (
    b"CHAPTER I.\r\n\r\nAlice was beginning to get very tired of 1 thing, \xe9\x00.\r\r\n"
    b"beginning to get very tired of that thing, and that thing\n"
)


@pytest.mark.parametrize(
    ("mcu", "model", "sram_limit", "cycles_limit"),
    [
        ("atmega168p", "large", 1000, 21_000),
        ("attiny1634", "large", 1000, 32_000),
        ("atmega328p", "small", 600, 21_000),
    ],
)
def test_a_chip_codes_as_its_twin_and_decodes(
    mcu: str, model: str, sram_limit: int, cycles_limit: int
) -> None:
    """The text is harder than English: a tenth of it are shifts and escapes."""
    elf = firmware.build("charlm", mcu, model)
    assert image_size(elf).flash_bytes <= 16_384
    file = compress(TEXT, model)
    with open_port(port_url(elf, mcu)) as port:
        line = ChipModel(port, model)
        timer = emulated_chip(port).time("charlm_code")
        assert line.compress(TEXT) == file
        assert timer.cycles_mean <= cycles_limit
        assert line.decompress(file) == TEXT
        assert emulated_chip(port).sram_high_water <= sram_limit
        assert emulated_chip(port).symbols["net"].size == state_bytes(model)


def test_a_chip_says_what_it_does_not_know_and_goes_on() -> None:
    elf = firmware.build("charlm", "atmega168p", "large")
    with open_port(port_url(elf, "atmega168p")) as port:
        model = ChipModel(port)
        refused = firmware.contract().constant("CHARLM_REFUSED")
        port.write(b"?")
        assert port.read(2) == bytes([refused, 0])
        with pytest.raises(CodedTextError, match="the code ends before"):
            model.decompress(compress(TEXT)[:-5])
        assert model.compress(TEXT[:20]) == compress(TEXT[:20])


def test_another_firmware_is_told_from_a_chip_with_the_model() -> None:
    class Babble:
        timeout = 1.0

        def read(self, size: int = 1, /) -> bytes:
            return b"\x77" * size

        def write(self, data: bytes, /) -> int:
            return len(data)

    with pytest.raises(BadReplyError, match="0x77"):
        ChipModel(Babble()).compress(b"text")
