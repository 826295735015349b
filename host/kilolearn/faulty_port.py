# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulated chip at the end of a bad line, drawn from a seed: both directions alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from kilolearn.emulator import emulated_chip

__all__ = ["FAULTS", "FaultyPort"]

_OF_BYTES = ("bit flips", "dropped", "doubled", "inserted")
FAULTS = (*_OF_BYTES, "mixed", "pauses", "resets")

_PAUSE_SECONDS_MAX = 0.2
_STEP_CYCLES = 60_000  # a reset comes at any time of a step


class FaultyPort:
    """A port that spoils bytes, holds them up, or resets the chip.

    Args:
        port: An emulated chip's.
        fault: One of `FAULTS`; ``"mixed"`` is each of those before it by chance.
        share: Of the bytes that are hit, 0-1; of the calls of `read` and `write` where the fault is
            ``"resets"`` or ``"pauses"``.
        seed: Of which, and how.

    Attributes:
        faults: How many there were.
    """

    def __init__(self, port: Any, fault: str, share: float, seed: int) -> None:
        self.faults = 0
        self._port, self._chip = port, emulated_chip(port)
        self._fault, self._share = fault, share
        self._draw = np.random.default_rng(seed)
        self._came = b""

    @property
    def timeout(self) -> float | None:
        """Of the port behind."""
        seconds: float | None = self._port.timeout
        return seconds

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        self._port.timeout = seconds

    def write(self, data: bytes, /) -> int:
        """Send, with faults."""
        if self._fault == "pauses" and self._hits():
            half = int(self._draw.integers(len(data) + 1))
            self._port.write(data[:half])
            seconds = _PAUSE_SECONDS_MAX ** (2 * self._draw.random() + 1)
            self._chip.run(int(seconds * self._chip.hz))
            self._port.write(data[half:])
        else:
            self._port.write(self._spoilt(data))
        return len(data)

    def read(self, size: int = 1, /) -> bytes:
        """Receive, with faults."""
        if self._fault == "pauses" and self._hits():
            return b""  # the caller waited in vain: what was to come comes later
        if self._fault == "resets" and self._hits():
            self._chip.run(int(self._draw.integers(1, _STEP_CYCLES)))
            self._chip.reset()
        while len(self._came) < size:
            chunk = self._port.read(size - len(self._came))
            if not chunk:
                break
            self._came += self._spoilt(chunk)
        taken, self._came = self._came[:size], self._came[size:]
        return taken

    def _hits(self) -> bool:
        hit = bool(self._draw.random() < self._share)
        self.faults += hit
        return hit

    def _spoilt(self, data: bytes) -> bytes:
        if self._fault not in (*_OF_BYTES, "mixed"):
            return data
        hit = np.flatnonzero(self._draw.random(len(data)) < self._share)
        self.faults += len(hit)
        spoilt, done = b"", 0
        for at in hit.tolist():
            spoilt += data[done:at] + _spoil(self._fault, data[at : at + 1], self._draw)
            done = at + 1
        return spoilt + data[done:]


def _spoil(fault: str, byte: bytes, draw: np.random.Generator) -> bytes:
    if fault == "mixed":
        fault = _OF_BYTES[int(draw.integers(len(_OF_BYTES)))]
    if fault == "bit flips":
        return bytes((byte[0] ^ 1 << int(draw.integers(8)),))
    if fault == "dropped":
        return b""
    return byte + (byte if fault == "doubled" else draw.bytes(1))
