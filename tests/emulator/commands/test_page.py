# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/commands.md shows what its commands print."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import COMMAND

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "commands.md").read_text("utf-8")


def answers(folder: Path) -> dict[str, str]:
    """What a shell in a folder answers to each command of the page, in the page's order."""
    shutil.copy(ROOT / "tests/emulator/firmware/console.c", folder)
    path = f"{Path(COMMAND).parent}:{os.environ['PATH']}"
    told = {}
    for kind, block in re.findall(r"^```(console|toml)\n(.*?)^```", PAGE, re.M | re.S):
        if kind == "toml":
            (folder / "pyavr-sim.toml").write_text(block)
            continue
        command = block.splitlines()[0].removeprefix("$ ")
        done = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env=os.environ | {"PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        told[command] = done.stdout
    return told


def test_every_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    for command, answer in answers(tmp_path).items():
        assert f"```console\n$ {command}\n{answer}```\n" in PAGE


@pytest.mark.parametrize(
    "option", ["run", "profile", "coverage", "debug", "size", "doctor", "chips"]
)
def test_the_page_tells_every_option(option: str) -> None:
    done = subprocess.run([COMMAND, option, "--help"], capture_output=True, text=True, check=True)

    for name in re.findall(r"--[a-z][a-z-]+", done.stdout):
        assert name in PAGE or name == "--help", name
