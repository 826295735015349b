# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiles the small firmwares of firmware/ once a session."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent / "firmware"

#: Calls avr-gcc: ``build("name.c", "attiny85", "-DN=3") -> Path`` of the ELF.
Build = Callable[..., Path]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Compile ``firmware/<source_name>`` for one chip; the same call again costs nothing.

    Flags come after ``-Os -gdwarf-4 -Wall``, so they may override these.
    """
    folder = tmp_path_factory.mktemp("elf")
    made: dict[tuple[str, ...], Path] = {}

    def compile_once(source_name: str, mcu: str, *flags: str) -> Path:
        key = (source_name, mcu, *flags)
        if key not in made:
            digest = hashlib.sha256("\0".join(key).encode()).hexdigest()[:10]
            elf = folder / f"{Path(source_name).stem}-{mcu}-{digest}.elf"
            command = ["avr-gcc", f"-mmcu={mcu}", "-Os", "-gdwarf-4", "-Wall", *flags]
            command += ["-o", str(elf), str(SOURCES / source_name)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.fail(f"{' '.join(command)}\n{done.stderr}", pytrace=False)
            made[key] = elf
        return made[key]

    return compile_once
