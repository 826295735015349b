# SPDX-License-Identifier: GPL-3.0-or-later
"""The character model on the chip: the twin's bytes, and the text back from them."""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Callable

import pytest

from kilolearn import firmware
from kilolearn.charlm.compressor import compress
from kilolearn.charlm.line import ChipModel
from kilolearn.charlm.twin import TwinModel, state_bytes
from kilolearn.errors import BadReplyError, CodedTextError, LinkError
from kilolearn.measure import emulated_chip, image_size, port_url
from kilolearn.port import Port, open_port

TEXT = (
    b"CHAPTER I.\r\n\r\nAlice was beginning to get very tired of 1 thing, \xe9\x00.\r\r\n"
    b"beginning to get very tired of that thing, and that thing\n"
)


@pytest.mark.parametrize(
    ("mcu", "model", "sram_limit", "cycles_limit"),
    [
        ("atmega168p", "large", 1000, 15_000),
        ("attiny1634", "large", 1000, 22_000),
        ("atmega328p", "small", 620, 15_000),
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
        check = crc_hqx(bytes([ord("?"), refused]), 0)
        assert port.read(3) == bytes([refused]) + check.to_bytes(2, "little")
        with pytest.raises(CodedTextError, match="the code ends before"):
            model.decompress(compress(TEXT)[:-5])
        assert model.compress(TEXT[:20]) == compress(TEXT[:20])


@pytest.mark.parametrize(("mcu", "cycles_limit"), [("atmega168p", 80_000), ("attiny1634", 120_000)])
def test_a_chip_learns_and_writes_as_its_twin(mcu: str, cycles_limit: int) -> None:
    """From a state that both have learned, as predicted and sharpened, shifts and escapes too."""
    elf = firmware.build("charlm", mcu, "large")
    twin = TwinModel()
    twin.train(TEXT, lambda learned, coded: None)
    with open_port(port_url(elf, mcu)) as port:
        line = ChipModel(port)
        line.train(TEXT, lambda learned, coded: None)
        state = line.save()
        assert state == twin.save()
        timer = emulated_chip(port).time("charlm_code")
        for temperature, top_k in [(1.0, 0), (0.5, 3), (4.0, 0), (60.0, 0)]:
            for model in (line, twin):
                model.start()
                model.restore(state)
            written = [
                b"".join(model.generate(b"Alice ", 25, 7, temperature, top_k))
                for model in (line, twin)
            ]
            assert written[0] == written[1]
            assert len(written[0]) == 25
        assert timer.cycles_mean <= cycles_limit
        assert emulated_chip(port).sram_high_water <= 1000


class Noisy:
    """A port that changes the bytes on the line, given their direction and place."""

    def __init__(self, port: Port, noise: Callable[[str, int, bytes], bytes]) -> None:
        self._port = port
        self._noise = noise
        self._passed = {"to": 0, "from": 0}
        self._waiting = b""
        self.timeout = port.timeout

    def read(self, size: int = 1, /) -> bytes:
        while len(self._waiting) < size:
            found = self._port.read(1)
            if not found:
                break
            self._waiting += self._pass("from", found)
        given, self._waiting = self._waiting[:size], self._waiting[size:]
        return given

    def write(self, data: bytes, /) -> int | None:
        return self._port.write(self._pass("to", data))

    def _pass(self, direction: str, data: bytes) -> bytes:
        passed = b""
        for byte in data:
            passed += self._noise(direction, self._passed[direction], bytes([byte]))
            self._passed[direction] += 1
        return passed


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize(
    "fault",
    [lambda byte: bytes([byte[0] ^ 4]), lambda byte: byte * 2, lambda byte: b""],
    ids=["flipped", "doubled", "lost"],
)
def test_no_noise_gives_another_file(direction: str, fault: Callable[[bytes], bytes]) -> None:
    """One byte of each part of the talk is hit, in either direction."""
    elf = firmware.build("charlm", "atmega168p", "small")
    text = TEXT[:24]
    for place in range(0, 40, 3):

        def noise(towards: str, at: int, byte: bytes, place: int = place) -> bytes:
            return fault(byte) if towards == direction and at == place else byte

        with (
            open_port(port_url(elf, "atmega168p"), timeout=0.05) as port,
            pytest.raises(LinkError),
        ):
            model = ChipModel(Noisy(port, noise), "small")
            model.compress(text)
            model.save()  # what a doubled byte has left over is noticed by the next request


def test_a_byte_too_early_is_told() -> None:
    """The UART holds two bytes: what comes while the chip computes is lost, and it says so."""
    elf = firmware.build("charlm", "atmega168p", "small")
    with open_port(port_url(elf, "atmega168p")) as port:
        port.write(b"C\x01eS" + b"?" * 20)
        lost = firmware.contract().constant("CHARLM_LOST")
        answer = port.read(2000)
        assert lost in answer
        with pytest.raises(BadReplyError, match="check|event"):
            ChipModel(port, "large").start()


def test_another_model_on_the_chip_is_told() -> None:
    elf = firmware.build("charlm", "atmega168p", "small")
    with open_port(port_url(elf, "atmega168p")) as port:
        with pytest.raises(BadReplyError, match="the chip has the model small"):
            ChipModel(port, "large").compress(b"text")
        with pytest.raises(BadReplyError, match="the chip has the model small"):
            ChipModel(port, "large").restore(TwinModel("large").save())
        assert ChipModel(port, "small").compress(b"text") == compress(b"text", "small")


def test_another_firmware_is_told_from_a_chip_with_the_model() -> None:
    class Babble:
        timeout = 1.0

        def read(self, size: int = 1, /) -> bytes:
            return b"\x77" * size

        def write(self, data: bytes, /) -> int:
            return len(data)

    with pytest.raises(BadReplyError, match="0x77"):
        ChipModel(Babble()).compress(b"text")
