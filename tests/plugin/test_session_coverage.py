# SPDX-License-Identifier: GPL-3.0-or-later
"""``--avr-coverage``: every chip of a session counts, in whichever process, and a floor is held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from pyavr_sim import Chip, Firmware, Profile, until
from pyavr_sim.coverage import line_coverage, merge_coverage
from pyavr_sim.export.lcov import lcov

SOURCES = Path(__file__).parent / "firmware"
COVERED = f"--avr-coverage={SOURCES}"
ALONE_AND_WORKERS = pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])

TESTS = """
import serial
from pyavr_sim import Chip

def test_rests(chip):
    chip.run(20_000)

def test_dives_on_a_chip_of_its_own():
    with Chip("atmega328p", "meter.elf") as chip:
        chip.uart(0).write(b"d")
        chip.run(1_000_000, until=until.uart_bytes(12))

def test_asks_through_pyserial_and_forgets_the_port():
    port = serial.serial_for_url("avrsim://atmega328p/meter.elf", timeout=1)
    port.write(b"?")
    assert b"reading" in port.read(17)

KEPT = Chip("atmega328p", "meter.elf")
def test_forgets_to_initialise():
    KEPT.uart(0).write(b"n")
    KEPT.run(1_000_000, until=until.uart_bytes(15))
"""


def profiles(meter: Path) -> Iterator[Profile]:
    """Of the same runs, here, each read from its chip."""
    with Chip("atmega328p", meter) as chip:
        chip.run(20_000)
        yield chip.profile()
    for byte, answer_size in ((b"d", 12), (b"n", 15)):
        with Chip("atmega328p", meter) as chip:
            chip.uart(0).write(byte)
            chip.run(1_000_000, until=until.uart_bytes(answer_size))
            yield chip.profile()
    with serial.serial_for_url(f"avrsim://atmega328p/{meter}", timeout=1) as port:
        port.write(b"?")
        port.read(17)
        yield port.chip.profile()


@ALONE_AND_WORKERS
def test_every_chip_counts_however_it_was_made(project, pytester, meter, workers):
    result = project(TESTS, COVERED, "--avr-coverage-lcov=found.info", *workers)

    result.assert_outcomes(passed=4)
    firmware = Firmware.load(meter)
    expected = merge_coverage(line_coverage(firmware, p, SOURCES) for p in profiles(meter))
    (file,) = expected.files
    assert 0 < file.lines_hit < file.lines_found
    assert (pytester.path / "found.info").read_text() == lcov(expected)
    counts = f"{file.lines_found} *{file.lines_hit} *{expected.lines_percent:.1f} *"
    result.stdout.fnmatch_lines(["*= AVR coverage =*", "*meter.c*", f"*total *{counts}"])


@ALONE_AND_WORKERS
def test_a_session_below_the_floor_fails_and_says_so(project, workers):
    rests = TESTS[: TESTS.index("def test_dives")]
    held = project(rests, COVERED, "--avr-coverage-fail-under=20", *workers)
    assert held.ret == pytest.ExitCode.OK

    failed = project(rests, COVERED, "--avr-coverage-fail-under=90", *workers)
    failed.assert_outcomes(passed=1)
    assert failed.ret == pytest.ExitCode.TESTS_FAILED
    failed.stdout.fnmatch_lines(["ERROR: ??.? % of the lines of *firmware were executed; *90 %."])


def test_the_ini_file_may_ask_for_it(project, pytester):
    ini = f"avr_coverage = {SOURCES}\navr_coverage_fail_under = 99\navr_coverage_lcov = f.info"
    result = project(TESTS, ini=ini)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["ERROR: * at least 99 %."])
    assert (pytester.path / "f.info").read_text().startswith("TN:")
    overruled = project(TESTS, "--avr-coverage-fail-under=0", ini=ini)
    assert overruled.ret == pytest.ExitCode.OK


def test_what_a_crashed_worker_executed_is_said_to_be_missing(project):
    crash = "\ndef test_crashes():\n    import os\n    os._exit(3)\n"
    result = project(TESTS + crash, COVERED, "-n2")
    result.stdout.fnmatch_lines(["gw? crashed: what its chips executed is not counted"])


def test_sources_that_no_chip_had_are_named(project, pytester):
    (pytester.path / "more").mkdir()
    (pytester.path / "more" / "unlinked.c").write_text("int unlinked;\n")
    result = project(TESTS, COVERED, "--avr-coverage=more")
    result.stdout.fnmatch_lines(["no image that ran has lines of more/unlinked.c"])


def test_a_folder_of_which_nothing_ran_is_an_error_even_without_a_floor(project, pytester):
    (pytester.path / "more").mkdir()
    result = project(TESTS, "--avr-coverage=more")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["ERROR: no image * has lines of more. Build with -gdwarf-4*"])


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--avr-coverage=nowhere"], "*takes a folder of sources; found *nowhere"),
        ([COVERED, "--avr-coverage-fail-under=most"], "*is a percentage; found 'most'"),
        ([COVERED, "--avr-coverage-fail-under=101"], "*is a percentage; found '101'"),
        (["--avr-coverage-fail-under=90"], "*name the folder*--avr-coverage=DIR"),
        (["--avr-coverage-lcov=x.info"], "*name the folder*--avr-coverage=DIR"),
    ],
)
def test_options_that_make_no_sense_are_one_message(project, options, complaint):
    result = project(TESTS, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {complaint}"])


def test_a_tracefile_that_cannot_be_written_is_one_message(project):
    result = project(TESTS, COVERED, "--avr-coverage-lcov=no/such/f.info")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["ERROR: *f.info cannot be written: No such file or directory."])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_session_that_only_collects_has_no_coverage(project):
    result = project(TESTS, COVERED, "--avr-coverage-fail-under=90", "--collect-only")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("*AVR coverage*")
