# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording for chrome://tracing and Perfetto: calls on one track, interrupts on another.

Source: "Trace Event Format", Google; https://ui.perfetto.dev reads it.
"""

from __future__ import annotations

import json
from typing import Any

from pyavr_sim.recording import Recording

__all__ = ["chrome_trace"]

_MAIN, _INTERRUPTS = 1, 2


def chrome_trace(recording: Recording) -> str:
    """Write a complete event a call, with emulated microseconds, and counters of SP.

    A call that was open when the recording began or ended is cut there. What an interrupt calls is
    on the interrupts' track.
    """
    events = recording.call_events
    names = recording.profile.names
    rows: list[dict[str, Any]] = [
        _named("process_name", 0, f"{recording.firmware.path.name} on {recording.chip.name}"),
        _named("thread_name", _MAIN, "calls"),
        _named("thread_name", _INTERRUPTS, "interrupts"),
    ]
    stack = [(address, recording.cycle_start, _MAIN) for address in events.at_start]

    def close(open_calls: int, end: int) -> None:
        while len(stack) > open_calls:
            address, begin, track = stack.pop()
            rows.append(
                {
                    "ph": "X",
                    "name": names.function_at(address) or f"0x{address:04X}",
                    "ts": begin * 1e6 / recording.hz,
                    "dur": (end - begin) * 1e6 / recording.hz,
                    "pid": 1,
                    "tid": track,
                    "args": {"cycle": begin, "cycles": end - begin},
                }
            )

    columns = (events.cycles, events.address, events.open_calls, events.is_interrupt)
    for cycle, address, open_calls, is_interrupt in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        if address < 0:
            close(open_calls, cycle)
        else:
            track = stack[-1][2] if stack else _MAIN
            stack.append((address, cycle, _INTERRUPTS if is_interrupt else track))
    is_whole = recording.events_dropped == 0
    close(0, recording.cycle_end if is_whole else int(events.cycles[-1]))
    sp = recording.sp_changes
    rows += [
        {
            "ph": "C",
            "name": "stack",
            "ts": cycle * 1e6 / recording.hz,
            "pid": 1,
            "args": {"bytes": recording.chip.sram_end - value},
        }
        for cycle, value in zip(sp.cycles.tolist(), sp.values.tolist(), strict=True)
    ]
    other = {"hz": recording.hz, "events_dropped": recording.events_dropped}
    return json.dumps({"traceEvents": rows, "displayTimeUnit": "ns", "otherData": other})


def _named(what: str, track: int, name: str) -> dict[str, Any]:
    return {"ph": "M", "name": what, "pid": 1, "tid": track, "args": {"name": name}}
