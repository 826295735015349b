# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware that others wrote and Debian ships, run as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pyavr_sim import Chip, Firmware, until
from pyavr_sim.uart import Uart

# Debian packages arduino-core-avr and snek; ./dev installs them.
ARDUINO = Path("/usr/share/arduino/hardware/arduino/avr/bootloaders")
BOOT_LOADER = ARDUINO / "atmega/ATmegaBOOT_168_atmega328.hex"
BOOT_ADDRESS = 0x7800
PAGE_BYTES = 128
SNEK = next(Path("/usr/share/snek").glob("snek-uno-[0-9]*.hex"), Path("snek-uno-*.hex"))
PROMPT = b"> "

IN_SYNC, OK, SYNC_CRC_EOP = b"\x14", b"\x10", b"\x20"
GET_SYNC, GET_PARAMETER, ENTER_PROGMODE, LEAVE_PROGMODE = b"\x30", b"\x41", b"\x50", b"\x51"
LOAD_ADDRESS, PROG_PAGE, READ_PAGE, READ_SIGN = b"\x55", b"\x64", b"\x74", b"\x75"
FLASH, EEPROM = b"F", b"E"
CYCLES_MAX = 20_000_000  # of one command; a page of EEPROM takes the longest


class Stk500:
    """A programmer that talks to a boot loader of STK500v1.

    Args:
        uart: Where the boot loader listens.

    Source: Atmel application note AVR061, "STK500 Communication Protocol"; command names as there.
    """

    def __init__(self, uart: Uart) -> None:
        self.uart = uart

    def command(self, request: bytes, reply_size: int = 0) -> bytes:
        """Send a command and return the reply between IN_SYNC and OK."""
        reply = self.uart.exchange(
            request + SYNC_CRC_EOP, reply_size=reply_size + 2, cycles_max=CYCLES_MAX
        )
        assert (reply[:1], reply[-1:]) == (IN_SYNC, OK), f"{request!r} was answered by {reply!r}"
        return reply[1:-1]

    def load_address(self, word_address: int) -> None:
        self.command(LOAD_ADDRESS + word_address.to_bytes(2, "little"))

    def write(self, memory: bytes, address: int, data: bytes, page_bytes: int) -> None:
        """Write flash or EEPROM from a byte address on, page by page."""
        for start in range(0, len(data), page_bytes):
            page = data[start : start + page_bytes]
            self.load_address((address + start) // 2)
            self.command(PROG_PAGE + len(page).to_bytes(2, "big") + memory + page)

    def read(self, memory: bytes, address: int, size: int, page_bytes: int) -> bytes:
        """Read flash or EEPROM from a byte address on."""
        found = b""
        while len(found) < size:
            count = min(page_bytes, size - len(found))
            self.load_address((address + len(found)) // 2)
            found += self.command(READ_PAGE + count.to_bytes(2, "big") + memory, count)
        return found


@pytest.fixture
def board():
    """An ATmega328P with the boot loader alone, fuse BOOTRST programmed, after a reset."""
    with Chip("atmega328p", BOOT_LOADER, reset_address=BOOT_ADDRESS) as chip:
        chip.reset()
        yield chip


@pytest.fixture
def programmer(board):
    speaker = Stk500(board.uart(0))
    speaker.command(GET_SYNC)
    return speaker


def test_the_boot_loader_knows_its_chip(programmer):
    assert programmer.command(READ_SIGN, 3) == bytes((0x1E, 0x95, 0x0F))
    assert programmer.command(GET_PARAMETER + b"\x80", 1) == b"\x02"  # HW_VER


@pytest.mark.parametrize("flags", [(), ("-DPADDING=5000",)], ids=["one page", "many pages"])
def test_a_firmware_is_uploaded_and_runs(build, board, programmer, flags):
    image = flash_of(Firmware.load(build("uploaded.c", "atmega328p", *flags)))
    programmer.command(ENTER_PROGMODE)
    programmer.write(FLASH, 0, image, PAGE_BYTES)

    assert board.flash[: len(image)].tobytes() == image
    assert programmer.read(FLASH, 0, len(image), PAGE_BYTES) == image

    programmer.command(LEAVE_PROGMODE)  # and the loader jumps to 0
    board.run(20_000_000, until=until.uart_bytes(6))
    assert board.uart(0).read() == b"hello\n"
    assert board.uart(0).exchange(b"abc", reply_size=3) == b"bcd"


def test_the_firmware_that_was_uploaded_last_is_the_one_that_runs(build, board, programmer):
    for flags in (("-DPADDING=5000",), ("-DGREETING='?'",)):
        image = flash_of(Firmware.load(build("uploaded.c", "atmega328p", *flags)))
        programmer.write(FLASH, 0, image, PAGE_BYTES)
    programmer.command(LEAVE_PROGMODE)
    board.run(20_000_000, until=until.uart_bytes(6))

    assert board.uart(0).read() == b"?ello\n"


def test_the_boot_loader_writes_eeprom(board, programmer):
    data = bytes(range(100, 164))
    programmer.write(EEPROM, 32, data, len(data))

    assert board.eeprom[32:96].tobytes() == data
    assert programmer.read(EEPROM, 32, len(data), len(data)) == data


def test_a_boot_loader_that_hears_nothing_starts_the_firmware(build):
    image = flash_of(Firmware.load(build("uploaded.c", "atmega328p")))
    with Chip("atmega328p", BOOT_LOADER, reset_address=BOOT_ADDRESS) as chip:
        chip.flash[: len(image)] = list(image)
        for _ in range(2):  # a reset leads to the boot loader again
            chip.run(100_000_000, until=until.address(0))
            chip.run(1_000_000, until=until.uart_bytes(6))
            assert chip.uart(0).read() == b"hello\n"
            chip.reset()
            assert chip.pc == BOOT_ADDRESS


def test_a_reset_address_is_a_word_of_flash():
    for wrong in (0x7801, 0x8000, -2):
        with pytest.raises(ValueError, match="reset_address is an even byte address below 0x8000"):
            Chip("atmega328p", BOOT_LOADER, reset_address=wrong)
    with Chip("atmega328p", BOOT_LOADER, reset_address=BOOT_ADDRESS) as chip:
        assert chip.pc == chip.reset_address == BOOT_ADDRESS


@pytest.fixture
def snek():
    """Snek's read-eval-print loop at its first prompt."""
    with Chip("atmega328p", SNEK, seed=3) as chip:
        say(chip, b"", prompts=1)
        yield chip


def say(chip: Chip, line: bytes, prompts: int = 1) -> bytes:
    """Type a line; return what Snek says up to its next prompt."""
    uart = chip.uart(0)
    uart.write(line)
    heard = b""
    while heard.count(PROMPT) < prompts:
        chip.run(40_000_000, until=until.uart_bytes(1))
        heard += uart.read()
    return heard


def test_snek_greets(snek):
    snek.reset()
    assert b"Welcome to Snek" in say(snek, b"")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("6*7", "42"),
        ("print(6*7)", "42"),
        ("2 ** 10 - 1", "1023"),
        ("7 / 2", "3.5"),
        ("'ab' + 'cd'", "'abcd'"),
        ("[3, 4][1]", "4"),
        ("len('abc')", "3"),
        ("0.1 + 0.2", f"{np.float32(0.1) + np.float32(0.2):.8g}"),
    ],
)
def test_snek_evaluates_an_expression(snek, line, answer):
    heard = say(snek, line.encode() + b"\n")

    echo, result, *_ = heard.decode().replace("\r", "").split("\n")
    assert echo == line
    assert result == answer


def test_snek_runs_a_function_of_several_lines(snek):
    program = b"def f(n):\n  if n < 2:\n    return 1\n  return n * f(n - 1)\n\n"
    for line in program.splitlines(keepends=True):
        heard = say_line(snek, line)
    assert b"Error" not in heard

    assert b"\n120" in say(snek, b"f(5)\n").replace(b"\r", b"")


def say_line(chip: Chip, line: bytes) -> bytes:
    chip.uart(0).write(line)
    chip.run(4_000_000)
    return chip.uart(0).read()


def flash_of(firmware: Firmware) -> bytes:
    """The image as an uploader sends it: one run from address 0, gaps erased."""
    end = max(address + len(data) for address, data in firmware.flash)
    image = bytearray(b"\xff" * end)
    for address, data in firmware.flash:
        image[address : address + len(data)] = data
    return bytes(image)
