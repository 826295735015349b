# SPDX-License-Identifier: GPL-3.0-or-later
"""Who wrote each byte of SRAM first, who last, and who used it last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pyavr_sim._sim import ffi, lib

if TYPE_CHECKING:
    from pyavr_sim.names import Names

__all__ = ["SramAccesses"]

_READ, _WRITTEN = 1, 2
DATA_SPACE_BYTES = 65536


@dataclass(frozen=True, eq=False)
class SramAccesses:
    """Accesses to SRAM since power-up, by instructions and interrupts; a copy.

    All arrays are (sram_bytes,) int64, from the first SRAM byte on; -1 where there was none. A
    cycle is the one in which the instruction began. A return address that an interrupt pushes is
    written by the instruction that was interrupted.

    Attributes:
        sram_start: Data address of the first byte.
        first_write_cycle: When it was first written.
        first_write_pc: By which instruction, a byte address.
        last_access_cycle: When it was last read or written.
        last_access_pc: By which instruction.
        last_write_pc: Which instruction wrote it last.
        names: Of the firmware.
    """

    sram_start: int
    first_write_cycle: np.ndarray
    first_write_pc: np.ndarray
    last_access_cycle: np.ndarray
    last_access_pc: np.ndarray
    last_write_pc: np.ndarray
    names: Names

    def owner(self, address: int) -> str | None:
        """The function that last wrote a data address; None: nobody, or code without a name.

        Raises:
            IndexError: The address is not in SRAM.
        """
        index = address - self.sram_start
        if not 0 <= index < len(self.last_write_pc):
            end = self.sram_start + len(self.last_write_pc) - 1
            raise IndexError(
                f"0x{address:04X} is not in SRAM, 0x{self.sram_start:04X} to 0x{end:04X}"
            )
        pc = int(self.last_write_pc[index])
        return None if pc < 0 else self.names.function_at(pc)

    def bytes_by_owner(self) -> dict[str | None, int]:
        """How many bytes each function wrote last, the most first."""
        counts: dict[str | None, int] = {}
        for pc in self.last_write_pc[self.last_write_pc >= 0].tolist():
            function = self.names.function_at(pc)
            counts[function] = counts.get(function, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: -item[1]))


def read_sram_accesses(handle: Any, names: Names, start: int, end: int) -> SramAccesses:
    """Copy the stamps of an engine that tracks, from data address start to end, inclusive."""

    def part(memory: Any, dtype: type) -> np.ndarray:
        buffer = ffi.buffer(memory, DATA_SPACE_BYTES * np.dtype(dtype).itemsize)
        return np.frombuffer(buffer, dtype)[start : end + 1].astype(np.int64)

    touched = part(lib.sim_touched(handle), np.uint8)
    written, used = touched & _WRITTEN, touched & (_READ | _WRITTEN)
    first, last = (
        part(lib.sim_first_write(handle), np.uint64),
        part(lib.sim_last_access(handle), np.uint64),
    )
    return SramAccesses(
        start,
        np.where(written, first >> 16, -1),
        np.where(written, (first & 0xFFFF) * 2, -1),
        np.where(used, last >> 16, -1),
        np.where(used, (last & 0xFFFF) * 2, -1),
        np.where(written, part(lib.sim_last_writer(handle), np.uint16) * 2, -1),
        names,
    )
