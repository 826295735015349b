# SPDX-License-Identifier: GPL-3.0-or-later
"""For the host's tests: the real serve loop natively, noise on any port, a cache of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cffi
import numpy as np
import pytest
from hypothesis import settings

from kilolearn import firmware
from kilolearn.contract import declarations

settings.register_profile("untimed", deadline=None)  # a slow machine is no failure
settings.load_profile("untimed")


class NativePort:
    """The firmware's own serve loop, compiled for this machine, behind a port.

    The line loses nothing and takes no time; what was not answered at once never comes.
    """

    def __init__(self, library: Path, folder: Path) -> None:
        header = firmware.avr_folder() / "apps" / "serve_twin.h"
        self._ffi = cffi.FFI()
        self._ffi.cdef(declarations(header.read_text()))
        self._library = library
        self._folder = folder
        self._starts = 0
        self.power_up()
        self._towards_chip = bytearray()
        self._towards_host = bytearray()
        self.timeout: float | None = 1.0

    def power_up(self) -> None:
        """Start the firmware anew: the C keeps its state in globals, so load a fresh copy."""
        self._starts += 1
        copy = self._folder / f"start_{self._starts}.so"
        copy.write_bytes(self._library.read_bytes())
        self._native = self._ffi.dlopen(str(copy))
        self._native.serve_twin_start()

    def write(self, data: bytes) -> int:
        self._towards_chip += data
        whole = bytes(self._towards_chip[: self._towards_chip.rfind(0) + 1])
        del self._towards_chip[: len(whole)]
        if whole:
            out = self._ffi.new("uint8_t[]", 65536)
            size = self._native.serve_twin(whole, self._ffi.NULL, len(whole), out, 65536)
            self._towards_host += bytes(self._ffi.buffer(out, size))
        return len(data)

    def read(self, size: int = 1) -> bytes:
        taken = bytes(self._towards_host[:size])
        del self._towards_host[:size]
        return taken

    def close(self) -> None:
        pass


Damage = Callable[[bytes], bytes]


class NoisyPort:
    """Stands between a link and a real port, and spoils what it is told to.

    `spoil_request` and `spoil_reply` change the bytes of each write and read; None lets them pass.
    """

    def __init__(self, port: Any) -> None:
        self.port = port
        self.spoil_request: Damage | None = None
        self.spoil_reply: Damage | None = None

    @property
    def timeout(self) -> float | None:
        return self.port.timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        self.port.timeout = seconds

    def write(self, data: bytes) -> int:
        self.port.write(self.spoil_request(data) if self.spoil_request else data)
        return len(data)

    def read(self, size: int = 1) -> bytes:
        data = self.port.read(size)
        return self.spoil_reply(data) if self.spoil_reply and data else data


def once(damage: Damage) -> Damage:
    """Damage the first bytes that come, and let all others pass."""
    done = False

    def spoil(data: bytes) -> bytes:
        nonlocal done
        if done:
            return data
        done = True
        return damage(data)

    return spoil


@pytest.fixture(name="once")
def once_fixture() -> Callable[[Damage], Damage]:
    return once


@pytest.fixture(scope="session")
def probe_twin() -> Path:
    return firmware.build_twin("probe_learner")


@pytest.fixture
def native_port(probe_twin: Path, tmp_path: Path) -> NativePort:
    return NativePort(probe_twin, tmp_path)


@pytest.fixture
def noisy_port(native_port: NativePort) -> NoisyPort:
    return NoisyPort(native_port)


@pytest.fixture
def probe_samples() -> tuple[np.ndarray, np.ndarray]:
    """300 samples of the probe learner: three overlapping clouds in six dimensions."""
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, 300)
    centres = random.integers(3, 13, (3, 6))
    samples = np.clip(centres[labels] + random.normal(0, 2, (300, 6)), 0, 15)
    return samples.astype(np.uint8), labels


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs are kept in a folder that no other run of tests has filled."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def noise_before() -> type[NoisyPort]:
    """Puts a noisy line before any port."""
    return NoisyPort
