# SPDX-License-Identifier: GPL-3.0-or-later
"""Nets of any depth: their mean step is down the gradient, and the chip has the twin's bits."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.errors import BuildError, ChipRejectedError, DatasetError
from kilolearn.measure import open_emulated
from kilolearn.twin import Twin

Floats = NDArray[np.float64]

REPEATS = 4000
NUDGE = 1e-4
CONFIGS = ("xor", "xor3", "iris", "iris16", "wine", "digits")


@dataclass(frozen=True)
class Net:
    """A config as a float model, its weights in units of an 8-bit weight."""

    widths: tuple[int, ...]
    shifts: tuple[int, ...]
    steps: tuple[int, ...]
    macro: dict[str, str]

    @classmethod
    def of(cls, config: str) -> Net:
        text = (firmware.avr_folder() / f"apps/configs/mlp-{config}.h").read_text("utf-8")
        macro = dict(re.findall(r"^#define (\w+) (\w+)", text, re.MULTILINE))
        names, units = zip(*re.findall(r"LAYER\((\w+), \w+, (\d+), ", text), strict=True)
        widths = (int(macro["LEARNER_INPUTS"]), *(int(count) for count in units))
        shifts = tuple(int(macro[f"{name.upper()}_SHIFT"]) for name in names)
        return cls(widths, shifts, tuple(int(macro[f"{n.upper()}_STEP"]) for n in names), macro)

    @property
    def ceiling(self) -> int:
        return (1 << int(self.macro["ACTIVATION_BITS"])) - 1

    @property
    def weight_type(self) -> type[np.signedinteger]:
        return np.int16 if self.macro["WEIGHT_BITS"] == "16" else np.int8

    @property
    def unit(self) -> float:
        """One unit of an 8-bit weight in units of the stored one."""
        return 256.0 if self.macro["WEIGHT_BITS"] == "16" else 1.0

    def layers(self, flat: Floats) -> list[Floats]:
        """Cut all weights into (outputs, inputs + 1) matrices."""
        sizes = [(i + 1) * o for i, o in zip(self.widths, self.widths[1:], strict=False)]
        parts = np.split(flat, np.cumsum(sizes)[:-1])
        return [part.reshape(o, -1) for part, o in zip(parts, self.widths[1:], strict=True)]

    def activate(self, s: Floats) -> Floats:
        if self.macro["ACTIVATION"] == "SIGMOID":
            return self.ceiling / (1 + np.exp(-s / 256))
        if self.macro["ACTIVATION"] == "LEAKY":
            s = np.where(s < 0, s / 8, s) + (self.ceiling + 1) / 4
        return np.clip(s, 0, self.ceiling)

    def scores(self, flat: Floats, sample: Floats) -> Floats:
        seen = sample
        for number, weight in enumerate(self.layers(flat)):
            s = weight @ np.append(seen, int(self.macro["ONE"])) / 2.0 ** self.shifts[number]
            seen = self.activate(s)
        return s

    def loss(self, flat: Floats, sample: Floats, target: Floats) -> float:
        s = self.scores(flat, sample)
        if self.macro["LOSS"] == "HINGE":
            label = int(np.argmax(target))
            return float(np.max(np.delete(s, label)) - s[label])
        if self.macro["LOSS"] == "SOFTMAX":
            logits = s * np.log(2) / 16
            return float(np.log(np.sum(np.exp(logits))) * np.sum(target) - target @ logits)
        return float(0.5 * np.sum((1 / (1 + np.exp(-s / 256)) - target) ** 2))

    def rates(self) -> list[float]:
        """What a step of the firmware is of the gradient, layer by layer."""
        delta = {"HINGE": 64.0, "SOFTMAX": 127.5 * 16 / np.log(2), "SQUARED": 127.5 * 4 * 256}
        gain = delta[self.macro["LOSS"]]
        rates = []
        for shift, step in zip(reversed(self.shifts), reversed(self.steps), strict=True):
            rates.insert(0, gain * 2.0 ** (shift - step))
            gain *= 2.0 ** (shift - 7)
            if self.macro["ACTIVATION"] == "SIGMOID":
                gain *= 4 * 256 / self.ceiling
        return rates


def slope(net: Net, flat: Floats, sample: Floats, target: Floats) -> Floats:
    """Central finite differences of the loss by each weight."""
    slopes = np.zeros_like(flat)
    for i in range(len(flat)):
        up, down = flat.copy(), flat.copy()
        up[i] += NUDGE
        down[i] -= NUDGE
        slopes[i] = net.loss(up, sample, target) - net.loss(down, sample, target)
    return slopes / (2 * NUDGE)


def mean_step(twin: Twin, net: Net, sample: NDArray[np.uint8], target: Floats) -> Floats:
    """Of training from the twin's weights, in units of an 8-bit weight."""
    start = twin.read_weights()
    before = np.frombuffer(start, net.weight_type).astype(float)
    soft = np.round(255 * target).astype(np.uint8)
    change = np.zeros_like(before)
    for _ in range(REPEATS):
        twin.write_weights(start)
        if target.max() == 1:
            twin.train(sample, int(np.argmax(target)))
        else:
            twin.teach(sample, soft)
        change += np.frombuffer(twin.read_weights(), net.weight_type) - before
    return change / REPEATS / net.unit


@pytest.mark.parametrize(
    ("config", "soft"), [(config, False) for config in CONFIGS] + [("wine", True)]
)
def test_the_mean_step_is_down_the_gradient(config: str, soft: bool) -> None:
    """Activations and output deltas are floored, so that the two agree but to a few percent."""
    net, twin = Net.of(config), Twin("mlp", config)
    draw = np.random.default_rng(5)
    sample, target = teaching_case(net, twin, draw, soft)
    flat = np.frombuffer(twin.read_weights(), net.weight_type) / net.unit

    expected = net.layers(-slope(net, flat, sample.astype(float), target))
    taken = net.layers(mean_step(twin, net, sample, target))

    for number, rate in enumerate(net.rates()):
        ours, theirs = taken[number].ravel(), rate * expected[number].ravel()
        assert np.abs(theirs).max() > 0.02, "nothing to compare"
        assert np.corrcoef(ours, theirs)[0, 1] > 0.97, f"layer {number}"
        assert ours @ theirs / (theirs @ theirs) == pytest.approx(1, abs=0.12), f"layer {number}"


def teaching_case(
    net: Net, twin: Twin, draw: np.random.Generator, soft: bool
) -> tuple[NDArray[np.uint8], Floats]:
    """Weights in the twin and a sample whose units are neither at rest nor at their ceiling."""
    for _ in range(2000):
        weights = draw.integers(
            -40, 41, twin.description.weights_size // net.weight_type().itemsize
        )
        flat = weights.astype(float)
        told = twin.description
        sample = draw.integers(told.input_max // 2, told.input_max + 1, told.inputs)
        seen, good = sample.astype(float), True
        for number, weight in enumerate(net.layers(flat)[:-1]):
            s = weight @ np.append(seen, int(net.macro["ONE"])) / 2.0 ** net.shifts[number]
            seen = net.activate(s)
            inside = (seen > 0.2 * net.ceiling) & (seen < 0.9 * net.ceiling)
            good &= inside.sum() >= (len(s) + 1) // 2
            good &= not np.any((seen > 0) & (seen < 1.5))
        scores = net.scores(flat, sample.astype(float))
        spread = {"HINGE": 1e9, "SOFTMAX": 40, "SQUARED": 500}[net.macro["LOSS"]]
        if good and np.abs(scores - scores.mean()).max() < spread and np.ptp(scores) > 1:
            break
    else:
        pytest.fail("no weights and sample found that teach")
    stored = (flat * net.unit).astype(net.weight_type)
    twin.write_weights(stored.tobytes())
    target = np.zeros(told.classes)
    target[int(np.argmin(scores))] = 1
    if soft:
        target = (target * 3 + 1) / (3 + told.classes)
    return sample.astype(np.uint8), target


MCUS = ("attiny1634", "atmega168p")


@pytest.mark.parametrize(("config", "mcu"), [(config, mcu) for config in CONFIGS for mcu in MCUS])
def test_chip_and_twin_agree_on_every_answer_and_every_weight(config: str, mcu: str) -> None:
    """Fresh weights, then weights at the ends of their range; labels, then soft targets."""
    twin = Twin("mlp", config)
    told = twin.description
    net = Net.of(config)
    draw = np.random.default_rng(6)
    ends = np.array([np.iinfo(net.weight_type).min, np.iinfo(net.weight_type).max])
    size = told.weights_size // net.weight_type().itemsize
    with open_emulated(firmware.build("mlp", mcu, config), mcu, seed=9) as emulated:
        both = (emulated.link, twin)
        for learner in both:
            learner.reset(77)
        for step in range(60):
            if step == 20:
                for learner in both:
                    learner.set_rate(1)
            if step == 40:
                weights = draw.choice(ends, size).astype(net.weight_type).tobytes()
                for learner in both:
                    learner.write_weights(weights)
            sample = draw.integers(0, told.input_max + 1, told.inputs).astype(np.uint8)
            label = int(draw.integers(told.classes))
            chip, host = (learner.train(sample, label) for learner in both)
            assert chip == host, f"step {step}"
            if "LEARNER_TAUGHT" in net.macro:
                target = draw.integers(0, 256, told.classes).astype(np.uint8)
                chip, host = (learner.teach(sample, target) for learner in both)
                assert chip == host, f"step {step}, taught"
            chip, host = (learner.infer(sample) for learner in both)
            assert chip == host, f"step {step}, asked"
        assert emulated.weights_in_sram() == twin.read_weights()


def test_a_lesson_is_counted_and_a_bad_one_changes_nothing() -> None:
    """Its label is the largest target; errors are predictions other than that."""
    mcu = "atmega168p"
    sample, target = np.full(13, 7, np.uint8), np.zeros(3, np.uint8)
    with open_emulated(firmware.build("mlp", mcu, "wine"), mcu) as emulated:
        link = emulated.link
        link.reset(1)
        predicted = link.infer(sample).prediction
        for label, errors in ((predicted, 0), ((predicted + 1) % 3, 1)):
            link.reset(1)
            target[:] = 0
            target[label] = 200
            link.teach(sample, target)
            assert (link.statistics().steps, link.statistics().errors) == (1, errors)
        before = link.read_weights()
        sample[5] = 32
        with pytest.raises(ChipRejectedError, match="value 5 of the sample is above"):
            link.teach(sample, target)
        assert link.read_weights() == before
        assert link.statistics().steps == 1


def test_a_learner_that_takes_labels_only_refuses_a_teacher() -> None:
    twin = Twin("mlp", "iris")
    with pytest.raises(ChipRejectedError, match="no command 0x09"):
        twin.teach(np.zeros(4, np.uint8), np.zeros(3, np.uint8))


def test_a_target_of_another_width_is_refused_before_it_is_sent() -> None:
    twin = Twin("mlp", "wine")
    with pytest.raises(DatasetError, match=r"shape \(2,\)"):
        twin.teach(np.zeros(13, np.uint8), np.zeros(2, np.uint8))


def test_a_net_that_does_not_fit_is_refused_with_what_would() -> None:
    with pytest.raises(BuildError, match="choose a larger MCU="):
        firmware.build("mlp", "attiny841", "digits")


@pytest.mark.parametrize("config", ["xor", "xor3"])
def test_exclusive_or_is_learned_from_some_of_ten_starts(config: str) -> None:
    samples = 63 * np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.uint8)
    labels = np.array([0, 1, 1, 0])
    twin, learned = Twin("mlp", config), 0
    for seed in range(1, 11):
        twin.reset(seed)
        for _ in range(200):
            twin.train_many(samples, labels)
        learned += np.array_equal(twin.infer_many(samples).predictions, labels)
    assert learned >= 3
