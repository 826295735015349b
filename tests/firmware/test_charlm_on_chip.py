# SPDX-License-Identifier: GPL-3.0-or-later
"""The assembly of avr/charlm, with MUL and without, against wide integers and against its C."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kilolearn import firmware
from pyavr_sim import Chip

DRAWS = 60
TABLES = 0x2000  # where in flash the operands' tables begin, behind the image
HIDDEN, ROWS, CONTEXTS = 32, 5, 4
LOGIT_MAX = 2815


def operands(draw: np.random.Generator, number: int) -> dict[str, Any]:
    """Extremes first, then random ones, half of them with rectified units."""
    extreme = [0, 1, -1][number] if number < 3 else None

    def between(low: int, high: int, size: int | None = None) -> Any:
        if extreme is None:
            return draw.integers(low, high + 1, size)
        value = high if extreme > 0 else low if extreme < 0 else max(low, 0)
        return value if size is None else np.full(size, value)

    unit = between(0, 31, HIDDEN)
    if number % 2:
        unit = np.where(draw.random(HIDDEN) < 0.6, 0, unit)
    if number == 2:  # sums and steps far below zero
        unit = np.full(HIDDEN, 31)
    low = int(draw.integers(0, 1 << 32))
    high = int(draw.integers(0, 1 << 32)) | 0xFF
    if number % 3 == 0:  # close together: several bytes are shared after the decision
        low, high = 0x12FFFFFF - number * int(draw.integers(0, 100)), 0x13000000 + number
    low, high = min(low, high), max(low, high)
    if low >> 24 == high >> 24:
        low, high = low & 0xFFFFFF, high | 0xFF000000
    return {
        "row": draw.integers(TABLES, TABLES + 0x1000, ROWS),
        "levels": int(draw.integers(TABLES, TABLES + 0x1000)),
        "unit": unit,
        "chunk": HIDDEN // 2 if unit.sum() < 256 else 4,
        "votes": TABLES,
        "context": draw.integers(0, 1 << 16, CONTEXTS),
        "past": (draw.integers(0, 37, 4), number & 7, 0, 0, int(draw.integers(0, 1 << 16))),
        "salt": int(draw.integers(0, 1 << 16)),
        "vote": between(0, 63),
        "z": between(-LOGIT_MAX, LOGIT_MAX),
        "weight": between(-127, 127, HIDDEN),
        "step": 16 * between(-64, 64),
        "carried": between(0, 65535),
        "high": between(-2, 1),
        "low": between(0, 65535),
        "slope": between(-64, 64),
        "known": 255 if number == 2 else between(-255, 255),
        "gain": between(0, 255),
        "a": between(0, 65535),
        "b": between(0, 255),
        "stream": (low, high, int(draw.integers(low, high + 1)), number & 1),
        "p": between(1, 65535),
        "bit": number >> 1 & 1,
    }


def step(weight: int, nudge: int, carried: int, low: int, high: int) -> tuple[int, int]:
    """A weight moved by nudge / 65536 with what was carried, held in low..high; what is left."""
    return min(max(weight + ((nudge + carried) >> 16), low), high), (nudge + carried) % 65536


def contexts(recent: list[int], capitals: int, word: int) -> list[int]:
    """Orders 2, 3, 4, and the word so far with the last character."""

    def mixed(value: int, *more: int) -> int:
        for byte in more:
            value = (value ^ byte) * 40503 % 65536
            value ^= value >> 8
        return value

    shift = capitals & 1
    orders = [mixed(shift, *recent[: order + 1]) for order in (1, 2, 3)]
    return [*orders, mixed(word, recent[0] + 64 * shift)]


def narrowed(given: dict[str, Any]) -> tuple[tuple[int, ...], int, list[int]]:
    """The coder's state after a decision, its bit, and the bytes that it gave or took."""
    low, high, code, decoding = given["stream"]
    p, bit, moved = int(given["p"]), given["bit"], list[int]()
    span = high - low
    middle = low + (span >> 16) * p + (span >> 8) % 256 * (p >> 8)
    if decoding:
        bit = int(code <= middle)
    low, high = (low, middle) if bit else (middle + 1, high)
    while low >> 24 == high >> 24:
        moved.append(len(moved) + 1 if decoding else high >> 24)
        if decoding:
            code = (code << 8 | moved[-1]) % (1 << 32)
        low, high = (low << 8) % (1 << 32), (high << 8 | 255) % (1 << 32)
    return (low, high, code, decoding), bit, moved


def exact(given: dict[str, Any], flash: np.ndarray) -> dict[str, Any]:
    """What the formulas of charlm's headers say, in Python's integers."""

    def levels(address: int) -> np.ndarray:
        packed = flash[address : address + HIDDEN // 2].astype(int)
        return np.column_stack([packed & 15, packed >> 4]).reshape(-1)

    unit = given["unit"].astype(int)
    units = np.maximum(sum(levels(row) - 8 for row in given["row"]), 0)
    slots = (given["context"] + given["salt"]) % 65536
    votes = flash[given["votes"] + (slots >> 3)] >> (slots & 7) & 1
    carried = int(given["carried"])
    weights, left = [], carried
    for weight, value in zip(given["weight"].tolist(), unit.tolist(), strict=True):
        weight, left = step(weight, 2 * int(given["step"]) * value, left, -127, 127)
        weights.append(weight)
    nudge = int(given["high"]) * 65536 + int(given["low"])
    gain = 16 * int(given["slope"]) * int(given["known"])
    dot = int(given["weight"].astype(int) @ unit) >> 1
    stream, bit, moved = narrowed(given)
    return {
        "unit": units,
        "total": units.sum(),
        "sum": levels(given["levels"]) @ unit,
        "poll": given["vote"] * (votes @ np.array([1, -1, 1, -1])),
        "dot": min(max(dot, -16384), 16383),
        "nudged, nudged_carried": step(int(given["weight"][0]), nudge, carried, -127, 127),
        "weight": weights,
        "weight_carried": left,
        "gain, gain_carried": step(int(given["gain"]), gain, carried, 0, 255),
        "product": int(given["a"]) * int(given["b"]) >> 8,
        "hash": int(given["a"]) * 40503 % 65536,
        "context": contexts(given["past"][0].tolist(), given["past"][1], given["past"][4]),
        "stream": stream,
        "bit": bit,
        "moved": len(moved),
        "put": (moved + [0] * 8)[:8] if not given["stream"][3] else [0] * 8,
    }


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega168p"])
def test_assembly_equals_exact_arithmetic_and_its_c(mcu: str) -> None:
    elf = firmware.build("probe_charlm", mcu)
    draw = np.random.default_rng(7)
    with Chip(mcu, elf) as chip:
        for number in range(DRAWS):
            chip.reset()
            filling = {0: 0, 1: 255}.get(number)
            behind = chip.flash[TABLES:]
            behind[:] = draw.integers(0, 256, behind.size) if filling is None else filling
            given = operands(draw, number)
            for name, value in given.items():
                chip.var("operands")[name] = value
            chip.run(cycles_max=200_000)
            expected = exact(given, np.array(chip.flash).astype(int))
            for found in (chip.var("in_assembly"), chip.var("in_c")):
                for name, value in expected.items():
                    parts = name.split(", ")
                    got = found[parts[0]] if len(parts) == 1 else [int(found[p]) for p in parts]
                    got = tuple(got.item()) if name == "stream" else got
                    assert_array_equal(got, value, err_msg=f"{name}, draw {number}")
                p = 65536 / (1 + math.exp(-int(given["z"]) / 256))
                assert abs(int(found["p"]) - p) < 51  # of a line over a quarter nat
            assert int(chip.var("in_assembly")["p"]) == int(chip.var("in_c")["p"])
