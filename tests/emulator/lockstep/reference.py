# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds reference.c, and runs a chip of ours beside it."""

from __future__ import annotations

import importlib.util
import random
import shlex
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from cffi import FFI

from pyavr_sim import Chip
from pyavr_sim._sim import ffi as engine_ffi

__all__ = ["MismatchError", "Pair", "build_reference", "build_sim", "shim_flags"]

HERE = Path(__file__).parent
SHIM = HERE.parents[2] / "emulator" / "pyavr_sim" / "shim"
CATCH_UP = 50
#: After some writes of TCNT, libsimavr's timer is due before cycle 0, which is 2**64 less a little:
#: a sleeper waits for that. The reference then stands there, and the two cannot meet any more.
FOREVER = 1 << 62


class MismatchError(AssertionError):
    """The two are no longer in the same state."""


def build_sim() -> Any:
    """The module emulator/build_sim.py, which is no package's."""
    spec = importlib.util.spec_from_file_location("build_sim", SHIM.parents[1] / "build_sim.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shim_flags() -> list[str]:
    """What build_sim compiles the shim with: macros and include folders."""
    _, _, _, options = build_sim().ffibuilder._assigned_source
    macros = [f"-D{n}" if v is None else f"-D{n}={v}" for n, v in options["define_macros"]]
    return [f"-I{SHIM}", "-std=c11", "-pthread", *macros]


def build_reference(folder: Path) -> Any:
    """Compile and load the reference; its functions by name, and ``.ffi``."""
    library = folder / "reference.so"
    compiler = shlex.split(sysconfig.get_config_var("CC") or "gcc")
    own_chips = [str(p) for p in (*sorted(SHIM.glob("chip_*.c")), SHIM / "ccp.c")]
    command = [compiler[0], "-O2", "-g", "-fPIC", "-shared", *shim_flags()]
    command += ["-o", str(library), str(HERE / "reference.c"), str(SHIM / "chips.c"), *own_chips]
    subprocess.run([*command, "-lsimavr"], check=True)
    header = (HERE / "reference.h").read_text(encoding="utf-8")
    ffi = FFI()
    ffi.cdef(header.split("/* cdef begin */")[1].split("/* cdef end */")[0])
    return Loaded(ffi, ffi.dlopen(str(library)))


class Loaded:
    """A library and the ffi that knows it."""

    def __init__(self, ffi: FFI, library: Any) -> None:
        self.ffi = ffi
        self.library = library

    def __getattr__(self, name: str) -> Any:
        return getattr(self.library, name)


class Pair:
    """A chip and its reference in the same state, with the same flash."""

    def __init__(self, loaded: Any, chip: Chip, handle: Any) -> None:
        self.chip = chip
        self.sleeps_forever = False
        self._loaded = loaded
        self._engine = loaded.ffi.cast("void *", int(_address(handle)))
        self._text = loaded.ffi.new("char[200]")
        self._reference = loaded.reference_new(chip.name.encode(), self._engine)
        if not self._reference:
            raise MemoryError(f"no reference for a {chip.name}")

    @classmethod
    @contextmanager
    def of(
        cls, loaded: Any, mcu: str, words: list[int], seed: int, hz: int = 16_000_000
    ) -> Iterator[Pair]:
        """Power up both with this code at address 0."""
        with Chip(mcu, hz=hz, seed=seed, timing="simavr") as chip:
            code = np.array(words, "<u2").view(np.uint8)
            chip.flash[: len(code)] = code
            chip.notice_flash_writes()
            with chip.engine.use() as handle:
                pair = cls(loaded, chip, handle)
                try:
                    yield pair
                finally:
                    loaded.reference_free(pair._reference)

    def run(self, cycles: int) -> None:
        """Run ours for this many cycles, then the reference to the same cycle, and compare.

        A run may end amid a sleep, which libsimavr passes over in one step: then whichever is
        behind runs on until both are at one cycle.

        Raises:
            MismatchError: What differs, and at which cycle.
        """
        self.chip.run(cycles)
        for _ in range(CATCH_UP):
            cycle = self.chip.cycle
            reached = self._loaded.reference_run(self._reference, cycle)
            if reached <= cycle:
                break
            if reached >= FOREVER:
                self.sleeps_forever = True
                return
            self.chip.run(reached - cycle)
        self.compare()

    def compare(self) -> None:
        """Raise MismatchError unless both are in the same state."""
        if self._loaded.reference_compare(self._reference, self._engine, self._text, 200):
            text = self._loaded.ffi.string(self._text).decode()
            raise MismatchError(f"{self.chip.name} at cycle {self.chip.cycle}: {text}")

    def run_in_chunks(self, cycles: int, rng: random.Random, *, outside: bool = True) -> None:
        """Run so many cycles in chunks of 1 to all of them, the world outside moving between."""
        end = self.chip.cycle + cycles
        sizes = ((1, 1), (2, 12), (10, 700), (cycles, cycles))
        while self.chip.cycle < end and not self.sleeps_forever:
            low, high = rng.choice(sizes)
            for _ in range(rng.choice((1, 1, 30))):
                self.run(max(1, min(rng.randint(low, high), end - self.chip.cycle)))
                if self.chip.cycle >= end or self.sleeps_forever:
                    break
            if outside:
                self.move_the_outside(rng)

    def move_the_outside(self, rng: random.Random) -> None:
        """A byte for the UART, a level on a pin, a voltage, or nothing."""
        what = rng.randrange(4)
        if what == 0:
            self._loaded.both_receive(self._reference, self._engine, rng.randrange(256))
        elif what == 1:
            port, pin = ord(rng.choice("ABCD")), rng.randrange(8)
            self._loaded.both_drive(self._reference, self._engine, port, pin, rng.randrange(2))
        elif what == 2:
            channel, millivolts = rng.randrange(8), rng.randrange(5001)
            self._loaded.both_apply(self._reference, self._engine, channel, millivolts)

    @property
    def sent(self) -> int:
        """Bytes that the UART has sent."""
        return int(self._loaded.reference_sent(self._reference))

    @property
    def interrupts(self) -> int:
        """Interrupts that were taken."""
        return int(self._loaded.reference_interrupts(self._reference))


def _address(handle: Any) -> int:
    return int(engine_ffi.cast("uintptr_t", handle))
