# SPDX-License-Identifier: GPL-3.0-or-later
"""A learner on an emulated chip, over its wire, has the bits of its native twin at every step."""

from __future__ import annotations

import numpy as np
import pytest

from kilolearn import firmware
from kilolearn.contract import Contract
from kilolearn.frames import Frame, decode, encode
from kilolearn.learner import Answer
from kilolearn.twin import Twin
from pyavr_sim import Chip

STEPS = 300
STEPS_AT_LIMIT = 60
WINDOWS = {"digits": 4 * 4, "pooled": 5 * 5}
CYCLES_A_REQUEST = 600_000
LEARNERS = [
    ("digits", None),
    ("pooled", "digits"),
    ("dense", "iris"),
    ("dense", "wine"),
    ("dense", "breast_cancer"),
]


class Line:
    """Requests to a chip that must all succeed."""

    def __init__(self, chip: Chip, contract: Contract) -> None:
        self._chip, self._contract = chip, contract
        self._sequence = 0

    def ask(self, command: str, body: bytes = b"") -> bytes:
        self._sequence = self._sequence % 127 + 1  # no step's number
        number = self._contract.constant(f"COMMAND_{command}")
        uart = self._chip.uart(0)
        uart.write(encode(Frame(self._sequence, number, body)))
        answered, limit = b"", self._chip.cycle + CYCLES_A_REQUEST
        while not (answered.strip(b"\0") and answered.endswith(b"\0")):
            assert self._chip.cycle < limit, f"no answer to {command}"
            self._chip.run(cycles_max=2_000)
            answered += uart.read()
        reply = decode(answered.strip(b"\0"))
        assert reply.command == number | 0x80
        return reply.body


def answer(body: bytes) -> Answer:
    return Answer(body[0], int.from_bytes(body[1:3], "little", signed=True))


def read_weights(chip: Chip) -> bytes:
    return b"".join(
        np.ascontiguousarray(chip.var(f"net.{layer}.weight")).tobytes()
        for layer in ("hidden", "output")
    )


every_learner = pytest.mark.parametrize(
    ("app", "config", "mcu"),
    [(*learner, mcu) for learner in LEARNERS for mcu in ("attiny1634", "atmega168p")]
    + [("dense", "iris", "attiny841")],
)


@every_learner
def test_chip_and_twin_agree_on_every_answer_and_every_weight(
    app: str, config: str | None, mcu: str
) -> None:
    twin = Twin(app, config)
    told = twin.description
    draw = np.random.default_rng(6)
    samples = draw.integers(0, told.input_max + 1, (STEPS, told.inputs)).astype(np.uint8)
    samples[draw.random(samples.shape) < 0.3] = 0
    with Chip(mcu, firmware.build(app, mcu, config), seed=9) as chip:
        line = Line(chip, firmware.contract())
        twin.reset(77)
        line.ask("RESET", (77).to_bytes(2, "little"))
        for step, sample in enumerate(samples):
            if step % 100 == 0:
                twin.set_rate(step // 100)
                line.ask("SET_RATE", bytes([step // 100]))
            label = int(draw.integers(told.classes))
            sent = told.packed(sample[np.newaxis]).tobytes()
            on_chip = answer(line.ask("TRAIN", bytes([label]) + sent))
            assert on_chip == twin.train(sample, label), f"step {step}"
        assert read_weights(chip) == twin.read_weights()
        for sample in samples[:20]:
            sent = told.packed(sample[np.newaxis]).tobytes()
            assert answer(line.ask("INFER", sent)) == twin.infer(sample)


@every_learner
def test_chip_and_twin_agree_where_everything_is_at_its_limit(
    app: str, config: str | None, mcu: str
) -> None:
    """Weights as far out as they may be, inputs all or nothing: sums and updates saturate."""
    twin = Twin(app, config)
    told = twin.description
    terms = WINDOWS.get(app, told.inputs)
    limit = min(127, 32767 // ((terms + 1) * told.input_max))
    draw = np.random.default_rng(8)
    extremes = draw.choice([-limit, limit], len(twin.read_weights())).astype(np.int8)
    with Chip(mcu, firmware.build(app, mcu, config), seed=9) as chip:
        line = Line(chip, firmware.contract())
        twin.reset(5)
        line.ask("RESET", (5).to_bytes(2, "little"))
        twin.write_weights(extremes.tobytes())
        piece_size = told.sample_size - 1
        for offset in range(0, extremes.size, piece_size):
            piece = extremes[offset : offset + piece_size].tobytes()
            line.ask("WRITE_WEIGHTS", offset.to_bytes(2, "little") + piece)
        assert read_weights(chip) == extremes.tobytes()
        for step in range(STEPS_AT_LIMIT):
            sample = draw.choice(np.array([0, told.input_max], np.uint8), told.inputs)
            label = step % told.classes
            sent = told.packed(sample[np.newaxis]).tobytes()
            on_chip = answer(line.ask("TRAIN", bytes([label]) + sent))
            assert on_chip == twin.train(sample, label), f"step {step}"
        assert read_weights(chip) == twin.read_weights() != extremes.tobytes()
        assert np.abs(chip.var("net.hidden.weight").astype(int)).max() == limit
