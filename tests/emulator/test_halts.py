# SPDX-License-Identifier: GPL-3.0-or-later
"""How long EEPROM and SPM hold the CPU, and how long they take.

Numbers from the ATmega328P's datasheet (Atmel-8271): "EEPROM Read/Write Access" ("When the
EEPROM is read, the CPU is halted for four clock cycles before the next instruction is executed.
When the EEPROM is written, the CPU is halted for two clock cycles"), "EECR" with table
"EEPROM Mode Bits"
(3.4 ms, or 1.8 ms for erase or write alone), "Read-While-Write and No Read-While-Write Flash
Sections" and table "SPM Programming Time" (3.7 to 4.5 ms). The ATtinys' say the same.
"""

from __future__ import annotations

import numpy as np
import pytest

from pyavr_sim import Chip, until

CHIPS = ["attiny85", "attiny1634", "atmega328p"]
SBI, SPM = 2, 1  # cycles of the instructions
WAKE_AND_RESPONSE = 8
ERASE_AND_WRITE, ERASE_ONLY, WRITE_ONLY = 0x00, 0x10, 0x20  # EEPM bits
PAGE_ERASE, PAGE_WRITE, FILL = 0x03, 0x05, 0x01  # SPMCSR
SPM_MS = 4.5


def eeprom_chip(build, mcu, *, value=0x5A, old=0xC3, mode=ERASE_AND_WRITE, delay=0, body="nop"):
    chip = Chip(mcu, build("eeprom_control.S", mcu, f"-DDELAY={delay}", f"-DBODY={body}"))
    chip.eeprom[3] = old
    chip.run(1000, until=until.symbol("read"))
    chip.registers[17], chip.registers[18] = value, mode
    return chip


def cycles_until(chip, symbol, cycles_max=1_000_000):
    begin = chip.cycle
    chip.run(cycles_max, until=until.symbol(symbol))
    return chip.cycle - begin


@pytest.mark.parametrize("mcu", CHIPS)
def test_a_read_halts_for_four_cycles_and_a_write_for_two(build, mcu):
    with eeprom_chip(build, mcu) as chip:
        assert cycles_until(chip, "was_read") == SBI + 4
        chip.run(100, until=until.symbol("start"))
        assert chip.registers[16] == 0xC3
        chip.run(100, until=until.symbol("write"))
        assert cycles_until(chip, "written") == SBI + 2
        assert chip.eeprom[3] == 0x5A


@pytest.mark.parametrize("mcu", CHIPS)
@pytest.mark.parametrize(
    ("mode", "ms", "result"),
    [
        (ERASE_AND_WRITE, 3.4, 0x5A),
        (ERASE_ONLY, 1.8, 0xFF),
        (WRITE_ONLY, 1.8, 0x5A & 0xC3),
    ],
    ids=["erase-and-write", "erase", "write"],
)
def test_a_write_takes_its_time(build, mcu, mode, ms, result):
    """Table "EEPROM Mode Bits". The ready interrupt wakes the chip at the end."""
    with eeprom_chip(build, mcu, mode=mode) as chip:
        chip.run(1000, until=until.symbol("write"))
        begin = chip.cycle
        chip.run(1000, until=until.symbol("written"))
        assert chip.data[0x3F if mcu.startswith("atmega") else 0x3C] & 2  # EEPE reads as one
        chip.run(1_000_000, until=until.address(vector(chip)))
        assert chip.cycle - begin == ms * chip.hz / 1000 + WAKE_AND_RESPONSE
        assert chip.eeprom[3] == result


def vector(chip):
    """Byte address of the ready interrupt's vector (tables "Reset and Interrupt Vectors")."""
    return {"attiny85": 6 * 2, "attiny1634": 26 * 4, "atmega328p": 22 * 4}[chip.name]


def test_the_ready_interrupt_asks_as_long_as_nothing_is_written(build):
    """EECR, EERIE: "generates a constant interrupt when EEPE is cleared"."""
    with eeprom_chip(build, "atmega328p") as chip:
        chip.run(1_000_000, until=until.ended())
        assert chip.registers[20] == 3


@pytest.mark.parametrize(("delay", "is_written"), [(0, True), (1, True), (10, False)])
def test_eepe_must_follow_eempe(build, delay, is_written):
    """EECR, EEMPE: "hardware clears the bit to zero after four clock cycles"."""
    with eeprom_chip(build, "atmega328p", delay=delay) as chip:
        chip.run(1000, until=until.symbol("write"))
        assert cycles_until(chip, "written") == (SBI + 2 if is_written else SBI)
        assert chip.eeprom[3] == (0x5A if is_written else 0xC3)


def test_nothing_is_read_or_written_while_a_write_goes_on(build):
    """EECR, EERE: "If a write operation is in progress, it is neither possible to read the
    EEPROM, nor to change the EEAR Register." EECR is 0x1f and EEDR 0x20 in I/O space.
    """
    body = "ldi r24, 0x77 $ out 0x20, r24 $ sbi 0x1f, 2 $ sbi 0x1f, 1 $ sbi 0x1f, 0 $ in r21, 0x20"
    with eeprom_chip(build, "atmega328p", body=body) as chip:
        chip.run(1_000_000, until=until.ended())
        assert (chip.eeprom[3], chip.registers[21]) == (0x5A, 0x77)


def test_an_atmega8_has_no_modes_and_takes_eight_and_a_half_milliseconds(build):
    """ATmega8 datasheet, Atmel-2486, table "EEPROM Programming Time"."""
    body = "-DBODY=nop $ 3: sbic EECR, 1 $ rjmp 3b $ nop"
    flags = ("-DDELAY=0", body, "-DEEMPE=EEMWE", "-DEEPE=EEWE", "-D__SFR_OFFSET=0")
    with Chip("atmega8", build("eeprom_control.S", "atmega8", *flags)) as chip:
        chip.run(1000, until=until.symbol("write"))
        chip.registers[18] = 0
        begin = chip.cycle
        chip.run(1_000_000, until=until.symbol("ready"))
        assert 0 <= chip.cycle - begin - 8.5e-3 * chip.hz < 20


def spm_chip(build, mcu, address, command, timing="datasheet"):
    chip = Chip(mcu, build("spm.S", mcu), timing=timing)
    chip.run(1000, until=until.symbol("start"))
    chip.registers[18] = command
    chip.registers[30:32] = [address & 0xFF, address >> 8]
    chip.flash[address] = 0x00
    chip.run(1000, until=until.symbol("program"))
    return chip


@pytest.mark.parametrize("command", [PAGE_ERASE, PAGE_WRITE])
@pytest.mark.parametrize(
    ("mcu", "address"),
    [
        ("attiny1634", 0x2000),
        ("attiny1634", 0x3FC0),
        ("atmega328p", 0x7000),
        ("atmega328p", 0x7F80),
    ],
)
def test_the_cpu_halts_for_a_page_that_cannot_be_read_meanwhile(build, mcu, address, command):
    """Datasheet: "the CPU is halted during the entire operation" in the NRWW section, from word
    0x3800 on (table "Read-While-Write Limit"); an ATtiny has no other.
    """
    with spm_chip(build, mcu, address, command) as chip:
        assert cycles_until(chip, "programmed") == SPM + SPM_MS * chip.hz / 1000
        chip.run(100, until=until.symbol("waited"))
        assert not chip.registers[19] & 0x41
        if command == PAGE_ERASE:
            assert chip.flash[address] == 0xFF


@pytest.mark.parametrize(
    ("mcu", "size"), [("attiny1634", 128), ("attiny841", 64), ("attiny85", 64), ("attiny13a", 32)]
)
def test_a_page_erase_clears_a_page_or_a_block_of_four(build, mcu, size):
    """avrdude.conf: page_size of the flash, and n_page_erase where it is 4."""
    address = 0x300 + 8
    with spm_chip(build, mcu, address, PAGE_ERASE) as chip:
        chip.flash[0x200:0x400] = 0
        chip.run(1_000_000, until=until.symbol("waited"))
        erased = np.flatnonzero(chip.flash[0x200:0x400] == 0xFF) + 0x200
    assert list(erased) == list(range(0x300, 0x300 + size))


@pytest.mark.parametrize("address", [0x2000, 0x6F80])
def test_the_firmware_goes_on_while_a_page_of_the_rww_section_is_erased(build, address):
    """SPMCSR: SPMEN stays until the operation is done, RWWSB until an SPM with
    RWWSRE.
    """
    with spm_chip(build, "atmega328p", address, PAGE_ERASE) as chip:
        begin = chip.cycle
        assert cycles_until(chip, "programmed") == SPM
        waiting = cycles_until(chip, "waited") + SPM
        assert 0 <= waiting - SPM_MS * chip.hz / 1000 < 10
        assert chip.cycle == begin + waiting
        chip.run(100, until=until.symbol("ended"))
        assert chip.registers[19] & 0x41 == 0x41  # RWWSB and SPMEN
        assert chip.registers[20] & 0x41 == 0x40
        assert chip.registers[22] & 0x41 == 0x41  # RWWSB cannot be written
        assert chip.registers[21] & 0x41 == 0
        assert chip.flash[address] == 0xFF


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega328p"])
def test_filling_the_page_buffer_takes_no_time(build, mcu):
    with spm_chip(build, mcu, 0x2000, FILL) as chip:
        assert cycles_until(chip, "programmed") == SPM


def test_simavr_timing_halts_for_nothing(build):
    mcu = "atmega328p"
    with spm_chip(build, mcu, 0x7000, PAGE_ERASE, timing="simavr") as chip:
        assert cycles_until(chip, "waited") == SPM + 1 + 1 + 2
    elf = build("eeprom_control.S", mcu, "-DDELAY=0", "-DBODY=nop")
    with Chip(mcu, elf, timing="simavr") as chip:
        chip.run(1000, until=until.symbol("read"))
        chip.registers[18] = 0
        assert cycles_until(chip, "was_read") == SBI
        chip.run(1000, until=until.symbol("write"))
        assert cycles_until(chip, "written") == SBI
        assert not chip.data[0x3F] & 2
