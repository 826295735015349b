# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiles the small firmwares of firmware/ once a session; a chip with a world around it."""

from __future__ import annotations

import hashlib
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pyavr_sim import Chip

SOURCES = Path(__file__).parent / "firmware"

#: Calls avr-gcc: ``build("name.c", "attiny85", "-DN=3") -> Path`` of the ELF.
Build = Callable[..., Path]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Compile ``firmware/<source_name>`` for one chip; the same call again costs nothing.

    Flags come after ``-Os -gdwarf-4 -Wall``, so they may override these.
    """
    folder = tmp_path_factory.mktemp("elf")
    made: dict[tuple[str, ...], Path] = {}

    def compile_once(source_name: str, mcu: str, *flags: str) -> Path:
        key = (source_name, mcu, *flags)
        if key not in made:
            digest = hashlib.sha256("\0".join(key).encode()).hexdigest()[:10]
            elf = folder / f"{Path(source_name).stem}-{mcu}-{digest}.elf"
            command = ["avr-gcc", f"-mmcu={mcu}", "-Os", "-gdwarf-4", "-Wall", *flags]
            command += ["-o", str(elf), str(SOURCES / source_name)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.fail(f"{' '.join(command)}\n{done.stderr}", pytrace=False)
            made[key] = elf
        return made[key]

    return compile_once


class Restless:
    """A chip with everything going on at once, in a world that acts at fixed cycles.

    Args:
        elf: The firmware restless.c.
        mcu: Its chip.
        seed: Of SRAM and of the world.
    """

    cycles = 400_000

    def __init__(self, elf: Path, mcu: str, seed: int) -> None:
        self.elf, self.mcu, self.seed = elf, mcu, seed
        world = random.Random(seed)
        self._events: list[tuple[int, Callable[[Chip], object]]] = sorted(
            ((world.randrange(self.cycles), _deed(world)) for _ in range(60)),
            key=lambda event: event[0],
        )

    def power_up(self) -> Chip:
        """Make the chip, at cycle 0."""
        return Chip(self.mcu, self.elf, seed=self.seed)

    def play(self, chip: Chip, begin: int, end: int, cuts: random.Random | None = None) -> None:
        """Run to cycle ``end``, in pieces cut at random, with what the world does after ``begin``.

        Bytes that the chip sends stay in its UART.
        """
        for cycle, deed in self._events:
            if begin < cycle <= end:
                run_to(chip, cycle, cuts)
                deed(chip)
        run_to(chip, end, cuts)

    def fresh(self, end: int) -> Chip:
        """Make a chip that ran to ``end`` in as few pieces as can be."""
        chip = self.power_up()
        self.play(chip, -1, end)
        return chip


def _deed(world: random.Random) -> Callable[[Chip], object]:
    octets = world.randbytes(world.choice([1, 2, 7, 100]))
    millivolts, level, channel = world.randrange(5000), world.choice([True, False, None]), 0
    return world.choice(
        [
            lambda chip: chip.uart(0).write(octets),
            lambda chip: chip.uart(0).write(octets),
            lambda chip: chip.uart(0).read(5),
            lambda chip: chip.pin("B0").drive(level),
            lambda chip: setattr(chip.adc[channel], "millivolts", millivolts),
            lambda chip: setattr(chip.adc, "vcc", 2700 + millivolts // 3),
        ]
    )


def run_to(chip: Chip, cycle: int, cuts: random.Random | None) -> None:
    """Run to the first instruction boundary at or after ``cycle``."""
    while chip.cycle < cycle:
        left = cycle - chip.cycle
        chip.run(left if cuts is None else min(left, cuts.choice([1, 2, 3, 20, 900, 30_000, left])))


@pytest.fixture(scope="session")
def restless(build: Build) -> Callable[[str, int], Restless]:
    """``restless(mcu, seed)``: see :class:`Restless`."""
    return lambda mcu, seed: Restless(build("restless.c", mcu), mcu, seed)
