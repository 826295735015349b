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
from kilolearn.emulator import emulated_chip, image_size, port_url
from kilolearn.errors import (
    BadReplyError,
    ChipRejectedError,
    CodedTextError,
    LinkError,
    LinkTimeoutError,
)
from kilolearn.port import Port, open_port

TEXT = (
    b"CHAPTER I.\r\n\r\nAlice was beginning to get very tired of 1 thing, \xe9\x00.\r\r\n"
    b"beginning to get very tired of that thing, and that thing\n"
)


@pytest.mark.parametrize(
    ("mcu", "model", "sram_limit", "cycles_limit"),
    [
        ("atmega168p", "large", 1000, 10_000),
        ("attiny1634", "large", 1000, 14_500),
        ("atmega328p", "small", 620, 10_000),
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
        with pytest.raises(CodedTextError, match="ends before"):
            model.decompress(compress(TEXT)[:-5])
        assert model.compress(TEXT[:20]) == compress(TEXT[:20])


@pytest.mark.parametrize(("mcu", "cycles_limit"), [("atmega168p", 80_000), ("attiny1634", 120_000)])
def test_a_chip_learns_and_writes_as_its_twin(mcu: str, cycles_limit: int) -> None:
    """From a state that both have learned, as predicted and sharpened, shifts and escapes too."""
    elf = firmware.build("charlm", mcu, "large")
    twin = TwinModel()
    twin.train(TEXT)
    with open_port(port_url(elf, mcu)) as port:
        line = ChipModel(port)
        line.train(TEXT)
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
        self.passed = {"to": 0, "from": 0}
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
            passed += self._noise(direction, self.passed[direction], bytes([byte]))
            self.passed[direction] += 1
        return passed


def talk(noise: Callable[[str, int, bytes], bytes]) -> dict[str, int]:
    """Compress, with a piece that is not full, and save. Returns the bytes of each direction."""
    elf = firmware.build("charlm", "atmega168p", "small")
    with open_port(port_url(elf, "atmega168p"), timeout=0.05) as port:
        noisy = Noisy(port, noise)
        model = ChipModel(noisy, "small")
        assert model.compress(TEXT[:24]) == compress(TEXT[:24], "small")
        passed = dict(noisy.passed)
        model.start_encoding()  # notices what a doubled byte has left over
        return passed


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize(
    "fault",
    [lambda byte: bytes([byte[0] ^ 4]), lambda byte: byte * 2, lambda byte: b""],
    ids=["flipped", "doubled", "lost"],
)
def test_no_noise_gives_another_file(direction: str, fault: Callable[[bytes], bytes]) -> None:
    """One byte is hit, in either direction: of a request, a text, an event, code, a check."""
    for hit in range(0, talk(lambda towards, at, byte: byte)[direction], 3):

        def noise(towards: str, at: int, byte: bytes, hit: int = hit) -> bytes:
            return fault(byte) if (towards, at) == (direction, hit) else byte

        with pytest.raises(LinkError):
            talk(noise)


def test_a_chip_says_when_its_uart_lost_a_byte() -> None:
    """The emulated line loses none, so the flag that the UART would raise is set by hand."""
    elf = firmware.build("charlm", "atmega168p", "large")
    lost, done = (
        bytes([firmware.contract().constant(f"CHARLM_{end}")]) for end in ("LOST", "DONE")
    )
    with open_port(port_url(elf, "atmega168p"), timeout=0.01) as port:
        for flag, end in ((1, lost), (0, done)):
            port.write(b"C")
            assert port.read(1) == b""
            emulated_chip(port).var("talk.lost")[...] = flag
            port.write(b"\0")
            check = crc_hqx(b"C\0" + end, 0).to_bytes(2, "little")
            assert port.read(3) == end + check


class Replies:
    """A port that says what it was told to."""

    timeout = 1.0

    def __init__(self, said: bytes) -> None:
        self._said = said

    def read(self, size: int = 1, /) -> bytes:
        given, self._said = self._said[:size], self._said[size:]
        return given

    def write(self, data: bytes, /) -> int:
        return len(data)


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        (b"\x77", BadReplyError, "said 0x77"),
        (b"\x04", BadReplyError, "lost or spoilt"),
        (b"\x03", ChipRejectedError, "CHARLM_START"),
        (b"", LinkTimeoutError, "in time"),
    ],
)
def test_what_a_chip_should_not_say_ends_in_a_sentence(
    said: bytes, error: type[LinkError], words: str
) -> None:
    check = crc_hqx(b"N" + said, 0).to_bytes(2, "little")
    with pytest.raises(error, match=words):
        ChipModel(Replies(said + check if said else b"")).compress(b"text")


def test_another_model_on_the_chip_is_told() -> None:
    elf = firmware.build("charlm", "atmega168p", "small")
    with open_port(port_url(elf, "atmega168p")) as port:
        with pytest.raises(BadReplyError, match="the chip has the model small"):
            ChipModel(port, "large").compress(b"text")
        with pytest.raises(BadReplyError, match="the chip has the model small"):
            ChipModel(port, "large").restore(TwinModel("large").save())
        assert ChipModel(port, "small").compress(b"text") == compress(b"text", "small")
