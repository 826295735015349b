# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: what no chip can do sensibly is caught, where it happens, on every chip."""

from __future__ import annotations

import numpy as np
import pytest

from pyavr_sim import (
    Chip,
    ErasedFlashError,
    FirmwareFault,
    IllegalInstructionError,
    OutOfRangeAccessError,
    StackCollisionError,
    StopReason,
    until,
)

CHIPS = ["attiny13a", "attiny85", "attiny1634", "atmega88p", "atmega328p"]
LIMIT = 100_000


@pytest.fixture(params=CHIPS)
def faulty(request, build):
    def start(number: int) -> Chip:
        firmware = build("faults.c", request.param, f"-DFAULT={number}")
        return Chip(request.param, firmware, seed=number)

    return start


def caught(chip: Chip, kind: type[FirmwareFault]) -> FirmwareFault:
    with pytest.raises(kind) as info:
        chip.run(LIMIT)
    return info.value


def test_a_healthy_firmware_has_no_fault(faulty):
    with faulty(0) as chip:
        assert chip.run(LIMIT).reason is StopReason.ENDED


def test_a_store_behind_ramend_is_caught(faulty):
    with faulty(1) as chip:
        fault = caught(chip, OutOfRangeAccessError)
        assert fault.address == chip.description.sram_end + 1
        assert fault.function == "culprit"
        assert fault.pc == chip.pc
        assert fault.cycle == chip.cycle
        assert "wrote" in str(fault)


def test_a_load_behind_ramend_is_caught(faulty):
    with faulty(2) as chip:
        fault = caught(chip, OutOfRangeAccessError)
        assert fault.address == chip.description.sram_end + 1
        assert "read" in str(fault)


def test_a_pointer_that_runs_off_the_end_is_caught_at_the_first_byte(faulty):
    with faulty(3) as chip:
        assert caught(chip, OutOfRangeAccessError).address == chip.description.sram_end + 1


def test_endless_recursion_is_caught_when_it_meets_static_data(faulty):
    with faulty(4) as chip:
        fault = caught(chip, StackCollisionError)
        static_end = chip.description.sram_start + chip.static_bytes
        assert fault.address == static_end - 1
        assert fault.function == "recurse"
        # Static data is still whole: the write that would have damaged it did not happen.
        assert chip.var("ballast")[0] == 1


def test_execution_of_erased_flash_is_caught(faulty):
    with faulty(5) as chip:
        fault = caught(chip, ErasedFlashError)
        assert fault.pc == fault.address == chip.description.flash_bytes - 18


def test_lpm_beyond_flash_is_caught(faulty):
    with faulty(6) as chip:
        assert caught(chip, OutOfRangeAccessError).address == 0xFFFF


def test_a_pop_from_an_empty_stack_is_caught(faulty):
    with faulty(7) as chip:
        assert caught(chip, OutOfRangeAccessError).address == chip.description.sram_end + 1


def test_a_store_to_the_last_data_address_is_caught(faulty):
    with faulty(8) as chip:
        assert caught(chip, OutOfRangeAccessError).address == 0xFFFF


def test_spm_beyond_flash_is_caught(faulty):
    with faulty(9) as chip:
        assert caught(chip, OutOfRangeAccessError).address == 0xFFFF


def test_a_fault_stays_until_a_reset(faulty):
    with faulty(1) as chip:
        first = caught(chip, OutOfRangeAccessError)
        assert str(caught(chip, OutOfRangeAccessError)) == str(first)
        chip.reset()
        assert chip.run(2).reason is StopReason.CYCLES
        assert caught(chip, OutOfRangeAccessError).cycle > first.cycle


@pytest.mark.parametrize("mcu", CHIPS)
def test_an_erased_chip_faults_at_once(mcu):
    with Chip(mcu) as chip, pytest.raises(ErasedFlashError) as info:
        chip.run(LIMIT)
    assert (info.value.pc, info.value.cycle, info.value.function) == (0, 0, None)


@pytest.mark.parametrize("mcu", CHIPS)
def test_falling_off_the_end_of_flash_is_caught(mcu):
    with Chip(mcu) as chip:
        chip.flash[:] = 0  # NOPs
        with pytest.raises(ErasedFlashError, match="past the end") as info:
            chip.run(LIMIT)
        assert info.value.cycle == info.value.pc // 2 == chip.description.flash_bytes // 2


@pytest.mark.parametrize(
    ("mcu", "word"),
    [
        ("attiny85", 0x9C01),  # MUL r0,r1: the ATtinies have none
        ("attiny1634", 0x0201),  # MULS
        ("attiny85", 0x940C),  # JMP: 8 KB need none
        ("atmega328p", 0x95D8),  # ELPM: 32 KB have no RAMPZ
        ("atmega328p", 0x9404),  # reserved
        ("atmega328p", 0x00FF),
        ("atmega328p", 0xF80C),  # BLD with bit 3 set
    ],
)
def test_a_word_that_is_no_instruction_of_the_core_is_caught(mcu, word):
    with Chip(mcu) as chip:
        chip.flash[:4] = [0, 0, word & 0xFF, word >> 8]  # NOP first
        with pytest.raises(IllegalInstructionError, match=f"0x{word:04X}") as info:
            chip.run(LIMIT)
    assert (info.value.pc, info.value.cycle) == (2, 1)


@pytest.mark.parametrize("word", [0x9C01, 0x0201, 0x940C])
def test_the_same_words_run_where_the_core_has_them(word):
    with Chip("atmega328p") as chip:
        chip.flash[:2] = [word & 0xFF, word >> 8]
        chip.flash[2:4] = 0
        assert chip.run(1).reason is StopReason.CYCLES


def test_elpm_reads_the_upper_half_of_a_large_flash():
    with Chip("atmega1284p") as chip:
        chip.flash[:2] = [0x07, 0x90]  # ELPM r0,Z+
        chip.flash[0x1FFFF] = 42
        chip.data[0x5B] = 1  # RAMPZ
        chip.registers[30:32] = 0xFF
        chip.run(1)
        assert chip.registers[0] == 42
        assert (chip.data[0x5B], list(chip.registers[30:32])) == (2, [0, 0])


def test_an_interrupt_that_pushes_into_static_data_is_caught(build):
    with Chip("attiny85", build("interrupted.S", "attiny85")) as chip:
        chip.run(1000, until=until.symbol("ready"))
        low = chip.description.sram_start  # no static data
        chip.data[0x5D], chip.data[0x5E] = low & 0xFF, low >> 8  # SP: one byte is left
        with pytest.raises(StackCollisionError) as info:
            chip.run(LIMIT)
        ready = chip.symbols["ready"].address
        assert info.value.address == low - 1
        assert info.value.pc in (ready, ready + 2)  # the instruction that was interrupted


@pytest.mark.parametrize("mcu", CHIPS)
def test_random_programs_never_harm_the_process(mcu):
    """Whatever is executed ends as a stop or a fault."""
    dice = np.random.default_rng(1634)
    for seed in range(150):
        with Chip(mcu, seed=seed) as chip:
            chip.flash[:] = dice.integers(0, 256, chip.flash.size, np.uint8)
            for _ in range(3):
                try:
                    chip.run(3000)
                except FirmwareFault:
                    chip.reset()
