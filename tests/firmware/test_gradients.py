# SPDX-License-Identifier: GPL-3.0-or-later
"""A learner's step, averaged over its rounding noise, is down the gradient of its float model.

The gradient is taken by finite differences of the loss, so no formula of the firmware is repeated.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.twin import Twin

Floats = NDArray[np.float64]
Forward = Callable[[Floats, Floats, NDArray[np.uint8], dict[str, int]], tuple[Floats, Floats]]

REPEATS = 4000
NUDGE = 1e-4


def constants(config: str) -> dict[str, int]:
    """The integers of a config header."""
    text = (firmware.avr_folder() / "apps/configs" / config).read_text("utf-8")
    lines = [line.split() for line in text.splitlines() if line.startswith("#define")]
    return {line[1]: int(line[2]) for line in lines if line[2].isdigit()}


def output(hidden: Floats, weight: Floats, c: dict[str, int]) -> Floats:
    seen = np.append(np.clip(hidden / 2 ** c["HIDDEN_SHIFT"], 0, c["HIDDEN_MAX"]), c["HIDDEN_ONE"])
    return weight @ seen / 2 ** c["SCORE_SHIFT"]


def digits(
    hidden: Floats, out: Floats, sample: NDArray[np.uint8], c: dict[str, int]
) -> tuple[Floats, Floats]:
    """Scores (10,) and sums before the rectifier (channels * 4,)."""
    k, stride = c["KERNEL_SIDE"], c["STRIDE"]
    image = sample.reshape(8, 8).astype(float)
    places = [(top, left) for top in (0, stride) for left in (0, stride)]
    sums = np.array(
        [
            np.sum(row[: k * k].reshape(k, k) * image[top : top + k, left : left + k])
            + row[k * k + p] * c["LEARNER_INPUT_MAX"]
            for row in hidden
            for p, (top, left) in enumerate(places)
        ]
    )
    return output(sums, out, c), sums


def pooled(
    hidden: Floats, out: Floats, sample: NDArray[np.uint8], c: dict[str, int]
) -> tuple[Floats, Floats]:
    """Scores (10,) and sums before the rectifier (channels * 4,), the largest of each quarter."""
    k, image = c["KERNEL_SIDE"], sample.reshape(8, 8).astype(float)
    sums = []
    for row in hidden:
        kernel = row[: k * k].reshape(k, k)
        windows = np.array(
            [[np.sum(kernel * image[r : r + k, s : s + k]) for s in range(4)] for r in range(4)]
        )
        quarters = [windows[r : r + 2, s : s + 2].max() for r in (0, 2) for s in (0, 2)]
        sums += [
            top + bias * c["LEARNER_INPUT_MAX"]
            for top, bias in zip(quarters, row[k * k :], strict=True)
        ]
    return output(np.array(sums), out, c), np.array(sums)


def dense(
    hidden: Floats, out: Floats, sample: NDArray[np.uint8], c: dict[str, int]
) -> tuple[Floats, Floats]:
    """Scores (classes,) and sums before the rectifier (hidden,)."""
    sums = hidden @ np.append(sample, c["LEARNER_INPUT_MAX"])
    return output(sums, out, c), sums


def layers(
    flat: Floats, shape: tuple[int, int], classes: int, by_input: bool
) -> tuple[Floats, Floats]:
    """Hidden weights (units, inputs) and output's (classes, units + 1) of the `net` struct.

    by_input: they lie there with a row for each input instead.
    """
    cut = int(np.prod(shape))
    if by_input:
        return flat[:cut].reshape(shape[::-1]).T, flat[cut:].reshape(-1, classes).T
    return flat[:cut].reshape(shape), flat[cut:].reshape(classes, -1)


def differences(loss: Callable[[Floats], float], at: Floats) -> Floats:
    """Central finite differences, in the shape of `at`."""
    slope = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[index] += NUDGE
        down[index] -= NUDGE
        slope[index] = (loss(up) - loss(down)) / (2 * NUDGE)
    return slope


@pytest.mark.parametrize(
    ("app", "config", "forward", "shape"),
    [
        ("digits", None, digits, lambda c: (10, c["KERNEL_SIDE"] ** 2 + 4)),
        ("pooled", "digits", pooled, lambda c: (c["CHANNELS"], c["KERNEL_SIDE"] ** 2 + 4)),
        ("dense", "iris", dense, lambda c: (c["HIDDEN"], c["LEARNER_INPUTS"] + 1)),
        ("dense", "wine", dense, lambda c: (c["HIDDEN"], c["LEARNER_INPUTS"] + 1)),
    ],
    ids=["digits", "pooled", "iris", "wine"],
)
def test_the_mean_step_is_down_the_gradient(
    app: str,
    config: str | None,
    forward: Forward,
    shape: Callable[[dict[str, int]], tuple[int, int]],
) -> None:
    c = constants(f"{app}-{config}.h" if config else f"{app}.h")
    twin = Twin(app, config)
    draw = np.random.default_rng(2)
    twin.reset(3)
    start = twin.read_weights()
    flat = np.frombuffer(start, np.int8).astype(float)
    hidden, out = layers(flat, shape(c), c["LEARNER_CLASSES"], by_input=app == "digits")

    sample = draw.integers(0, c["LEARNER_INPUT_MAX"] + 1, c["LEARNER_INPUTS"]).astype(np.uint8)
    scores, sums = forward(hidden, out, sample, c)
    label = int(np.argmin(scores))  # a wrong answer, so that a step is taken
    rival = int(np.argmax(scores))
    ceiling = c["HIDDEN_MAX"] << c["HIDDEN_SHIFT"]
    # A unit whose activation is floored to 0 rests; the float model would still move it.
    resting = (sums > 0) & (sums < 1 << c["HIDDEN_SHIFT"])
    assert np.any((sums > 1 << c["HIDDEN_SHIFT"]) & (sums < ceiling)), "the sample must teach"

    def loss_of(hidden: Floats, out: Floats) -> float:
        scores, _ = forward(hidden, out, sample, c)
        return float(scores[rival] - scores[label])

    hidden_slope = differences(lambda weight: loss_of(weight, out), hidden)
    out_slope = differences(lambda weight: loss_of(hidden, weight), out)

    change = np.zeros(len(flat))
    for _ in range(REPEATS):
        twin.write_weights(start)
        twin.train(sample, label)
        change += np.frombuffer(twin.read_weights(), np.int8) - flat
    change /= REPEATS

    # In units of the loss a step is 2^(score + hidden shift - 1 - step) of the gradient: the
    # firmware leaves out the two divisions and halves the difference of the output's weights.
    hidden_rate = 2.0 ** (c["SCORE_SHIFT"] + c["HIDDEN_SHIFT"] - 1 - c["HIDDEN_STEP"])
    out_rate = 2.0 ** (c["SCORE_SHIFT"] + 8 - c["OUTPUT_STEP"])
    noise = 5 * 0.5 / np.sqrt(REPEATS)
    per_unit = 1 if app == "dense" else 4
    moved = ~resting.reshape(-1, per_unit).any(axis=1)
    halving = 0.5 * per_unit * c["LEARNER_INPUT_MAX"] / 2 ** c["HIDDEN_STEP"]
    hidden_change, out_change = layers(
        change, shape(c), c["LEARNER_CLASSES"], by_input=app == "digits"
    )
    hidden_error = hidden_change + hidden_rate * hidden_slope
    out_error = out_change + out_rate * out_slope
    assert moved.sum() >= 2
    assert np.abs(hidden_slope[moved]).max() * hidden_rate > 0.12, "nothing to compare"
    assert np.abs(hidden_error[moved]).max() < noise + halving
    flooring = 2.0 ** (8 - c["OUTPUT_STEP"])  # an activation is floored to a whole number
    assert np.abs(out_error).max() < noise + flooring
    assert np.all(out_change[[label, rival]].any(axis=1))
