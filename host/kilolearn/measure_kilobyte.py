# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs an image of avr/kilobyte on an emulated chip, from seed after seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kilolearn.emulator import load_emulator

__all__ = ["Left", "run_image"]

CYCLES_MAX = 400_000_000
"""Of one run; more than ten times the longest."""


@dataclass(frozen=True)
class Left:
    """What one run left behind.

    Attributes:
        seed: It started from.
        ended: It came to its end within the limit.
        cycles: From reset to the end.
        sram_high_water: Bytes: static data and the deepest stack, of all runs so far.
        memory: The bytes of each symbol that was asked for.
        said: What came out of the UART, if the chip has one.
    """

    seed: int
    ended: bool
    cycles: int
    sram_high_water: int
    memory: dict[str, bytes]
    said: bytes


def run_image(elf: Path, mcu: str, seeds: Iterable[int], symbols: Iterable[str]) -> Iterator[Left]:
    """Reset, put the seed into the two bytes ``seed``, run to the end; again for each seed.

    SRAM is random at power-up and kept over a reset, so a run that relies on what it finds there is
    not repeatable and fails its judge.

    Args:
        elf: Of an image in avr/kilobyte, built for `mcu`.
        mcu: The chip.
        seeds: 0-65535 each.
        symbols: Variables in SRAM and constants in flash, by their names in the source.

    Raises:
        pyavr_sim.PyavrSimError: The image lacks a symbol, does not fit the chip, or misbehaves.
    """
    emulator = load_emulator()
    with emulator.Chip(mcu, elf, seed=1) as chip:
        places = {name: chip.firmware.symbol(name) for name in ("seed", *symbols)}

        def span(name: str) -> slice:
            return slice(places[name].address, places[name].address + places[name].size)

        def held(name: str) -> bytes:
            memory = chip.flash if places[name].space == "flash" else chip.data
            return bytes(memory[span(name)])

        for seed in seeds:
            chip.reset()
            start = chip.cycle
            chip.data[span("seed")] = list(seed.to_bytes(2, "little"))
            stop = chip.run(cycles_max=CYCLES_MAX)
            yield Left(
                seed=seed,
                ended=stop.reason is emulator.StopReason.ENDED,
                cycles=int(chip.cycle - start),
                sram_high_water=int(chip.sram_high_water),
                memory={name: held(name) for name in symbols},
                said=chip.uart().read() if chip.description.uarts else b"",
            )
