# SPDX-License-Identifier: GPL-3.0-or-later
"""avr/charlm/layers.S on chips with and without MUL against wide integers, and against its C."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isqrt
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from typer.testing import CliRunner

from kilolearn import firmware
from kilolearn.bench_layers import CHIPS, HEAD, LOGITS, WINDOW, layer_operands, same_bits
from kilolearn.cli import app
from kilolearn.measure_layers import LAYERS, LayerProbe, LayerRun, open_layer_probe

DRAWS = 12
Wide = NDArray[np.int64]
Operands = dict[str, Any]


@pytest.fixture(scope="module", params=CHIPS)
def probe(request: pytest.FixtureRequest) -> Iterator[LayerProbe]:
    mcu = request.param
    with open_layer_probe(firmware.build("probe_layers", mcu), mcu) as opened:
        yield opened


def extreme_operands(draw: np.random.Generator, layer: str, width: int) -> Operands:
    """Ends of the ranges that the headers name, all at one end or thrown together."""
    operands = layer_operands(draw, layer, width)
    limit = operands["limit"]
    ends: dict[str, tuple[int, ...]] = {
        "bytes": (-127, 0, 127),
        "query": (-127, 127),
        "ring": (-127, 0, 127),
        "words": (-32768, 32767) if layer == "frequencies" else (-limit, -1, 0, 1, limit),
        "acc": (0, 255, 32767, 32768, 65535),
        "weights": (0, 127) if layer == "norm" else (0, 127, 128, 255),
    }
    for name, values in ends.items():
        chosen = draw.choice(values, 1 if draw.random() < 0.5 else len(operands[name]))
        operands[name] = np.broadcast_to(chosen, len(operands[name])).astype(np.int64)
    if layer == "frequencies_code":
        operands["words"] = draw.choice([0, 1, 65281], LOGITS)
        operands["count"] = int(draw.integers(1, LOGITS + 1))
        operands["position"] = int(draw.integers(operands["count"]))
        if draw.random() < 0.5:  # a share that would be 0
            operands["words"][:-3], operands["position"], operands["count"] = 0, 0, LOGITS
        operands["words"][operands["position"]] = 1
        return operands
    operands["start"] = int(draw.integers(65536))
    operands["window"] = int(draw.choice([1, 2, 4, 8, WINDOW]))
    operands["position"] %= operands["window"]
    return operands


def drawn(layer: str) -> Iterator[Operands]:
    draw = np.random.default_rng(3)
    for number in range(DRAWS):
        width = (8, 32, 64)[number % 3]
        yield (extreme_operands if number % 2 else layer_operands)(draw, layer, width)


def wrapped(value: Wide) -> Wide:
    return value.astype(np.int16).astype(np.int64)


def signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def nibbles(row: Wide) -> Wide:
    """Two of a byte, the low one first."""
    return np.stack([row & 15, row >> 4], -1).reshape(-1)


def scaled(value: int, scale: int) -> int:
    return (value * scale + 128) >> 8


def exact_dots(operands: Operands) -> list[int]:
    """Both rows' products with y."""
    n = operands["n"]
    pair, y = operands["weights"][:n], operands["bytes"][:n]
    both = np.array([(pair & 15) @ y, (pair >> 4) @ y]) + operands["start"]
    return [int(value) for value in wrapped(both)]


def exact_acc(operands: Operands, factors: list[int], rows: Wide) -> Wide:
    acc: Wide = operands["acc"].copy()
    width = operands["n"]
    for factor, row in zip(factors, rows.reshape(len(factors), width // 2), strict=True):
        acc[0] += factor
        acc[1 : 1 + width] += factor * nibbles(row)
    return acc % 65536


def exact_falling(differences: Wide) -> Wide:
    powers = np.round(255 * 2 ** (-(differences % 32) / 32)).astype(np.int64)
    return (powers << 8) >> np.minimum(differences // 32, 16)


def check_rows_to_bytes(operands: Operands, run: LayerRun) -> None:
    n, weights = operands["n"], operands["weights"]
    exact = [scaled(dot, int(weights[n + i])) for i, dot in enumerate(exact_dots(operands))]
    assert_array_equal(np.clip(exact, -127, 127), run.variables["query"][:2])
    assert run.returned == n + 2


def check_rows_to_logits(operands: Operands, run: LayerRun) -> None:
    n, weights = operands["n"], operands["weights"]
    exact = [
        scaled(dot, int(weights[n + 2 * i])) + 2 * signed(int(weights[n + 2 * i + 1]))
        for i, dot in enumerate(exact_dots(operands))
    ]
    assert_array_equal(wrapped(np.array(exact)), run.variables["words"][:2])
    assert run.returned == n + 4


def check_rows_add(operands: Operands, run: LayerRun) -> None:
    width = operands["n"]
    factors = [int(factor) for factor in operands["bytes"][:2]]
    exact = exact_acc(operands, factors, operands["weights"][:width])
    assert_array_equal(exact, run.variables["acc"])
    assert run.returned == width


def check_feed_forward(operands: Operands, run: LayerRun) -> None:
    n, weights = operands["n"], operands["weights"]
    factors = []
    for i, dot in enumerate(exact_dots(operands)):
        t = scaled(dot, int(weights[n + 2 * i])) + signed(int(weights[n + 2 * i + 1]))
        factors.append((min(max(t, 0), 127) ** 2 + 64) >> 7)
    exact = exact_acc(operands, factors, weights[n + 4 : 2 * n + 4])
    assert_array_equal(exact, run.variables["acc"])
    assert run.returned == 2 * n + 4


def check_scaled_add(operands: Operands, run: LayerRun) -> None:
    n, limit = operands["n"], operands["limit"]
    sums = wrapped(operands["acc"][1 : 1 + n] - 8 * operands["acc"][0])
    exact = operands["words"][:n] + ((sums * operands["weights"][0] + 128) >> 8)
    assert_array_equal(np.clip(exact, -limit, limit), run.variables["words"][:n])
    assert not run.variables["acc"][: 1 + n].any()
    assert run.returned == 1


def check_norm(operands: Operands, run: LayerRun) -> None:
    n = operands["n"]
    x, gain = operands["words"][:n], operands["weights"][:n]
    r = min(65535, operands["root"] // max(1, isqrt(int((x**2).sum()))))
    y = np.clip((((x * r) >> 8) * gain + 2048) >> 12, -127, 127)
    assert_array_equal(y, run.variables["bytes"][:n])
    assert run.returned == int(-8 * y.sum()) & 0xFFFF


def check_attend(operands: Operands, run: LayerRun) -> None:
    window = operands["window"]
    ring = operands["ring"][: 2 * window * HEAD].reshape(window, 2 * HEAD)
    keys, values = ring[:, :HEAD], ring[:, HEAD:]
    distance = (operands["position"] - np.arange(window)) % window
    bias = np.array([signed(int(b)) for b in operands["weights"][distance]])
    score = ((keys @ operands["query"]) >> 5) + 2 * bias
    e = exact_falling(score.max() - score) >> 8
    p = (e * (2**20 // e.sum())) >> 12
    assert_array_equal((p @ values + 128) >> 8, run.variables["bytes"][:HEAD])
    assert run.returned == window


def check_frequencies(operands: Operands, run: LayerRun) -> None:
    logits = operands["words"]
    exact = exact_falling(logits.max() - logits) + 1
    assert_array_equal(exact, run.variables["words"].astype(np.uint16))
    assert len(exact) == LOGITS


def check_frequencies_code(operands: Operands, run: LayerRun) -> None:
    frequencies, symbol = operands["words"][: operands["count"]], operands["position"]
    shares = []
    while len(frequencies) > 1:
        half = len(frequencies) // 2
        part, whole = int(frequencies[:half].sum()), int(frequencies.sum())
        if 0 < part < whole:
            down = max(0, whole.bit_length() - 16)
            shares.append(max(1, (part >> down) * 65535 // (whole >> down)))
        in_first = symbol < half
        frequencies = frequencies[:half] if in_first else frequencies[half:]
        symbol -= 0 if in_first else half
    assert run.returned == operands["position"]
    assert_array_equal(shares, run.variables["acc"][: len(shares)])
    assert_array_equal(operands["acc"][len(shares) :], run.variables["acc"][len(shares) :])


CHECKS = dict(
    zip(
        LAYERS,
        (
            check_rows_to_bytes,
            check_rows_to_logits,
            check_rows_add,
            check_feed_forward,
            check_scaled_add,
            check_norm,
            check_attend,
            check_frequencies,
            check_frequencies_code,
        ),
        strict=True,
    )
)


@pytest.mark.parametrize("layer", LAYERS)
def test_assembly_equals_exact_arithmetic_and_its_c(probe: LayerProbe, layer: str) -> None:
    """Random operands and the ends of their ranges; the least width, a usual one, the greatest."""
    for operands in drawn(layer):
        in_c = probe.call(layer, operands, in_c=True)
        in_assembly = probe.call(layer, operands, in_c=False)
        CHECKS[layer](operands, in_assembly)
        assert same_bits(in_c, in_assembly), operands


def test_bench_layers_ends_with_one_json_object() -> None:
    done = CliRunner().invoke(app, ["bench", "layers", "--json", "--draws", "2"])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout.splitlines()[-1])["rows"]
    assert len(rows) == len(CHIPS) * len(LAYERS)
    assert all(row["equal"] and row["gain"] > 1 for row in rows), rows
