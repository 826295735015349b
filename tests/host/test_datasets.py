# SPDX-License-Identifier: GPL-3.0-or-later
"""Data sets are taken as they are or refused with the place of the fault."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kilolearn import datasets
from kilolearn.datasets import Dataset
from kilolearn.errors import DatasetError


def written(folder: Path, text: str) -> Path:
    path = folder / "flowers.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [
        ("digits", (1797, 64), 10),
        ("iris", (150, 4), 3),
        ("wine", (178, 13), 3),
        ("breast_cancer", (569, 30), 2),
    ],
)
def test_a_named_set_has_its_published_size(name, shape, classes):
    dataset = datasets.load(name)
    assert dataset.features.shape == shape
    assert dataset.classes == classes
    assert len(dataset.class_names) == classes


def test_an_unknown_name_is_answered_with_the_list():
    with pytest.raises(DatasetError, match="breast_cancer, digits, iris, wine"):
        datasets.load("irises")


def test_a_csv_with_header_and_words_as_labels_is_read(tmp_path):
    path = written(tmp_path, "petal,sepal,kind\n1,2.5,rose\n3,4,lily\n\n5,6,rose\n")
    dataset = datasets.load(path)
    assert_array_equal(dataset.features, [[1, 2.5], [3, 4], [5, 6]])
    assert_array_equal(dataset.labels, [1, 0, 1])
    assert dataset.class_names == ("lily", "rose")
    assert dataset.feature_names == ("petal", "sepal")


def test_a_csv_without_header_loses_no_row(tmp_path):
    dataset = datasets.load(written(tmp_path, "1,2,0\n3,4,1\n"))
    assert_array_equal(dataset.features, [[1, 2], [3, 4]])
    assert dataset.feature_names is None


def test_words_as_labels_in_the_first_row_are_no_header(tmp_path):
    dataset = datasets.load(written(tmp_path, "1,2,rose\n3,4,lily\n"))
    assert len(dataset.features) == 2


@pytest.mark.parametrize("text", ["1,5;2;a\n-,5;1e1;b\n", '"1,5";"2";"a"\n"-,5";"10";"b"\n'])
def test_between_semicolons_a_comma_is_a_decimal_point(tmp_path, text):
    assert_array_equal(datasets.load(written(tmp_path, text)).features, [[1.5, 2], [-0.5, 10]])


def test_a_comma_in_a_word_stays(tmp_path):
    dataset = datasets.load(written(tmp_path, "1;2;a,b\n3;4;1,2,3\n"))
    assert dataset.class_names == ("1,2,3", "a,b")


@pytest.mark.parametrize("label", ["kind", "0", "-3"])
def test_the_label_column_is_found_by_name_and_by_number(tmp_path, label):
    path = written(tmp_path, "kind,a,b\n1,7,8\n0,9,6\n")
    dataset = datasets.load(path, label)
    assert_array_equal(dataset.labels, [1, 0])
    assert_array_equal(dataset.features, [[7, 8], [9, 6]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("a,b,c\n", "no samples"),
        ("1,2,0\n3,nan,1\n", "sample 1, feature 1 is nan"),
        ("1,2,0\n3,inf,1\n", "is inf"),
        ("1,2,0\n3,,1\n", "sample 1, feature 1 is nan"),
        ("1,2,0\n3,4\n", "sample 1 has 2 cells; expected 3 like the first"),
        ('a,b,c\n1,2,"0\n3",4,1\n', "sample 0 has 5 cells; expected 3 like the header"),
        ("1,x,0\n3,y,1\n", "has 'x' among its features"),
        ("1,2,0\n3,4,2\n", r"labels are 0, 2; expected 0\.\.1"),
        ("1,2,1\n3,4,2\n", "labels are 1, 2"),
        ("1,2,0.5\n3,4,1\n", "label 0.5"),
        ("1,2,0\n3,4,0\n", "one class"),
        ("1\n2\n", "one column"),
        ("1,2,rose\n3,4,\n", "has no label"),
    ],
)
def test_a_csv_that_cannot_be_learned_says_where(tmp_path, text, message):
    with pytest.raises(DatasetError, match=message):
        datasets.load(written(tmp_path, text))


@pytest.mark.parametrize("label", ["colour", "3", "-4"])
def test_a_label_column_that_is_not_there_is_refused(tmp_path, label):
    with pytest.raises(DatasetError, match="no column"):
        datasets.load(written(tmp_path, "a,b,c\n1,2,0\n3,4,1\n"), label)


def test_a_label_column_that_is_there_twice_is_asked_for_by_number(tmp_path):
    path = written(tmp_path, "kind,a,kind\n1,7,0\n0,9,1\n")
    with pytest.raises(DatasetError, match=r"2 columns are called 'kind'.*0 or 2"):
        datasets.load(path, "kind")
    assert_array_equal(datasets.load(path, "2").labels, [0, 1])


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no such file"):
        datasets.load(tmp_path / "absent.csv")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "noise.csv"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(DatasetError, match=r"not a readable CSV.*0x80 is not UTF-8.*iconv"):
        datasets.load(path)


@pytest.mark.parametrize("keys", [("X", "y"), ("features", "labels")])
def test_an_npz_is_read_under_either_pair_of_names(tmp_path, keys):
    path = tmp_path / "cloud.npz"
    np.savez(path, **{keys[0]: np.eye(4), keys[1]: np.array([0, 1, 1, 0])})
    dataset = datasets.load(path)
    assert dataset.name == "cloud"
    assert_array_equal(dataset.features, np.eye(4))


def test_an_npz_with_other_names_is_answered_with_those_found(tmp_path):
    path = tmp_path / "cloud.npz"
    np.savez(path, inputs=np.eye(2), y=np.array([0, 1]))
    with pytest.raises(DatasetError, match="holds inputs, y"):
        datasets.load(path)


def test_an_npz_of_pickles_or_of_garbage_is_refused(tmp_path):
    pickled = tmp_path / "pickled.npz"
    np.savez(pickled, X=np.array([{}, {}], object), y=np.array([0, 1]))
    garbage = tmp_path / "garbage.npz"
    garbage.write_bytes(b"PK\x03\x04 and no more")
    for path in (pickled, garbage):
        with pytest.raises(DatasetError, match="not a readable"):
            datasets.load(path)


def test_labels_for_another_number_of_samples_are_refused():
    with pytest.raises(DatasetError, match="for 3 samples"):
        Dataset("cloud", np.zeros((3, 2)), np.array([0, 1]))


def test_a_split_keeps_every_class_in_its_share_and_shares_no_sample():
    digits = datasets.load("digits")
    split = datasets.split(digits, seed=3)
    assert len(split.test_labels) == 360
    whole, part = np.bincount(digits.labels), np.bincount(split.test_labels)
    assert np.all(np.abs(part - whole * 0.2) <= 1)
    rows = {row.tobytes() for row in digits.features}
    assert len(rows) == 1797  # all distinct, so that the next line means what it says
    assert not {r.tobytes() for r in split.train_features} & {
        r.tobytes() for r in split.test_features
    }


def test_the_same_seed_gives_the_same_split_and_another_a_different_one():
    iris = datasets.load("iris")
    first, again, other = (datasets.split(iris, seed) for seed in (1, 1, 2))
    assert_array_equal(first.test_features, again.test_features)
    assert not np.array_equal(first.test_features, other.test_features)


def test_too_few_samples_for_two_parts_are_refused():
    tiny = Dataset("tiny", np.arange(6.0).reshape(3, 2), np.array([0, 1, 1]))
    with pytest.raises(DatasetError, match="cannot be cut"):
        datasets.split(tiny, seed=0)
