# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers the packets of gdb's remote protocol.

Source: "Debugging with GDB", appendix E. A packet that is not known gets an empty answer, a request
that cannot be met ``E01``, and :attr:`Protocol.say` is told why.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum

from pyavr_sim.debug.address_space import DATA, PC, SP, SREG, AddressSpace
from pyavr_sim.debug.monitor import answer_monitor
from pyavr_sim.debug.motion import Access, Halt, HaltReason, Motion, Moves, Watchpoint
from pyavr_sim.debug.packets import PAYLOAD_MAX
from pyavr_sim.errors import (
    DebugError,
    ErasedFlashError,
    FirmwareFault,
    IllegalInstructionError,
)

__all__ = ["INTERRUPTED", "Farewell", "Protocol"]

FEATURES = (
    f"PacketSize={PAYLOAD_MAX:x};QStartNoAckMode+;swbreak+;hwbreak+;vContSupported+;"
    "ReverseStep+;ReverseContinue+"
)
OK, ERROR, UNKNOWN = b"OK", b"E01", b""

# Signals by gdb's own numbers (include/gdb/signals.def).
SIGINT, SIGILL, SIGTRAP, SIGSEGV = 2, 4, 5, 11

INTERRUPTED = Halt(HaltReason.STEPPED)
_WATCHES = {"2": Access.WRITE, "3": Access.READ, "4": Access.ANY}
_HEX = r"([0-9a-f]+)"


class Farewell(Enum):
    """How a client can leave."""

    DETACHED = "detached"
    KILLED = "killed"


class Protocol:
    """One client's talk with one chip.

    Args:
        motion: Moves the chip.
        say: Told what the user should know and the protocol cannot carry.

    Attributes:
        farewell: Set when the client has said that it goes.
        is_acknowledging: Until the client wants no more ``+``.
    """

    def __init__(self, motion: Motion, say: Callable[[str], None]) -> None:
        self.motion = motion
        self.say = say
        self.farewell: Farewell | None = None
        self.is_acknowledging = True
        self._space = AddressSpace(motion.chip)
        self._stop = self.stop_reply(INTERRUPTED, SIGTRAP)

    def answer(self, payload: bytes) -> bytes | Moves:
        """Answer a packet: with bytes, or with a motion whose halt is the answer."""
        text = payload.decode("latin-1")
        try:
            for pattern, reply in _PACKETS:
                found = pattern.fullmatch(text)
                if found:
                    return reply(self, *found.groups())
        except DebugError as error:
            self.say(str(error))
            return ERROR
        return UNKNOWN

    def stop_reply(self, halt: Halt, signal: int | None = None) -> bytes:
        """Say why the chip stands; also what ``?`` answers from now on."""
        number = _signal(halt.fault) if signal is None else signal
        expedited = "".join(f"{n:02x}:{self._space.register(n).hex()};" for n in (SREG, SP, PC))
        self._stop = f"T{number:02x}{expedited}{_reason(halt)}".encode()
        if halt.fault is not None:
            self.say(str(halt.fault))
        if halt.reason is HaltReason.ENDED:
            self.say(f"{halt.reason.value}.")
        return self._stop

    # One method a packet

    def _supported(self) -> bytes:
        return FEATURES.encode()

    def _no_acknowledgements(self) -> bytes:
        self.is_acknowledging = False
        return OK

    def _why(self) -> bytes:
        return self._stop

    def _ok(self) -> bytes:
        return OK

    def _attached(self) -> bytes:
        return b"1"  # so gdb detaches from the chip when it quits, and does not kill it

    def _actions(self) -> bytes:
        return b"vCont;c;C;s;S"

    def _read_registers(self) -> bytes:
        return self._space.registers().hex().encode()

    def _write_registers(self, data: str) -> bytes:
        self._space.set_registers(_octets(data))
        return OK

    def _read_register(self, number: str) -> bytes:
        return self._space.register(int(number, 16)).hex().encode()

    def _write_register(self, number: str, data: str) -> bytes:
        self._space.set_register(int(number, 16), _octets(data))
        return OK

    def _read_memory(self, address: str, size: str) -> bytes:
        wanted = int(size, 16)
        if wanted > PAYLOAD_MAX // 2:
            raise DebugError(f"{wanted} bytes at once; expected at most {PAYLOAD_MAX // 2}.")
        return self._space.read(int(address, 16), wanted).hex().encode()

    def _write_memory(self, address: str, size: str, data: str) -> bytes:
        return self._write(address, size, _octets(data))

    def _write_binary(self, address: str, size: str, data: str) -> bytes:
        return self._write(address, size, data.encode("latin-1"))

    def _write(self, address: str, size: str, data: bytes) -> bytes:
        if int(size, 16) != len(data):
            raise DebugError(f"a packet names {int(size, 16)} bytes and holds {len(data)}.")
        if data:
            self._space.write(int(address, 16), data)
        return OK

    def _insert(self, kind: str, address: str, size: str) -> bytes:
        return self._change(kind, int(address, 16), int(size, 16), is_on=True)

    def _remove(self, kind: str, address: str, size: str) -> bytes:
        return self._change(kind, int(address, 16), int(size, 16), is_on=False)

    def _change(self, kind: str, address: int, size: int, *, is_on: bool) -> bytes:
        motion = self.motion
        if kind in _WATCHES:
            start = self._space.data_address(address, size)
            watchpoint = Watchpoint(start, size, _WATCHES[kind])
            (motion.add_watchpoint if is_on else motion.remove_watchpoint)(watchpoint)
        else:
            place = self._space.code_address(address)
            (motion.add_breakpoint if is_on else motion.remove_breakpoint)(place)
        return OK

    def _go_on(self, at: str | None = None) -> Moves:
        self._jump(at)
        return self.motion.run()

    def _step(self, at: str | None = None) -> Moves:
        self._jump(at)
        return self.motion.step()

    def _jump(self, at: str | None) -> None:
        if at:
            self._space.set_register(PC, int(at, 16).to_bytes(8, "little")[:4])

    def _go_back(self) -> Moves:
        return self.motion.run_back()

    def _step_back(self) -> Moves:
        return self.motion.step_back()

    def _monitor(self, line: str) -> bytes:
        words = _octets(line).decode("utf-8", "replace")
        return (answer_monitor(self.motion, words) + "\n").encode().hex().encode()

    def _detach(self) -> bytes:
        self.farewell = Farewell.DETACHED
        return OK

    def _kill(self) -> bytes:
        self.farewell = Farewell.KILLED
        return OK


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise DebugError(f"expected pairs of hexadecimal digits; found {text[:40]!r}.") from None


def _signal(fault: FirmwareFault | None) -> int:
    if fault is None:
        return SIGTRAP
    return SIGILL if isinstance(fault, ErasedFlashError | IllegalInstructionError) else SIGSEGV


def _reason(halt: Halt) -> str:
    match halt.reason:
        case HaltReason.BREAKPOINT:
            return "swbreak:;"
        case HaltReason.WATCHPOINT if halt.watchpoint:
            return f"{halt.watchpoint.access.value}:{DATA + halt.watchpoint.address:x};"
        case HaltReason.HISTORY_BEGINS:
            return "replaylog:begin;"
    return ""


_Reply = Callable[..., bytes | Moves]
_PACKETS: tuple[tuple[re.Pattern[str], _Reply], ...] = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), reply)
    for pattern, reply in (
        (r"qSupported(?::.*)?", Protocol._supported),
        (r"QStartNoAckMode", Protocol._no_acknowledgements),
        (r"\?", Protocol._why),
        (r"H[gc].*|T.*", Protocol._ok),
        (r"qAttached.*", Protocol._attached),
        (r"g", Protocol._read_registers),
        (r"G(.*)", Protocol._write_registers),
        (rf"p{_HEX}", Protocol._read_register),
        (rf"P{_HEX}=(.*)", Protocol._write_register),
        (rf"m{_HEX},{_HEX}", Protocol._read_memory),
        (rf"M{_HEX},{_HEX}:(.*)", Protocol._write_memory),
        (rf"X{_HEX},{_HEX}:(.*)", Protocol._write_binary),
        (rf"Z([0-4]),{_HEX},{_HEX}.*", Protocol._insert),
        (rf"z([0-4]),{_HEX},{_HEX}.*", Protocol._remove),
        (r"vCont\?", Protocol._actions),
        (r"vCont;[cC].*", Protocol._go_on),
        (r"vCont;[sS].*", Protocol._step),
        (rf"c{_HEX}?", Protocol._go_on),
        (rf"C[0-9a-f]{{2}}(?:;{_HEX})?", Protocol._go_on),
        (rf"s{_HEX}?", Protocol._step),
        (rf"S[0-9a-f]{{2}}(?:;{_HEX})?", Protocol._step),
        (r"bc", Protocol._go_back),
        (r"bs", Protocol._step_back),
        (r"qRcmd,(.*)", Protocol._monitor),
        (r"D.*", Protocol._detach),
        (r"vKill.*|k", Protocol._kill),
    )
)
