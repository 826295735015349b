# SPDX-License-Identifier: GPL-3.0-or-later
"""The first and last bytes of each memory of each chip, by every instruction that reaches them."""

from __future__ import annotations

import numpy as np
import pytest
from opcodes import assemble

from pyavr_sim import (
    Chip,
    ErasedFlashError,
    OutOfRangeAccessError,
    StackCollisionError,
    chips,
)

CHIPS = [description.name for description in chips()]
LOADS = {  # name: (instruction, pointer register, pointer before and after, from the address)
    "ld_x": (assemble("ld_x", d=16), 26, 0, 0),
    "ld_x_inc": (assemble("ld_x_inc", d=16), 26, 0, 1),
    "ld_x_dec": (assemble("ld_x_dec", d=16), 26, 1, 0),
    "ld_y_inc": (assemble("ld_y_inc", d=16), 28, 0, 1),
    "ld_y_dec": (assemble("ld_y_dec", d=16), 28, 1, 0),
    "ldd_y": (assemble("ldd_y", d=16, q=63), 28, -63, -63),
    "ld_z_inc": (assemble("ld_z_inc", d=16), 30, 0, 1),
    "ld_z_dec": (assemble("ld_z_dec", d=16), 30, 1, 0),
    "ldd_z": (assemble("ldd_z", d=16, q=1), 30, -1, -1),
}
STORES = {
    name.replace("ld", "st", 1): (
        assemble(name.replace("ld", "st", 1), r=16, **({"q": -p} if "d_" in name[:4] else {})),
        register,
        p,
        q,
    )
    for name, (_, register, p, q) in LOADS.items()
}


def load(chip: Chip, *instructions: list[int], at: int = 0) -> None:
    """Write code with some NOPs behind it."""
    if at == 0:
        instructions = (*instructions, [0] * 8)
    code = np.array([word for words in instructions for word in words], "<u2").view(np.uint8)
    chip.flash[at : at + len(code)] = code


def set_pair(chip: Chip, register: int, value: int) -> None:
    chip.data[register] = value & 0xFF
    chip.data[register + 1] = value >> 8 & 0xFF


def pair(chip: Chip, register: int) -> int:
    return int(chip.registers[register]) | int(chip.registers[register + 1]) << 8


@pytest.fixture(params=CHIPS)
def chip(request):
    with Chip(request.param) as made:
        yield made


@pytest.mark.parametrize("form", LOADS)
def test_loads_reach_the_ends_of_sram_and_no_further(chip, form):
    instruction, register, before, after = LOADS[form]
    load(chip, instruction)
    for address in (chip.description.sram_start, chip.description.sram_end):
        chip.reset()
        chip.data[address], chip.registers[16] = 0x5A, 0
        set_pair(chip, register, address + before)
        start = chip.cycle
        chip.run(1)
        assert chip.registers[16] == 0x5A
        assert pair(chip, register) == address + after
        assert chip.cycle - start == 2
    for address in (chip.description.sram_end + 1, 0xFFFF):
        chip.reset()
        set_pair(chip, register, address + before)
        with pytest.raises(OutOfRangeAccessError) as caught:
            chip.run(1)
        assert (caught.value.address, caught.value.pc) == (address, 0)


@pytest.mark.parametrize("form", STORES)
def test_stores_reach_the_ends_of_sram_and_no_further(chip, form):
    instruction, register, before, after = STORES[form]
    load(chip, instruction)
    for address in (chip.description.sram_start, chip.description.sram_end):
        chip.reset()
        chip.data[address], chip.registers[16] = 0, 0xA5
        set_pair(chip, register, address + before)
        start = chip.cycle
        chip.run(1)
        assert chip.data[address] == 0xA5
        assert pair(chip, register) == address + after
        assert chip.cycle - start == 2
    for address in (chip.description.sram_end + 1, 0xFFFF):
        chip.reset()
        set_pair(chip, register, address + before)
        with pytest.raises(OutOfRangeAccessError) as caught:
            chip.run(1)
        assert (caught.value.address, caught.value.pc) == (address, 0)


def test_a_pointer_wraps_from_the_end_of_the_data_space_to_r0(chip):
    load(chip, assemble("ldd_y", d=16, q=3), assemble("ld_x_dec", d=17))
    chip.registers[2] = 0x77
    set_pair(chip, 28, 0xFFFF)
    chip.run(1)
    assert chip.registers[16] == 0x77
    set_pair(chip, 26, 3)
    chip.run(1)
    assert (chip.registers[17], pair(chip, 26)) == (0x77, 2)


def test_direct_addresses_reach_registers_and_the_ends_of_sram(chip):
    end = chip.description.sram_end
    for address in (1, 15, chip.description.sram_start, end):
        chip.reset()
        load(chip, assemble("sts", d=18, k=address), assemble("lds", d=19, k=address))
        chip.registers[18] = 0xC3
        chip.run(4)
        assert chip.data[address] == chip.registers[19] == 0xC3
    for name in ("lds", "sts"):
        chip.reset()
        load(chip, assemble(name, d=18, k=end + 1))
        with pytest.raises(OutOfRangeAccessError):
            chip.run(1)


def test_the_stack_ends_at_the_last_byte_of_sram(chip):
    end = chip.description.sram_end
    load(chip, assemble("push", d=5), assemble("pop", d=6), assemble("pop", d=7))
    set_pair(chip, 0x5D, end)
    chip.registers[5] = 0x3C
    chip.run(4)
    assert chip.data[end] == chip.registers[6] == 0x3C
    with pytest.raises(OutOfRangeAccessError):
        chip.run(1)


def test_the_stack_reaches_the_first_byte_of_sram_and_no_further(chip):
    start = chip.description.sram_start
    load(chip, assemble("push", d=5), assemble("push", d=5))
    set_pair(chip, 0x5D, start)
    chip.registers[5] = 0x3C
    chip.run(1)
    assert (chip.data[start], chip.sp) == (0x3C, start - 1)
    with pytest.raises(StackCollisionError):
        chip.run(1)


def test_lpm_reads_to_the_last_byte_of_flash(chip):
    last = chip.description.flash_bytes - 1
    load(chip, assemble("lpm_z_inc", d=16), assemble("lpm_z_inc", d=17), assemble("lpm_z", d=18))
    chip.flash[last - 1 : last + 1] = (0x12, 0x34)
    set_pair(chip, 30, last - 1)
    chip.run(6)
    assert chip.registers[16:18].tolist() == [0x12, 0x34]
    assert pair(chip, 30) == (last + 1) & 0xFFFF
    with pytest.raises(OutOfRangeAccessError) as caught:
        chip.run(1)
    assert caught.value.address == last + 1


def test_lpm_wraps_where_z_does():
    """64 KiB and more: LPM sees the lower half only, ELPM all of it."""
    with Chip("atmega1284p") as chip:
        chip.flash[0x10000], chip.flash[0x1FFFF] = 0x9A, 0xBC
        load(chip, assemble("lpm_z_inc", d=16), assemble("lpm_z", d=17))
        set_pair(chip, 30, 0xFFFF)
        chip.run(6)
        assert (pair(chip, 30), chip.registers[17]) == (0, chip.flash[0])

        chip.reset()
        load(chip, assemble("elpm_z_inc", d=16), assemble("elpm_z", d=17))
        set_pair(chip, 30, 0xFFFF)
        chip.data[0x5B] = 0
        chip.run(6)
        assert (pair(chip, 30), chip.data[0x5B], chip.registers[17]) == (0, 1, 0x9A)


def test_code_runs_to_the_last_word_and_not_beyond(chip):
    end = chip.description.flash_bytes
    load(chip, assemble("nop"), at=end - 2)
    chip.pc = end - 2
    chip.run(1)
    assert chip.pc in (0, end)
    with pytest.raises((OutOfRangeAccessError, ErasedFlashError)):
        chip.run(10)


def test_relative_jumps_wrap_around_flash(chip):
    """Manual, RJMP: the program counter has as many bits as flash needs."""
    end = chip.description.flash_bytes
    load(chip, assemble("rjmp", k=-2))
    load(chip, assemble("rjmp", k=2), at=end - 2)
    chip.run(1)
    assert chip.pc == end - 2
    chip.run(1)
    assert chip.pc == 4
