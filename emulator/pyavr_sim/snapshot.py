# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of a chip's whole state, the way back to them, and a hash of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from pyavr_sim._sim import ffi, lib
from pyavr_sim.errors import SnapshotError

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip
    from pyavr_sim.engine import Engine
    from pyavr_sim.firmware import Firmware

__all__ = ["Snapshot", "restore_snapshot", "state_hash", "take_snapshot"]

HASH_BYTES = 32


class Snapshot:
    """Everything that a run changes, as it was; ``chip.snapshot()`` takes one.

    It belongs to its chip, can be restored any number of times, and is freed with this object.

    Attributes:
        cycle: Cycles since power-up.
        pc: Byte address of the next instruction.
        size_bytes: Memory that it takes. Flash is counted in, although snapshots with the same
            flash contents share one copy.
    """

    def __init__(
        self, engine: Engine, handle: Any, firmware: Firmware | None, static_end: int
    ) -> None:
        taken = lib.sim_snapshot_take(handle)
        if taken == ffi.NULL:
            raise MemoryError(f"no memory for a snapshot of an {engine.name}")
        self.size_bytes = int(lib.sim_snapshot_bytes(taken))
        self._taken: Any = ffi.gc(taken, lib.sim_snapshot_free, size=self.size_bytes)
        self._firmware, self._static_end = firmware, static_end
        self.cycle = int(lib.sim_cycle(handle))
        self.pc = int(lib.sim_pc(handle))

    def __repr__(self) -> str:
        return f"<Snapshot at cycle {self.cycle}, pc 0x{self.pc:04X}>"

    def put_back(self, chip: Chip, handle: Any) -> None:
        """Make ``chip`` what it was; :func:`restore_snapshot` tells the contract."""
        tally = chip.engine.tally
        if tally is not None:
            tally.settle()
        done = lib.sim_snapshot_restore(handle, self._taken)
        if done == lib.SIM_NOT_OURS:
            raise SnapshotError(
                f"{self!r} was taken of another chip than this {chip.name}; expected one of its "
                "own. Only the chip that a snapshot was taken of can go back to it."
            )
        if done != lib.SIM_RESTORED:
            raise MemoryError(f"no memory to restore an {chip.name}; it is as it was")
        chip.firmware, chip.static_end = self._firmware, self._static_end
        chip.flash_is_seen()
        if tally is not None:
            tally.begin(chip.firmware)


def take_snapshot(chip: Chip) -> Snapshot:
    """Copy the chip's state; :meth:`pyavr_sim.Chip.snapshot` tells the contract."""
    with chip.engine.use() as handle:
        chip.notice_flash_writes()
        return Snapshot(chip.engine, handle, chip.firmware, chip.static_end)


def restore_snapshot(chip: Chip, snapshot: Snapshot) -> None:
    """Go back; :meth:`pyavr_sim.Chip.restore` tells the contract."""
    if not isinstance(snapshot, Snapshot):
        raise TypeError(f"expected a Snapshot of this {chip.name}; found {snapshot!r}")
    with chip.engine.use() as handle:
        chip.notice_flash_writes()
        snapshot.put_back(chip, handle)
        if chip.engine.history is not None:
            chip.engine.history.start_over()


def state_hash(chip: Chip) -> str:
    """Digest the chip's state; :meth:`pyavr_sim.Chip.state_hash` tells the contract."""
    with chip.engine.use() as handle:
        size = lib.sim_state(handle, ffi.NULL, 0)
        state = ffi.new("uint8_t[]", size)
        lib.sim_state(handle, state, size)
    return hashlib.blake2b(ffi.buffer(state), digest_size=HASH_BYTES).hexdigest()
