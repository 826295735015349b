# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns a fault that the engine recorded into the exception that explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyavr_sim._sim import lib
from pyavr_sim.errors import (
    ErasedFlashError,
    FirmwareFault,
    IllegalInstructionError,
    OutOfRangeAccessError,
    StackCollisionError,
    UninitialisedReadError,
)

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip

__all__ = ["fault_error"]


def fault_error(chip: Chip, fault: Any, message: str) -> FirmwareFault:
    """Explain a fault.

    Args:
        chip: Where it happened.
        fault: A ``sim_fault`` of shim/sim.h.
        message: What libsimavr said last, for a fault that is its own.
    """
    kind, text = _explanation(chip, fault, message)
    return kind(
        f"{text} It happened at {chip.names.place(fault.pc)}, cycle {fault.cycle}.",
        pc=fault.pc,
        address=fault.address,
        cycle=fault.cycle,
        function=chip.names.function_at(fault.pc),
    )


def _explanation(chip: Chip, fault: Any, message: str) -> tuple[type[FirmwareFault], str]:
    name, end = chip.name, chip.description.sram_end
    flash_end = chip.description.flash_bytes - 1
    where = f"0x{fault.address:04X}"
    if fault.kind == lib.SIM_FAULT_READ:
        return OutOfRangeAccessError, (
            f"the firmware read data address {where}; the {name}'s SRAM ends at 0x{end:04X}. "
            "Look for an index or pointer out of range, or a pop from an empty stack."
        )
    if fault.kind == lib.SIM_FAULT_WRITE:
        return OutOfRangeAccessError, (
            f"the firmware wrote to data address {where}; the {name}'s SRAM ends at 0x{end:04X}. "
            "Look for an index or pointer out of range, or a wrong stack pointer."
        )
    if fault.kind in (lib.SIM_FAULT_FLASH_READ, lib.SIM_FAULT_FLASH_WRITE):
        verb = "read" if fault.kind == lib.SIM_FAULT_FLASH_READ else "programmed"
        return OutOfRangeAccessError, (
            f"the firmware {verb} flash address {where}; the {name}'s flash ends at "
            f"0x{flash_end:04X}. Look at the Z pointer: is it one of PROGMEM data?"
        )
    if fault.kind in (lib.SIM_FAULT_ERASED_FLASH, lib.SIM_FAULT_PC):
        what = "past the end of flash" if fault.kind == lib.SIM_FAULT_PC else "in erased flash"
        return ErasedFlashError, (
            f"execution went on {what}, at {where}. Look for a call through a bad pointer, a "
            "return to a damaged stack, or a chip without firmware."
        )
    if fault.kind == lib.SIM_FAULT_ILLEGAL:
        word = chip.flash[fault.pc : fault.pc + 2].tobytes()[::-1].hex().upper()
        return IllegalInstructionError, (
            f"0x{word} at {where} is no instruction of the {name}. Look at the compiler's -mmcu, "
            "or for a jump into data."
        )
    if fault.kind == lib.SIM_FAULT_STACK_COLLISION:
        return StackCollisionError, (
            f"the stack grew down to {where}, into static data that ends before "
            f"0x{chip.static_end:04X}. Use less static data, fewer nested calls or smaller locals."
        )
    if fault.kind == lib.SIM_FAULT_UNINITIALISED:
        variable = chip.names.variable_at(fault.address)
        return UninitialisedReadError, (
            f"the firmware read data address {where}{f' ({variable})' if variable else ''}, which "
            "nothing has written since power-up. Initialise it, or record such reads: "
            "Policy(uninitialised_read='record')."
        )
    return FirmwareFault, f"libsimavr gave up: {message.strip() or 'it did not say why'}."
