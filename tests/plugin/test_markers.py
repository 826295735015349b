# SPDX-License-Identifier: GPL-3.0-or-later
"""Each marker holds a test that keeps to it, and fails one that does not, saying why."""

from __future__ import annotations

import subprocess

import pytest

DIVE = """
def test_dives(chip):
    chip.uart(0).write(b"d")
    chip.run(1_000_000, until=until.uart_bytes(len("ready\\ndived\\n")))
"""


@pytest.mark.parametrize(
    ("marker", "enough", "too_little", "complaint"),
    [
        ("limit_sram", 185, 184, "sram 185 bytes, 1 over 184 (limit_sram)"),
        ("limit_stack", 108, 107, "stack 108 bytes, 1 over 107 (limit_stack)"),
        ("limit_flash", 2000, 200, "flash * over 200 (limit_flash)"),
        ("limit_cycles", 1_000_000, 99, "cycles * over 99 (limit_cycles)"),
    ],
)
def test_a_limit_is_held_and_its_excess_explained(project, marker, enough, too_little, complaint):
    held = project(f"@pytest.mark.{marker}({enough}){DIVE}")
    held.assert_outcomes(passed=1)

    failed = project(f"@pytest.mark.{marker}({too_little}){DIVE}")
    failed.assert_outcomes(failed=1)
    failed.stdout.fnmatch_lines([f"meter.elf is over budget: {complaint}"])
    failed.stdout.no_fnmatch_line("*Traceback*")


def test_an_excess_lists_variables_and_the_deepest_calls_with_bytes_and_lines(project):
    result = project(f"@pytest.mark.limit_sram(100){DIVE}")

    result.stdout.fnmatch_lines(
        [
            "77 bytes of static data",
            "    40  history (meter.c:*) .bss",
            "    34  no name .data",  # the texts
            "     2  reading (meter.c:*) .data",
            "     1  forgotten (meter.c:*) .noinit",
            "108 bytes of stack at cycle *",
            "     2  main *",
            "     2  dive* called at 0x* (meter.c:52)",
            "   104  leaf* called at 0x* (meter.c:35)",
        ]
    )


def test_the_nearest_limit_counts(project):
    tests = f"""
@pytest.mark.limit_stack(10)
class TestMeter:
    @pytest.mark.limit_stack(150)
    {DIVE.strip().replace("(chip)", "(self, chip)").replace(chr(10), chr(10) + "    ")}
"""
    project(tests).assert_outcomes(passed=1)


def test_a_test_that_fails_by_itself_shows_its_own_failure(project):
    result = project("@pytest.mark.limit_flash(1)\ndef test_x(chip):\n    assert chip.cycle == 1\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*assert 0 == 1*"])
    result.stdout.no_fnmatch_line("*over budget*")


def test_an_uninitialised_read_names_variable_function_and_line(project):
    read = """
def test_recalls(chip):
    chip.uart(0).write(b"n")
    chip.run(1_000_000, until=until.uart_bytes(len("ready\\nrecalled\\n")))
"""
    project(read).assert_outcomes(passed=1)
    project(f"@pytest.mark.no_uninitialised_reads{DIVE}").assert_outcomes(passed=1)

    failed = project(f"@pytest.mark.no_uninitialised_reads{read}")

    failed.assert_outcomes(failed=1)
    failed.stdout.fnmatch_lines(["  forgotten at 0x0*, read in recall (meter.c:*) at cycle *"])


def test_without_a_board_hardware_tests_are_skipped_with_the_reason(project):
    result = project("@pytest.mark.hardware\ndef test_x(dut):\n    assert False\n", "-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*needs a board: no --avr-port was given"])


@pytest.mark.parametrize(
    ("marker", "complaint"),
    [
        ("limit_sram('1k')", "*sram_bytes is limited to '1k'; expected a whole number from 0"),
        ("limit_stack()", "*the marker limit_stack takes one number; found ()"),
        ("limit_stack(1, bytes=2)", "*takes one number; found (1, bytes=2)"),
        ("firmware()", "*the marker firmware takes path_or_app, mcu and hz; found ()"),
        ("firmware('meter.elf', chip='x')", "*mcu and hz; found ('meter.elf', chip='x')"),
        ("firmware('no.elf')", "*no firmware 'no.elf'; looked for */no.elf. Build it first*"),
        ("firmware('meter.elf', mcu='z80')", "*z80*"),
        ("firmware('meter.elf', mcu='attiny85')", "*was built for atmega328p; expected attiny85*"),
        ("firmware('meter.elf', mcu='atmega328p', hz=0)", "*hz must be from 1 to *"),
        ("firmware('blink')", "*'blink' is no path*Set the ini options avr_build*"),
    ],
)
def test_a_marker_that_makes_no_sense_fails_its_test_with_one_message(project, marker, complaint):
    result = project(f"@pytest.mark.{marker}\ndef test_x(chip):\n    pass\n")

    assert result.ret == 1
    result.stdout.fnmatch_lines([complaint])
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize("fixtures", ["", "firmware"])
def test_a_limit_that_limits_nothing_is_an_error(project, fixtures):
    result = project(f"@pytest.mark.limit_stack(100)\ndef test_x({fixtures}):\n    pass\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*limit_stack limits nothing*"])


def test_intel_hex_has_no_static_data_to_limit(project, pytester, meter):
    subprocess.run(["avr-objcopy", "-O", "ihex", meter, pytester.path / "meter.hex"], check=True)
    head = "@pytest.mark.firmware('meter.hex', mcu='atmega328p')\n"
    passing = "def test_x(dut):\n    dut.expect('ready')\n    assert dut.high_water is None\n"

    project(f"{head}@pytest.mark.limit_stack(200)\n{passing}").assert_outcomes(passed=1)
    result = project(f"{head}@pytest.mark.limit_sram(2048)\n{passing}")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*sram_bytes of *meter.hex cannot be held to a limit*"])


def test_flash_is_known_without_a_run(project):
    tests = "@pytest.mark.limit_flash(100)\ndef test_x(firmware):\n    pass\n"
    result = project(tests)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*over budget: flash*"])
