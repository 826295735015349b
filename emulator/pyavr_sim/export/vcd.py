# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording for GTKWave and other viewers of waves: pins, variables and SP.

A time unit is one emulated cycle, written as nanoseconds: VCD knows only powers of ten of a second.

Source: IEEE 1364-2005, section 18, "Value change dump (VCD) files".
"""

from __future__ import annotations

from collections import defaultdict

from pyavr_sim.changes import Signal
from pyavr_sim.recording import Recording

__all__ = ["vcd"]


def vcd(recording: Recording) -> str:
    """Write every change with its cycle."""
    groups = {
        "pins": recording.pin_changes,
        "variables": recording.variable_changes,
        "cpu": (recording.sp_changes,),
    }
    rows = [
        f"$comment {recording.firmware.path.name} at {recording.hz} Hz; time in cycles $end",
        "$timescale 1 ns $end",
        f"$scope module {recording.chip.name} $end",
    ]
    changes: dict[int, list[str]] = defaultdict(list)
    code = 0
    for group, signals in groups.items():
        rows.append(f"$scope module {group} $end")
        for signal in signals:
            mark = _mark(code)
            code += 1
            rows.append(f"$var wire {signal.bits} {mark} {_reference(signal)} $end")
            for cycle, value in zip(signal.cycles.tolist(), signal.values.tolist(), strict=True):
                written = f"{value}{mark}" if signal.bits == 1 else f"b{value:b} {mark}"
                changes[cycle].append(written)
        rows.append("$upscope $end")
    rows += ["$upscope $end", "$enddefinitions $end"]
    for cycle in sorted(changes):
        rows += [f"#{cycle}", *changes[cycle]]
    if recording.cycle_end not in changes:
        rows.append(f"#{recording.cycle_end}")
    return "\n".join(rows) + "\n"


def _reference(signal: Signal) -> str:
    """The name as an identifier: brackets would mean bits."""
    name = "".join(c if c.isalnum() or c == "_" else "_" for c in signal.name).rstrip("_")
    return name if signal.bits == 1 else f"{name} [{signal.bits - 1}:0]"


def _mark(number: int) -> str:
    """A short code of printable characters."""
    text = ""
    while True:
        text += chr(ord("!") + number % 94)
        number //= 94
        if not number:
            return text
