# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits the projections of avr/apps/configs/attention.h on random sequences, and prints its macros.

Float attention as avr/net/attention.h has it, with an output layer that is thrown away: the chip
learns its own. Gradients by hand, Adam (Kingma, Ba, ICLR 2015).

python tools/fit_attention.py
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from numpy.typing import NDArray

from kilolearn.recall import sequences

Floats = NDArray[np.float64]
Weights = dict[str, Floats]

WIDTH = 8
SCORE_MAX = 127 / 16 * np.log(2)  # where the chip saturates, in nats


def tokens(samples: NDArray[np.uint8]) -> Floats:
    """(samples, positions, 8): -1 or +1 by the bits of a symbol and of the one before it."""
    before = np.concatenate([np.full((len(samples), 1), 15, np.uint8), samples[:, :-1]], axis=1)
    both = samples | before << 4
    return 2.0 * (both[..., np.newaxis] >> np.arange(WIDTH) & 1) - 1


def loss_and_slopes(w: Weights, x: Floats, labels: NDArray[np.int64]) -> tuple[float, Weights]:
    """Cross-entropy, and its gradient by each weight."""
    q, k, v = x[:, -1] @ w["QUERY"].T, x @ w["KEY"].T, x @ w["VALUE"].T
    score = SCORE_MAX * np.tanh(np.einsum("nd,ntd->nt", q, k) / SCORE_MAX)
    p = softmax(score)
    seen = np.einsum("nt,ntd->nd", p, v)
    chances = softmax(seen @ w["output"].T)
    rows = np.arange(len(labels))
    d_score = chances.copy()
    d_score[rows, labels] -= 1
    d_score /= len(labels)
    d_seen = d_score @ w["output"]
    d_p = np.einsum("nd,ntd->nt", d_seen, v)
    d_s = p * (d_p - np.sum(p * d_p, axis=1, keepdims=True)) * (1 - (score / SCORE_MAX) ** 2)
    d_v = p[..., np.newaxis] * d_seen[:, np.newaxis]
    d_k = d_s[..., np.newaxis] * q[:, np.newaxis]
    slopes = {
        "QUERY": np.einsum("nt,ntd->nd", d_s, k).T @ x[:, -1],
        "KEY": np.einsum("ntd,nte->de", d_k, x),
        "VALUE": np.einsum("ntd,nte->de", d_v, x),
        "output": d_score.T @ seen,
    }
    return float(-np.mean(np.log(chances[rows, labels]))), slopes


def softmax(scores: Floats) -> Floats:
    """Along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def fit(steps: int, seed: int) -> tuple[float, Weights]:
    """The last loss, in nats, and the weights."""
    draw = np.random.default_rng(seed)
    names = ("QUERY", "KEY", "VALUE", "output")
    w = {name: draw.normal(0, 0.3, (WIDTH, WIDTH)) for name in names}
    first = {name: np.zeros((WIDTH, WIDTH)) for name in names}
    second = {name: np.zeros((WIDTH, WIDTH)) for name in names}
    loss = 0.0
    for step in range(1, steps + 1):
        samples, labels = sequences(256, draw)
        loss, slopes = loss_and_slopes(w, tokens(samples), labels)
        for name in names:
            first[name] = 0.9 * first[name] + 0.1 * slopes[name]
            second[name] = 0.999 * second[name] + 0.001 * slopes[name] ** 2
            fair = second[name] / (1 - 0.999**step)
            w[name] -= 0.01 * first[name] / (1 - 0.9**step) / (np.sqrt(fair) + 1e-8)
    return loss, w


def macros(w: Weights) -> str:
    """The projections as int8, and the shift that gives the scores their scale.

    q and k are sums / 8, so s in Q4 to the base 2 is q . k * 64 / (scales) * 16 / ln 2.
    """
    scale = {name: 127 / np.abs(w[name]).max() for name in ("QUERY", "KEY", "VALUE")}
    lines = []
    for name, factor in scale.items():
        rows = np.rint(w[name] * factor).astype(int).tolist()
        body = ", \\\n     ".join("{" + ", ".join(map(str, row)) + "}" for row in rows)
        lines.append(f"#define {name} \\\n    {{{body}}}")
    exact = np.log2(scale["QUERY"] * scale["KEY"] / 64 * np.log(2) / 16)
    lines.append(f"#define ATTENTION_SHIFT {round(exact)}")
    return "\n".join(lines)


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--starts", type=int, default=3)
    options = parser.parse_args()
    fits = [fit(options.steps, seed) for seed in range(options.starts)]
    loss, best = min(fits, key=lambda one: one[0])
    sys.stdout.write(f"/* {loss:.3f} nats in float, the best of {len(fits)} */\n{macros(best)}\n")


if __name__ == "__main__":
    main()
