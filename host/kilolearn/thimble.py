# SPDX-License-Identifier: GPL-3.0-or-later
"""The exclusive or of avr/kilobyte by its formula, in unbounded integers, for every seed at once.

The images draw their weights from a generator of 16 bits, and a try that fails leaves nothing but
the generator's state. So there are 65,536 tries, no more: `Thimble` makes all of them, side by
side. A seed's run is a walk over their outcomes.

A sum here cannot wrap. Whether one would have wrapped on the chip is counted: `Thimble.wraps`.

The formula stands in avr/kilobyte/thimble.h.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kilolearn.measure_kilobyte import Left

__all__ = ["Outcome", "Thimble", "classifies", "every_try", "is_thimble_learned", "thimble_wraps"]

HIDDEN = 2
NET_BYTES = 1 + 5 * HIDDEN

ROUNDS = 32
"""Rounds of four patterns in a try."""

_MARGIN = 2  # 1/8, in Q4
_BIAS_STEP = 2  # rate 1/8, in Q4
_RATE_SHIFT = 2
_STATES = 1 << 16

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Outcome:
    """What a run from one seed leaves.

    Attributes:
        net: The bytes of the network: c, then w0, w1, b, h, v of each hidden unit.
        tries: Sets of fresh weights, the last one included.
        rounds: Over all of them.
        state: Of the generator, at the end.
    """

    net: bytes
    tries: int
    rounds: int
    state: int


class Thimble:
    """All 65,536 tries.

    Attributes:
        learned: (65536,) whether the try that starts from a state of the generator succeeds.
        rounds: (65536,) how many rounds it took.
        net: (65536, 11) the network that it ends with.
        wraps: Sums and weights, over all tries, that do not fit the chip's 8 and 16 bits.
    """

    def __init__(self) -> None:
        self.wraps = 0
        self._state = np.arange(_STATES, dtype=np.int64)
        self.net = self._draw()
        self.learned = np.zeros(_STATES, bool)
        self.rounds = np.full(_STATES, ROUNDS)
        for done in range(1, ROUNDS + 1):
            busy = np.flatnonzero(~self.learned)
            net = self.net[busy]
            still = np.ones(len(busy), bool)
            for pattern in range(4):
                still &= ~self.step(net, pattern)
            self.net[busy] = net
            self.learned[busy] = still
            self.rounds[busy[still]] = done

    def run(self, seed: int) -> Outcome:
        """What the chip must leave when it starts from `seed` (0-65535).

        It ends for every seed: the states that tries start from form one circle of 65,536.
        """
        state, tries, rounds = seed, 0, 0
        while True:
            tries += 1
            rounds += int(self.rounds[state])
            after = int(self._state[state])
            if self.learned[state]:
                return Outcome(self.net[state].astype(np.int8).tobytes(), tries, rounds, after)
            state = after

    def step(self, net: Integers, pattern: int) -> NDArray[np.bool_]:
        """One step of each of (tries, 11) networks, in place: which of them it moved."""
        inputs = np.array([pattern & 1, pattern >> 1, 1])
        unit = net[:, 1:].reshape(-1, HIDDEN, 5)  # w0, w1, b, h, v
        partial = np.cumsum(unit[:, :, :3] * inputs, axis=2)
        self._fits(partial, 8)
        unit[:, :, 3] = np.maximum(partial[:, :, 2], 0)
        h, v = unit[:, :, 3].copy(), unit[:, :, 4].copy()
        output = net[:, 0] * 256
        for j in range(HIDDEN):
            output = output + v[:, j] * h[:, j]
            self._fits(output, 16)
        target = pattern in (1, 2)
        score = output // 256 if target else -(output // 256) - 1
        moved = score < _MARGIN
        sign = np.where(moved, 1 if target else -1, 0)
        net[:, 0] += sign * _BIAS_STEP
        step = sign[:, None] * np.where(h > 0, v >> _RATE_SHIFT, 0)
        unit[:, :, :3] += step[:, :, None] * inputs
        unit[:, :, 4] += sign[:, None] * (h >> _RATE_SHIFT)
        net[:, 1:] = unit.reshape(-1, 5 * HIDDEN)
        self._fits(net, 8)
        return moved

    def _draw(self) -> Integers:
        """Fresh weights of every state, (65536, 11), and the states after them."""
        net = np.zeros((_STATES, NET_BYTES), np.int64)
        for draw in range(1, NET_BYTES):
            self._state = (257 * self._state + 0x3619) % _STATES
            net[:, draw] = (self._state >> 8 ^ 0x80) - 0x80 >> 2
        return net

    def _fits(self, values: Integers, bits: int) -> None:
        limit = 1 << bits - 1
        self.wraps += int(np.count_nonzero((values < -limit) | (values >= limit)))


def classifies(net: bytes) -> bool:
    """Whether a network as it lies in SRAM tells the four patterns apart, in real numbers.

    Apart from `Thimble`: weights in units, the output in units, by the formula alone.

    Args:
        net: c in Q4, then w0, w1, b, h, v of each hidden unit in Q6.
    """
    value = np.frombuffer(net, np.int8).astype(float)
    unit = value[1:].reshape(HIDDEN, 5) / 64
    for pattern, target in enumerate((-1, 1, 1, -1)):
        hidden = np.maximum(unit[:, 2] + unit[:, :2] @ [pattern & 1, pattern >> 1], 0)
        if target * (value[0] / 16 + unit[:, 4] @ hidden) < 1 / 8:
            return False
    return True


@cache
def every_try() -> Thimble:
    """All tries, made once."""
    return Thimble()


def thimble_wraps() -> int:
    """Sums and weights, over all 65,536 tries, that do not fit the chip's 8 and 16 bits."""
    return every_try().wraps


def is_thimble_learned(left: Left) -> bool:
    """Whether the network left in SRAM tells the patterns apart and has the bits of the model."""
    net = left.memory["net"]
    return classifies(net) and net == every_try().run(left.seed).net
