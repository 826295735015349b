# SPDX-License-Identifier: GPL-3.0-or-later
"""What all chips of this process execute while a log is open, however they were made.

::

    with ExecutionLog() as log:
        ...  # chips are made, run, closed, forgotten
    print(log.coverage("src").lines_percent)

A chip keeps a :class:`Tally` only if it was made while a log is open. The tally hands its counts to
the log when the chip is closed or collected, at the log's end, and before they would be lost or
mistaken: when the chip goes back to a snapshot, or another firmware is loaded.
"""

from __future__ import annotations

import threading
import weakref
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyavr_sim.coverage import Coverage, line_coverage, merge_coverage
from pyavr_sim.names import Names
from pyavr_sim.profile import Executions, read_profile

if TYPE_CHECKING:
    from pyavr_sim.firmware import Firmware

__all__ = ["ExecutionLog", "Tally", "open_logs"]

_open: list[ExecutionLog] = []
_NOTHING = Executions(np.zeros(0, np.uint64), np.zeros(0, np.uint64))


class ExecutionLog:
    """Executions by image, of every chip with tracking that is made until the log is closed.

    Images are the same when their ELF files are, byte for byte. Intel HEX, which has no lines, is
    left out.
    """

    def __init__(self) -> None:
        self._images: dict[bytes, tuple[Firmware, Executions]] = {}
        self._tallies: weakref.WeakSet[Tally] = weakref.WeakSet()
        # Reentrant: the garbage collector may take a chip while another one's counts are added.
        self._lock = threading.RLock()
        _open.append(self)

    def __enter__(self) -> ExecutionLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the counts of chips that are still there, and no more. Twice does no harm."""
        if self in _open:
            _open.remove(self)
            for tally in list(self._tallies):
                tally.leave(self)

    def watch(self, tally: Tally) -> None:
        """Note a chip whose counts are to be taken at the end."""
        self._tallies.add(tally)

    def add(self, firmware: Firmware, executed: Executions) -> None:
        """Add what a chip has executed of an ELF image."""
        assert firmware.elf is not None
        words = max(((at + len(data) + 1) // 2 for at, data in firmware.flash), default=0)
        with self._lock:
            nothing = Executions(np.zeros(words, np.uint64), np.zeros(words, np.uint64))
            _, total = self._images.setdefault(firmware.elf.data, (firmware, nothing))
            np.add(total.hits, executed.hits[:words], out=total.hits)
            np.add(total.taken, executed.taken[:words], out=total.taken)

    def coverage(self, *sources: str | Path) -> Coverage:
        """Attribute all of it to the source lines in these folders; without one, to every line.

        Images that do not say which lines they come from are left out.
        """
        return merge_coverage(
            line_coverage(firmware, executed, *sources)
            for firmware, executed in self._images.values()
            if firmware.line_table.starts
        )


class Tally:
    """What one chip has executed since its counts were last handed over.

    It keeps the memory of the engine until it is closed.

    Args:
        handle: The engine.
        lock: Held by whoever uses the engine.
        flash_bytes: Of the chip.
        firmware: What it executes.
        logs: To whom to hand the counts.
    """

    def __init__(
        self,
        handle: Any,
        lock: AbstractContextManager[bool],
        flash_bytes: int,
        firmware: Firmware | None,
        logs: list[ExecutionLog],
    ) -> None:
        self._handle = handle
        self._lock = lock
        self._flash_bytes = flash_bytes
        self._logs = logs
        self.begin(firmware)
        for log in logs:
            log.watch(self)

    def begin(self, firmware: Firmware | None) -> None:
        """Count from here; what the chip executes is of ``firmware``."""
        self._firmware = firmware
        self._before: Executions = self._read()

    def settle(self) -> None:
        """Hand over the counts, and count from here."""
        with self._lock:
            if self._handle is None:
                return
            now, before = self._read(), self._before
            self._before = now
            if self._firmware is None or self._firmware.elf is None:
                return
            executed = Executions(now.hits - before.hits, now.taken - before.taken)
            for log in self._logs:
                log.add(self._firmware, executed)

    def leave(self, log: ExecutionLog) -> None:
        """Hand over the counts, to this log for the last time."""
        self.settle()
        self._logs.remove(log)

    def close(self) -> None:
        """Hand over the counts for the last time, and let the engine go. Twice does no harm."""
        self.settle()
        self._handle = None
        self._before = _NOTHING

    def _read(self) -> Executions:
        return read_profile(self._handle, Names(None), self._flash_bytes)


def open_logs() -> list[ExecutionLog]:
    """The logs that a new chip has to count for."""
    return list(_open)
