# SPDX-License-Identifier: GPL-3.0-or-later
"""Huffman codes, copies and the transform on the host: nothing is lost, nothing can be better."""

from __future__ import annotations

import heapq
from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kilolearn.codecs import huffman, lz
from kilolearn.codecs.dct import DctCode, psnr
from kilolearn.codecs.huffman import LONGEST, HuffmanCode, code_lengths
from kilolearn.codecs.line import PackedLine
from kilolearn.codecs.lz import COPY, SHORTEST, LzCode
from kilolearn.codecs.packed_digits import PACKINGS
from kilolearn.codecs.packed_text import any_text
from kilolearn.codecs.tape import TapeReader, TapeWriter
from kilolearn.coreset import SELECTIONS
from kilolearn.errors import BadReplyError, LinkTimeoutError, PackedDataError

POEM = "床前明月光，疑是地上霜。举头望明月，低头思故乡。"
ENGLISH = b"the cat sat on the mat, and that cat sat on that mat until the rat sat there. " * 4

counts = st.dictionaries(st.integers(0, 255), st.integers(1, 1000), min_size=2, max_size=40)


def huffman_bits(weights: list[int]) -> int:
    """Bits of an unlimited Huffman code, from its definition: the sum of all merged counts."""
    heap, bits = list(weights), 0
    heapq.heapify(heap)
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        bits += merged
        heapq.heappush(heap, merged)
    return bits


@given(counts=counts)
def test_a_code_is_complete_and_as_short_as_huffman_s(counts):
    lengths = code_lengths(counts, 30)
    assert sum(2.0**-bits for bits in lengths.values()) == 1
    assert sum(counts[s] * bits for s, bits in lengths.items()) == huffman_bits([*counts.values()])


@given(weights=st.lists(st.integers(1, 60), min_size=4, max_size=6))
@settings(max_examples=20)
def test_no_other_code_of_limited_length_is_shorter(weights):
    lengths = code_lengths(dict(enumerate(weights)), 3)
    best = min(
        sum(w * bits for w, bits in zip(weights, any_lengths, strict=True))
        for any_lengths in product((1, 2, 3), repeat=len(weights))
        if sum(8 >> bits for bits in any_lengths) <= 8
    )
    assert sum(weights[symbol] * bits for symbol, bits in lengths.items()) == best


def test_fibonacci_counts_are_held_to_the_longest_length():
    counts, a, b = {}, 1, 1
    for symbol in range(25):
        counts[symbol], a, b = a, b, a + b
    assert max(HuffmanCode(counts).lengths.values()) == LONGEST


@pytest.mark.parametrize(
    "data", [b"\x00", b"\xff" * 9, bytes(range(256)), bytes(range(256)) * 3 + b"e" * 900, ENGLISH]
)
def test_any_bytes_come_back_through_a_huffman_code(data):
    code = HuffmanCode.of(data)
    assert huffman.decode(huffman.encode(data, code), code, len(data)) == data
    again = HuffmanCode.read(code.table() + b"more")
    assert again.codes == code.codes
    assert max(code.table()[:LONGEST]) <= 255


@pytest.mark.parametrize(
    ("change", "to"), [(0, 1), (3, 0xEE), (LONGEST - 1, 9), (LONGEST, 0xEE), (-1, 0)]
)
def test_a_changed_table_is_refused(change, to):
    table = bytearray(HuffmanCode.of(ENGLISH).table())
    table[change] = to
    for spoilt in (bytes(table), b"", HuffmanCode.of(ENGLISH).table()[:-1]):
        with pytest.raises(PackedDataError, match=r"cut off or was changed"):
            HuffmanCode.read(spoilt)


ANY_TEXT = {bits: any_text(ENGLISH, bits) for bits in (7, 8)}
PACKED_ENGLISH = lz.encode(ENGLISH, ANY_TEXT[7])


@pytest.mark.parametrize("window_bits", [7, 8])
@settings(max_examples=25)
@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=100))
def test_any_text_comes_back_from_its_own_code_and_from_an_english_one(window_bits, text):
    data = text.encode()
    for code in (LzCode.of(data, window_bits), ANY_TEXT[window_bits]):
        assert lz.decode(lz.encode(data, code), code, len(data)) == data


def test_the_poem_takes_fewer_bytes_and_comes_back():
    data = POEM.encode()
    code = LzCode.of(data)
    packed = lz.encode(data, code)
    assert lz.decode(packed, code, len(data)).decode() == POEM
    assert len(packed) < len(data)


@settings(max_examples=30)
@given(data=st.lists(st.integers(0, 2), min_size=1, max_size=12).map(bytes))
def test_no_other_parse_has_fewer_bits(data):
    code = LzCode(HuffmanCode({0: 9, 1: 3, 2: 1, COPY: 5, COPY + 2: 4}))
    lengths = code.symbols.lengths

    def fewest(at: int) -> int:
        if at == len(data):
            return 0
        options = [lengths[data[at]] + fewest(at + 1)]
        for size in (SHORTEST, SHORTEST + 2):
            piece = data[at : at + size]
            if len(piece) == size and piece in (data[: at + size - 1]):
                options.append(lengths[COPY + size - SHORTEST] + 7 + fewest(at + size))
        return min(options)

    bits = sum(lengths[symbol] + 7 * (symbol >= COPY) for symbol, _ in code.tokens(data))
    assert bits == fewest(0)


def test_no_copy_leads_over_a_cut():
    data = b"abcabcabc" * 20
    code = LzCode.of(data, cuts=range(9, 180, 9))
    at = 0
    for symbol, distance in code.tokens(data, range(9, 180, 9)):
        size = 1 if symbol < COPY else symbol - COPY + SHORTEST
        assert at // 9 == (at + size - 1) // 9
        assert 0 <= distance <= at
        at += size
    assert at == len(data)


def test_what_is_no_text_and_what_is_nothing_is_refused():
    with pytest.raises(PackedDataError, match=r"0xff at place 1; expected bytes below 0xf5"):
        LzCode.of(b"a\xff")
    with pytest.raises(PackedDataError, match="0 bytes of data"):
        LzCode.of(b"")
    with pytest.raises(PackedDataError, match="0x7a is not in this code"):
        lz.encode(b"z", LzCode.of(b"abc"))
    with pytest.raises(PackedDataError, match="symbol 122 is not in the code"):
        huffman.encode(b"z", HuffmanCode.of(b"abc"))
    with pytest.raises(PackedDataError, match="expected at least one"):
        HuffmanCode({})


@settings(max_examples=60)
@given(data=st.data())
def test_spoilt_data_are_refused_or_other_data_of_the_same_size(data):
    """Never an error of another kind, never more than was asked for."""
    code = ANY_TEXT[7]
    packed = bytearray(PACKED_ENGLISH)
    at = data.draw(st.integers(0, len(packed) - 1))
    packed[at] ^= data.draw(st.integers(1, 255))
    kept = data.draw(st.integers(0, len(packed)))
    try:
        back = lz.decode(bytes(packed[:kept]), code, len(ENGLISH))
    except PackedDataError:
        return
    assert len(back) == len(ENGLISH)


def test_data_that_are_cut_off_or_too_long_are_refused():
    code = HuffmanCode.of(ENGLISH)
    packed = huffman.encode(ENGLISH, code)
    with pytest.raises(PackedDataError, match=r"end after [\d,]+ bytes, within a symbol"):
        huffman.decode(packed[:-2], code, len(ENGLISH))
    with pytest.raises(PackedDataError, match="bits are left"):
        huffman.decode(packed + b"\0", code, len(ENGLISH))


def images(seed: int, count: int = 40) -> np.ndarray:
    """Smooth images of 0..16, some flat, some all noise."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:8, 0:8] / 8
    drawn = [8 + 8 * np.sin(6 * (a * y + b * x + c)) for a, b, c in random.random((count, 3))]
    edges = [np.zeros((8, 8)), np.full((8, 8), 16), random.choice([0, 16], (8, 8))]
    return np.clip(np.rint(np.array([*edges, *drawn])), 0, 16).astype(np.uint8).reshape(-1, 64)


def test_levels_come_back_and_small_steps_lose_little():
    given_images = images(1)
    for step in (1, 4, 10):
        code = DctCode.of(given_images, step, 0.5, 16)
        levels = code.levels(given_images)
        tape = TapeWriter()
        for level in levels:
            code.put(tape, level)
        reader = TapeReader(tape.packed())
        np.testing.assert_array_equal([code.take(reader) for _ in levels], levels)
        rounded_off = step**2 / 12 + 0.15  # levels, then pixels
        assert psnr(given_images, code.images(levels), 16) > 10 * np.log10(256 / rounded_off)
    assert psnr(given_images, given_images, 16) == float("inf")


def test_the_steps_make_up_for_the_lengths_of_the_rows():
    """A level of any place alone is, but for roundings, a cosine-like wave of that many pixels."""
    code = DctCode.of(np.zeros((1, 64), np.uint8), 10, 0.5, 16)
    code = DctCode(10, np.full(64, 128, np.uint8), 0.5, code.symbols, 255)
    for number in range(64):
        levels = np.zeros((1, 64), np.int64)
        levels[0, number] = 8
        wave = code.images(levels).astype(float) - 128
        assert abs(np.linalg.norm(wave) - 80) < 3


def test_a_level_behind_the_last_place_and_a_step_without_a_byte_are_refused():
    code = DctCode.of(images(2), 4, 0.5, 16)
    far = DctCode(4, code.common, 0.5, HuffmanCode({0xF1: 1, 0: 1}), 16)
    with pytest.raises(PackedDataError, match="a level at place 79; expected places 0 to 63"):
        far.take(TapeReader(b"\xff" * 20))
    with pytest.raises(PackedDataError, match=r"a step of 20 pixels; expected 1 to 19\.9"):
        DctCode.of(images(2), 20, 0.5, 16)


@pytest.mark.parametrize("name", SELECTIONS)
def test_a_selection_orders_all_samples(name):
    given_images, labels = images(3), np.arange(43) % 3
    order = SELECTIONS[name](given_images, labels, 1)
    assert sorted(order.tolist()) == list(range(43))


def test_k_center_takes_what_is_farthest_and_herding_turns_of_classes():
    line = np.array([[10], [0], [11], [200], [90], [90]], np.uint8)
    labels = np.array([0, 0, 1, 1, 0, 1])
    assert SELECTIONS["k_center"](line, labels, 0)[:3].tolist() == [4, 3, 1]
    first = SELECTIONS["herding"](line, labels, 0)
    assert labels[first].tolist() == [0, 1, 0, 1, 0, 1]
    assert line[first[0], 0] == 10, "the nearest to the mean of 10, 0 and 90, 33"


@pytest.mark.parametrize("name", PACKINGS)
def test_a_packing_keeps_its_labels_and_says_what_it_gives_back(name):
    given_images, labels = images(4), np.arange(43) % 10
    packed = PACKINGS[name](given_images, labels)
    assert packed.images.shape == packed.originals.shape == (43, 64)
    assert packed.images.max() <= 16
    if name in {"huffman", "lz"}:
        np.testing.assert_array_equal(packed.images, given_images)
    reader = TapeReader(packed.tape)
    assert reader.take(4) == labels[0]
    assert Counter(packed.labels.tolist()) == Counter(labels.tolist())


class Script:
    """A port that says what it was told to, whatever it hears."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def write(self, data: bytes) -> int:
        return len(data)

    def read(self, size: int = 1) -> bytes:
        taken, self._said = self._said[:size], self._said[size:]
        return taken


def test_a_chip_that_is_silent_or_says_anything_is_an_error():
    with pytest.raises(LinkTimeoutError, match="expected one with the firmware unpack"):
        PackedLine(Script(b"")).unpack(b"packed", 3)
    for said in (b"\x01a\x00\x12\x34", b"\x04\x00\x00", b"\x77\x00\x00"):
        with pytest.raises(BadReplyError, match=r"ended with 0x\w+ and a check of 0x\w+; expected"):
            PackedLine(Script(said)).unpack(b"packed", 3)
