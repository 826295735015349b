# SPDX-License-Identifier: GPL-3.0-or-later
"""avr/Makefile, the only recipe: what it makes, what it refuses, and when it does nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pyavr_sim import Chip, Firmware

AVR = Path(__file__).parents[2] / "avr"
ROOMS = AVR.parent / "build" / "rooms"  # where all tests have them


def times(folder: Path) -> dict[Path, int]:
    return {file: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}


def make(build: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    command = ["make", "--no-print-directory", "-C", str(AVR), f"BUILD={build}", f"SHARED={ROOMS}"]
    command += arguments
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def made(build: Path, *arguments: str) -> None:
    done = make(build, *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout + done.stderr == "", "silent unless V=1"


def refused(build: Path, *arguments: str) -> str:
    done = make(build, *arguments)
    assert done.returncode != 0
    assert not list(build.rglob("*.elf"))
    return done.stderr


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega88p", "atmega168p", "atmega328p"])
def test_a_learner_is_made_for_every_chip_with_a_usart(tmp_path, mcu):
    made(tmp_path, "APP=probe_learner", f"MCU={mcu}")
    image = Firmware.load(tmp_path / mcu / "probe_learner.elf")
    from_hex = Firmware.load(tmp_path / mcu / "probe_learner.hex")
    assert from_hex.flash_bytes == image.flash_bytes
    assert (tmp_path / mcu / "probe_learner.map").is_file()


@pytest.mark.parametrize("mcu", ["attiny13a", "attiny85", "attiny1634", "atmega328p"])
def test_a_bare_app_is_made_for_every_chip(tmp_path, mcu):
    made(tmp_path, "APP=xor", f"MCU={mcu}")
    assert (tmp_path / mcu / "xor.elf").is_file()


def test_a_learners_functions_and_model_are_found_by_name(tmp_path):
    """Whole-program optimisation must leave what is timed, and the types of what is looked at."""
    made(tmp_path, "APP=probe_learner", "MCU=attiny1634")
    with Chip("attiny1634", tmp_path / "attiny1634" / "probe_learner.elf") as chip:
        for function in ("learner_reset", "learner_infer", "learner_train"):
            chip.time(function)
        assert chip.var("net.weight").shape == (3, 6)
        assert chip.var("net.bias").dtype == "int16"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["APP=nothing"], ['APP="nothing"', "probe_learner", "xor"]),
        ([], ['APP=""', "probe_learner", "xor"]),
        (["APP=serve"], ['APP="serve"']),
        (["APP=xor", "MCU=z80"], ['MCU="z80"', "attiny13a", "attiny1634", "atmega328p"]),
        (["APP=digits", "CONFIG=nothing"], ['CONFIG="nothing"', "digits"]),
        (["APP=probe_learner", "MCU=attiny85", "BAUD=1000000"], ["too fast to measure", "BAUD="]),
        (["APP=probe_learner", "MCU=attiny85", "BAUD=200"], ["too slow to measure", "BAUD="]),
        (["APP=probe_learner", "BAUD=460800"], ["within 2 %", "BAUD="]),
        (["APP=probe_learner", "BAUD=3000000"], ["out of range of the USART"]),
    ],
)
def test_a_refusal_says_what_there_is(tmp_path, arguments, words):
    said = refused(tmp_path, *arguments)
    for word in words:
        assert word in said


def test_a_second_call_makes_nothing_anew(tmp_path):
    arguments = ("APP=xor", "MCU=attiny1634", f"SHARED={tmp_path / 'rooms'}")
    made(tmp_path, *arguments)
    before = times(tmp_path)
    made(tmp_path, *arguments)
    assert times(tmp_path) == before


def test_another_app_with_the_same_flags_shares_the_rooms(tmp_path):
    shared = f"SHARED={tmp_path / 'rooms'}"
    made(tmp_path, "APP=xor", "MCU=attiny1634", shared)
    rooms = times(tmp_path / "rooms")
    made(tmp_path, "APP=probe_learner", "MCU=attiny1634", shared)
    assert times(tmp_path / "rooms") == rooms
    made(tmp_path, "APP=probe_learner", "MCU=attiny1634", "BAUD=250000", shared)
    assert len(times(tmp_path / "rooms")) == 2 * len(rooms)


def test_a_relative_and_an_absolute_folder_are_one(tmp_path):
    """Either way a changed header is noticed: the objects have one name in what depends on it."""
    avr = tmp_path / "avr"
    shutil.copytree(AVR, avr)
    for build in ("../build", tmp_path / "build"):
        command = ["make", "-s", "-C", str(avr), f"BUILD={build}", "APP=xor", "MCU=attiny1634"]
        subprocess.run(command, check=True)
        header = avr / "apps" / "xor_trainer.h"
        header.write_text("#error changed\n" + header.read_text())
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "#error changed" in refused.stderr
        shutil.copy(AVR / "apps" / "xor_trainer.h", header)


@pytest.mark.parametrize(
    ("mcu", "flash", "sram"),
    [("attiny13a", 1024, 64), ("attiny85", 8192, 512)],
)
def test_an_image_may_fill_its_chip_and_no_more(tmp_path, mcu, flash, sram):
    """To the byte: flash full, SRAM full but for one byte; datasheets, Memories."""
    avr = tmp_path / "avr"
    shutil.copytree(AVR, avr)
    source = avr / "apps" / "full.c"

    def sizes(flash_bytes: int, static_bytes: int) -> subprocess.CompletedProcess[str]:
        source.write_text(
            '#include "fixed/flash.h"\n'
            f"const uint8_t constant[{flash_bytes}] FLASH = {{1}};\n"
            f'__attribute__((section(".noinit"))) volatile char variable[{static_bytes}];\n'
            "int main(void) {\n"
            "    const uint8_t *from = constant;\n"
            "    return flash_u8(&from) + variable[0];\n"
            "}\n"
        )
        arguments = ["size", "APP=full", f"MCU={mcu}", "BUILD=../build"]
        command = ["make", "-s", "-C", str(avr), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    told = sizes(16, sram - 1)
    assert f"static SRAM {sram - 1} B" in told.stdout, told.stderr
    rest = int(told.stdout.split("flash ")[1].split(" B")[0]) - 16
    assert f"flash {flash} B" in sizes(flash - rest, 1).stdout
    for refused in (sizes(flash - rest + 2, 1), sizes(16, sram)):
        assert refused.returncode != 0
        assert f"full does not fit into the flash and SRAM of MCU={mcu}" in refused.stderr


def test_another_clock_or_baud_rate_makes_a_new_image(tmp_path):
    image = tmp_path / "attiny1634" / "probe_learner.elf"
    seen = set()
    for arguments in ([], ["BAUD=250000"], ["HZ=1000000", "BAUD=9600"]):
        made(tmp_path, "APP=probe_learner", "MCU=attiny1634", *arguments)
        seen.add(b"".join(data for _, data in Firmware.load(image).flash))
    assert len(seen) == 3


def test_several_builds_at_once_do_not_disturb_one_another(tmp_path):
    wanted = [(app, mcu) for app in ("xor", "probe_learner") for mcu in ("attiny1634", "atmega88p")]
    running = [
        subprocess.Popen(
            ["make", "-s", "-C", str(AVR), f"BUILD={tmp_path}", f"APP={app}", f"MCU={mcu}"],
            stderr=subprocess.PIPE,
        )
        for app, mcu in wanted * 2
    ]
    for one in running:
        assert one.communicate()[1] == b""
        assert one.returncode == 0
    for app, mcu in wanted:
        Firmware.load(tmp_path / mcu / f"{app}.elf")


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega328p"])
def test_the_serve_loop_stays_small(tmp_path, mcu):
    """Flash of everything that is not the learner, the C library or the start-up code, in bytes.

    avr-gcc 5.4 -Os gives 1264 and 1294, of which the painted stack and its count take 70.
    """
    made(tmp_path, "APP=probe_learner", f"MCU={mcu}")
    image = Firmware.load(tmp_path / mcu / "probe_learner.elf")
    listing = subprocess.run(
        ["avr-nm", "-S", str(image.path)], capture_output=True, text=True, check=True
    ).stdout
    sizes = {
        fields[3]: int(fields[1], 16)
        for fields in map(str.split, listing.splitlines())
        if len(fields) == 4 and fields[2] in "tTrR"
    }
    own = {k: v for k, v in sizes.items() if not k.startswith(("learner_", "score", "__"))}
    assert {"main", "crc16_update"} <= set(own)
    assert 800 < sum(own.values()) <= 1340
