# SPDX-License-Identifier: GPL-3.0-or-later
"""What a firmware did that no chip can do sensibly, and what is to be done about it.

Every access is watched; a policy says which kinds stop the run as a fault, which are only recorded
and which go unnoticed. The engine keeps 1,024 findings, one a kind, program counter and address.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any

from pyavr_sim._sim import ffi, lib

if TYPE_CHECKING:
    from pyavr_sim.names import Names

__all__ = ["Finding", "FindingKind", "Policy", "Reaction"]


class Reaction(Enum):
    """What to do about a kind of finding."""

    FAULT = "fault"
    """Record it and raise a :class:`~pyavr_sim.FirmwareFault`."""
    RECORD = "record"
    """Record it and go on as silicon would."""
    IGNORE = "ignore"
    """Go on as silicon would."""


class FindingKind(StrEnum):
    """What was found. The address of a finding is a data address, or one in flash."""

    OUT_OF_RANGE_READ = "out of range read"
    """A load from beyond SRAM, or a pop from an empty stack. Going on, it gives 0."""
    OUT_OF_RANGE_WRITE = "out of range write"
    """A store or push beyond SRAM. Going on, it is lost."""
    FLASH_READ = "flash read"
    """LPM beyond flash. Going on, the address wraps."""
    FLASH_WRITE = "flash write"
    """SPM beyond flash. Going on, nothing is programmed."""
    ERASED_FLASH = "erased flash"
    """Execution of 0xFFFF. Going on, it is taken for SBRS r31,7, as silicon does."""
    PAST_FLASH = "past flash"
    """Execution beyond the end of flash. Going on, the program counter wraps."""
    ILLEGAL_INSTRUCTION = "illegal instruction"
    """A word that is no instruction of this core. Going on, it is a NOP."""
    STACK_COLLISION = "stack collision"
    """The stack grew into static data. Going on, it overwrites them."""
    UNINITIALISED_READ = "uninitialised read"
    """A load from an SRAM byte that nothing has written since power-up."""
    GAVE_UP = "gave up"
    """Libsimavr crashed the chip; always a fault."""


_KINDS = {
    lib.SIM_FAULT_READ: FindingKind.OUT_OF_RANGE_READ,
    lib.SIM_FAULT_WRITE: FindingKind.OUT_OF_RANGE_WRITE,
    lib.SIM_FAULT_FLASH_READ: FindingKind.FLASH_READ,
    lib.SIM_FAULT_FLASH_WRITE: FindingKind.FLASH_WRITE,
    lib.SIM_FAULT_ERASED_FLASH: FindingKind.ERASED_FLASH,
    lib.SIM_FAULT_PC: FindingKind.PAST_FLASH,
    lib.SIM_FAULT_ILLEGAL: FindingKind.ILLEGAL_INSTRUCTION,
    lib.SIM_FAULT_STACK_COLLISION: FindingKind.STACK_COLLISION,
    lib.SIM_FAULT_UNINITIALISED: FindingKind.UNINITIALISED_READ,
    lib.SIM_FAULT_CRASHED: FindingKind.GAVE_UP,
}
_IN_SRAM = {
    FindingKind.OUT_OF_RANGE_READ,
    FindingKind.OUT_OF_RANGE_WRITE,
    FindingKind.STACK_COLLISION,
    FindingKind.UNINITIALISED_READ,
}
_REACTIONS = {
    Reaction.FAULT: lib.SIM_REACT_FAULT,
    Reaction.RECORD: lib.SIM_REACT_RECORD,
    Reaction.IGNORE: lib.SIM_REACT_IGNORE,
}


@dataclass(frozen=True)
class Finding:
    """One thing found, at one place.

    Attributes:
        kind: What it is.
        pc: Byte address of the instruction.
        function: Around ``pc``, if known.
        line: Source file and line of ``pc``, such as ``"net.c:12"``, if known.
        address: What it accessed: a data address, or a flash address.
        variable: The static variable at ``address``, such as ``"net"`` or ``"net+3"``, if known.
        cycle: When the instruction began, the first time.
    """

    kind: FindingKind
    pc: int
    function: str | None
    line: str | None
    address: int
    variable: str | None
    cycle: int

    def __str__(self) -> str:
        what = (
            f"{self.variable} (0x{self.address:04X})" if self.variable else f"0x{self.address:04X}"
        )
        function = f" in {self.function}" if self.function else ""
        line = f" ({self.line})" if self.line else ""
        return (
            f"{self.kind.value}: {what} at pc 0x{self.pc:04X}{function}{line}, cycle {self.cycle}"
        )


@dataclass(frozen=True)
class Policy:
    """What to do about what is found; each a :class:`Reaction` or its value, such as ``"record"``.

    Attributes:
        out_of_range: Data accesses beyond SRAM; LPM and SPM beyond flash.
        stack_collision: A push, call or interrupt that writes into static data.
        erased_flash: Execution of erased flash, or beyond its end.
        illegal_instruction: Execution of what is no instruction of the chip's core.
        uninitialised_read: Loads of SRAM bytes that no instruction has written since power-up. Not
            found: stale bytes that an earlier function left on the stack. Bytes that Python wrote
            count as written if that changed them.
    """

    out_of_range: Reaction | str = Reaction.FAULT
    stack_collision: Reaction | str = Reaction.FAULT
    erased_flash: Reaction | str = Reaction.FAULT
    illegal_instruction: Reaction | str = Reaction.FAULT
    uninitialised_read: Reaction | str = Reaction.RECORD

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            try:
                object.__setattr__(self, field.name, Reaction(value))
            except ValueError:
                known = ", ".join(repr(reaction.value) for reaction in Reaction)
                raise ValueError(f"{field.name} must be one of {known}; found {value!r}") from None

    def impose(self, handle: Any) -> None:
        """Tell an engine."""
        for kinds, reaction in (
            (_OUT_OF_RANGE, self.out_of_range),
            ((lib.SIM_FAULT_STACK_COLLISION,), self.stack_collision),
            ((lib.SIM_FAULT_ERASED_FLASH, lib.SIM_FAULT_PC), self.erased_flash),
            ((lib.SIM_FAULT_ILLEGAL,), self.illegal_instruction),
            ((lib.SIM_FAULT_UNINITIALISED,), self.uninitialised_read),
        ):
            for kind in kinds:
                lib.sim_set_reaction(handle, kind, _REACTIONS[Reaction(reaction)])


_OUT_OF_RANGE = (
    lib.SIM_FAULT_READ,
    lib.SIM_FAULT_WRITE,
    lib.SIM_FAULT_FLASH_READ,
    lib.SIM_FAULT_FLASH_WRITE,
)


def read_findings(handle: Any, names: Names) -> list[Finding]:
    """Copy what an engine has found, in the order of its cycles."""
    out = ffi.new("sim_fault[]", lib.SIM_FINDINGS_MAX)
    found = []
    for fault in out[0 : lib.sim_findings(handle, out)]:
        kind = _KINDS[fault.kind]
        variable = names.variable_at(fault.address) if kind in _IN_SRAM else None
        function, line = names.function_at(fault.pc), names.line_at(fault.pc)
        found.append(Finding(kind, fault.pc, function, line, fault.address, variable, fault.cycle))
    return found
