# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed in a recorded run, and when: pins, variables, the stack pointer, calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pyavr_sim._sim import ffi, lib

if TYPE_CHECKING:
    from pyavr_sim.variables import Variable

__all__ = ["CallEvents", "Signal"]

_CHANGE = np.dtype([("cycle", "<u8"), ("subject", "<u4"), ("value", "<u2"), ("kind", "<u2")])


@dataclass(frozen=True, eq=False)
class Signal:
    """A number that changed in a run.

    Attributes:
        name: Of the pin, such as ``"B0"``, of the variable, or ``"SP"``.
        bits: Its width.
        cycles: When, (n,) int64, in order; the first is the run's begin.
        values: What it was from then on, unsigned, (n,) uint64.
    """

    name: str
    bits: int
    cycles: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class CallEvents:
    """Calls, interrupts and returns of a run, one by one.

    Attributes:
        at_start: Flash byte addresses of the calls that were open when it began, outermost first.
        cycles: When, (n,) int64: behind the CALL or return, at the begin of an interrupt's
            response.
        address: Byte address of the function that was entered, -1 for a return; (n,) int64.
        open_calls: How many calls are open afterwards, (n,) int64.
        is_interrupt: Whether an interrupt entered it, (n,) bool.
    """

    at_start: tuple[int, ...]
    cycles: np.ndarray
    address: np.ndarray
    open_calls: np.ndarray
    is_interrupt: np.ndarray


def read_log(read: Any, handle: Any) -> tuple[np.ndarray, int]:
    """Copy one of the engine's two logs: its changes, and how many were dropped."""
    changes, dropped = ffi.new("sim_change **"), ffi.new("uint64_t *")
    count = read(handle, changes, dropped)
    size = count * _CHANGE.itemsize
    return np.frombuffer(bytes(ffi.buffer(changes[0], size)), _CHANGE), int(dropped[0])


def call_events(flow: np.ndarray, at_start: tuple[int, ...]) -> CallEvents:
    """The calls in a log of the flow."""
    flow = flow[flow["kind"] <= lib.SIM_CHANGE_RETURN]
    is_return = flow["kind"] == lib.SIM_CHANGE_RETURN
    subject = flow["subject"].astype(np.int64)
    calls = np.cumsum(~is_return)
    last_return = np.maximum.accumulate(np.where(is_return, np.arange(len(flow)), -1))
    has_returned = last_return >= 0
    open_then = np.where(has_returned, subject[last_return], len(at_start))
    calls_then = np.where(has_returned, calls[last_return], 0)
    return CallEvents(
        at_start,
        flow["cycle"].astype(np.int64),
        np.where(is_return, -1, 2 * subject),
        open_then + calls - calls_then,
        flow["kind"] == lib.SIM_CHANGE_INTERRUPT,
    )


def sp_signal(flow: np.ndarray, cycle: int, sp: int) -> Signal:
    """SP through a run that began at ``cycle`` with ``sp``."""
    return _signal("SP", 16, cycle, sp, flow["cycle"], flow["value"])


def pin_signals(levels: np.ndarray, cycle: int, wanted: Sequence[str]) -> tuple[Signal, ...]:
    """The wanted pins, or all that changed, in a log that begins with those that were high."""
    changes = levels[levels["kind"] == lib.SIM_CHANGE_PIN]
    numbers = np.unique(changes["subject"]).tolist()
    seen = [f"{chr(ord('A') + number // 8)}{number % 8}" for number in numbers]
    signals = []
    for name in wanted or seen:
        mine = changes[changes["subject"] == 8 * (ord(name[0]) - ord("A")) + int(name[1])]
        signals.append(_signal(name, 1, cycle, 0, mine["cycle"], mine["value"]))
    return tuple(s for s in signals if wanted or len(s.cycles) > 1)


def variable_signal(
    levels: np.ndarray, cycle: int, begin: bytes, name: str, variable: Variable
) -> Signal:
    """A variable that held ``begin`` when the run began at ``cycle``; little endian."""
    size = variable.size_bytes
    offset = levels["subject"].astype(np.int64) - variable.address
    mine = (levels["kind"] == lib.SIM_CHANGE_BYTE) & (offset >= 0) & (offset < size)
    value = int.from_bytes(begin, "little")
    values = []
    for at, byte in zip(offset[mine].tolist(), levels["value"][mine].tolist(), strict=True):
        value = value & ~(0xFF << 8 * at) | byte << 8 * at
        values.append(value)
    start = int.from_bytes(begin, "little")
    return _signal(name, 8 * size, cycle, start, levels["cycle"][mine], values)


def _signal(
    name: str, bits: int, cycle: int, begin: int, cycles: np.ndarray, values: Iterable[int]
) -> Signal:
    all_cycles = np.concatenate([[cycle], cycles]).astype(np.int64)
    all_values = np.concatenate([np.array([begin], np.uint64), np.array(values, np.uint64)])
    is_last = np.append(all_cycles[1:] != all_cycles[:-1], True)  # of several in one cycle
    all_cycles, all_values = all_cycles[is_last], all_values[is_last]
    is_new = np.insert(all_values[1:] != all_values[:-1], 0, True)
    return Signal(name, bits, all_cycles[is_new], all_values[is_new])
