# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a debugger's motions end, against a chip that is stepped one instruction at a time."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pyavr_sim import Chip
from pyavr_sim.debug.motion import Access, Halt, HaltReason, Motion, Watchpoint

CYCLES = 15_000
R24, SPL, SREG, TCNT0, UDR0, STACK, DEEPEST = 24, 0x5D, 0x5F, 0x46, 0xC6, 0x8FA, 0x8F8


@dataclass(frozen=True)
class Boundary:
    """Between two instructions: where, and what the data space holds."""

    cycle: int
    pc: int
    data: bytes


@pytest.fixture(scope="module")
def trace(stations) -> list[Boundary]:
    """Every boundary that a run of one cycle ends at."""
    found = []
    with Chip("atmega328p", stations) as chip:
        while chip.cycle < CYCLES:
            found.append(Boundary(chip.cycle, chip.pc, chip.data.tobytes()))
            chip.run(1)
    return found


@pytest.fixture
def motion(stations):
    with Chip("atmega328p", stations) as chip:
        yield Motion(chip, chip.keep_history(interval_cycles=500))


def over(moves: Generator[Halt | None, None, None]) -> Halt:
    return next(halt for halt in moves if halt is not None)


def forth(motion: Motion) -> list[int]:
    """Cycles of all halts from here to CYCLES, as `continue` finds them."""
    cycles = []
    while motion.chip.cycle < CYCLES:
        assert over(motion.run()).reason in (HaltReason.BREAKPOINT, HaltReason.WATCHPOINT)
        cycles.append(motion.chip.cycle)
    return cycles[:-1]


def back(motion: Motion) -> list[int]:
    """Cycles of all halts down to the history's begin, as `reverse-continue` finds them."""
    cycles = []
    while over(motion.run_back()).reason is not HaltReason.HISTORY_BEGINS:
        cycles.append(motion.chip.cycle)
    assert motion.chip.cycle == 0
    return cycles


def test_breakpoints_are_met_forth_and_back_whenever_a_stepped_chip_comes_by(motion, trace):
    chip = motion.chip
    places = {chip.symbols[name].address for name in ("twice", "main", "__vector_16")}
    places.add(next(b.pc for b in trace if b.cycle > 9_000))
    for place in places:
        motion.add_breakpoint(place)
    expected = [b.cycle for b in trace if b.pc in places]

    assert forth(motion) == expected
    assert back(motion) == expected[::-1]


@pytest.mark.parametrize(
    ("address", "size"),
    [(0x100, 1), (0x102, 2), (STACK, 1), (DEEPEST, 1), (R24, 2), (SPL, 1)],
    ids=["first", "steps", "stack", "interrupted", "r24", "SP"],
)
def test_every_change_of_a_watched_byte_is_a_hit_forth_and_back(motion, trace, address, size):
    """A write of what is there already is a hit, too, and no change."""
    changes = [
        (before.cycle, after.cycle)
        for before, after in itertools.pairwise(trace)
        if before.data[address : address + size] != after.data[address : address + size]
    ]
    assert changes
    motion.add_watchpoint(Watchpoint(address, size, Access.WRITE))

    found = forth(motion)
    assert {after for _, after in changes} <= {*found, motion.chip.cycle}
    assert {before for before, _ in changes} <= set(back(motion))


def test_what_is_watched_does_not_change_what_happens(motion, stations):
    motion.add_breakpoint(motion.chip.symbols["twice"].address)
    motion.add_watchpoint(Watchpoint(0x104, 1, Access.ANY))
    motion.add_watchpoint(Watchpoint(R24, 1, Access.ANY))
    motion.add_watchpoint(Watchpoint(UDR0, 1, Access.ANY))
    forth(motion)

    with Chip("atmega328p", stations) as plain:
        plain.run(motion.chip.cycle)
        assert plain.state_hash() == motion.chip.state_hash()


def test_steps_back_meet_every_boundary(motion, trace):
    motion.chip.run(3_000)
    expected = [b for b in trace if b.cycle < motion.chip.cycle][::-1]

    for boundary in expected[:400]:
        assert over(motion.step_back()).reason is HaltReason.STEPPED
        assert (motion.chip.cycle, motion.chip.pc) == (boundary.cycle, boundary.pc)
        assert motion.chip.data.tobytes() == boundary.data


def test_a_step_serves_an_interrupt_to_its_end(motion, trace):
    """Main goes from each of its instructions to the next, as if there were no interrupt."""
    vector = 2 * 2 * 16
    entries = [n for n, b in enumerate(trace) if b.pc == vector]
    symbol = motion.chip.symbols["__vector_16"]
    handler = range(symbol.address, symbol.address + symbol.size)
    assert len(entries) > 20
    for entry in entries[:5]:
        before = trace[entry - 1]
        motion.chip.run(before.cycle - motion.chip.cycle)
        returned = next(b for b in trace[entry:] if b.pc != vector and b.pc not in handler)
        assert over(motion.step()).reason is HaltReason.STEPPED
        assert (motion.chip.cycle, motion.chip.pc) == (returned.cycle, returned.pc)


def test_a_breakpoint_in_the_interrupt_ends_the_step(motion, trace):
    entry = next(n for n, b in enumerate(trace) if b.pc == 64)
    motion.chip.run(trace[entry - 1].cycle)
    motion.add_breakpoint(motion.chip.symbols["__vector_16"].address)

    assert over(motion.step()).reason is HaltReason.BREAKPOINT
    assert motion.chip.pc == motion.chip.symbols["__vector_16"].address


def test_reads_of_io_and_of_variables_are_told_from_writes(motion):
    ticks, udr0 = Watchpoint(0x104, 1, Access.READ), Watchpoint(UDR0, 1, Access.WRITE)
    motion.add_watchpoint(ticks)
    assert over(motion.run()) == Halt(HaltReason.WATCHPOINT, ticks)
    assert motion.chip.names.function_at(motion.chip.pc) == "__vector_16"
    motion.remove_watchpoint(ticks)
    motion.add_watchpoint(udr0)
    assert over(motion.run()) == Halt(HaltReason.WATCHPOINT, udr0)
    assert motion.chip.uart(0).read() == b"r"


def test_each_instruction_that_reads_a_register_is_found(tmp_path):
    elf, source = tmp_path / "reads.elf", Path(__file__).parent / "firmware" / "register_reads.S"
    subprocess.run(["avr-gcc", "-mmcu=atmega328p", "-o", str(elf), str(source)], check=True)
    with Chip("atmega328p", elf) as chip:
        motion = Motion(chip, chip.keep_history())
        motion.add_watchpoint(Watchpoint(16, 1, Access.READ))
        motion.add_breakpoint(chip.symbols["done"].address)
        found = []
        while over(motion.run()).reason is HaltReason.WATCHPOINT:
            found.append(chip.pc)
        labels = sorted(s.address for n, s in chip.symbols.items() if n.startswith("read_"))

    assert found == labels


def test_two_watchpoints_on_one_byte_leave_each_other_alone(motion):
    write, any_access = Watchpoint(0x104, 1, Access.WRITE), Watchpoint(0x104, 1, Access.ANY)
    motion.add_watchpoint(write)
    motion.add_watchpoint(any_access)
    motion.remove_watchpoint(any_access)
    assert over(motion.run()).watchpoint == write
    motion.forget_all()
    assert next(motion.run()) is None


def test_a_breakpoint_behind_sei_does_not_shorten_its_delay(tmp_path):
    """An interrupt that waits is taken behind the instruction after SEI, stopped at or not."""
    source = Path(__file__).parents[1] / "emulator" / "firmware" / "stop_after_sei.S"
    elf, flags = tmp_path / "sei.elf", ["-mmcu=atmega328p", "-nostartfiles"]
    subprocess.run(["avr-gcc", *flags, "-o", str(elf), str(source)], check=True)
    with Chip("atmega328p", elf) as chip, Chip("atmega328p", elf) as plain:
        motion = Motion(chip, chip.keep_history())
        for address in range(0, 0x200, 2):
            motion.add_breakpoint(address)
        while over(motion.run()).reason is HaltReason.BREAKPOINT:
            pass
        plain.run(2_000)

        assert chip.pc == plain.pc
        assert chip.registers[17:19].tolist() == plain.registers[17:19].tolist()
        assert chip.registers[17] == 1
