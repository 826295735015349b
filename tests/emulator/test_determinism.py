# SPDX-License-Identifier: GPL-3.0-or-later
"""The same image, seed and inputs give the same digest of everything, wherever it is computed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading

import pytest

from pyavr_sim import Chip, until

CYCLES = [0, 1, 999, 20_000, 123_456]
ELSEWHERE = """
import sys
from pyavr_sim import Chip
mcu, firmware, *cycles = sys.argv[1:]
ballast = [bytearray(n) for n in range(5000)]  # another heap
chip = Chip(mcu, firmware, seed=11)
chip.uart(0).write(b"the same bytes")
chip.adc[0].millivolts = 2222
for cycle in map(int, cycles):
    chip.run(max(0, cycle - chip.cycle))
    print(chip.state_hash())
"""


def digests(mcu: str, firmware: object, seed: int = 11) -> list[str]:
    chip = Chip(mcu, firmware, seed=seed)
    chip.uart(0).write(b"the same bytes")
    chip.adc[0].millivolts = 2222
    found = []
    for cycle in CYCLES:
        chip.run(max(0, cycle - chip.cycle))
        found.append(chip.state_hash())
    return found


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega328p"])
def test_processes_agree(build, mcu):
    """With other hash seeds, other heaps, and addresses laid out at random."""
    firmware = build("restless.c", mcu)
    here = digests(mcu, firmware)
    assert len(set(here)) == len(CYCLES)
    for seed in ("0", "4242"):
        command = [sys.executable, "-c", ELSEWHERE, mcu, str(firmware), *map(str, CYCLES)]
        environment = os.environ | {"PYTHONHASHSEED": seed, "MALLOC_PERTURB_": seed}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        assert done.stdout.split() == here


def test_threads_agree(build):
    firmware = build("restless.c", "atmega328p")
    found: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: found.append(digests("atmega328p", firmware)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [digests("atmega328p", firmware)] * 4


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("mcu", ["attiny1634", "atmega328p"])
def test_a_run_in_pieces_is_a_run(restless, mcu, seed):
    world = restless(mcu, 100 + seed)
    chip = world.power_up()
    world.play(chip, -1, world.cycles, random.Random(seed))
    whole = world.fresh(world.cycles)
    assert chip.state_hash() == whole.state_hash()
    assert chip.uart(0).read() == whole.uart(0).read()


def test_a_sleep_in_pieces_is_a_sleep(build):
    """A run may end at the very cycle at which the timer is due."""
    firmware = build("doze.c", "attiny85")
    for end in range(2070, 2090):
        with Chip("attiny85", firmware) as cut, Chip("attiny85", firmware) as whole:
            cut.run(end)
            cut.run(end + 20 - cut.cycle)
            whole.run(end + 20)
            assert cut.state_hash() == whole.state_hash()


def test_bytes_that_wait_go_in_when_the_chip_asks_however_it_is_run(build):
    firmware = build("echo.c", "atmega328p")
    with Chip("atmega328p", firmware) as cut, Chip("atmega328p", firmware) as whole:
        for chip in (cut, whole):
            chip.uart(0).write(bytes(range(200)))
        whole.run(60_000)
        while cut.cycle < 60_000:
            cut.run(min(500, 60_000 - cut.cycle))
        assert cut.state_hash() == whole.state_hash()


def test_a_stop_after_sei_changes_nothing(build):
    """The instruction after SEI runs before an interrupt that waits."""
    with (
        Chip("atmega328p", build("stop_after_sei.S", "atmega328p", "-nostartfiles")) as cut,
        Chip("atmega328p", build("stop_after_sei.S", "atmega328p", "-nostartfiles")) as whole,
    ):
        cut.run(1000, until=until.symbol("after_sei"))
        cut.run(1000 - cut.cycle)
        whole.run(1000)
        assert cut.state_hash() == whole.state_hash()
        assert whole.registers[17] == 1


CHANGES = {
    "sram": lambda chip: chip.sram.__setitem__(200, chip.sram[200] ^ 1),
    "register": lambda chip: chip.registers.__setitem__(31, chip.registers[31] ^ 0x80),
    "flash": lambda chip: chip.flash.__setitem__(-1, 0),
    "eeprom": lambda chip: chip.eeprom.__setitem__(-1, 0),
    "sreg": lambda chip: setattr(chip, "sreg", chip.sreg ^ 1),
    "pc": lambda chip: setattr(chip, "pc", chip.pc ^ 2),
    "cycle": lambda chip: chip.run(1),
    "reset": lambda chip: chip.reset(),
    "uart in": lambda chip: chip.uart(0).write(b"x"),
    "uart out": lambda chip: chip.uart(0).read(1),
    "pin": lambda chip: chip.pin("B3").drive(True),
    "voltage": lambda chip: setattr(chip.adc[5], "millivolts", 1),
    "supply": lambda chip: setattr(chip.adc, "aref", 4999),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_shows(restless, change):
    chip = restless("atmega328p", 1).fresh(50_000)
    before = chip.snapshot(), chip.state_hash()
    CHANGES[change](chip)
    assert chip.state_hash() != before[1]
    chip.restore(before[0])
    assert chip.state_hash() == before[1]


def test_what_only_looks_does_not_show(restless):
    world = restless("atmega328p", 1)
    chip = world.fresh(50_000)
    before = chip.state_hash()
    chip.time("main")
    chip.snapshot()
    chip.keep_history()
    _ = chip.flash, chip.sram_touched, chip.var("mix"), chip.uart(0).pending, chip.pin("B0").level
    assert chip.state_hash() == before


def test_seeds_and_chips_differ(build):
    firmware = build("restless.c", "atmega328p")
    assert digests("atmega328p", firmware, seed=12)[0] != digests("atmega328p", firmware)[0]
    assert Chip("atmega88p").state_hash() != Chip("atmega168p").state_hash()
    assert len(Chip("attiny85").state_hash()) == 64
