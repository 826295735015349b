# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers whose weights stay in flash, of 8 and of 16 bits: chips with and without MUL, and the
host, against exact integers, for every size of a group."""

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
SIZES, SIZES16, INPUTS = range(1, 12), range(1, 7), 37
TABLE = np.random.default_rng(1).integers(0, 256, 12 * (2 * INPUTS + 3)).astype(np.uint8)

Outcome = dict[str, NDArray[np.integer]]


def exact(size: int, sample: NDArray[np.uint8], weight_bytes: int) -> NDArray[np.int64]:
    """Sums modulo 2^16 of two groups, from the description of the table."""
    bias_bytes, fraction = weight_bytes + 1, 8 * (weight_bytes - 1)
    sums = []
    for group in TABLE[: 2 * size * (INPUTS * weight_bytes + bias_bytes)].reshape(2, -1):
        bias = signed(group[: bias_bytes * size], bias_bytes)
        weight = signed(group[bias_bytes * size :], weight_bytes).reshape(INPUTS, size)
        sums.append((bias + sample.astype(np.int64) @ weight) >> fraction)
    return (np.concatenate(sums) + 2**15) % 2**16 - 2**15


def signed(table: NDArray[np.uint8], count: int) -> NDArray[np.int64]:
    """Numbers of `count` bytes each, low byte first."""
    numbers = table.reshape(-1, count).astype(np.int64) @ 256 ** np.arange(count)
    return np.asarray((numbers + 256**count // 2) % 256**count - 256**count // 2)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flash_layer")
    numbers = ", ".join(map(str, TABLE))
    (folder / "probe_table.h").write_text(
        f"#define INPUTS {INPUTS}\n#define SIZES {len(SIZES)}\n"
        f"#define SIZES16 {len(SIZES16)}\n"
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
            assert chip.run(cycles_max=4_000_000).reason is StopReason.ENDED
            return {
                name: np.array(chip.var(name)) for name in ("sum", "out", "best", "sum16", "out16")
            }

    return run


def natively(sources: Path) -> Callable[[NDArray[np.uint8]], Outcome]:
    command = ["gcc", "-std=c11", "-O1", "-shared", "-fPIC", "-fsanitize=undefined"]
    library = compiled([*command, "-fno-sanitize-recover=all"], sources, "probe.so")
    ffi = cffi.FFI()
    ffi.cdef(
        f"extern uint8_t input[{INPUTS}]; extern int16_t sum[11][22];"
        "extern uint8_t out[11][22]; extern uint8_t best[11]; extern int16_t sum16[6][12];"
        "extern uint8_t out16[24];"
        "void probe_run(void);"
    )
    c = ffi.dlopen(str(library))

    def run(sample: NDArray[np.uint8]) -> Outcome:
        ffi.buffer(c.input)[:] = sample.tobytes()
        c.probe_run()
        return {
            "sum": np.frombuffer(bytes(ffi.buffer(c.sum)), np.int16).reshape(11, 22),
            "out": np.frombuffer(bytes(ffi.buffer(c.out)), np.uint8).reshape(11, 22),
            "best": np.frombuffer(bytes(ffi.buffer(c.best)), np.uint8),
            "sum16": np.frombuffer(bytes(ffi.buffer(c.sum16)), np.int16).reshape(6, 12),
            "out16": np.frombuffer(bytes(ffi.buffer(c.out16)), np.uint8),
        }

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
        found = run(sample)
        for row, size in enumerate(SIZES):
            wrapped = exact(size, sample, 1)
            np.testing.assert_array_equal(found["sum"][row, : 2 * size], wrapped)
            np.testing.assert_array_equal(
                found["out"][row, : 2 * size], np.clip(wrapped >> 7, 0, 127)
            )
            assert found["best"][row] == np.argmax(wrapped)
        for row, size in enumerate(SIZES16):
            np.testing.assert_array_equal(found["sum16"][row, : 2 * size], exact(size, sample, 2))
        np.testing.assert_array_equal(found["out16"].view("<i2"), np.maximum(found["sum16"][-1], 0))
