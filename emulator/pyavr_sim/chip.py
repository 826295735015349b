# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulated chip: power it up with a firmware, run it, and look inside."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from pyavr_sim._sim import lib
from pyavr_sim.adc import Adc
from pyavr_sim.chips import ChipDescription, describe_chip
from pyavr_sim.core_state import CoreState
from pyavr_sim.engine import Engine
from pyavr_sim.findings import Policy
from pyavr_sim.firmware import Firmware
from pyavr_sim.function_timer import FunctionTimer
from pyavr_sim.history import BYTES_MAX, INTERVAL_CYCLES, History, run_back
from pyavr_sim.measured import Measured
from pyavr_sim.names import Names
from pyavr_sim.pins import Pin
from pyavr_sim.run import run_chip
from pyavr_sim.serial_line import SerialLine, wire_line
from pyavr_sim.snapshot import Snapshot, restore_snapshot, state_hash, take_snapshot
from pyavr_sim.stop import Stop
from pyavr_sim.uart import Uart
from pyavr_sim.until import Condition

if TYPE_CHECKING:
    from pyavr_sim.symbols import Symbol

__all__ = ["Chip"]

HZ_MAX = 100_000_000


class Chip(CoreState, Measured):
    """One AVR chip, powered up.

    SRAM and registers hold random bytes at first, as on the bench. Arrays that the properties
    return are live windows; they stay readable after :meth:`close`.

    Args:
        name: As avr-gcc spells it; :func:`pyavr_sim.chips` lists the tested ones.
        firmware: An ELF or Intel HEX file, a loaded :class:`~pyavr_sim.Firmware`, or None for an
            erased chip.
        hz: CPU clock; None for the firmware's own (.mmcu), else the chip's usual one.
        seed: Of what SRAM and registers hold at power-up.
        reset_address: Flash byte address where the chip starts after every reset: 0, or that of
            the boot loader where fuse BOOTRST is programmed.
        timing: ``"datasheet"``: interrupts, UART frames, EEPROM and SPM take the cycles that the
            datasheets state. ``"simavr"``: those of libsimavr 1.6, to compare with it cycle by
            cycle.
        policy: What to do about what the firmware does wrong.
        tracking: Count instructions, accesses and calls for :meth:`profile`, :attr:`sram_accesses`,
            :attr:`calls` and :attr:`calls_deepest`. False is a little faster.

    Raises:
        ValueError: ``hz``, ``seed``, ``timing`` or ``reset_address`` is out of range.
        UnknownChipError: No such chip, or not one that can be emulated.
        FirmwareError: The firmware cannot be read, or does not belong on this chip.
    """

    def __init__(
        self,
        name: str,
        firmware: str | PathLike[str] | Firmware | None = None,
        *,
        hz: int | None = None,
        seed: int = 0,
        reset_address: int = 0,
        timing: str = "datasheet",
        policy: Policy | None = None,
        tracking: bool = True,
    ) -> None:
        self.description: ChipDescription = describe_chip(name)
        self.firmware: Firmware | None = self._loaded(firmware)
        self.hz = self._clock(hz)
        self.seed = operator.index(seed)
        self.engine = Engine(name, self.hz, self.seed, timing)
        self.timing = timing
        self.static_end = self.description.sram_start
        self._adc = Adc(self)
        self.policy = policy or Policy()
        self._track(tracking)
        if self.firmware is not None:
            self._program(self.firmware)
        self.reset_address = self._code_address("reset_address", reset_address)
        with self.engine.use() as handle:
            lib.sim_set_reset_address(handle, self.reset_address)
        if tracking:
            self.engine.keep_tally(self.firmware)

    def _loaded(self, firmware: str | PathLike[str] | Firmware | None) -> Firmware | None:
        if firmware is None:
            return None
        loaded = firmware if isinstance(firmware, Firmware) else Firmware.load(firmware)
        loaded.check_fits(self.description)
        return loaded

    def _clock(self, hz: int | None) -> int:
        if hz is None:
            stated = self.firmware.hz if self.firmware else None
            return stated or self.description.hz_default
        found = operator.index(hz)
        if not 1 <= found <= HZ_MAX:
            raise ValueError(f"hz must be from 1 to {HZ_MAX}; found {found}")
        return found

    def _program(self, firmware: Firmware) -> None:
        flash = self.engine.view("flash")
        flash[:] = 0xFF
        for address, data in firmware.flash:
            flash[address : address + len(data)] = np.frombuffer(data, np.uint8)
        eeprom = self.engine.view("eeprom")
        for address, data in firmware.eeprom:
            eeprom[address : address + len(data)] = np.frombuffer(data, np.uint8)
        self.static_end = max(firmware.static_end, self.description.sram_start)
        with self.engine.use() as handle:
            lib.sim_flash_changed(handle, 0, len(flash) - 1)
            lib.sim_set_static_end(handle, self.static_end)

    def __repr__(self) -> str:
        return f"<Chip {self.name} at {self.hz} Hz>"

    def __enter__(self) -> Chip:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the chip; anything but reading old views is an error from now on."""
        self.engine.close()

    @property
    def name(self) -> str:
        """As avr-gcc spells it."""
        return self.description.name

    # Running

    def run(self, cycles_max: int, until: Condition | None = None) -> Stop:
        """Run the firmware.

        Args:
            cycles_max: Emulated cycles from now; the last instruction may end a little later.
            until: A condition of :mod:`pyavr_sim.until`, or a callable that takes the chip and is
                asked every 1,000 cycles. None: just run.

        Returns:
            Why and where it stopped. Without ``until``: after ``cycles_max`` or at the firmware's
            end.

        Raises:
            CycleLimitError: ``until`` did not come within ``cycles_max``.
            FirmwareEndedError: The firmware ended before ``until`` came.
            FirmwareFault: It did what no chip can do sensibly; a subclass says what. Until a
                reset, every further run raises the same.
            PortError: A UART's output has filled 16 MiB.
        """
        return run_chip(self, cycles_max, until)

    def reset(self) -> None:
        """Pull the reset pin: I/O starts over; SRAM, EEPROM, cycles and statistics stay."""
        self.engine.apply(lib.sim_reset)

    def load(self, firmware: str | PathLike[str] | Firmware) -> None:
        """Program another firmware, as a programmer does: flash is erased, then a pin reset.

        Raises:
            FirmwareError: It cannot be read, or does not belong on this chip; nothing changed.
        """
        loaded = self._loaded(firmware)
        assert loaded is not None
        if self.engine.tally is not None:
            self.engine.tally.settle()
            self.engine.tally.begin(loaded)
        self.firmware = loaded
        self._program(self.firmware)
        with self.engine.use() as handle:
            lib.sim_reset(handle)
        if self.engine.history is not None:
            self.engine.history.start_over()

    # Going back

    def snapshot(self) -> Snapshot:
        """Copy all that a run changes: memories, peripherals, UART bytes on their way, statistics.

        Function timers and the like go on after a restore, with their figures of then; one that was
        made since starts over. ``snapshot.size_bytes`` says what it weighs.
        """
        return take_snapshot(self)

    def restore(self, snapshot: Snapshot) -> None:
        """Make the chip exactly what it was. A history (:meth:`keep_history`) starts over here.

        Raises:
            SnapshotError: The snapshot was taken of another chip; nothing changed.
        """
        restore_snapshot(self, snapshot)

    def keep_history(
        self,
        interval_cycles: int = INTERVAL_CYCLES,
        bytes_max: int = BYTES_MAX,
        *,
        is_thinned: bool = False,
    ) -> History:
        """Remember from now on how the chip came where it is, for :meth:`run_back_to`.

        Args:
            interval_cycles: A snapshot is taken so often, and wherever Python has written to a
                memory; a way back runs so many cycles at most.
            bytes_max: Memory for it; what is oldest is forgotten. The two latest snapshots stay in
                any case, with the at most 1,000 calls that came after each.
            is_thinned: When memory is full, double the interval and take out every other snapshot:
                ways back take longer, and reach as far as before. What is oldest is forgotten only
                when that does not suffice.

        Returns:
            The history, which says where it begins and what it weighs. Another call starts anew.
        """
        with self.engine.use():
            self.engine.history = History(self, interval_cycles, bytes_max, is_thinned=is_thinned)
            return self.engine.history

    def run_back_to(self, cycle: int) -> Stop:
        """Make the chip what it was at a cycle, by the last snapshot before it and a replay.

        It stands at the first instruction boundary at or after ``cycle``, where a run to it would
        have ended, with all that came from outside (UART bytes, pins, voltages, resets, pokes) up
        to and at ``cycle``. What came later is forgotten: from here the future is open.

        Raises:
            NoHistoryError: :meth:`keep_history` was not called.
            FutureCycleError: The chip has not come so far yet.
            ForgottenCycleError: The history begins later.
        """
        return run_back(self, cycle)

    def state_hash(self) -> str:
        """Digest all that decides what the chip will do; 64 hexadecimal digits.

        Two chips with the same digest go on alike, given the same from outside. The same image,
        seed and inputs give the same digest in any process with the same build of libsimavr.
        Left out: what only measures, such as function timers.
        """
        return state_hash(self)

    # The world outside

    def uart(self, number: int = 0) -> Uart:
        """Give the cable of a UART.

        Raises:
            PortError: The chip has no such UART.
        """
        return Uart(self, number)

    def serial_line(self, rx: str, tx: str, baud: int) -> SerialLine:
        """Wire a serial port to two pins, for firmware that times its bits itself.

        It becomes the UART of the lowest free number, 0 on a chip without any: ``chip.uart(0)``
        and ``until.uart_bytes`` then mean it. Part of a snapshot: a restore to before takes it off.

        Args:
            rx: The pin that the chip listens at, such as ``"B3"``.
            tx: The pin that it sends from.
            baud: Bits a second, 8N1.

        Raises:
            PortError: No such pin, one that is taken, a rate that no pin can follow, or no number
                is free.
            ValueError: Not a pin's name.
        """
        return wire_line(self, rx, tx, baud)

    @property
    def adc(self) -> Adc:
        """Voltages: ``chip.adc[0].millivolts = 1200``."""
        return self._adc

    def pin(self, name: str) -> Pin:
        """Give a pin by port and bit, such as ``"B0"``.

        Raises:
            ValueError: Not a pin's name.
            PortError: The chip has no such port.
        """
        return Pin(self, name)

    # Names

    @property
    def names(self) -> Names:
        """Addresses of names and names of addresses."""
        return Names(self.firmware)

    @property
    def symbols(self) -> Mapping[str, Symbol]:
        """Functions, variables and labels of the firmware by name."""
        return MappingProxyType(self.firmware.symbols if self.firmware else {})

    def var(self, name: str) -> np.ndarray:
        """Look at a firmware variable as an array.

        Args:
            name: A global and its members, such as ``"net.hidden.weight"``.

        Returns:
            A live, writable window of raw values, with shape and dtype as DWARF declares them.

        Raises:
            SymbolError: Absent, optimised away, or without a type.
        """
        variable = self.names.variable(name)
        memory = {"sram": self.data, "eeprom": self.eeprom}.get(variable.space)
        return variable.view(self.flash if memory is None else memory)

    def time(self, function: str) -> FunctionTimer:
        """Measure every call of a function from now on.

        Raises:
            SymbolError: The firmware has no such function.
        """
        return FunctionTimer(self, function, self.names.code_address(function))
