# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim size`` against binutils, and its verdict on a budget."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pyavr_sim import Firmware

from .conftest import Shell


def binutils(tool: str, *words: str | Path) -> list[list[str]]:
    done = subprocess.run([tool, *map(str, words)], capture_output=True, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines()]


def test_memories_and_sections_are_those_of_avr_size(shell: Shell, console: Path) -> None:
    berkeley = binutils("avr-size", console)[1]
    text, data, bss = map(int, berkeley[:3])
    by_section = {
        row[0]: int(row[1])
        for row in binutils("avr-size", "-A", console)
        if row[1:] and row[1].isdigit()
    }

    code, document = shell.json("size", console)

    assert code == 0
    assert document["memories"]["flash"] == {"used_bytes": text + data, "available_bytes": 32768}
    assert document["memories"]["sram"] == {"used_bytes": data + bss, "available_bytes": 2048}
    assert document["memories"]["eeprom"] == {"used_bytes": 0, "available_bytes": 1024}
    assert document["sections"] == {
        name: by_section[name] for name in (".text", ".data", ".bss", ".noinit")
    }


def test_symbols_are_those_of_avr_nm(shell: Shell, console: Path) -> None:
    rows = [row for row in binutils("avr-nm", "-S", console) if len(row) == 4]
    expected = {row[3]: (int(row[0], 16), int(row[1], 16)) for row in rows if row[2] in "tT"}

    _, document = shell.json("size", console, "--symbols", "1000")

    flash = {row["name"]: (row["address"], row["bytes"]) for row in document["flash_symbols"]}
    assert flash == expected
    sizes = [row["bytes"] for row in document["flash_symbols"]]
    assert sizes == sorted(sizes, reverse=True)
    sram = {row["name"]: row for row in document["sram_symbols"]}
    assert (sram["table"]["bytes"], sram["table"]["owner"]) == (40, "bss")
    assert sum(row["bytes"] for row in sram.values()) == document["memories"]["sram"]["used_bytes"]


def test_the_symbols_option_says_how_many(shell: Shell, console: Path) -> None:
    _, document = shell.json("size", console, "--symbols", "1")
    done = shell("size", console, "--symbols", "0")

    assert [row["name"] for row in document["flash_symbols"]] == ["main"]
    assert [row["name"] for row in document["sram_symbols"]] == ["table"]
    assert b"largest" not in done.stdout


def test_an_image_over_budget_exits_with_11(shell: Shell, console: Path) -> None:
    flash_bytes = Firmware.load(console).flash_bytes
    (shell.folder / "pyproject.toml").write_text(
        f"[tool.pyavr_sim.budget.{console.stem}.'*']\nflash_bytes = {flash_bytes - 1}\n"
    )

    code, document = shell.json("size", console)

    excess = {"what": "flash_bytes", "found": flash_bytes, "limit": flash_bytes - 1}
    assert (code, document["excesses"]) == (11, [excess])
    assert b"over budget: flash" in shell("size", console).stdout


def test_an_image_of_just_its_budget_is_well(shell: Shell, console: Path) -> None:
    flash_bytes = Firmware.load(console).flash_bytes
    budget = shell.folder / "limits.toml"
    budget.write_text(f"[budget.{console.stem}.atmega328p]\nflash_bytes = {flash_bytes}\n")

    assert shell("size", console, "--budget", budget).returncode == 0


def test_intel_hex_tells_its_flash_and_no_variables(shell: Shell, console_hex: Path) -> None:
    _, document = shell.json("size", console_hex, "--mcu", "atmega328p")
    done = shell("size", console_hex, "--mcu", "atmega328p")

    assert document["memories"]["flash"]["used_bytes"] > 300
    assert document["memories"]["sram"] == {"used_bytes": None, "available_bytes": 2048}
    assert document["flash_symbols"] == document["sram_symbols"] == []
    assert b"unknown  SRAM" in done.stdout
    assert b"Give the unstripped ELF" in done.stdout


@pytest.mark.parametrize("command", ["size", "run"])
@pytest.mark.parametrize("limit", ["static_bytes", "sram_bytes"])
def test_what_intel_hex_does_not_tell_cannot_be_limited(
    shell: Shell, console_hex: Path, command: str, limit: str
) -> None:
    (shell.folder / "pyavr-sim.toml").write_text(
        f"[budget.{console_hex.stem}.atmega328p]\n{limit} = 2048\n"
    )

    done = shell(command, console_hex)

    assert (done.returncode, done.stdout) == (2, b"")
    assert f"{limit} of {console_hex} cannot be held to a limit".encode() in done.stderr
    assert b"Give the .elf" in done.stderr
