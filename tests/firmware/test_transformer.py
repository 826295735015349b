# SPDX-License-Identifier: GPL-3.0-or-later
"""The transformer's twin against integers without bounds, and the making of its tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.pretrain.header import (
    HEAD,
    TransformerShape,
    Weights,
    write_header,
)

AVR = firmware.avr_folder()
TRAINED = Path(firmware.__file__).parent / "pretrain" / "weights"
ESCAPE_BIAS = -128

SHAPES = {
    "small": TransformerShape(8, 1, (2,), (2,)),
    "that of 16 KB": TransformerShape(32, 2, (16, 8), (84, 84)),
    "wide": TransformerShape(64, 3, (4, 16, 1), (10, 6, 4)),
}

MAIN = """
#include <stdio.h>
#include APP_CONFIG
int main(void) {
    static transformer net;
    transformer_start(&net);
    for (int symbol; (symbol = getchar()) != EOF;) {
        transformer_push(&net, (uint8_t)symbol);
        transformer_predict(&net);
        fwrite(net.as.logit, 1, sizeof net.as.logit, stdout);
    }
}
"""


def random_weights(shape: TransformerShape, seed: int, *, extreme: bool = False) -> Weights:
    """Weights of any shape; extreme ones are at an end of their range or the other."""
    draw = np.random.default_rng(seed)
    weights: Weights = {}
    for name, (size, least, greatest) in shape.arrays().items():
        if extreme:
            weights[name] = draw.choice([least, greatest], size)
        elif name.endswith("_scale") and not name.startswith("embedding_0"):
            weights[name] = draw.integers(8, 60, size)
        else:
            weights[name] = draw.integers(least, greatest + 1, size)
    numbers = [shape.width, shape.heads, len(shape.windows), *shape.windows, *shape.units]
    return weights | {"shape": np.array(numbers)}


def int16(value: NDArray[np.int64]) -> NDArray[np.int64]:
    return (value + 0x8000) % 0x10000 - 0x8000


def int8(value: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.clip(value, -127, 127)


def scaled(value: NDArray[np.int64], scale: NDArray[np.int64]) -> NDArray[np.int64]:
    return (int16(value) * scale + 128) // 256


class Oracle:
    """The transformer by the formulas of avr/charlm, in integers of NumPy."""

    def __init__(self, weights: Weights) -> None:
        self.w = weights
        self.shape = TransformerShape.of(weights)
        self.limit = int(((2**32 - 1) // self.shape.width) ** 0.5)
        nothing = np.zeros((0, HEAD), np.int64)
        self.keys = [
            np.vstack([nothing, np.zeros((w, HEAD), np.int64)]) for w in self.shape.windows
        ]
        self.values = [keys.copy() for keys in self.keys]
        self.recent = [0, 0, 0]

    def norm(self, x: NDArray[np.int64], gain: NDArray[np.int64]) -> NDArray[np.int64]:
        size = max(1, int(np.floor(np.sqrt(float(x @ x)) + 1e-9)))
        root = min(int(np.floor(np.sqrt(self.shape.width) * 2**20)), 2**23 - 1)
        return int8((x * min(65535, root // size) // 256 * gain + 2048) // 4096)

    def added(
        self, x: NDArray[np.int64], total: NDArray[np.int64], scale: int
    ) -> NDArray[np.int64]:
        return np.clip(x + scaled(total, np.array(scale)), -self.limit, self.limit)

    def head(
        self, query: NDArray[np.int64], layer: int, bias: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        # The newest key is the last; the bias is by the distance back.
        score = self.keys[layer] @ query // 32 + 2 * bias[::-1]
        octaves, fraction = np.divmod(score.max() - score, 32)
        e = np.round(255 * 2.0 ** (-fraction / 32)).astype(np.int64) >> np.minimum(octaves, 16)
        p = e * (2**20 // e.sum()) // 4096
        return (p @ self.values[layer] + 128) // 256

    def logits(self, symbol: int) -> NDArray[np.int64]:
        w, shape = self.w, self.shape
        self.recent = [symbol, *self.recent[:2]]
        rows = [
            w[f"embedding_{p}_scale"][s] * w[f"embedding_{p}"][s] for p, s in enumerate(self.recent)
        ]
        x = self.added(np.zeros(shape.width, np.int64), sum(rows), w["embedding_scale"][0])
        for n in range(len(shape.windows)):
            y = self.norm(x, w["gain"][2 * n])
            q, k, v = (
                int8(scaled(w[f"{name}_{n}"] @ y, w[f"{name}_{n}_scale"]))
                for name in ("query", "key", "value")
            )
            self.keys[n] = np.vstack([self.keys[n][1:], k])
            self.values[n] = np.vstack([self.values[n][1:], v])
            heads = [
                self.head(q[h * HEAD : (h + 1) * HEAD], n, w[f"distance_bias_{n}"][h])
                for h in range(shape.heads)
            ]
            x = self.added(x, np.concatenate(heads) @ w[f"out_{n}"], w[f"out_{n}_scale"][0])
            y = self.norm(x, w["gain"][2 * n + 1])
            t = int8(scaled(w[f"up_{n}"] @ y, w[f"up_{n}_scale"]) + w[f"up_bias_{n}"])
            h = (np.maximum(t, 0) ** 2 + 64) // 128
            x = self.added(x, h @ w[f"down_{n}"], w[f"down_{n}_scale"][0])
        y = self.norm(x, w["gain"][-1])
        known = scaled(w["readout"] @ y, w["readout_scale"]) + 2 * w["readout_bias"]
        return int16(np.append(known, 2 * ESCAPE_BIAS))


@pytest.mark.parametrize("extreme", [False, True], ids=["random", "extreme"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_twin_computes_what_unbounded_integers_do(
    shape: TransformerShape, extreme: bool, tmp_path: Path, under_sanitizers
) -> None:
    weights = random_weights(shape, 5, extreme=extreme)
    header = tmp_path / "any_tables.h"
    write_header(weights, header, "any.npz")
    model = "transformer_model.h"
    config = tmp_path / "config.h"
    config.write_text(f'#include "{header}"\n#include "charlm/{model}"\n', encoding="utf-8")
    text = np.random.default_rng(6).integers(0, 65, 40).astype(np.uint8)

    said = under_sanitizers(MAIN, "apps/charlm_twin.c", config=config, given=text.tobytes())

    oracle = Oracle(weights)
    expected = [oracle.logits(int(symbol)) for symbol in text]
    assert_array_equal(np.frombuffer(said, "<i2").reshape(len(text), -1), expected)
