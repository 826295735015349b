# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recording holds, against counts by hand and against single steps."""

from __future__ import annotations

import subprocess
from collections import Counter

import numpy as np
import pytest

from pyavr_sim import (
    Chip,
    CycleLimitError,
    FirmwareFault,
    NotTrackedError,
    StopReason,
    SymbolError,
    recorder,
    until,
)
from pyavr_sim.recording import record

RESPONSE_CYCLES = 4
VECTORS_BYTES = 104  # of the chips below, at least


def paths(tree):
    """Cycles by path of function addresses, with interrupts marked."""
    found = Counter()
    for node in range(len(tree)):
        path = tree.path(node)[1:]
        key = tuple((int(tree.address[n]), bool(tree.is_interrupt[n])) for n in path)
        found[key] += int(tree.cycles_self[node])
    return +found


def stepped_paths(chip, cycles):
    """The same by single steps: a step's cycles are those of the path that it began in, but for
    the response of an interrupt that it ends with."""
    found = Counter()
    path = ()
    while chip.cycle < cycles:
        before = chip.cycle
        chip.run(1)
        calls = chip.calls.frames[1:]
        after = tuple((frame.address, frame.is_interrupt) for frame in calls)
        stands_at_vector = 0 < chip.pc < VECTORS_BYTES
        response = RESPONSE_CYCLES if stands_at_vector else 0
        found[path] += chip.cycle - before - response
        found[after] += response
        path = after
    return +found


def test_cycles_by_path_counted_by_hand(build):
    """counted.S: one call of routine, which takes 6 cycles."""
    with Chip("atmega328p", build("counted.S", "atmega328p", "-nostartfiles")) as chip:
        recording = record(chip, 1000, until.ended())
        tree = recording.call_tree
        routine = chip.symbols["routine"].address
        assert paths(tree) == {(): chip.cycle - 6, ((routine, False),): 6}
        assert tree.calls.tolist() == [0, 1]
        (edge,) = tree.edges
        site = chip.symbols["begin"].address + 6
        assert (edge.caller, edge.site, edge.callee) == (0, site, routine)
        assert (edge.calls, edge.cycles) == (1, 6)
        assert recording.stop is not None
        assert recording.stop.reason is StopReason.ENDED


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega328p"])
def test_cycles_by_path_equal_single_steps(restless, mcu):
    cycles = 12_000
    one, other = restless(mcu, 3), restless(mcu, 3)
    with one.power_up() as chip, other.power_up() as single:
        recording = record(chip, cycles)
        assert paths(recording.call_tree) == stepped_paths(single, chip.cycle)
        assert recording.call_tree.cycles_self.sum() == recording.cycles == chip.cycle
        assert recording.call_tree.is_interrupt.any()


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega328p"])
@pytest.mark.parametrize("slices", [2, 8, 256])
def test_lowest_sp_of_each_slice_equals_single_steps(restless, mcu, slices):
    with restless(mcu, 4).power_up() as chip, restless(mcu, 4).power_up() as single:
        recording = record(chip, 12_000, slices=slices)
        assert len(recording.slice_cycles) <= slices
        assert recording.slice_cycles[-1] == recording.cycle_end
        assert (np.diff(recording.slice_cycles) > 0).all()
        for end, lowest in zip(
            recording.slice_cycles.tolist(), recording.slice_sp_lowest.tolist(), strict=True
        ):
            found = single.sp
            while single.cycle < end:
                single.run(1)
                found = min(found, single.sp)
            assert lowest == found
        assert chip.description.sram_end - min(recording.slice_sp_lowest) == chip.stack_high_water


def test_a_slice_tells_what_a_frame_took(build):
    """stack.S reaches 259 bytes by pushes and by a frame; a later slice knows only its own."""
    with Chip("atmega328p", build("stack.S", "atmega328p", "-nostartfiles", "-DSPH_FIRST")) as chip:
        end = chip.description.sram_end
        chip.run(1000, until=until.symbol("leaf"))
        deep = record(chip, 1)
        assert end - deep.slice_sp_lowest.min() == 259
        chip.run(1000, until=until.symbol("done"))
        shallow = record(chip, 10)
        assert end - shallow.slice_sp_lowest.min() == 0
        assert shallow.stack_high_water == shallow.deepest.stack_bytes == 259


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega328p"])
def test_a_recorded_run_is_the_same_run(restless, mcu):
    with restless(mcu, 5).power_up() as chip, restless(mcu, 5).power_up() as plain:
        chip.keep_history(interval_cycles=7_000)
        recording = record(chip, 100_000, variables=["mix"])
        stop = plain.run(100_000)
        assert recording.stop == stop
        assert chip.state_hash() == plain.state_hash()
        assert np.array_equal(chip.profile().hits, plain.profile().hits)
        assert np.array_equal(recording.slice_sram[-1], plain.sram)
        assert chip.calls_deepest == plain.calls_deepest
        assert recording.uart == plain.uart(0).read() != b""


def test_a_condition_is_met_at_the_end_of_any_slice(build, monkeypatch):
    """A slice that ends right before the awaited instruction must not miss it."""
    elf = build("ticks.c", "attiny85")
    with Chip("attiny85", elf) as plain:
        plain.run(1_000)
        arrival = plain.run(50_000, until.symbol("step"))
    slice_cycles = 50  # steps are further apart
    monkeypatch.setattr(recorder, "SLICE_CYCLES", slice_cycles)
    ends_there = False
    for start in range(arrival.cycle - slice_cycles - 8, arrival.cycle - slice_cycles + 1):
        with Chip("attiny85", elf) as chip:
            chip.run(start)
            recording = record(chip, 50_000, until.symbol("step"))
            assert recording.stop == arrival
            ends_there |= recording.cycles == slice_cycles
    assert ends_there


def test_a_run_that_is_cut_short_is_recorded_up_to_there(build):
    with Chip("attiny85", build("ticks.c", "attiny85")) as chip:
        recording = record(chip, 5_000, until.ended())
        assert isinstance(recording.error, CycleLimitError)
        assert recording.stop is None
        assert recording.cycle_end == chip.cycle >= 5_000
        assert recording.call_tree.cycles_self.sum() == recording.cycles


def test_an_erased_chip_is_refused():
    with Chip("attiny85") as erased, pytest.raises(ValueError, match="no firmware"):
        record(erased, 100)


def test_faulting_firmware_keeps_its_record(build):
    with Chip("atmega328p", build("faults.c", "atmega328p", "-DFAULT=2")) as chip:
        recording = record(chip, 100_000)
        assert isinstance(recording.error, FirmwareFault)
        assert recording.findings
        assert recording.call_tree.cycles_self.sum() == recording.cycles


@pytest.mark.parametrize("depth", [10, 300])
def test_recursion_makes_a_node_a_level_up_to_a_bound(build, depth):
    flags = ("-O1", "-fno-optimize-sibling-calls", f"-DDEPTH={depth}")
    with Chip("atmega328p", build("branches.c", "atmega328p", *flags)) as chip:
        recording = record(chip, 200_000, until.ended())
        tree = recording.call_tree
        name = next(n for n in chip.symbols if n.startswith("deep"))
        nodes = tree.address == chip.symbols[name].address
        # main and the start are on the path, too.
        assert nodes.sum() == min(depth + 1, 256 - 1)
        assert tree.calls[nodes].sum() + tree.calls_merged == depth + 1
        assert tree.cycles_self.sum() == recording.cycles
        inner = [e for e in tree.edges if e.caller == e.callee]
        outer = [e for e in tree.edges if e.callee == chip.symbols[name].address != e.caller]
        assert sum(e.cycles for e in inner) < sum(e.cycles for e in outer) < recording.cycles


def test_frames_left_by_longjmp_lose_no_cycle(build):
    with Chip("atmega328p", build("jumps_out.c", "atmega328p")) as chip:
        recording = record(chip, 100_000, until.ended())
        assert recording.call_tree.cycles_self.sum() == recording.cycles


def test_changes_of_pins_and_variables_equal_single_steps(build):
    elf = build("branches.c", "atmega328p", "-O0", "-DDEPTH=0")
    with Chip("atmega328p", elf) as chip, Chip("atmega328p", elf) as single:
        single.run(1000, until.symbol("main"))
        chip.run(1000, until.symbol("main"))
        recording = record(chip, 10_000, until.ended(), variables=["count"])
        level, count = single.pin("B0").level, int(single.var("count"))
        pins, counts = [(single.cycle, int(level))], [(single.cycle, count)]
        while single.cycle < chip.cycle:
            cycle = single.cycle
            single.run(1)
            if single.pin("B0").level != pins[-1][1]:
                pins.append((cycle, int(single.pin("B0").level)))
            if int(single.var("count")) != counts[-1][1]:
                counts.append((cycle, int(single.var("count"))))
    (pin,), (variable,) = recording.pin_changes, recording.variable_changes
    assert pin.name == "B0"
    assert list(zip(pin.cycles.tolist(), pin.values.tolist(), strict=True)) == pins
    assert list(zip(variable.cycles.tolist(), variable.values.tolist(), strict=True)) == counts
    assert len(pins) == 5
    assert variable.values[-1] == 3
    # 0xFFFF + 1 is stored as two bytes, and seen so.
    assert {0x00FF, 0xFF00} & set(variable.values.tolist())


def test_calls_that_were_open_are_known(build):
    with Chip("attiny85", build("ticks.c", "attiny85")) as chip:
        chip.run(10_000, until=until.symbol("step"))
        recording = record(chip, 3_000)
        tree = recording.call_tree
        assert [tree.name(n) for n in range(3)] == ["start-up code", "main", "step"]
        assert tree.calls[:2].tolist() == [0, 0]
        assert tree.cycles_self.sum() == recording.cycles
        events = recording.call_events
        assert events.at_start == tuple(int(a) for a in tree.address[1:3])
        assert events.open_calls.min() >= 1


def test_intel_hex_is_recorded_by_address(build, tmp_path):
    elf, hexed = build("ticks.c", "attiny85"), tmp_path / "ticks.hex"
    subprocess.run(["avr-objcopy", "-O", "ihex", elf, hexed], check=True)
    with Chip("attiny85", hexed) as chip, Chip("attiny85", elf) as named:
        by_address, by_name = record(chip, 5_000), record(named, 5_000)
        assert paths(by_address.call_tree) == paths(by_name.call_tree)
        assert by_address.call_tree.name(1).startswith("0x")


def test_what_cannot_be_recorded_is_refused_and_leaves_the_chip_alone(build):
    elf = build("ticks.c", "attiny85")
    with Chip("attiny85", elf, tracking=False) as untracked, pytest.raises(NotTrackedError):
        record(untracked, 100)
    with Chip("attiny85", elf) as chip:
        with pytest.raises(ValueError, match="even number"):
            record(chip, 100, slices=3)
        with pytest.raises(SymbolError):
            record(chip, 100, variables=["nothing"])
        with pytest.raises(SymbolError, match="at most 8 bytes of SRAM"):
            record(chip, 100, variables=["PORTB"])
        with pytest.raises(ValueError, match="Q9"):
            record(chip, 100, pins=["Q9"])
        assert record(chip, 100).cycles >= 100
