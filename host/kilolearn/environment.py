# SPDX-License-Identifier: GPL-3.0-or-later
"""What a figure depends on: compiler, flags, libraries, machine, commit."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

from kilolearn import firmware
from kilolearn.emulator import libsimavr_version

__all__ = ["describe_environment"]


def describe_environment(elfs: dict[str, Path]) -> dict[str, object]:
    """Facts about this build and this machine.

    Args:
        elfs: Image by chip; its flags are read from the build folder.
    """
    return {
        "kilolearn": _version("kilolearn"),
        "commit": _commit(),
        "chip_compiler": firmware.compiler("avr"),
        "chip_flags": {mcu: _flags(elf) for mcu, elf in elfs.items()},
        "twin_compiler": firmware.compiler(),
        "libsimavr": libsimavr_version(),
        "python": platform.python_version(),
        "numpy": _version("numpy"),
        "scikit_learn": _version("scikit-learn"),
        "machine": platform.machine(),
        "cpus": os.cpu_count() or 1,
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The commit of the sources, with ``-dirty`` when they were changed since."""
    return _told(["git", "-C", str(firmware.avr_folder()), "describe", "--always", "--dirty"])


def _told(command: list[str]) -> str | None:
    """What a program prints, or None when it is absent or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip() or None


def _flags(elf: Path) -> str | None:
    """The compiler's command line as the Makefile noted it beside the objects."""
    noted = elf.parent / "obj" / elf.stem / "flags"
    if not noted.is_file():
        return None
    return re.sub(r"\s+", " ", noted.read_text(encoding="utf-8")).strip()
