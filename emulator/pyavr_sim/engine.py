# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns one engine of the C shim: its memory, its lifetime, and who may touch it.

The memory lives as long as the engine or any NumPy view of it, so a view that outlives its chip
reads stale bytes and never freed ones. Only one thread at a time may use an engine; another one
is refused with an error instead of being made to wait, since waiting for a run would be a
surprise.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from pyavr_sim._sim import ffi, lib
from pyavr_sim.errors import ChipBusyError, ChipClosedError, UnknownChipError
from pyavr_sim.execution_log import Tally, open_logs

if TYPE_CHECKING:
    from pyavr_sim.firmware import Firmware
    from pyavr_sim.history import History
    from pyavr_sim.recorder import Recorder

__all__ = ["LIBSIMAVR_VERSION", "Engine", "chip_names", "own_chip_names"]

LIBSIMAVR_VERSION: str = ffi.string(lib.sim_library_version()).decode()
"""Of the libsimavr that this was built against."""

_ENGINE_BYTES = 500_000  # about: tells the garbage collector what an engine weighs
DATA_SPACE_BYTES = 65536


def chip_names() -> tuple[str, ...]:
    """Every name that an engine can be asked for, safe or not."""
    names: list[str] = []
    while (name := lib.sim_chip_name(len(names))) != ffi.NULL:
        names.append(ffi.string(name).decode())
    return tuple(names)


def own_chip_names() -> tuple[str, ...]:
    """The names of the chips that are defined here, and that libsimavr lacks."""
    return chip_names()[: lib.sim_own_chips()]


class Engine:
    """One powered-up chip.

    Args:
        name: A chip name of libsimavr, or of our own table.
        hz: CPU clock.
        seed: Of the random contents of SRAM and registers.
        timing: ``"datasheet"`` or ``"simavr"``.

    Raises:
        UnknownChipError: No such chip, or not one that can be emulated.
        ValueError: ``timing`` is neither.
    """

    def __init__(self, name: str, hz: int, seed: int, timing: str = "datasheet") -> None:
        rules = _rules(timing)
        out = ffi.new("sim **")
        result = lib.sim_new(name.encode(), hz, seed & 0xFFFF_FFFF_FFFF_FFFF, out)
        if result == lib.SIM_NO_MEMORY:
            raise MemoryError(f"no memory for a {name}")
        if result != lib.SIM_OK:
            raise UnknownChipError(_refusal(name, result))
        self.name = name
        self._handle: Any = ffi.gc(out[0], lib.sim_free, size=_ENGINE_BYTES)
        lib.sim_set_rules(self._handle, rules)
        self._lock = threading.RLock()
        self.history: History | None = None
        self.recorder: Recorder | None = None
        self.tally: Tally | None = None
        self._views: dict[str, np.ndarray] = {}
        description = ffi.new("sim_description *")
        lib.sim_describe(self._handle, description)
        self.description = description

    @contextmanager
    def use(self) -> Iterator[Any]:
        """Lend the C handle to the calling thread.

        Raises:
            ChipClosedError: After :meth:`close`.
            ChipBusyError: Another thread has it.
        """
        if not self._lock.acquire(blocking=False):
            raise ChipBusyError(
                f"another thread is running this {self.name}; a chip serves one thread at a time. "
                "Wait for its run to return, or give each thread a chip of its own."
            )
        try:
            if self._handle is None:
                raise ChipClosedError(
                    f"this {self.name} was closed; make a new Chip, or close it later."
                )
            yield self._handle
        finally:
            self._lock.release()

    def apply(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a C function that changes the chip from outside; the history writes it down.

        Raises:
            ChipClosedError, ChipBusyError: As :meth:`use`.
        """
        with self.use() as handle:
            if self.history is not None:
                return self.history.call(handle, function, arguments)
            return function(handle, *arguments)

    def run(self, cycles: int, until: Any) -> int:
        """Call ``sim_run``, in pieces where a history or a recording wants them.

        Raises:
            ChipClosedError, ChipBusyError: As :meth:`use`.
        """
        with self.use() as handle:
            plain = self.history.run if self.history is not None else lib.sim_run
            if self.recorder is not None:
                return self.recorder.run(plain, cycles, until)
            return int(plain(handle, cycles, until))

    def keep_tally(self, firmware: Firmware | None) -> None:
        """Count what is executed for the execution logs that are open, if any is."""
        if logs := open_logs():
            with self.use() as handle:
                flash_bytes = int(self.description.flash_bytes)
                self.tally = Tally(handle, self._lock, flash_bytes, firmware, logs)
            weakref.finalize(self, self.tally.close).atexit = False

    def close(self) -> None:
        """Free the chip as soon as no view of its memory is left. Twice does no harm."""
        if self._handle is None:
            return
        with self.use():
            if self.tally is not None:
                self.tally.close()
            self.history = self.recorder = self.tally = None
            self._views.clear()
            self._handle = None

    def view(self, memory: str) -> np.ndarray:
        """Look at a memory: ``"data"``, ``"flash"``, ``"eeprom"`` or ``"touched"``, (n,) uint8."""
        with self.use() as handle:
            if memory not in self._views:
                start, size = self._extent(handle, memory)
                # The destructor has nothing to do but to keep the engine while a view is alive.
                owner = ffi.gc(start, _Keeper(handle))
                buffer = ffi.buffer(owner, size)
                self._views[memory] = np.frombuffer(buffer, dtype=np.uint8)
            return self._views[memory]

    def _extent(self, handle: Any, memory: str) -> tuple[Any, int]:
        if memory == "flash":
            return lib.sim_flash(handle), self.description.flash_bytes
        if memory == "eeprom":
            if not self.description.eeprom_bytes:
                return ffi.new("uint8_t[1]"), 0
            return lib.sim_eeprom(handle), self.description.eeprom_bytes
        if memory == "touched":
            return lib.sim_touched(handle), DATA_SPACE_BYTES
        return lib.sim_data(handle), DATA_SPACE_BYTES


class _Keeper:
    """Holds an object for as long as it is held itself; callable, as ffi.gc wants it."""

    def __init__(self, kept: object) -> None:
        self.kept = kept

    def __call__(self, _: object) -> None:
        self.kept = None


def _rules(timing: str) -> int:
    rules = {"datasheet": lib.SIM_RULES_DATASHEET, "simavr": lib.SIM_RULES_SIMAVR}
    if timing not in rules:
        raise ValueError(f"timing is 'datasheet' or 'simavr'; found {timing!r}")
    return int(rules[timing])


def _refusal(name: str, result: int) -> str:
    if result == lib.SIM_UNSAFE_CHIP:
        return f"{name} cannot be emulated: libsimavr 1.6 crashes on it. Use an atmega328p, say."
    if result == lib.SIM_WIDE_PC:
        return (
            f"{name} has more than 128 KiB of flash and a 22-bit program counter; expected a chip "
            "with a 16-bit one. Use an atmega1284p, say."
        )
    return f"there is no chip {name!r}; expected one of {', '.join(sorted(chip_names()))}."
