# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers whose weights stay in flash: chips with and without MUL, and the host, against exact
integers, for every size of a group."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import cffi
import numpy as np
import pytest
from numpy.typing import NDArray

from pyavr_sim import Chip, StopReason

HERE = Path(__file__).parent
AVR = HERE.parents[1] / "avr"
SIZES, INPUTS = range(1, 12), 37
TABLE = np.random.default_rng(1).integers(0, 256, 22 * (INPUTS + 2)).astype(np.uint8)

Outcome = tuple[NDArray[np.int16], NDArray[np.uint8], NDArray[np.uint8]]


def exact(size: int, sample: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sums modulo 2^16 and rectified levels of two groups, from the description of the table."""
    sums = []
    for group in TABLE[: 2 * size * (INPUTS + 2)].reshape(2, -1):
        bias = group[: 2 * size].view("<i2").astype(np.int64)
        weight = group[2 * size :].view(np.int8).reshape(INPUTS, size).astype(np.int64)
        sums.append(bias + sample.astype(np.int64) @ weight)
    wrapped = (np.concatenate(sums) + 2**15) % 2**16 - 2**15
    return wrapped, np.clip(wrapped >> 7, 0, 127)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flash_layer")
    numbers = ", ".join(map(str, TABLE))
    (folder / "probe_table.h").write_text(
        f"#define INPUTS {INPUTS}\n#define SIZES {len(SIZES)}\n"
        f"static const uint8_t table[] FLASH = {{{numbers}}};\n"
    )
    return folder


def compiled(command: list[str], sources: Path, product: str) -> Path:
    path = sources / product
    command += ["-Wall", "-Wextra", "-Werror", f"-I{AVR}", f"-I{sources}"]
    subprocess.run([*command, str(HERE / "flash_layer_probe.c"), "-o", str(path)], check=True)
    return path


def on_a_chip(mcu: str, sources: Path) -> Callable[[NDArray[np.uint8]], Outcome]:
    command = ["avr-gcc", f"-mmcu={mcu}", "-DF_CPU=8000000UL", "-std=gnu11", "-Os", "-gdwarf-4"]
    image = compiled(command, sources, f"{mcu}.elf")

    def run(sample: NDArray[np.uint8]) -> Outcome:
        with Chip(mcu, image) as chip:
            chip.var("input")[...] = sample
            assert chip.run(cycles_max=1_000_000).reason is StopReason.ENDED
            sums, outs, bests = (np.array(chip.var(name)) for name in ("sum", "out", "best"))
            return sums, outs, bests

    return run


def natively(sources: Path) -> Callable[[NDArray[np.uint8]], Outcome]:
    command = ["gcc", "-std=c11", "-O1", "-shared", "-fPIC", "-fsanitize=undefined"]
    library = compiled([*command, "-fno-sanitize-recover=all"], sources, "probe.so")
    ffi = cffi.FFI()
    ffi.cdef(
        f"extern uint8_t input[{INPUTS}]; extern int16_t sum[11][22];"
        "extern uint8_t out[11][22]; extern uint8_t best[11]; void probe_run(void);"
    )
    c = ffi.dlopen(str(library))

    def run(sample: NDArray[np.uint8]) -> Outcome:
        ffi.buffer(c.input)[:] = sample.tobytes()
        c.probe_run()
        return (
            np.frombuffer(bytes(ffi.buffer(c.sum)), np.int16).reshape(11, 22),
            np.frombuffer(bytes(ffi.buffer(c.out)), np.uint8).reshape(11, 22),
            np.frombuffer(bytes(ffi.buffer(c.best)), np.uint8),
        )

    return run


@pytest.mark.parametrize("where", ["atmega328p", "attiny1634", "host"])
def test_a_layer_in_flash_is_exact_arithmetic_modulo_2_to_16(where: str, sources: Path) -> None:
    run = natively(sources) if where == "host" else on_a_chip(where, sources)
    random = np.random.default_rng(2)
    samples = [random.integers(0, 256, INPUTS) for _ in range(6)]
    samples += [np.zeros(INPUTS), np.full(INPUTS, 255)]
    samples += [random.integers(0, 17, INPUTS) * random.integers(0, 2, INPUTS) for _ in range(6)]
    for sample in samples:
        sample = sample.astype(np.uint8)
        sums, outs, bests = run(sample)
        for row, size in enumerate(SIZES):
            wrapped, levels = exact(size, sample)
            np.testing.assert_array_equal(sums[row, : 2 * size], wrapped)
            np.testing.assert_array_equal(outs[row, : 2 * size], levels)
            assert bests[row] == np.argmax(wrapped)
