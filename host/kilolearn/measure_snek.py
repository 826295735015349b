# SPDX-License-Identifier: GPL-3.0-or-later
"""Snek on an emulated ATmega328P, typed to over its UART as on a board.

Snek is Keith Packard's small Python for microcontrollers. The image is Debian's (package
``snek``), the one with ``input()``. A program is entered line by line; its samples are typed as
decimal numbers, each when the one before was echoed, since Snek asks for quiet (XOFF) while it
works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kilolearn.emulator import load_emulator
from kilolearn.errors import LinkTimeoutError, MissingExtraError

__all__ = ["MCU", "SnekRun", "run_snek", "snek_image"]

MCU = "atmega328p"
ANSWER_CYCLES_MAX = 40_000_000
"""For one line or one number; more than ten times the longest."""

_FOLDER = Path("/usr/share/snek")
_PROMPTS = (b"\n> ", b"\n+ ", b"\x11> ", b"\x11+ ")  # After XON or the end of a line.
_READING = "def q(k):\n for i in range(k):\n  int(input())\n  int(input())\n  int(input())\n\n"
"""What a step's three numbers take of the whole, for nothing else."""


@dataclass(frozen=True)
class SnekRun:
    """What Snek did with a program.

    Attributes:
        values: Of the call and of what was asked for; none when the call ended in an error.
        error: What Snek said, e.g. ``out of memory``, or None.
        cycles: From the call to the next prompt.
        reading_cycles: Of as many ``int(input())`` and nothing else.
        flash_bytes: The image.
        sram_touched: Bytes of SRAM that were really used.
    """

    values: tuple[int, ...]
    error: str | None
    cycles: int
    reading_cycles: int
    flash_bytes: int
    sram_touched: int


def snek_image() -> Path:
    """Debian's image for the Uno, with the functions for input.

    Raises:
        MissingExtraError: The package is not installed.
    """
    found = sorted(_FOLDER.glob("snek-uno-big-*.hex"))
    if not found:
        raise MissingExtraError(
            f"{_FOLDER} has no snek-uno-big-*.hex; install Debian's package snek, or run ./dev once"
        )
    return found[-1]


def run_snek(program: str, call: str, samples: Sequence[int], asked: Sequence[str]) -> SnekRun:
    """Enter a program, call it, and type its samples.

    Args:
        program: Snek source; a block ends with an empty line.
        call: An expression, e.g. ``r(100)``.
        samples: The numbers that the program asks for by ``int(input())``, three a step.
        asked: Expressions to look at afterwards, e.g. ``w[0]``.

    Raises:
        MissingExtraError: Snek is not installed.
        LinkTimeoutError: Snek stopped answering.
    """
    image = snek_image()
    with _switched_on(image) as chip:
        echo = _Console(chip)
        echo.enter(_READING)
        _, reading_cycles = echo.call(f"q({len(samples) // 3})", samples)
    with _switched_on(image) as chip:
        console = _Console(chip)
        console.enter(program)
        lines, cycles = console.call(call, samples)
        error = next((line.split(" ", 1)[1] for line in lines if line.startswith("<stdin>")), None)
        values = () if error else (lines[-2], *(console.call(name)[0][1] for name in asked))
        return SnekRun(
            tuple(int(value) for value in values),
            error,
            cycles,
            reading_cycles,
            int(load_emulator().Firmware.load(image).flash_bytes),
            int(chip.sram_touched),
        )


def _switched_on(image: Path) -> Any:
    return load_emulator().Chip(MCU, image)


class _Console:
    """The prompt, and what is typed at it."""

    def __init__(self, chip: Any) -> None:
        self._chip = chip
        self._uart = chip.uart(0)
        self._until = load_emulator().until
        self._listen()

    def enter(self, program: str) -> None:
        """Type the lines of a program, each at its prompt."""
        for line in program.splitlines():
            self._uart.write(line.encode() + b"\n")
            self._listen()

    def call(self, statement: str, samples: Sequence[int] = ()) -> tuple[list[str], int]:
        """The lines from the echo to the next prompt, and the cycles between."""
        start = self._chip.cycle
        self._uart.write(statement.encode() + b"\n")
        heard = self._listen([b"%d\n" % sample for sample in samples])
        return heard.translate(None, b"\r\x11\x13").decode().split("\n"), self._chip.cycle - start

    def _listen(self, typed: Sequence[bytes] = ()) -> bytes:
        """What Snek says up to its next prompt; type a line after the echo of each before."""
        heard = b""
        waiting = iter(typed)
        while not heard.endswith(_PROMPTS):
            try:
                self._chip.run(ANSWER_CYCLES_MAX, until=self._until.uart_bytes(1))
            except load_emulator().PyavrSimError as error:
                raise LinkTimeoutError(
                    f"Snek stopped answering after {heard[-60:]!r}: {error}"
                ) from error
            byte = self._uart.read()
            heard += byte
            if byte.endswith(b"\n"):
                self._uart.write(next(waiting, b""))
        return heard
