# SPDX-License-Identifier: GPL-3.0-or-later
"""Models for a chip's flash: what training rounds is what the file holds, and a seed repeats it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from kilolearn.errors import DatasetError, WeightsError
from kilolearn.pretrain.family import FORMS, family_of, form_of
from kilolearn.pretrain.names import renamed
from kilolearn.pretrain.operations import Numpy
from kilolearn.pretrain.scoring import bits_a_character, expectations
from kilolearn.pretrain.teacher import Teacher
from kilolearn.pretrain.text import Corpus, as_symbols
from kilolearn.pretrain.weights import PretrainedWeights

STORED = Path(__file__).parents[2] / "host" / "kilolearn" / "pretrain" / "weights"
PLAY = "".join(
    f"{name}:\nGood {word}, what say you to Romeo and to me?\n\n"
    for name, word in [("FIRST KING", "sir"), ("ROMEO", "friend"), ("JULIET", "night")] * 60
)
SMALL = {
    "transformer": (8, 2, 2, 4, 2, 6, 4),
    "ngram": (20, 30, 40),
    "mlp": (3, 8),
    "gru": (8,),
}


@pytest.fixture
def play(tmp_path: Path) -> Path:
    path = tmp_path / "play.txt"
    path.write_text(PLAY, encoding="utf-8")
    return path


def random_weights(name: str, symbols: int, seed: int = 0) -> PretrainedWeights:
    """Any integers that the layout allows."""
    family = family_of(name, symbols, SMALL[name])
    draw = np.random.default_rng(seed)
    integers = {}
    for matrix in family.layout.matrices:
        integers[matrix.name] = draw.integers(-8, 8, (matrix.rows, family.layout.width))
        integers[f"{matrix.name}_scale"] = draw.integers(1, matrix.scale_max + 1, matrix.scales)
    for vector in family.layout.vectors:
        integers[vector.name] = draw.integers(vector.low, 128, vector.shape)
    return PretrainedWeights(
        family, bytes(range(symbols)), {n: a.astype(np.int16) for n, a in integers.items()}
    )


def test_a_text_falls_into_three_parts(play: Path) -> None:
    corpus = Corpus.read(play)

    assert corpus.train + corpus.validation + corpus.held_out == play.read_bytes()
    assert len(corpus.held_out) == len(PLAY) - len(PLAY) * 9 // 10
    assert len(corpus.validation) == len(PLAY) // 10
    assert bytes(corpus.alphabet[s] for s in corpus.symbols(b"ROMEO:")) == b"ROMEO:"


def test_a_byte_that_no_part_taught_is_named_with_its_place() -> None:
    with pytest.raises(DatasetError, match=r"byte 0x23 at 2 .* alphabet of 2"):
        as_symbols(b"ab#", b"ab")


@pytest.mark.parametrize("text", [b"", b"too short"])
def test_a_short_text_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "short.txt"
    path.write_bytes(text)

    with pytest.raises(DatasetError, match=r"expected 4,000 or more"):
        Corpus.read(path)


def test_renaming_changes_the_speakers_lines_and_nothing_else() -> None:
    copy = renamed(PLAY, seed=1)

    lines, others = PLAY.split("\n"), copy.split("\n")
    assert len(lines) == len(others)
    for line, other in zip(lines, others, strict=True):
        if line.endswith(":"):
            assert other.endswith(":")
            assert other.isupper()
        else:
            assert line == other
    changed = sum(a != b for a, b in zip(lines, others, strict=True))
    assert changed > 100
    assert any(other.split()[0] != "FIRST" and "KING" in other for other in others if other)
    assert copy == renamed(PLAY, seed=1) != renamed(PLAY, seed=2)


def test_a_text_without_speakers_is_not_renamed() -> None:
    assert renamed("no one speaks\n" * 9, seed=1) == "no one speaks\n" * 9


@pytest.mark.parametrize(("family", "form"), FORMS)
def test_a_form_fits_its_flash(family: str, form: str) -> None:
    size = form_of(family, form, symbols=65).layout.flash_bytes

    assert form == "teacher" or size <= {"16k": 12_300, "32k": 27_500}[form]


@pytest.mark.parametrize("name", SMALL)
def test_the_flash_bytes_are_those_of_the_packed_numbers(name: str) -> None:
    weights = random_weights(name, symbols=11)
    layout = weights.family.layout
    levels = {matrix.name for matrix in layout.matrices}

    packed = 0
    for array, values in weights.integers.items():
        rows = np.pad(values, ((0, 0), (0, values.shape[1] % 2))) if array in levels else values
        packed += rows.size // 2 if array in levels else rows.size
    assert packed == layout.flash_bytes


@pytest.mark.parametrize("name", SMALL)
def test_a_character_is_expected_by_what_stands_before_it_only(name: str) -> None:
    weights = random_weights(name, symbols=11)
    text = np.random.default_rng(1).integers(0, 11, (2, 40))
    later = text.copy()
    later[:, 25:] = (later[:, 25:] + 1) % 11

    first, second = (weights.family.logits(weights.real(), t, Numpy()) for t in (text, later))

    assert_array_equal(first[:, :, :25], second[:, :, :25])
    assert not np.array_equal(first[:, :, 25:], second[:, :, 25:])


@pytest.mark.parametrize("name", SMALL)
def test_expectations_are_probabilities_and_their_bits_the_score(name: str) -> None:
    weights = random_weights(name, symbols=11)
    symbols = np.random.default_rng(2).integers(0, 11, 700)

    parts = list(expectations(weights.family, weights.real(), symbols, 100, Numpy()))
    chances = np.concatenate(parts)

    assert chances.shape == (600, 11)
    assert_allclose(chances.sum(1), 1, atol=1e-5)
    bits = -np.log2(chances[np.arange(600), symbols[100:]]).mean()
    assert_allclose(bits_a_character(weights.family, weights.real(), symbols, 100), bits, rtol=1e-5)


def transformer_in_integers(weights: PretrainedWeights, text: list[int]) -> list[float]:
    """Logits after a text of one layer's reach, by exact rationals: the contract, character by
    character."""
    integers = {name: array.astype(int) for name, array in weights.integers.items()}
    family = weights.family
    width, layers = family.shape[0], family.shape[2]
    windows = family.shape[3 : 3 + layers]
    rings = [([], []) for _ in windows]

    def nearest(numerator: float, low: int, high: int) -> int:
        return int(min(max(np.round(numerator), low), high))

    def norm(x: list[int], row: int) -> list[int]:
        root = max(1.0, (sum(v * v for v in x) / width) ** 0.5 / 16)
        gain = integers["gain"][row]
        return [
            nearest(v / 16 / root * g / 32 * 32, -127, 127) for v, g in zip(x, gain, strict=True)
        ]

    def product(name: str, y: list[int], row: int) -> float:
        scale = integers[f"{name}_scale"]
        return int(integers[name][row] @ y) * scale[row] / 256

    for at, symbol in enumerate(text):
        places = [symbol, text[at - 1] if at > 0 else 0, text[at - 2] if at > 1 else 0]
        x = [
            nearest(
                sum(
                    integers[f"embedding_{p}"][s, i] * integers[f"embedding_{p}_scale"][s] / 8
                    for p, s in enumerate(places)
                ),
                -30000,
                30000,
            )
            for i in range(width)
        ]
        for layer, window in enumerate(windows):
            y = norm(x, 2 * layer)
            rows = {n: len(integers[f"{n}_{layer}"]) for n in ("query", "key", "value")}
            query, key, value = (
                [nearest(product(f"{n}_{layer}", y, r), -127, 127) for r in range(rows[n])]
                for n in ("query", "key", "value")
            )
            keys, values = rings[layer]
            keys.insert(0, key)
            values.insert(0, value)
            mixed = []
            for head in range(len(query) // 8):
                own = query[8 * head : 8 * head + 8]
                powers = []
                for distance in range(window):
                    k = keys[distance] if distance < len(keys) else [0] * 8
                    bias = integers[f"distance_bias_{layer}"][head, distance] / 16
                    powers.append(2.0 ** (float(np.dot(own, k)) / 1024 + bias))
                for i in range(8):
                    v = [values[d][i] if d < len(values) else 0 for d in range(window)]
                    mixed.append(nearest(np.dot(powers, v) / sum(powers), -127, 127))
            scale = integers[f"out_{layer}_scale"][0] / 128
            sums = integers[f"out_{layer}"].T @ mixed
            x = [nearest(a + s * scale / 2, -30000, 30000) for a, s in zip(x, sums, strict=True)]
            y = norm(x, 2 * layer + 1)
            hidden = []
            for r, bias in enumerate(integers[f"up_bias_{layer}"]):
                t = nearest(product(f"up_{layer}", y, r) + bias, 0, 127)
                hidden.append(nearest(t * t / 128, 0, 126))
            scale = integers[f"down_{layer}_scale"][0] / 512
            sums = integers[f"down_{layer}"].T @ hidden
            x = [nearest(a + s * scale * 2, -30000, 30000) for a, s in zip(x, sums, strict=True)]
    y = norm(x, 2 * layers)
    bias = integers["readout_bias"]
    return [product("readout", y, r) / 32 + bias[r] / 16 for r in range(len(bias))]


def test_the_transformer_is_the_integer_contract_character_by_character() -> None:
    weights = random_weights("transformer", symbols=11)
    # Factors with which roundings decide, and the limits now and then.
    for name, array in weights.integers.items():
        if name.endswith("_scale"):
            array[:] = 1 + array % 60
    text = np.random.default_rng(3).integers(0, 11, 12)

    logits = weights.family.logits(weights.real(), text[None], Numpy())[:, 0, -1]

    # A half that float32 rounds the other way is a step of 1/32 in a y.
    assert_allclose(logits, transformer_in_integers(weights, text.tolist()), atol=0.05)


@pytest.mark.parametrize("name", SMALL)
def test_weights_come_back_from_their_file(tmp_path: Path, name: str) -> None:
    weights = random_weights(name, symbols=11)

    weights.save(tmp_path / "weights.npz")
    back = PretrainedWeights.load(tmp_path / "weights.npz")

    assert back.family == weights.family
    assert back.alphabet == weights.alphabet
    for array, values in weights.integers.items():
        assert_array_equal(back.integers[array], values)


def spoilt(path: Path, **changes: object) -> Path:
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    for name, value in changes.items():
        if value is None:
            del arrays[name]
        else:
            arrays[name] = np.asarray(value)
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"readout": None}, "lack readout"),
        ({"readout": np.full((11, 8), 9, np.int8)}, r"expected \(11, 8\), -8..7"),
        ({"gain": np.full((5, 8), -1, np.int8)}, r"expected \(5, 8\), 0..127"),
        ({"query_0_scale": np.zeros(16, np.uint8)}, r"expected \(16,\), 1..255"),
        ({"readout_bias": np.zeros(10, np.int8)}, r"has shape \(10,\)"),
        ({"family": "diffusion"}, "family diffusion"),
        ({"shape": [8, 2]}, "kilolearn pretrain"),
        ({"shape": None}, "kilolearn pretrain"),
    ],
)
def test_a_file_that_is_not_the_contract_is_refused(
    tmp_path: Path, change: dict[str, object], told: str
) -> None:
    path = tmp_path / "weights.npz"
    random_weights("transformer", symbols=11).save(path)

    with pytest.raises(WeightsError, match=told):
        PretrainedWeights.load(spoilt(path, **change))


@pytest.mark.parametrize("content", [b"", b"PK\3\4 cut off", b"no archive"])
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.npz"
    path.write_bytes(content)

    with pytest.raises(WeightsError, match="kilolearn pretrain"):
        PretrainedWeights.load(path)
    with pytest.raises(WeightsError, match="kilolearn pretrain"):
        Teacher.load(path, symbols=11)


@pytest.mark.parametrize("path", sorted(STORED.glob("*.npz")), ids=lambda path: path.stem)
def test_the_stored_weights_are_a_form_and_know_english(path: Path) -> None:
    family, form = path.stem.split("_")
    weights = PretrainedWeights.load(path)
    verse = b"KING:\nThou art the man that I would have, my lord, and so farewell to thee.\n" * 4

    symbols = as_symbols(verse, weights.alphabet)

    assert weights.family == form_of(family, form, 65)
    assert bits_a_character(weights.family, weights.real(), symbols, 0) < 3


def test_the_weights_of_a_chip_can_teach(tmp_path: Path) -> None:
    weights = random_weights("mlp", symbols=11)
    weights.save(tmp_path / "weights.npz")

    teacher = Teacher.load(tmp_path / "weights.npz", 11)

    assert teacher.family == weights.family
    assert_array_equal(teacher.real["hidden"], weights.real()["hidden"])
    with pytest.raises(WeightsError, match="teacher for 12 symbols"):
        Teacher.load(tmp_path / "weights.npz", 12)
