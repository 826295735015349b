# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a chip to a condition, and turns what the engine reports into a result or an error."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from pyavr_sim import until as conditions
from pyavr_sim._sim import ffi, lib
from pyavr_sim.errors import (
    CycleLimitError,
    FirmwareEndedError,
    PortError,
    SymbolError,
)
from pyavr_sim.faults import fault_error
from pyavr_sim.stop import Stop, StopReason

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip

__all__ = ["check_cycles", "run_chip"]

_COMPARISONS = {
    "==": lib.SIM_EQUAL,
    "!=": lib.SIM_NOT_EQUAL,
    "<": lib.SIM_LESS,
    ">=": lib.SIM_GREATER_EQUAL,
}
_REASONS = {
    lib.SIM_STOP_CYCLES: StopReason.CYCLES,
    lib.SIM_STOP_ENDED: StopReason.ENDED,
    lib.SIM_STOP_ADDRESS: StopReason.ADDRESS,
    lib.SIM_STOP_UART_BYTES: StopReason.UART_BYTES,
    lib.SIM_STOP_VALUE: StopReason.VALUE,
}
CYCLES_LIMIT = 1 << 62


def check_cycles(cycles_max: int) -> int:
    """Return a cycle limit as a plain int.

    Raises:
        ValueError: It is negative, or beyond all reason.
        TypeError: It is not an integer.
    """
    found = operator.index(cycles_max)
    if not 0 <= found <= CYCLES_LIMIT:
        raise ValueError(f"cycles_max must be from 0 to 2**62; found {found}")
    return found


def run_chip(chip: Chip, cycles_max: int, until: conditions.Condition | None) -> Stop:
    """Run until the condition holds; :meth:`pyavr_sim.Chip.run` tells the whole contract."""
    cycles = check_cycles(cycles_max)
    with chip.engine.use() as handle:
        chip.notice_flash_writes()
        if until is None:
            return _stop(handle, _run(chip, handle, cycles, None))
        if isinstance(until, conditions.Ended):
            stop = _run(chip, handle, cycles, None)
            if stop == lib.SIM_STOP_ENDED:
                return _stop(handle, stop)
            _raise_limit(chip, handle, cycles, until)
        if callable(until):
            return _run_in_slices(chip, handle, cycles, until)
        stop = _run(chip, handle, cycles, _compile(chip, until))
        if stop == lib.SIM_STOP_CYCLES:
            _raise_limit(chip, handle, cycles, until)
        if stop == lib.SIM_STOP_ENDED:
            _raise_ended(chip, handle, until)
        return _stop(handle, stop)


def _run_in_slices(chip: Chip, handle: Any, cycles: int, until: Any) -> Stop:
    end = lib.sim_cycle(handle) + cycles
    ended = False
    while not until(chip):
        left = end - lib.sim_cycle(handle)
        if ended:
            _raise_ended(chip, handle, until)
        if left <= 0:
            _raise_limit(chip, handle, cycles, until)
        ended = _run(chip, handle, min(left, conditions.SLICE_CYCLES), None) == lib.SIM_STOP_ENDED
    return Stop(StopReason.CONDITION, lib.sim_cycle(handle), lib.sim_pc(handle))


def _run(chip: Chip, handle: Any, cycles: int, until: Any) -> int:
    condition = ffi.NULL if until is None else until
    stop = chip.engine.run(cycles, condition)
    if stop == lib.SIM_STOP_FAULT:
        fault = ffi.new("sim_fault *")
        lib.sim_last_fault(handle, fault)
        raise fault_error(chip, fault, ffi.string(lib.sim_message(handle)).decode(errors="replace"))
    if stop == lib.SIM_STOP_UART_FULL:
        raise PortError(
            f"a UART of this {chip.name} holds 16 MiB that nobody read, so the run was stopped "
            "before a byte was lost. Read it, then run on."
        )
    return stop


def _stop(handle: Any, stop: int) -> Stop:
    return Stop(_REASONS[stop], lib.sim_cycle(handle), lib.sim_pc(handle))


def _compile(chip: Chip, until: Any) -> Any:
    """Translate a condition into the engine's terms."""
    c = ffi.new("sim_until *")
    c.address = -1
    if isinstance(until, conditions.Symbol):
        c.address = chip.names.code_address(until.name)
    elif isinstance(until, conditions.Address):
        if until.address >= chip.description.flash_bytes:
            raise ValueError(
                f"0x{until.address:04X} is beyond the flash of an {chip.name}, which ends at "
                f"0x{chip.description.flash_bytes - 1:04X}"
            )
        c.address = until.address
    elif isinstance(until, conditions.UartBytes):
        c.uart = chip.uart(until.uart).number
        c.uart_bytes = until.count
    elif isinstance(until, conditions.Value):
        _compile_value(chip, until, c)
    else:
        raise TypeError(f"until is a condition of pyavr_sim.until or a callable; found {until!r}")
    return c


def _compile_value(chip: Chip, until: conditions.Value, c: Any) -> None:
    if isinstance(until.target, int):
        c.value_address, c.value_size = until.target, until.size_bytes
        c.value_signed = until.signed
        if not 0 <= until.target <= chip.description.sram_end + 1 - until.size_bytes:
            raise ValueError(
                f"0x{until.target:04X} is outside the data space of an {chip.name}, which ends at "
                f"0x{chip.description.sram_end:04X}"
            )
    else:
        variable = chip.names.variable(until.target)
        dtype = np.dtype(variable.dtype)
        if variable.space != "sram" or variable.shape or dtype.kind not in "iub":
            raise SymbolError(
                f"{until.target} is {variable.shape or 'one'} {dtype} in {variable.space}; expected"
                " one integer in SRAM. Name an element, such as 'table[3]', or a member."
            )
        if dtype.itemsize not in (1, 2, 4):
            raise SymbolError(
                f"{until.target} takes {dtype.itemsize} bytes; expected 1, 2 or 4. Wait for a "
                "part of it by its data address, or with a Python condition."
            )
        c.value_address, c.value_size = variable.address, dtype.itemsize
        c.value_signed = dtype.kind == "i"
    c.value_comparison = _COMPARISONS[until.comparison]
    if not -(1 << 63) <= until.number < 1 << 63:
        raise ValueError(f"{until.number} does not fit into 64 bits")
    c.value = until.number


def _raise_limit(chip: Chip, handle: Any, cycles: int, until: object) -> NoReturn:
    cycle, pc = lib.sim_cycle(handle), lib.sim_pc(handle)
    place = chip.names.place(pc)
    raise CycleLimitError(
        f"{until} did not come within {cycles} cycles; the {chip.name} is at {place}, "
        f"cycle {cycle}. Allow more cycles, or look why the firmware stays there.",
        cycle=cycle,
        pc=pc,
    )


def _raise_ended(chip: Chip, handle: Any, until: object) -> NoReturn:
    cycle, pc = lib.sim_cycle(handle), lib.sim_pc(handle)
    raise FirmwareEndedError(
        f"the firmware ended at {chip.names.place(pc)}, cycle {cycle} (asleep with interrupts off) "
        f"before {until}. Reset the chip to start again.",
        cycle=cycle,
        pc=pc,
    )
