# SPDX-License-Identifier: GPL-3.0-or-later
"""What the character model writes: each byte as often as the coder says that it expects it."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from kilolearn.charlm.twin import TwinModel

PROMPT = b"the house, and the ma"
DRAWS = 800
CODER_FRESH = bytes(4) + b"\xff" * 4


@cache
def learned() -> bytes:
    """A state behind the prompt."""
    twin = TwinModel()
    twin.train(b"the house, and the man in the house. " * 3 + PROMPT)
    twin.start_encoding()
    return twin.save()


@cache
def expected() -> dict[int, float]:
    """The probability of each byte: the part of the coder's interval that it leaves."""
    low_at = learned().index(CODER_FRESH)
    probabilities = {}
    for byte in range(256):
        twin = TwinModel()
        twin.restore(learned())
        sent = len(twin.encode(bytes([byte])))
        low, high = np.frombuffer(twin.save(), "<u4", 2, low_at).astype(float)
        probabilities[byte] = (high - low + 1) / 2.0 ** (32 + 8 * sent)
    return probabilities


def drawn(temperature: float, top_k: int) -> Counter[int]:
    counts: Counter[int] = Counter()
    twin = TwinModel()
    for seed in range(DRAWS):
        twin.restore(learned())
        counts += Counter(b"".join(twin.generate(b"", 1, seed, temperature, top_k)))
    return counts


def test_the_probabilities_are_of_all_that_may_come() -> None:
    assert sum(expected().values()) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("top_k", [0, 2, 5])
def test_each_byte_is_drawn_as_often_as_it_is_expected_among_the_most_probable(top_k: int) -> None:
    """Four standard deviations; capitals, which are two symbols, are not among these five."""
    likely = sorted(expected(), key=expected().__getitem__, reverse=True)[: top_k or 256]
    total = sum(expected()[byte] for byte in likely)
    counts = drawn(1.0, top_k)
    if top_k:
        assert set(counts) == set(likely)
    for byte in likely[:8]:
        p = expected()[byte] / total
        assert abs(counts[byte] - DRAWS * p) <= 4 * (DRAWS * p * (1 - p)) ** 0.5 + 1, chr(byte)


def test_the_temperature_tames_and_excites() -> None:
    best = max(expected(), key=expected().__getitem__)
    cold, plain, hot = (drawn(temperature, 0)[best] for temperature in (0.3, 1.0, 4.0))
    assert cold > 1.1 * plain > 1.2 * hot
