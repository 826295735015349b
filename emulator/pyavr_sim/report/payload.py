# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording as one string that a page carries: JSON and arrays, deflated, in base64.

Deflated: the size of the JSON (uint32, little-endian), the JSON, and the arrays that its key
``arrays`` lists as [name, type, items], one behind the other. SRAM is a slice a row, each byte the
difference (modulo 256) to the row before, since little changes between two slices.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import astuple
from typing import Any

import numpy as np

from pyavr_sim.recording import Recording
from pyavr_sim.report.flames import cycles_flame, sram_flame
from pyavr_sim.report.tables import READ, WRITTEN

__all__ = ["pack_recording"]

CHARACTERS_MAX = 1_200_000
"""Of the string: with the page around it, the file stays below 2 MB."""

_TYPES = {"uint8": "u1", "int32": "i4", "float64": "f8"}
NEVER = 1 << 30


def pack_recording(recording: Recording) -> tuple[str, int]:
    """Pack what the page draws.

    Returns:
        The string, and how many of the recording's slices are in it: where all of them would not
        fit, only every second, fourth ... is, and stands for those before it.
    """
    places, accesses = _accesses(recording)
    described = {**_describe(recording), "places": places}
    count, step = len(recording.slice_cycles), 1
    while True:
        kept = np.arange(count - 1, -1, -step)[::-1]
        packed = _pack(described, {**_slices(recording, kept), **accesses})
        if len(packed) <= CHARACTERS_MAX or len(kept) == 1:
            return packed, len(kept)
        step *= 2


def _describe(recording: Recording) -> dict[str, Any]:
    return {
        "hz": recording.hz,
        "sramStart": recording.chip.sram_start,
        "sramBytes": recording.chip.sram_bytes,
        "cycleStart": recording.cycle_start,
        "regions": [
            [region.start, region.size, region.owner.value, region.name, region.source]
            for region in recording.layout
        ],
        "sramFlame": [astuple(node) for node in sram_flame(recording)],
        "cyclesFlame": [astuple(node) for node in cycles_flame(recording.call_tree)],
    }


def _slices(recording: Recording, kept: np.ndarray) -> dict[str, np.ndarray]:
    sram = recording.slice_sram[kept]
    access = recording.slice_access[kept]
    starts = np.concatenate(([0], kept[:-1] + 1))
    return {
        "cycles": recording.slice_cycles[kept].astype(np.float64),
        "spLowest": np.minimum.reduceat(recording.slice_sp_lowest, starts).astype(np.int32),
        "sram": np.diff(sram, axis=0, prepend=np.zeros_like(sram[:1])),
        "readFrom": _first_slice(access & READ),
        "writtenFrom": _first_slice(access & WRITTEN),
    }


def _first_slice(flags: np.ndarray) -> np.ndarray:
    """The first slice in which each byte's flag is set, else `NEVER`."""
    found = flags != 0
    return np.where(found.any(axis=0), found.argmax(axis=0), NEVER).astype(np.int32)


def _accesses(recording: Recording) -> tuple[list[str], dict[str, np.ndarray]]:
    """Places in the firmware, and arrays that say when and by which place a byte was used."""
    accesses, names = recording.accesses, recording.accesses.names
    by = np.stack([accesses.first_write_pc, accesses.last_access_pc, accesses.last_write_pc])
    pcs, index = np.unique(by, return_inverse=True)
    places = []
    for pc in pcs.tolist():
        place, line = names.function_at(pc) or f"0x{pc:04X}", names.line_at(pc)
        places.append("" if pc < 0 else f"{place} ({line})" if line else place)
    first_writer, last_user, last_writer = index.reshape(by.shape).astype(np.int32)
    return places, {
        "firstWriteCycle": accesses.first_write_cycle.astype(np.float64),
        "lastAccessCycle": accesses.last_access_cycle.astype(np.float64),
        "firstWriter": first_writer,
        "lastUser": last_user,
        "lastWriter": last_writer,
    }


def _pack(described: dict[str, Any], arrays: dict[str, np.ndarray]) -> str:
    listed = [[name, _TYPES[array.dtype.name], array.size] for name, array in arrays.items()]
    head = json.dumps({**described, "arrays": listed}, separators=(",", ":")).encode()
    parts = [len(head).to_bytes(4, "little"), head]
    parts += (np.ascontiguousarray(array).tobytes() for array in arrays.values())
    return base64.b64encode(zlib.compress(b"".join(parts))).decode("ascii")
