# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions by the names that people gave them, whatever the compiler and libgcc made of these."""

from __future__ import annotations

import subprocess

import pytest

from pyavr_sim import Chip, until
from pyavr_sim.symbols import name_of_clone


@pytest.mark.parametrize(
    "suffix", [".constprop.0", ".part.1.constprop.12", ".isra.3", ".cold", ".lto_priv.4"]
)
def test_a_clone_is_called_as_binutils_call_it(suffix):
    command = ["avr-c++filt", f"_Z5scalev{suffix}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert name_of_clone(f"scale{suffix}") == done.stdout.strip().replace("()", "")


@pytest.mark.parametrize("name", ["scale", "__vector_16", "count.1702", "part.1.of", ""])
def test_what_is_no_clone_keeps_its_name(name):
    assert name_of_clone(name) == name


def test_the_calls_name_the_function_that_was_cloned(build):
    with Chip("atmega328p", build("clones.c", "atmega328p")) as chip:
        assert "scale" not in chip.symbols
        chip.run(10_000, until=until.ended())

        names = [frame.function for frame in chip.calls_deepest.frames]
        assert names == ["start-up code", "main", "scale [clone .constprop.0]"]
        assert "scale [clone .constprop.0]" in chip.profile().by_function()


def test_a_label_inside_of_libgccs_code_is_no_function(build):
    with Chip("atmega328p", build("clones.c", "atmega328p")) as chip:
        inside = chip.symbols[".do_clear_bss_start"].address

        assert chip.names.function_at(inside) == "__do_clear_bss"
        assert not any((name or "").startswith(".") for name in chip.profile().by_function())


def test_the_start_has_one_name_before_the_first_call_and_after(build):
    with Chip("atmega328p", build("clones.c", "atmega328p")) as chip:
        before = chip.calls.frames[0]
        chip.run(10_000, until=until.symbol("main"))

        assert [frame.name for frame in (before, chip.calls.frames[0])] == ["start-up code"] * 2
