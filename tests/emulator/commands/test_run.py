# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim run``: each option, and each exit code that it may have."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pyavr_sim import Chip, until

from .conftest import COMMAND, Shell

BUDGET = "[budget.{stem}.atmega328p]\nflash_bytes = {flash}\nsram_bytes = {sram}\n"


@pytest.mark.parametrize(
    ("sent", "options", "code", "ending"),
    [
        (b"e", [], 0, "ended"),
        (b"hi", ["--expect-text", "hi"], 0, "expected_text"),
        (b"p", ["--expect-text", "PASS", "--fail-text", "FAIL"], 0, "expected_text"),
        (b"p", ["--fail-text", "PASS", "--expect-text", "FAIL"], 1, "fail_text"),
        (b"p", ["--fail-text", "FAIL"], 1, "fail_text"),
        (b"e", ["--expect-text", "never"], 1, "ended"),
        (b"c", [], 12, "fault"),
        (b"c", ["--expect-text", "never"], 12, "fault"),
        (b"", ["--timeout-ms", "5"], 42, "cycles"),
        (b"", ["--timeout-ms", "5", "--expect-text", "never"], 42, "cycles"),
        (b"", ["--cycles-max", "20000"], 0, "cycles"),
        (b"", ["--cycles-max", "20000", "--expect-text", "never"], 42, "cycles"),
        (b"", ["--cycles-max", "20000", "--timeout-ms", "1"], 42, "cycles"),
        (b"", ["--cycles-max", "10000", "--timeout-ms", "1"], 0, "cycles"),
    ],
)
def test_the_exit_code_says_how_the_run_ended(
    shell: Shell, console: Path, sent: bytes, options: list[str], code: int, ending: str
) -> None:
    found, document = shell.json("run", console, *options, stdin=sent)

    assert (found, document["exit_code"], document["ending"]) == (code, code, ending)


def test_standard_output_is_what_the_uart_sent_and_nothing_else(
    shell: Shell, console: Path
) -> None:
    done = shell("run", console, "--uart-log", "log", stdin=b"\xff\0\re")

    assert done.stdout == b"ready\n\xff\0\rbye\n"
    assert (shell.folder / "log").read_bytes() == done.stdout
    assert b"atmega328p (named by the image), 16 MHz" in done.stderr
    assert b"the firmware ended" in done.stderr


def test_nothing_that_comes_after_the_text_is_shown_or_counted(shell: Shell, console: Path) -> None:
    with Chip("atmega328p", console) as chip:
        chip.uart(0).write(b"pe")
        stop = chip.run(1_000_000, until=until.uart_bytes(len(b"ready\nPASS")))

    _, document = shell.json("run", console, "--expect-text", "PASS", stdin=b"pe")

    assert document["uart"] == "ready\nPASS"
    assert document["cost"]["cycles"] == stop.cycle


def test_a_fault_after_the_text_is_none_of_this_run(shell: Shell, console: Path) -> None:
    assert shell("run", console, "--expect-text", "ready", stdin=b"c").returncode == 0


def test_the_cost_is_that_of_the_chip(shell: Shell, console: Path) -> None:
    with Chip("atmega328p", console, seed=7, hz=1_000_000) as chip:
        chip.uart(0).write(b"ue")
        chip.run(1_000_000, until=until.ended())
        cost = {
            "flash_bytes": chip.firmware.flash_bytes,
            "static_bytes": chip.static_bytes,
            "stack_bytes": chip.stack_high_water,
            "sram_bytes": chip.sram_high_water,
            "cycles": chip.cycle,
        }

    _, document = shell.json("run", console, "--seed", "7", "--hz", "1000000", stdin=b"ue")

    assert document["cost"] == cost
    assert (document["seed"], document["hz"]) == (7, 1_000_000)


def test_the_seed_decides_what_nobody_has_set(shell: Shell, console: Path) -> None:
    sent = set()
    for seed in range(4):
        with Chip("atmega328p", console, seed=seed) as chip:
            digit = f"{int(chip.var('mode')[()]) & 7}"
        _, document = shell.json("run", console, "--seed", str(seed), stdin=b"ue")
        assert document["uart"] == f"ready\n{digit}bye\n"
        sent.add(digit)
    assert len(sent) > 1


def test_the_timeout_is_in_emulated_time(shell: Shell, console: Path) -> None:
    _, document = shell.json("run", console, "--hz", "2000000", "--timeout-ms", "50")

    assert 100_000 <= document["cost"]["cycles"] <= 100_004


def test_a_finding_names_variable_and_line(shell: Shell, console: Path) -> None:
    done = shell("run", console, stdin=b"ue")
    _, document = shell.json("run", console, stdin=b"ue")

    source = Path(__file__).parents[1] / "firmware" / "console.c"
    lines = source.read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if "mode & 7" in line)
    assert b"uninitialised read: mode (0x" in done.stderr
    assert f"in main (console.c:{number})".encode() in done.stderr
    (finding,) = document["findings"]
    assert (finding["variable"], finding["line"]) == ("mode", f"console.c:{number}")


def test_another_uart_is_shown_when_asked_for(
    shell: Shell, build: Callable[..., Path], console: Path
) -> None:
    second = build("console.c", "attiny1634", "-DUART=1")

    assert shell("run", second, "--uart", "1", stdin=b"e").stdout == b"ready\nbye\n"
    assert shell("run", second, "--timeout-ms", "5", stdin=b"e").stdout == b""
    missing = shell("run", console, "--uart", "1")
    assert missing.returncode == 2
    assert b"has no UART 1" in missing.stderr


def test_a_chip_without_uart_runs_but_cannot_be_expected_to_say_something(
    shell: Shell, build: Callable[..., Path]
) -> None:
    elf = build("statics.c", "attiny85")

    assert shell("run", elf, "--cycles-max", "1000").returncode == 0
    assert shell("run", elf, "--expect-text", "x").returncode == 2


# Standard input


def test_standard_input_to_its_end_reaches_the_chip_at_the_same_cycle(
    shell: Shell, console: Path
) -> None:
    runs = [shell.json("run", console, "--stdin", stdin=b"x" * 3000 + b"e") for _ in range(2)]

    assert runs[0] == runs[1]
    assert runs[0][1]["uart"] == "ready\n" + "x" * 3000 + "bye\n"


def test_standard_input_may_be_left_alone(shell: Shell, console: Path) -> None:
    done = shell("run", console, "--no-stdin", "--cycles-max", "50000", stdin=b"e")

    assert done.stdout == b"ready\n"


def test_more_input_than_a_uart_takes_is_an_error(shell: Shell, console: Path) -> None:
    done = shell("run", console, "--stdin", stdin=bytes(16 * 1024 * 1024 + 1))

    assert done.returncode == 2
    assert b"16 MiB" in done.stderr


def test_nobody_waits_for_input_that_does_not_come(shell: Shell, console: Path) -> None:
    line = [COMMAND, "run", str(console), "--timeout-ms", "5"]
    with subprocess.Popen(line, cwd=shell.folder, stdin=subprocess.PIPE) as process:
        assert process.wait(timeout=60) == 42


def test_closed_standard_input_is_no_input(shell: Shell, console: Path) -> None:
    line = f"{COMMAND} run {console} --cycles-max 50000 <&-"
    done = subprocess.run(line, shell=True, cwd=shell.folder, capture_output=True, check=True)

    assert done.stdout == b"ready\n"


# Budgets


def test_a_run_over_budget_lists_what_takes_the_sram(shell: Shell, console: Path) -> None:
    text = BUDGET.format(stem=console.stem, flash=10_000, sram=50)
    (shell.folder / "pyavr-sim.toml").write_text(text)

    done = shell("run", console, stdin=b"e")
    code, document = shell.json("run", console, stdin=b"e")

    assert done.returncode == code == 11
    assert b"over budget: sram" in done.stderr
    assert b"40  table (console.c:" in done.stderr
    assert b"bytes of stack at cycle" in done.stderr
    assert document["excesses"] == [
        {"what": "sram_bytes", "found": document["cost"]["sram_bytes"], "limit": 50}
    ]


def test_a_run_that_failed_says_so_though_it_is_over_budget(shell: Shell, console: Path) -> None:
    budget = shell.folder / "limits.toml"
    budget.write_text(BUDGET.format(stem=console.stem, flash=10, sram=10))

    assert shell("run", console, "--budget", budget, stdin=b"e").returncode == 11
    assert shell("run", console, "--budget", budget, stdin=b"c").returncode == 12
    assert shell("run", console, stdin=b"e").returncode == 0


def test_a_budget_names_the_chip_of_an_image_that_does_not(shell: Shell, console_hex: Path) -> None:
    assert shell("run", console_hex, stdin=b"e").returncode == 2
    text = f"[budget.{console_hex.stem}.atmega328p]\nflash_bytes = 10_000\n"
    (shell.folder / "pyavr-sim.toml").write_text(text)

    done = shell("run", console_hex, stdin=b"e")

    assert done.returncode == 0
    assert b"atmega328p (named by the budget file)" in done.stderr


# Ends from outside


def test_ctrl_c_ends_the_run_and_keeps_the_summary(shell: Shell, console: Path) -> None:
    line = [COMMAND, "run", str(console), "--timeout-ms", "100000000"]
    with subprocess.Popen(
        line,
        cwd=shell.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell's background job, as these tests may be one, ignores SIGINT and hands that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()

    assert process.returncode == 130
    assert b": interrupted" in said
    assert b"Traceback" not in said


def test_a_reader_that_leaves_is_no_reason_to_complain(shell: Shell, console: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [COMMAND, "run", str(console)],
        cwd=shell.folder,
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (141, b"")


def test_a_log_that_cannot_be_written_is_an_error(shell: Shell, console: Path) -> None:
    nowhere = shell("run", console, "--uart-log", "no/such/folder/log")
    full = shell("run", console, "--uart-log", "/dev/full", stdin=b"e")

    assert nowhere.returncode == full.returncode == 2
    assert b"No such file" in nowhere.stderr
    assert b"No space left" in full.stderr
