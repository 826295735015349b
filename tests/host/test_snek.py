# SPDX-License-Identifier: GPL-3.0-or-later
"""Snek runs the article's perceptron in forms that it can hold, and learns what CPython learns."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from kilolearn.errors import LinkTimeoutError, MissingExtraError
from kilolearn.example_programs import examples_folder, perceptron_input
from kilolearn.measure_snek import SnekRun, run_snek
from kilolearn.python_subset import oracle
from kilolearn.python_subset.devices import Devices

STEPS = 8
FORMS = {"perceptron": ("w[0]", "w[1]", "b"), "perceptron_numbers": ("u", "v", "b")}
SHORT = "w s b t g c n p l r k e"
LONG = "weights sample bias label guess correct next_sample predict train_step train steps error"


def source(form: str) -> str:
    return (resources.files("kilolearn") / "peers" / f"{form}.snek").read_text()


def run(program: str, *asked: str, call: str = f"r({STEPS})") -> SnekRun:
    return run_snek(program, call, tuple(perceptron_input(STEPS)), asked)


@pytest.mark.parametrize("form", FORMS)
def test_snek_learns_what_cpython_learns(form):
    article = (examples_folder() / "perceptron.py").read_text()
    program = article.replace("STEPS = 100", f"STEPS = {STEPS}")
    exact = oracle.run(program, "perceptron.py", Devices(perceptron_input(STEPS)))
    found = run(source(form), *FORMS[form])
    assert (found.error, found.values) == (None, exact.outputs)
    assert found.cycles > found.reading_cycles > STEPS * 3 * 1000, (
        "at 115,200 baud a byte takes 1,389"
    )


def test_with_the_names_of_the_article_snek_is_out_of_memory():
    program = source("perceptron")
    for short, name in zip(SHORT.split(), LONG.split(), strict=True):
        program = re.sub(rf"\b{short}\b", name, program)
    found = run(program, call=f"train({STEPS})")
    assert (found.error, found.values) == ("out of memory", ())


def test_what_snek_does_not_know_is_its_error():
    assert run("", call="nothing()").error == "undefined: nothing"


def test_a_program_that_never_ends_is_an_error():
    with pytest.raises(LinkTimeoutError, match="Snek stopped answering"):
        run("def r(k):\n while True:\n  k = 1\n\n")


def test_without_snek_it_says_what_brings_it(monkeypatch, tmp_path):
    monkeypatch.setattr("kilolearn.measure_snek._FOLDER", tmp_path)
    with pytest.raises(MissingExtraError, match="install Debian's package snek"):
        run(source("perceptron"))
