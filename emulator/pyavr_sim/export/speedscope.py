# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording for https://www.speedscope.app: cycles by path of calls, and the deepest stack.

Source: https://www.speedscope.app/file-format-schema.json
"""

from __future__ import annotations

import json
from typing import Any

from pyavr_sim.recording import Recording

__all__ = ["speedscope"]


def speedscope(recording: Recording) -> str:
    """Write two profiles: cycles of the run, and bytes of stack at the high-water mark."""
    frames: dict[tuple[str, str | None], int] = {}

    def frame(name: str, line: str | None) -> int:
        return frames.setdefault((name, line), len(frames))

    tree = recording.call_tree
    names = tree.names
    samples, weights = [], []
    for node in range(len(tree)):
        cycles = int(tree.cycles_self[node])
        if cycles:
            path = tree.path(node)
            samples.append([frame(tree.name(n), names.line_at(int(tree.address[n]))) for n in path])
            weights.append(cycles)
    chain = [frame(f.name, names.line_at(f.address)) for f in recording.deepest.frames]
    # One sample a frame: its own bytes, on top of those that called it.
    stack_samples = [chain[: depth + 1] for depth in range(len(chain))]
    stack_weights = [f.stack_bytes for f in recording.deepest.frames]
    document = {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "exporter": "pyavr_sim",
        "name": f"{recording.firmware.path.name} on {recording.chip.name}",
        "activeProfileIndex": 0,
        "shared": {"frames": [_frame(name, line) for name, line in frames]},
        "profiles": [
            _sampled("cycles", "none", samples, weights),
            _sampled("stack high-water", "bytes", stack_samples, stack_weights),
        ],
    }
    return json.dumps(document)


def _sampled(name: str, unit: str, samples: list[list[int]], weights: list[int]) -> dict[str, Any]:
    return {
        "type": "sampled",
        "name": name,
        "unit": unit,
        "startValue": 0,
        "endValue": sum(weights),
        "samples": samples,
        "weights": weights,
    }


def _frame(name: str, line: str | None) -> dict[str, Any]:
    if line is None:
        return {"name": name}
    file, _, number = line.rpartition(":")
    return {"name": name, "file": file, "line": int(number)}
