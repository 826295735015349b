# SPDX-License-Identifier: GPL-3.0-or-later
r"""A run of a test, compared with what was written down of an earlier one.

A golden file is text, a line an event, and stays beside the tests::

    uart 0 "ready\n"
    uart 0 "42\n"
    B5 high at cycle 1204
    B5 low at cycle 17204
    end: cycles at cycle 100000

Cycles are there when the test asks for them. A pin's first line is its level at the begin.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pyavr_sim.chip import Chip
from pyavr_sim.recording import Recording, Signal, record
from pyavr_sim.until import Condition

__all__ = ["GoldenMismatchError", "GoldenRun"]


class GoldenMismatchError(AssertionError):
    """A run is not the one that was written down."""


class GoldenRun:
    """Runs a chip and compares; the fixture ``golden_run`` gives one to a test.

    Args:
        chip: Powered up.
        path: The golden file of the test's first run; the second gets ``-2`` in its name.
        is_update: Write the file instead of comparing with it.
    """

    def __init__(self, chip: Chip, path: Path, is_update: bool) -> None:
        self._chip = chip
        self._path = path
        self._is_update = is_update
        self._runs = 0

    def __call__(
        self,
        cycles_max: int,
        until: Condition | None = None,
        *,
        uart: bool = True,
        pins: Sequence[str] | None = None,
        cycles: bool = False,
    ) -> Recording:
        """Run the chip as :meth:`~pyavr_sim.Chip.run` does, and compare what came out of it.

        Args:
            cycles_max: Emulated cycles from now.
            until: What ends the run.
            uart: Compare what the UARTs sent and nobody has read yet; it counts as read then.
            pins: Compare the changes of these, such as ``["B5"]``; None: of all that change.
            cycles: Compare when pins changed and the run ended, too.

        Returns:
            The whole recording of the run.

        Raises:
            GoldenMismatchError: It differs, or there is no golden file; the message shows how.
            RunError: The run did not get where it should.
            FirmwareFault: The firmware failed.
        """
        __tracebackhide__ = True
        recording = record(self._chip, cycles_max, until, pins=pins or ())
        if recording.error is not None:
            raise recording.error
        lines = list(_uart_lines(self._chip)) if uart else []
        if pins is None or pins:
            lines += _pin_lines(recording.pin_changes, cycles)
        assert recording.stop is not None
        lines.append(f"end: {recording.stop.reason.value}{_at(recording.cycle_end, cycles)}")
        self._runs += 1
        number = f"-{self._runs}" if self._runs > 1 else ""
        self._compare(self._path.with_name(f"{self._path.name}{number}.txt"), lines)
        return recording

    def _compare(self, path: Path, lines: list[str]) -> None:
        __tracebackhide__ = True
        if self._is_update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(lines) + "\n", "utf-8")
            return
        if not path.is_file():
            raise GoldenMismatchError(
                f"there is no golden file {path}. Write it with --avr-golden-update, then read it."
            )
        golden = path.read_text("utf-8").splitlines()
        if lines != golden:
            diff = difflib.unified_diff(golden, lines, "golden", "this run", lineterm="", n=2)
            raise GoldenMismatchError(
                f"the run differs from {path}; if it should, --avr-golden-update rewrites it.\n"
                + "\n".join(diff)
            )


def _uart_lines(chip: Chip) -> Iterator[str]:
    for number in chip.description.uarts:
        for line in chip.uart(number).read().splitlines(keepends=True):
            yield f"uart {number} {json.dumps(line.decode('latin-1'))}"


def _pin_lines(signals: Sequence[Signal], cycles: bool) -> list[str]:
    changes = [
        (int(cycle), signal.name, "high" if level else "low")
        for signal in signals
        for cycle, level in zip(signal.cycles, signal.values, strict=True)
    ]
    return [f"{name} {level}{_at(cycle, cycles)}" for cycle, name, level in sorted(changes)]


def _at(cycle: int, is_wanted: bool) -> str:
    return f" at cycle {cycle}" if is_wanted else ""
