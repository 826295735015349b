# SPDX-License-Identifier: GPL-3.0-or-later
"""A chip's memories, its life and death, and its use from threads."""

from __future__ import annotations

import gc
import resource
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import pyavr_sim
from pyavr_sim import (
    Chip,
    ChipBusyError,
    ChipClosedError,
    Firmware,
    StopReason,
    UnknownChipError,
    WrongChipError,
    chips,
    until,
)


def test_the_tested_chips_are_described_as_in_their_datasheets():
    found = {c.name: (c.flash_bytes, c.sram_bytes, c.eeprom_bytes, c.has_mul) for c in chips()}

    assert found == {
        "attiny13a": (1024, 64, 64, False),
        "attiny85": (8192, 512, 512, False),
        "attiny88": (8192, 512, 64, False),
        "attiny841": (8192, 512, 512, False),
        "attiny1634": (16384, 1024, 256, False),
        "atmega88p": (8192, 1024, 512, True),
        "atmega168p": (16384, 1024, 512, True),
        "atmega328p": (32768, 2048, 1024, True),
    }
    assert {c.name: c.hz_default for c in chips()}["attiny13a"] == 9_600_000


@pytest.mark.parametrize("name", ["attiny9999", "", "ATMEGA328P", "atmega16m1", "atmega2560"])
def test_a_chip_that_cannot_be_had_is_refused_with_the_reason(name):
    with pytest.raises(UnknownChipError, match=r"Use an|expected one of"):
        Chip(name)


def test_wrong_arguments_are_refused():
    for hz in (0, -1, 100_000_001):
        with pytest.raises(ValueError, match="hz"):
            Chip("attiny85", hz=hz)
    with pytest.raises(TypeError):
        Chip("attiny85", hz=1.5)
    with pytest.raises(TypeError):
        Chip("attiny85", seed="x")
    with pytest.raises(TypeError):
        Chip(85)


def test_sram_at_power_up_is_random_and_repeats_with_the_seed():
    a, b, c = (Chip("attiny1634", seed=seed) for seed in (1, 1, 2))
    with a, b, c:
        np.testing.assert_array_equal(a.sram, b.sram)
        np.testing.assert_array_equal(a.registers, b.registers)
        assert (a.sram != c.sram).mean() > 0.98
        assert len(np.unique(a.sram)) > 200
        assert (a.registers != c.registers).sum() > 25
        np.testing.assert_array_equal(a.data[32:256], c.data[32:256])  # I/O is not random


def test_a_reset_keeps_sram_and_starts_over(build):
    with Chip("attiny85", build("values.c", "attiny85")) as chip:
        chip.run(3000)
        sram, cycle = chip.sram.copy(), chip.cycle
        chip.reset()
        np.testing.assert_array_equal(chip.sram, sram)
        assert (chip.pc, chip.cycle) == (0, cycle)
        assert chip.run(1_000_000).reason is StopReason.ENDED


def test_views_are_live_in_both_directions(build):
    with Chip("attiny1634", build("values.c", "attiny1634")) as chip:
        medium, sram = chip.var("medium"), chip.sram
        chip.run(1_000_000, until=until.value("medium", "==", 600))
        assert medium == 600
        offset = chip.symbols["medium"].address - chip.description.sram_start
        assert bytes(sram[offset : offset + 2]) == (600).to_bytes(2, "little")
        sram[offset] = 1
        assert medium == 0x201
        assert chip.data.size == chip.description.sram_end + 1
        assert chip.sram.size == 1024
        assert chip.var("table").shape == (4,)


def test_flash_written_by_the_host_is_what_runs_next():
    with Chip("attiny85") as chip:
        chip.flash[:4] = [0x0A, 0xE2, 0xFF, 0xCF]  # ldi r16, 42; rjmp .-2
        chip.run(10)
        assert chip.registers[16] == 42
        chip.flash[0] = 0x0B  # ldi r16, 43
        chip.reset()
        chip.run(10)
        assert chip.registers[16] == 43


@pytest.mark.parametrize(
    "mcu",
    [
        "attiny13a",
        "attiny2313",
        "attiny84",
        *(chip.name for chip in chips() if chip.name != "attiny13a"),
    ],
)
def test_flash_written_by_the_firmware_is_what_runs_next(build, mcu):
    with Chip(mcu, build("selfprog.c", mcu)) as chip:
        chip.run(200_000, until=until.ended())  # erase and write take 4.5 ms each
        assert chip.var("answer") == 42


def test_another_firmware_can_be_programmed(build):
    with Chip("attiny85", build("values.c", "attiny85")) as chip:
        chip.run(5000)
        chip.load(build("ticks.c", "attiny85"))
        chip.run(1_000_000, until=until.ended())
        assert chip.var("ticks") > 0
        with pytest.raises(WrongChipError):
            chip.load(build("ticks.c", "atmega328p"))
        assert chip.var("ticks") > 0


def test_a_firmware_can_be_loaded_once_for_many_chips(build):
    firmware = Firmware.load(build("ticks.c", "attiny85"))
    with Chip("attiny85", firmware) as a, Chip("attiny85", firmware, hz=1_000_000) as b:
        assert a.run(1_000_000) == b.run(1_000_000)
        assert (a.hz, b.hz) == (8_000_000, 1_000_000)


def test_state_can_be_set_for_a_test():
    with Chip("attiny85") as chip:
        chip.pc, chip.sreg = 0x10, 0x81
        assert (chip.pc, chip.sreg) == (0x10, 0x81)
        for wrong in (1, -2, 8192):
            with pytest.raises(ValueError, match="pc"):
                chip.pc = wrong
        with pytest.raises(ValueError, match="SREG"):
            chip.sreg = 256


def test_use_after_close_is_a_typed_error(build):
    chip = Chip("attiny1634", build("echo.c", "attiny1634"))
    uart, pin, timer = chip.uart(0), chip.pin("B0"), chip.time("main")
    channel = chip.adc[0]
    sram = chip.sram
    chip.close()
    chip.close()
    uses = [
        lambda: chip.run(1),
        lambda: chip.reset(),
        lambda: chip.cycle,
        lambda: chip.sram,
        lambda: chip.flash,
        lambda: chip.sram_touched,
        lambda: chip.var("nothing") if chip.firmware is None else chip.data,
        lambda: uart.read(),
        lambda: uart.write(b"x"),
        lambda: uart.pending,
        lambda: pin.level,
        lambda: pin.drive(True),
        lambda: timer.calls,
        lambda: setattr(channel, "millivolts", 1),
        lambda: setattr(chip.adc, "vcc", 1),
    ]
    for use in uses:
        with pytest.raises(ChipClosedError):
            use()
    assert sram.size == 1024  # an old view still reads
    sram[:] = 1
    assert sram.sum() == 1024


def test_a_second_thread_is_refused_while_the_first_runs(build):
    with Chip("attiny1634", build("echo.c", "attiny1634")) as chip:
        inside, release = threading.Event(), threading.Event()

        def hold(_):
            inside.set()
            assert release.wait(30)
            return True

        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(chip.run, 100_000, hold)
            assert inside.wait(30)
            for use in (lambda: chip.run(1), lambda: chip.uart(0).write(b"x"), chip.close):
                with pytest.raises(ChipBusyError, match="another thread"):
                    use()
            release.set()
            assert running.result().reason is StopReason.CONDITION
        assert chip.run(10).reason is StopReason.CYCLES


def test_chips_in_threads_do_not_disturb_each_other(build):
    firmwares = {mcu: build("ticks.c", mcu) for mcu in ("attiny85", "attiny1634", "atmega328p")}

    def once(mcu):
        with Chip(mcu, firmwares[mcu], seed=hash(mcu) & 0xFF) as chip:
            chip.run(10_000_000, until=until.ended())
            return mcu, chip.cycle, int(chip.var("sum")), int(chip.var("ticks"))

    expected = {mcu: once(mcu) for mcu in firmwares}
    with ThreadPoolExecutor(8) as pool:
        for result in pool.map(once, list(firmwares) * 20):
            assert result == expected[result[0]]


def test_the_interpreter_runs_on_while_a_chip_runs():
    """cffi releases the interpreter lock: a long run does not stop other threads."""
    with Chip("attiny85") as chip, ThreadPoolExecutor(1) as pool:
        chip.flash[:2] = [0xFF, 0xCF]  # rjmp .-2
        running = pool.submit(chip.run, 20_000_000)
        ticks = 0
        while not running.done():
            ticks += 1
        assert ticks > 10


def test_a_thousand_chips_leave_no_memory_behind(build):
    firmware = Firmware.load(build("echo.c", "attiny1634"))

    def live(count):
        for seed in range(count):
            with Chip("attiny1634", firmware, seed=seed) as chip:
                chip.uart(0).write(b"ab")
                chip.run(20_000)
                chip.sram[0] = chip.uart(0).pending
        gc.collect()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    settled = live(100)
    grown_kib = live(1000) - settled
    # Only 1 % of the 250 KiB that each chip takes would be 2.5 MiB.
    assert grown_kib < 2500


def test_public_names_are_these():
    assert sorted(set(pyavr_sim.__all__) - set(pyavr_sim.errors.__all__)) == [
        "CallChain",
        "CallFrame",
        "Chip",
        "ChipDescription",
        "Finding",
        "FindingKind",
        "Firmware",
        "FunctionCost",
        "FunctionTimer",
        "History",
        "LIBSIMAVR_VERSION",
        "Policy",
        "Profile",
        "Reaction",
        "Recording",
        "SerialLine",
        "Snapshot",
        "SramAccesses",
        "Stop",
        "StopReason",
        "chips",
        "describe_chip",
        "errors",
        "record",
        "until",
    ]
    for name in pyavr_sim.__all__:
        assert hasattr(pyavr_sim, name)


def test_every_error_has_one_base_and_is_drawn_in_the_tree():
    for name in pyavr_sim.errors.__all__:
        error = getattr(pyavr_sim.errors, name)
        assert issubclass(error, pyavr_sim.PyavrSimError)
        assert name in pyavr_sim.errors.__doc__
    found = {n for n, v in vars(pyavr_sim.errors).items() if isinstance(v, type)}
    assert found == set(pyavr_sim.errors.__all__)
