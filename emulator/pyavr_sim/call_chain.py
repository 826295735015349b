# SPDX-License-Identifier: GPL-3.0-or-later
"""Who called whom, and the stack that each of them takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyavr_sim._sim import ffi, lib
from pyavr_sim.names import START

if TYPE_CHECKING:
    from pyavr_sim.names import Names

__all__ = ["CallChain", "CallFrame"]


@dataclass(frozen=True)
class CallFrame:
    """A function that was called and has not returned.

    Attributes:
        function: Its name, if known; a tail call stays in the frame of the function that jumped.
            That of the start is :data:`~pyavr_sim.names.START`.
        address: Flash byte address that the call led to; 0 for the start.
        call_site: Byte address of the CALL, or of the instruction that was interrupted; None for
            the start.
        line: Source line of ``call_site``, if known.
        sp: SP at the function's first instruction.
        stack_bytes: Its return address, saved registers and locals, as ``-fstack-usage`` counts.
        is_interrupt: Entered by an interrupt.
    """

    function: str | None
    address: int
    call_site: int | None
    line: str | None
    sp: int
    stack_bytes: int
    is_interrupt: bool

    @property
    def name(self) -> str:
        """The function, else its address."""
        return self.function or f"0x{self.address:04X}"


@dataclass(frozen=True)
class CallChain:
    """Calls in one another at one moment.

    Attributes:
        frames: From the start code to the innermost function; never empty. The ``stack_bytes`` of
            all of them make up the stack of that moment.
        pc: Byte address of the instruction of that moment; one that pushes belongs to the caller.
        cycle: That moment.
        sp: The stack pointer then.
    """

    frames: tuple[CallFrame, ...]
    pc: int
    cycle: int
    sp: int

    @property
    def stack_bytes(self) -> int:
        """Of all frames."""
        return sum(frame.stack_bytes for frame in self.frames)

    def __str__(self) -> str:
        rows = [f"{self.stack_bytes} bytes of stack at cycle {self.cycle}"]
        for frame in self.frames:
            how = "interrupt at" if frame.is_interrupt else "called at"
            place = "" if frame.call_site is None else f"  {how} 0x{frame.call_site:04X}"
            line = f" ({frame.line})" if frame.line else ""
            rows.append(f"{frame.stack_bytes:6}  {frame.name}{place}{line}")
        return "\n".join(rows)


def read_calls(handle: Any, names: Names, sram_end: int) -> CallChain:
    """The calls in progress, of an engine that tracks."""
    out = ffi.new("sim_frame[]", lib.SIM_FRAMES_MAX)
    found = list(out[0 : lib.sim_calls(handle, out)])
    sp, pc, cycle = lib.sim_sp(handle), lib.sim_pc(handle), lib.sim_cycle(handle)
    return _chain(found, names, sram_end, sp, pc, cycle)


def read_calls_deepest(handle: Any, names: Names, sram_end: int) -> CallChain:
    """The calls at the moment when SP was lowest, of an engine that tracks."""
    out = ffi.new("sim_frame[]", lib.SIM_FRAMES_MAX)
    pc, cycle = ffi.new("uint32_t *"), ffi.new("uint64_t *")
    found = list(out[0 : lib.sim_calls_deepest(handle, out, pc, cycle)])
    return _chain(found, names, sram_end, lib.sim_sp_lowest(handle), pc[0], cycle[0])


def _chain(
    found: list[Any], names: Names, sram_end: int, sp: int, pc: int, cycle: int
) -> CallChain:
    above = [sram_end, *(frame.sp + 2 for frame in found)]  # SP at the call
    below = [*above[1:], sp]
    frames = [CallFrame(START, 0, None, None, sram_end, above[0] - below[0], False)]
    for frame, start, end in zip(found, above[1:], below[1:], strict=True):
        address, site = 2 * frame.callee, 2 * frame.site
        frames.append(
            CallFrame(
                names.function_at(address),
                address,
                site,
                names.line_at(site),
                frame.sp,
                start - end,
                bool(frame.is_interrupt),
            )
        )
    return CallChain(tuple(frames), pc, cycle, sp)
