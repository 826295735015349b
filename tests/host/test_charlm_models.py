# SPDX-License-Identifier: GPL-3.0-or-later
"""The models beside the large and the small one: what they know, learn, and count."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from kilolearn import firmware
from kilolearn.charlm import sounds
from kilolearn.charlm.compressor import compress
from kilolearn.charlm.twin import state_bytes

HEADER_SIZE = 16
ONLINE = ["large", "small", "tiny", "plain", "unigram", "bigram", "bigram_neural", "hashed"]
VERSE = (
    "the owl and the pussy cat went to sea in a beautiful pea green boat, they took some honey "
    "and plenty of money wrapped up in a five pound note. "
)


def coded_bits(text: str, model: str) -> int:
    return 8 * (len(compress(text.encode(), model)) - HEADER_SIZE)


@pytest.mark.parametrize(
    ("model", "limit"),
    [("plain", 900), ("tiny", 480), ("hashed", 900), ("unigram", 100), ("bigram", 1_100)],
)
def test_a_state_is_as_small_as_said(model: str, limit: int) -> None:
    assert state_bytes(model) <= limit


@pytest.mark.parametrize("model", ONLINE)
def test_what_comes_again_costs_less(model: str) -> None:
    """Eight times a verse is cheaper than eight verses; only counts of characters gain little."""
    once, eight_times = coded_bits(VERSE, model), coded_bits(VERSE * 8, model)
    assert eight_times < (8 if model == "unigram" else 6.5) * once


def test_a_model_without_tables_learns_a_word_after_its_begin() -> None:
    """Random pairs of two words: their letters are sure after some, the choice is not."""
    pick = random.Random(5)
    text = " ".join(pick.choice(["kilobyte", "wonderland"]) for _ in range(1000))
    assert coded_bits(text[:], "plain") < 1000 * 4
    assert coded_bits(text, "plain") < 0.6 * coded_bits(text, "bigram")


def test_the_tree_of_sounds_is_what_its_module_says() -> None:
    """Every symbol once, in the order of alphabet.h; and the header is up to date."""
    assert sorted(sounds.SYMBOLS) == sorted(set(sounds.SYMBOLS))
    alphabet = (firmware.avr_folder() / "charlm" / "alphabet.h").read_text("utf-8")
    assert f"#define SYMBOLS {len(sounds.SYMBOLS)}\n" in alphabet
    code = sounds.build()
    leaves = [below - 128 for pair in code.child for below in pair if below >= 128]
    assert sorted(leaves) == list(range(len(sounds.SYMBOLS)))
    for symbol, above in enumerate(code.leaf_above):
        assert code.child[above >> 1][above & 1] == 128 + symbol
    for node, above in enumerate(code.node_above[1:], 1):
        assert code.child[above >> 1][above & 1] == node
    header = (firmware.avr_folder() / "charlm" / "tree_sounds_tables.h").read_text("utf-8")
    assert ",".join(map(str, code.leaf_above)) == header.split("leaf_above")[1].split("{")[1].split(
        "}"
    )[0].replace("\n", "")


def entropy_by_counts(text: str, rows: int, step: int = 4) -> float:
    """Bits of a text of letters, blanks and full stops, by counts kept as plain numbers."""
    places = {chr(ord("a") + i): i for i in range(26)} | {" ": 26, ".": 30}
    counts = np.ones((rows, 32))
    bits, last = 0.0, 26
    for character in text:
        place = places[character]
        row = counts[last if rows > 1 else 0]
        bits -= math.log2(row[place] / row.sum())
        if row[place] + step > 255:
            row[:] = (row + 1) // 2
        row[place] += step
        last = place
    return bits


@pytest.mark.parametrize(("model", "rows"), [("unigram", 1), ("bigram", 32)])
def test_counts_code_as_short_as_their_entropy(model: str, rows: int) -> None:
    """Also when counts are full and halved: within the last bytes and a thousandth."""
    text = VERSE.replace(",", ".") * 40
    bits = entropy_by_counts(text, rows)
    assert bits < coded_bits(text, model) < 1.001 * bits + 40
