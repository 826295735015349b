# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed command `pyavr-sim`, called as users call it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

COMMAND = str(Path(sys.executable).with_name("pyavr-sim"))


@dataclass(frozen=True)
class Shell:
    """Calls the command in a folder of its own; no call may end in a traceback."""

    folder: Path

    def __call__(
        self, *words: str | Path, stdin: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        line = [COMMAND, *map(str, words)]
        done = subprocess.run(
            line, input=stdin, capture_output=True, cwd=self.folder, timeout=100, check=False
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done

    def json(self, *words: str | Path, stdin: bytes = b"") -> tuple[int, Any]:
        """Call it with --json: the exit code, and the document, which its schema allows."""
        done = self(*words, "--json", stdin=stdin)
        document = json.loads(done.stdout)
        jsonschema.validate(document, schema(str(words[0])), jsonschema.Draft202012Validator)
        return done.returncode, document


def schema(command: str) -> Any:
    """The schema that the package ships for a command's --json."""
    text = resources.files("pyavr_sim").joinpath("schemas", f"{command}.json").read_text("utf-8")
    return json.loads(text)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """``shell("run", elf, "--seed", "3", stdin=b"e")``."""
    return Shell(tmp_path)


@pytest.fixture(scope="session")
def console(build: Callable[..., Path]) -> Path:
    """The ELF of firmware/console.c for an atmega328p."""
    return build("console.c", "atmega328p")


@pytest.fixture(scope="session")
def console_hex(console: Path) -> Path:
    """The same as Intel HEX, which tells no chip and no names."""
    path = console.with_suffix(".hex")
    subprocess.run(["avr-objcopy", "-O", "ihex", console, path], check=True)
    return path
