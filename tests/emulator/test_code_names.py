# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions by the names that people gave them, whatever the compiler and libgcc made of these."""

from __future__ import annotations

import subprocess

import pytest

from pyavr_sim import Chip, Firmware, linker_names, until
from pyavr_sim.linker_names import readable_name

CLONES = [".constprop.0", ".part.1.constprop.12", ".isra.3", ".cold", ".lto_priv.4"]
CXX_NAMES = [
    "_ZN5Print5printEPKc",
    "_ZN5Print5printEPKc.part.0",
    "_ZTV14HardwareSerial",
    "_ZN3FooC2Ei",
    "_ZZN3Foo3barEvE5count",
    "_ZN12_GLOBAL__N_15countE",
    "_Z3addILi3EEii",
]


def by_binutils(name: str) -> str:
    done = subprocess.run(["avr-c++filt", name], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("suffix", CLONES)
def test_a_clone_is_called_as_binutils_call_it(suffix):
    assert readable_name(f"scale{suffix}") == by_binutils(f"_Z5scalev{suffix}").replace("()", "")


@pytest.mark.parametrize("name", CXX_NAMES)
def test_a_cxx_name_is_the_one_of_the_source(name):
    assert readable_name(name) == by_binutils(name) != name


@pytest.mark.parametrize("name", ["_Zebra", "_Z", "_ZN", "i"])
def test_what_only_looks_like_a_cxx_name_stays(name):
    assert readable_name(name) == by_binutils(name) == name


def test_without_a_cxx_runtime_names_stay_as_the_linker_has_them(monkeypatch):
    monkeypatch.setattr(linker_names, "_CXX_RUNTIMES", ("libnone.so.1",))
    linker_names._cxx_runtime.cache_clear()
    try:
        assert readable_name("_ZN5Print5printEPKc") == "_ZN5Print5printEPKc"
    finally:
        linker_names._cxx_runtime.cache_clear()


def test_cxx_symbols_are_found_by_either_name(build):
    firmware = Firmware.load(build("classes.cpp", "atmega328p"))

    assert firmware.symbol("_ZN5robot4leftE") is firmware.symbol("robot::left")
    step = firmware.symbol("robot::Motor::step()")
    assert (step.name, step.linker_name) == ("robot::Motor::step()", "_ZN5robot5Motor4stepEv")
    assert firmware.function_at(step.address) == step.name


@pytest.mark.parametrize("name", ["scale", "__vector_16", "count.1702", "part.1.of", ""])
def test_what_is_no_clone_keeps_its_name(name):
    assert readable_name(name) == name


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
