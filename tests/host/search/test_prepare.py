# SPDX-License-Identifier: GPL-3.0-or-later
"""Any table becomes levels by the same integers on host and chip; the test part decides nothing."""

from __future__ import annotations

import csv
import io
import math
import subprocess
from fractions import Fraction
from pathlib import Path

import cffi
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from kilolearn import csv_file, datasets, firmware
from kilolearn.classifier.cost import cost
from kilolearn.errors import DatasetError, KilolearnError
from kilolearn.search.preparation import MISSING, Preparation, PreparedFeature, prepared_source
from kilolearn.search.prepare import Prepared, load_problem_data

few = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def loaded(folder: Path, text: str, target: str | None = None, **more: object) -> Prepared:
    path = folder / "plants.csv"
    path.write_text(text, encoding="utf-8")
    return load_problem_data(str(path), target, **more)


def plants(rows: int = 200) -> list[list[str]]:
    """A header and rows: a number with gaps, words, a constant, a double, an outlier, the class."""
    random = np.random.default_rng(5)
    kinds = ["lily", "rose"]
    table = [["height", "colour", "planet", "again", "weight", "gap tells", "kind"]]
    for row in range(rows):
        kind = row % 2
        height = f"{random.normal(20 + 8 * kind, 3):.1f}"
        if row % 9 == 4:
            height = random.choice(["", "NA", "?"])
        colour = random.choice(["red", "white", "blue", ""], p=[0.4, 0.3, 0.28, 0.02])
        if row in (50, 111):
            colour = f"rare {row}"
        weight = "90000" if row == 30 else f"{random.integers(100, 140)}"
        gap = "" if kind and row % 4 == 1 else f"{random.integers(0, 50)}"
        table.append([height, colour, "earth", weight, weight, gap, kinds[kind]])
    return table


def written(table: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue()


def test_a_table_is_cleaned_and_says_how(tmp_path):
    prepared = loaded(tmp_path, written(plants()), "kind")
    said = "\n".join(prepared.said)
    assert prepared.class_names == ("lily", "rose")
    assert prepared.train.levels.shape[0] == 160
    assert "planet = earth: constant, dropped" in said
    assert "weight: the same levels as again, dropped" in said
    assert "again: clipped to 100..139, 1 of 160" in said
    assert "training rows lack it and take the median" in said
    assert "height is missing" not in prepared.train.features
    assert "gap tells is missing" in prepared.train.features
    assert {"colour = blue", "colour = red", "colour = white"} <= set(prepared.train.features)
    assert "height * 10" in prepared.preparation.raw_columns
    assert not any("planet" in meaning for meaning in prepared.preparation.raw_columns)


def test_words_become_what_scikit_learns_encoder_makes_of_them(tmp_path):
    prepared = loaded(tmp_path, written(plants()), "kind", seed=1)
    rows = plants()[1:]
    labels = np.array([row[-1] == "rose" for row in rows]).astype(np.int64)
    train, test = datasets.split_rows("plants", labels, 1)
    words = np.array([[row[1] or "missing"] for row in rows])
    encoder = OneHotEncoder(min_frequency=2, sparse_output=False, handle_unknown="ignore")
    encoder.fit(words[train])
    names = [f"colour = {name[3:]}" for name in encoder.get_feature_names_out()]
    names = ["colour = any other" if "infrequent" in name else name for name in names]
    at = [prepared.train.features.index(name) for name in names if name != "colour = any other"]
    expected = 255 * encoder.transform(words[train])[:, [n != "colour = any other" for n in names]]
    assert_array_equal(prepared.train.levels[:, at], expected)
    assert prepared.test.levels.shape[0] == len(test)


def test_numbers_become_the_levels_of_their_range_and_gaps_the_median(tmp_path):
    prepared = loaded(tmp_path, written(plants()), "kind", seed=2)
    at = prepared.train.features.index("height")
    rows = plants()[1:]
    labels = np.array([row[-1] == "rose" for row in rows]).astype(np.int64)
    train, test = datasets.split_rows("plants", labels, 2)
    cells = np.array([[float(r[0]) if csv_file.is_number(r[0]) else np.nan] for r in rows])
    filled = SimpleImputer(strategy="median").fit(cells[train])
    for part, table, values in (
        (train, prepared.train, prepared.train_values),
        (test, prepared.test, prepared.test_values),
    ):
        exact = filled.transform(cells[part])[:, 0]
        np.testing.assert_allclose(values[:, at], exact)
        low, high = np.nanmin(cells[train]), np.nanmax(cells[train])
        widest = 10 * (high - low)  # raw values of one decimal; twice as many do not fit 255
        while widest > 255 or widest < 128:
            widest *= 0.5 if widest > 255 else 2
        level = np.clip((exact - low) / (high - low) * widest, 0, 255)
        assert np.all(np.abs(table.levels[:, at] - level) <= 1)


def test_nothing_of_the_test_part_is_looked_at(tmp_path):
    """Other values in the test rows change no level of the training part, and no rule."""
    table = plants()
    before = loaded(tmp_path, written(table), "kind")
    labels = np.array([row[-1] == "rose" for row in table[1:]]).astype(np.int64)
    _, test = datasets.split_rows("plants", labels, 0)
    for row in test:
        table[1 + row][:6] = ["1e6", "violet", "mars", "-7", "7.77", ""]
    after = loaded(tmp_path, written(table), "kind")
    assert after.preparation == before.preparation
    assert after.said == before.said
    assert_array_equal(after.train.levels, before.train.levels)
    assert not np.array_equal(after.test.levels, before.test.levels)


def test_images_keep_their_levels_and_their_shape():
    prepared = load_problem_data("digits")
    split = datasets.split(datasets.load("digits"), 0)
    assert_array_equal(prepared.train.levels, split.train_features)
    assert_array_equal(prepared.test.levels, split.test_features)
    assert (prepared.train.level_max, prepared.train.row) == (16, 8)


def test_recordings_keep_their_published_parts():
    prepared = load_problem_data("BasicMotions")
    assert (len(prepared.train.labels), len(prepared.test.labels)) == (40, 40)
    assert prepared.train.features[0] == "mean of axis 0"


@pytest.mark.parametrize(("level_max", "coarse_max"), [(255, 255), (255, 15), (255, 9), (16, 3)])
def test_every_raw_value_becomes_the_twins_level(tmp_path, level_max, coarse_max):
    """The C, with undefined behaviour made an error, for each of the 65,536 raw values."""
    random = np.random.default_rng(3)
    shifts = [None, None, *range(-7, 9)]
    features = tuple(
        PreparedFeature(
            f"by {shift} */",
            0,
            MISSING if not n else int(random.integers(-32767, 100)),
            shift,
            int(random.integers(0, 256)) if n % 2 else None,
        )
        for n, shift in enumerate(shifts)
    )
    preparation = Preparation(("any ??/",), features, level_max, coarse_max)
    raw = np.arange(-32768, 32768).astype(np.int16)[:, np.newaxis]
    source = preparation.source() + (
        "void all(const int16_t *raw, uint8_t *levels, int32_t samples) {\n"
        f"    for (; samples > 0; samples--, raw++, levels += {len(shifts)})"
        " { prepare(raw, levels); }\n}\n"
    )
    (tmp_path / "prepare.c").write_text(source, encoding="utf-8")
    library = tmp_path / "prepare.so"
    command = ["gcc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    command += ["-fsanitize=undefined", "-fno-sanitize-recover=all"]
    command += [f"-I{firmware.avr_folder()}", str(tmp_path / "prepare.c"), "-o", str(library)]
    subprocess.run(command, check=True)
    ffi = cffi.FFI()
    ffi.cdef("void all(const int16_t *raw, uint8_t *levels, int32_t samples);")
    levels = np.zeros((len(raw), len(shifts)), np.uint8)
    ffi.dlopen(str(library)).all(
        ffi.from_buffer("int16_t[]", raw), ffi.from_buffer("uint8_t[]", levels), len(raw)
    )
    twin = preparation.apply(raw)
    assert_array_equal(levels, twin)
    for at, feature in enumerate(features):
        fine = [min(exact_level(feature, int(value)), level_max) for value in raw[::97, 0]]
        exact = [level * (coarse_max + 1) // (level_max + 1) for level in fine]
        assert_array_equal(twin[::97, at], exact)


def exact_level(feature: PreparedFeature, raw: int) -> int:
    """By unbounded fractions."""
    if feature.shift is None:
        return 255 if raw == feature.low else 0
    if raw == MISSING and feature.missing is not None:
        return feature.missing
    scale = Fraction(2) ** -feature.shift
    return max(0, min(255, math.floor((raw - feature.low) * scale)))


@pytest.mark.parametrize("mcu", ["attiny85", "atmega328p"])
@pytest.mark.parametrize(("few_features", "coarse_max"), [(True, 15), (False, 255)])
def test_the_chip_prepares_with_the_twins_bits(tmp_path, mcu, few_features, coarse_max):
    table = plants()
    for row, cells in enumerate(table):
        cells[2] = str(row % 5) if row else "planet"
        cells[3] = f"{row * 7 % 1999}" if row else "wide"
    prepared = loaded(tmp_path, written(table), "kind")
    names = (
        ["gap tells is missing", "weight", "height"] if few_features else prepared.train.features
    )
    wanted = [prepared.train.features.index(name) for name in names]
    preparation, columns = prepared.preparation.narrowed(wanted, coarse_max)
    raw = np.ascontiguousarray(prepared.train_raw[:40, columns])
    raw[0] = MISSING
    raw[1] = 32767
    raw[2] = -32767
    levels = preparation.apply(raw).astype(np.int64)
    assert_array_equal(levels[3:], prepared.train.columns(wanted).coarser(coarse_max).levels[3:40])
    weights = 1 + 2 * np.arange(len(wanted))
    model = "static uint8_t classify(const uint8_t *sample) {\n    uint8_t sum = 0;\n"
    model += f"    for (uint8_t i = 0; i < {len(wanted)}; i++) {{\n"
    model += "        sum = (uint8_t)(sum + sample[i] * (2 * i + 1));\n    }\n    return sum;\n}\n"
    source = prepared_source(preparation, model)
    assert cost(source, mcu, raw, levels @ weights % 256).flash < 500


@pytest.mark.parametrize(
    ("text", "target", "message"),
    [
        ("", None, "empty"),
        ("a,b\n", None, "no samples"),
        ("a\n1\n2\n", None, "one column"),
        ("a,b,c\n1,2,0\n3,4,1\n", "d", "no column 'd'; found columns a, b, c"),
        ("a,b,c\n1,2,0\n3,4\n", None, "sample 1 has 2 cells"),
        ("a,kind\n" + "1,x\n2,x\n" * 9, "kind", "only the class 'x' found"),
        ("a,kind\n" + "1,x\n2,y\n" * 9 + "3,z\n", "kind", "class 'z' has 1 samples"),
        ("a,b\n" + "1,0.5\n2,1.25\n" * 9, "b", "0.5, a number with a fraction"),
        ("a,b\n" + "".join(f"1,{n}\n" for n in range(300)), "b", "300 classes found"),
        ("a,kind\n" + "1,x\n1,y\n" * 9, "kind", "every feature is constant"),
        ("a,kind\n" + ",x\n,y\n" * 9, "kind", "every feature is empty"),
        ("a,kind\n" + "1,\n2,?\n" * 9, "kind", "no class found"),
    ],
)
def test_a_table_that_cannot_be_learned_says_why(tmp_path, text, target, message):
    with pytest.raises(DatasetError, match=message):
        loaded(tmp_path, text, target)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "noise.csv"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(DatasetError, match="not a readable CSV"):
        load_problem_data(str(path))


def test_more_cells_than_the_limit_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "CELLS_MAX", 100)
    with pytest.raises(DatasetError, match="more than 100 cells"):
        loaded(tmp_path, "a,b\n" + "1,x\n2,y\n" * 30)


cells = st.one_of(
    st.sampled_from(["", "?", "x", "y", "0", "1", "-3.25", "1e308", "-1e-320", "inf", "NaN", "é"]),
    st.text(max_size=3),
    st.floats().map(repr),
    st.integers(-(10**7), 10**7).map(str),
)


@few
@given(
    table=st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=6)
    ),
    repeats=st.sampled_from([1, 8]),
    target=st.sampled_from([None, "0", "-1", "x", ""]),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_no_table_gives_a_traceback(tmp_path, table, repeats, target, delimiter):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(table * repeats)
    try:
        prepared = loaded(tmp_path, text.getvalue(), target)
    except KilolearnError:
        return
    assert_array_equal(prepared.preparation.apply(prepared.train_raw), prepared.train.levels)
    assert np.all(np.isfinite(prepared.test_values))
    assert prepared.preparation.source()


@few
@given(noise=st.binary(max_size=60))
def test_no_bytes_give_a_traceback(tmp_path, noise):
    path = tmp_path / "noise.csv"
    path.write_bytes(noise * 3)
    with pytest.raises(KilolearnError):
        load_problem_data(str(path))
