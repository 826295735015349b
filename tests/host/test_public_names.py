# SPDX-License-Identifier: GPL-3.0-or-later
"""What `import kilolearn` promises; a change here is a change for users."""

from __future__ import annotations

import importlib
import pickle
import pkgutil

import pytest

import kilolearn
from kilolearn import errors

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(kilolearn.__path__, "kilolearn.")
    if not module.name.endswith("__main__")
)


def test_the_package_offers_these_names():
    assert sorted(kilolearn.__all__, key=str.lower) == [
        "Answer",
        "Answers",
        "Dataset",
        "datasets",
        "Description",
        "evaluate",
        "History",
        "InputScale",
        "KilolearnError",
        "Learner",
        "Link",
        "open_link",
        "QuantisedSplit",
        "Split",
        "train_on_chip",
        "TrainingRecipe",
        "Twin",
    ]


@pytest.mark.parametrize("name", MODULES)
def test_every_name_that_a_module_offers_is_there(name):
    module = importlib.import_module(name)
    for public in getattr(module, "__all__", []):
        assert hasattr(module, public)


def test_every_error_has_the_one_base_and_stands_in_the_tree():
    for name in errors.__all__:
        error = getattr(errors, name)
        assert issubclass(error, errors.KilolearnError)
        assert name in errors.__doc__


def test_a_refusal_travels_between_processes():
    there = errors.ChipRejectedError("no", 4, 9)
    back = pickle.loads(pickle.dumps(there))
    assert (str(back), back.code, back.detail) == ("no", 4, 9)
