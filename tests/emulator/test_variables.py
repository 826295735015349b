# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables by name: where the compiler put them, and what a NumPy view of them shows."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pyavr_sim import Chip
from pyavr_sim.errors import (
    NoDebugInfoError,
    OptimisedAwayError,
    SymbolError,
    UnknownSymbolError,
    UnsupportedTypeError,
)
from pyavr_sim.firmware import Firmware

Build = Callable[..., Path]

MCU = "atmega328p"


@pytest.fixture(params=["", "-flto", "-gdwarf-2", "-gstrict-dwarf"], scope="module")
def firmware(request: pytest.FixtureRequest, build: Build) -> Firmware:
    """The same program, described by each kind of debug information."""
    return Firmware.load(build("typed_variables.c", MCU, *request.param.split()))


@pytest.fixture
def memories(firmware: Firmware) -> dict[str, np.ndarray]:
    """Each memory as the start-up code leaves it."""
    assert firmware.elf is not None
    made = {"sram": np.zeros(0x900, "u1"), "flash": np.zeros(0x8000, "u1")}
    made["eeprom"] = np.zeros(0x400, "u1")
    data = firmware.elf.sections[".data"]
    start = data.address - 0x800000
    made["sram"][start : start + data.size_bytes] = np.frombuffer(data.data, "u1")
    for name, runs in (("flash", firmware.flash), ("eeprom", firmware.eeprom)):
        for address, contents in runs:
            made[name][address : address + len(contents)] = np.frombuffer(contents, "u1")
    return made


@pytest.fixture
def view(firmware: Firmware, memories: dict[str, np.ndarray]) -> Callable[[str], np.ndarray]:
    def show(path: str) -> np.ndarray:
        variable = firmware.variable(path)
        return variable.view(memories[variable.space])

    return show


@pytest.mark.parametrize(
    ("path", "dtype", "value"),
    [
        ("i8", "<i1", -8),
        ("u8", "<u1", 200),
        ("i16", "<i2", -1600),
        ("u16", "<u2", 60000),
        ("i32", "<i4", -100000),
        ("u32", "<u4", 4000000000),
        ("i64", "<i8", -5000000000),
        ("u64", "<u8", 0x0123456789ABCDEF),
        ("i24", "u1", [0x90, 0xEE, 0xFE]),
        ("u24s", "u1", [[1, 0, 0], [1, 2, 3]]),
        ("u24s[1]", "u1", [1, 2, 3]),
        ("single", "<f4", 1.5),
        ("declared_double", "<f4", -0.25),
        ("flag", "?", True),
        ("text", "i1", list(b"Kilo\0")),
        ("now", "<u2", 300),
        ("compared", "<i2", -1),
        ("kept", "i1", -7),
        ("accum", "<i4", 3 << 14),
        ("rows", "i1", [[1, 2], [3, 4], [5, 6]]),
        ("rows[2][0]", "i1", 5),
        ("zeroed", "u1", [0] * 10),
        ("in_flash", "<u2", [10, 20, 30, 40]),
        ("in_flash[3]", "<u2", 40),
        ("in_eeprom", "u1", [1, 2, 3]),
        ("net.hidden.weight", "i1", [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, -11]]),
        ("net.hidden.weight[2]", "i1", [8, 9, 10, -11]),
        ("net.hidden.weight[2][3]", "i1", -11),
        ("net.hidden.bias", "<i2", [-1, 300, -300]),
        ("net.layers[0].bias", "<i2", [7, 8, 9]),
        ("net.layers[1].score.misses", "<u2", 600),
        ("net.layers[1].word", "<u2", 0x1234),
        ("net.layers[1].byte", "u1", [0x34, 0x12]),
        ("net.rate", "u1", 9),
        ("packed.whole", "u1", 66),
        ("several[1].whole", "u1", 2),
    ],
)
def test_a_variable_shows_the_value_and_the_type_of_the_source(
    view: Callable[[str], np.ndarray], path: str, dtype: str, value: object
) -> None:
    shown = view(path)

    assert shown.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(shown, value)


def test_a_struct_is_a_record_with_the_members_of_the_source(
    view: Callable[[str], np.ndarray],
) -> None:
    net = view("net")

    assert net.shape == ()
    assert net.dtype.names == ("hidden", "layers", "rate")
    assert net.dtype.itemsize == 3 * 24 + 1
    np.testing.assert_array_equal(net["layers"]["bias"], [[7, 8, 9], [0, 0, 0]])
    np.testing.assert_array_equal(net["layers"]["score"]["misses"], [0, 600])


def test_a_pointer_is_the_address_that_the_chip_holds(
    firmware: Firmware, view: Callable[[str], np.ndarray]
) -> None:
    assert view("pointer") == firmware.variable("text").address


def test_a_view_is_live_in_both_directions(
    firmware: Firmware, memories: dict[str, np.ndarray], view: Callable[[str], np.ndarray]
) -> None:
    bias = view("net.hidden.bias")

    bias[1] = -2
    memories["sram"][firmware.variable("u8").address] = 77

    address = firmware.variable("net.hidden.bias[1]").address
    assert bytes(memories["sram"][address : address + 2]) == b"\xfe\xff"
    assert view("u8") == 77


def test_addresses_are_those_of_nm(firmware: Firmware) -> None:
    nm = subprocess.run(["avr-nm", firmware.path], capture_output=True, text=True, check=True)
    by_nm = {line.split()[2]: int(line.split()[0], 16) for line in nm.stdout.splitlines()}

    assert 0x800000 + firmware.variable("net").address == by_nm["net"]
    assert 0x810000 + firmware.variable("in_eeprom").address == by_nm["in_eeprom"]
    assert firmware.variable("in_flash").address == by_nm["in_flash"]


def test_registers_are_found_by_their_datasheet_names(firmware: Firmware) -> None:
    """ATmega328P datasheet, section 36: DDRB is at 0x24, TCNT1 at 0x84."""
    assert firmware.variable("DDRB").address == 0x24
    assert firmware.variable("TCNT1").address == 0x84
    assert firmware.variable("TCNT1").dtype == np.dtype("<u2")


def test_statics_inside_functions_are_found_under_the_function(firmware: Firmware) -> None:
    learn, forget = firmware.variable("learn::calls"), firmware.variable("forget::calls")

    assert learn.dtype == forget.dtype == np.dtype("u1")
    assert learn.address != forget.address


def test_a_name_that_means_two_variables_is_refused_with_both_places(firmware: Firmware) -> None:
    with pytest.raises(SymbolError, match=r"2 variables called 'calls'.*forget::calls.*learn::"):
        firmware.variable("calls")


def test_a_variable_of_an_assembly_file_has_the_type_of_its_declaration(build: Build) -> None:
    firmware = Firmware.load(build("typed_variables.c", MCU))

    variable = firmware.variable("in_assembly")

    assert (variable.dtype, variable.shape) == (np.dtype("u1"), (5,))
    assert variable.address == firmware.symbol("in_assembly").address


def test_a_static_is_found_under_its_source_file(build: Build) -> None:
    firmware = Firmware.load(build("typed_variables.c", MCU))

    assert firmware.variable("typed_variables.c:u8").address == firmware.variable("u8").address
    with pytest.raises(UnknownSymbolError, match=r"no 'u8' in other.c; .*typed_variables\.c"):
        firmware.variable("other.c:u8")


def test_a_name_alone_means_the_global_and_not_the_static_of_another_file(build: Build) -> None:
    sources = Path(__file__).parent / "firmware"
    others = (sources / "static_twin.c", sources / "static_triplet.c")
    firmware = Firmware.load(build("typed_variables.c", MCU, *map(str, others)))

    assert firmware.variable("u8").address == firmware.symbol("u8").address
    assert firmware.variable("static_twin.c:u8").address != firmware.variable("u8").address
    assert firmware.variable("static_twin.c:count").dtype == np.dtype("<u2")
    assert firmware.variable("static_triplet.c:count").dtype == np.dtype("u1")
    with pytest.raises(SymbolError, match=r"static_triplet\.c:count, static_twin\.c:count"):
        firmware.variable("count")
    assert firmware.symbols["static_twin.c:count"].size == 2
    assert firmware.symbols["static_triplet.c:count"].size == 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nett", r"no variable 'nett'\. Did you mean .*'net'"),
        ("net.hiden", r"no member 'hiden'; it has hidden, layers, rate\. Did you mean 'hidden'"),
        ("net.layers[2]", r"net\.layers has 2 elements on this axis; found index 2"),
        ("net.hidden.weight[0][4]", r"weight\[0\] has 4 elements on this axis; found index 4"),
        ("net.rate.x", r"net\.rate has no member 'x'; it is a unsigned char, not a struct"),
        ("net.layers.bias", r"net\.layers has no member 'bias'; it is an array: add an index"),
        ("net.rate[0]", r"net\.rate is a unsigned char; expected an array"),
        ("main", r"'main' is a function"),
        ("", r"no path to a variable"),
        ("net..rate", r"no path to a variable"),
        ("net[-1]", r"no path to a variable"),
        ("net.rate ", r"no path to a variable"),
        ("net->rate", r"no path to a variable"),
    ],
)
def test_a_wrong_path_says_what_is_there_instead(
    firmware: Firmware, path: str, message: str
) -> None:
    with pytest.raises(UnknownSymbolError, match=message):
        firmware.variable(path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("packed.low", r"packed\.low is a bit-field"),
        ("packed", r"packed\.low is a bit-field.*packed cannot be seen as a whole"),
        ("several", r"several\[0\]\.low is a bit-field"),
    ],
)
def test_bit_fields_are_refused(firmware: Firmware, path: str, message: str) -> None:
    with pytest.raises(UnsupportedTypeError, match=message):
        firmware.variable(path)


def test_a_variable_that_the_compiler_removed_is_told_apart(build: Build) -> None:
    firmware = Firmware.load(build("typed_variables.c", MCU))

    with pytest.raises(OptimisedAwayError, match=r"never_used \(typed_variables\.c\).*volatile"):
        firmware.variable("never_used")


@pytest.mark.parametrize(
    ("debug", "message"),
    [
        ("-g", r"has stabs \(plain -g\), which say too little\. Build it with -gdwarf-4"),
        ("-g0", r"does not tell their type\. Build it with -gdwarf-4"),
    ],
    ids=["stabs", "none"],
)
def test_an_image_without_dwarf_says_how_to_build_it(
    build: Build, tmp_path: Path, debug: str, message: str
) -> None:
    elf = tmp_path / "image.elf"
    source = Path(__file__).parent / "firmware" / "typed_variables.c"
    subprocess.run(["avr-gcc", f"-mmcu={MCU}", "-Os", debug, "-o", elf, source], check=True)
    firmware = Firmware.load(elf)
    size = Firmware.load(build("typed_variables.c", MCU)).variable("net").size_bytes

    with pytest.raises(NoDebugInfoError, match=message):
        firmware.variable("net")
    with pytest.raises(UnknownSymbolError, match=r"no debug information.*-gdwarf-4"):
        firmware.variable("absent")
    assert firmware.symbols["net"].size == size


def test_a_running_chip_writes_what_the_views_show(build: Build) -> None:
    with Chip(MCU, build("typed_variables.c", MCU)) as chip:
        chip.run(20_000)

        assert chip.var("learn::calls") == 1
        assert chip.var("forget::calls") == 2
        # (1 + PINB) + (2 - PINB)
        np.testing.assert_array_equal(chip.var("in_assembly"), [0, 0, 3, 0, 0])
        np.testing.assert_array_equal(chip.var("net.hidden.bias"), [-1, 300, -300])
        np.testing.assert_array_equal(chip.var("in_flash"), [10, 20, 30, 40])
        np.testing.assert_array_equal(chip.var("in_eeprom"), [1, 2, 3])


def test_a_variable_outside_the_chips_memory_is_refused(firmware: Firmware) -> None:
    with pytest.raises(SymbolError, match=r"net is at 0x.*the chip's ends at 0x009F"):
        firmware.variable("net").view(np.zeros(0xA0, "u1"))


def test_variables_of_c_plus_plus_are_found_in_namespaces_and_base_classes(build: Build) -> None:
    firmware = Firmware.load(build("classes.cpp", MCU))

    assert firmware.variable("robot::left.speed").dtype == np.dtype("<i2")
    assert firmware.variable("robot::left.pin").dtype == np.dtype("u1")
    assert firmware.variable("robot::Motor::count").dtype == np.dtype("u1")
    left = firmware.variable("robot::left")
    assert left.dtype.names == ("_vptr.Device", "pin", "speed")
    assert left.size_bytes == firmware.symbol("_ZN5robot4leftE").size
