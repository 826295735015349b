# SPDX-License-Identifier: GPL-3.0-or-later
"""What the CPU and the memories hold now, as the chip's properties."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import numpy as np

from pyavr_sim._sim import lib

if TYPE_CHECKING:
    from pyavr_sim.chips import ChipDescription
    from pyavr_sim.engine import Engine

__all__ = ["CoreState"]


class CoreState:
    """A part of :class:`~pyavr_sim.Chip`."""

    engine: Engine
    description: ChipDescription
    _flash_seen: bytes | None = None

    def _code_address(self, name: str, byte_address: int) -> int:
        found = operator.index(byte_address)
        if found % 2 or not 0 <= found < self.description.flash_bytes:
            raise ValueError(
                f"{name} is an even byte address below 0x{self.description.flash_bytes:X}; "
                f"found {found:#x}"
            )
        return found

    @property
    def cycle(self) -> int:
        """Cycles since power-up."""
        with self.engine.use() as handle:
            return int(lib.sim_cycle(handle))

    @property
    def pc(self) -> int:
        """Byte address of the next instruction (twice the word address)."""
        with self.engine.use() as handle:
            return int(lib.sim_pc(handle))

    @pc.setter
    def pc(self, byte_address: int) -> None:
        found = self._code_address("pc", byte_address)
        self.engine.apply(lib.sim_set_pc, found)

    @property
    def sp(self) -> int:
        """Stack pointer: data address of the next byte to be pushed."""
        with self.engine.use() as handle:
            return int(lib.sim_sp(handle))

    @property
    def sreg(self) -> int:
        """Status register, ITHSVNZC from bit 7 to bit 0."""
        with self.engine.use() as handle:
            return int(lib.sim_sreg(handle))

    @sreg.setter
    def sreg(self, value: int) -> None:
        found = operator.index(value)
        if not 0 <= found <= 0xFF:
            raise ValueError(f"SREG is one byte; found {found}")
        self.engine.apply(lib.sim_set_sreg, found)

    @property
    def registers(self) -> np.ndarray:
        """r0 to r31, (32,) uint8."""
        return self.engine.view("data")[:32]

    @property
    def sram(self) -> np.ndarray:
        """SRAM without registers and I/O, (sram_bytes,) uint8."""
        return self.engine.view("data")[self.description.sram_start : self.description.sram_end + 1]

    @property
    def data(self) -> np.ndarray:
        """The data space by data address: registers, I/O, SRAM; (RAMEND + 1,) uint8.

        I/O registers are as the last access left them; SREG as of the end of the last run.
        """
        return self.engine.view("data")[: self.description.sram_end + 1]

    @property
    def flash(self) -> np.ndarray:
        """Flash, (flash_bytes,) uint8. What is written here is executed by the next run."""
        flash = self.engine.view("flash")
        if self._flash_seen is None:
            self._flash_seen = flash.tobytes()
        return flash

    @property
    def eeprom(self) -> np.ndarray:
        """EEPROM, (eeprom_bytes,) uint8."""
        return self.engine.view("eeprom")

    @property
    def resets(self) -> int:
        """How often the watchdog has reset the chip."""
        with self.engine.use() as handle:
            return int(lib.sim_resets(handle))

    def notice_flash_writes(self) -> None:
        """Tell the engine of writes through :attr:`flash`; a run does it by itself."""
        if self._flash_seen is None:
            return
        flash = self.engine.view("flash")
        now = flash.tobytes()
        if now != self._flash_seen:
            changed = np.flatnonzero(flash != np.frombuffer(self._flash_seen, np.uint8))
            with self.engine.use() as handle:
                lib.sim_flash_changed(handle, int(changed[0]), int(changed[-1]))
            self._flash_seen = now
            if self.engine.history is not None:
                self.engine.history.mark()

    def flash_is_seen(self) -> None:
        """Take flash as it is for what the engine knows of it."""
        if self._flash_seen is not None:
            self._flash_seen = self.engine.view("flash").tobytes()
