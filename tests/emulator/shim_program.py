# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds a C program of the tests with the engine's sources in it, as they are or sanitized."""

from __future__ import annotations

import shlex
import subprocess
import sysconfig
from pathlib import Path

from lockstep.reference import SHIM, shim_flags

__all__ = ["FAST", "SANITIZED", "build_shim_program"]

FAST = ("-O2",)
#: AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer; what they find ends the program.
SANITIZED = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def build_shim_program(source: Path, folder: Path, flags: tuple[str, ...]) -> Path:
    """Compile ``source`` and the shim into ``folder``.

    Raises:
        CalledProcessError: The compiler refused, and has said why.
    """
    program = folder / source.stem
    compiler = shlex.split(sysconfig.get_config_var("CC") or "gcc")[0]
    command = [compiler, *flags, *shim_flags(), "-o", str(program), str(source)]
    command += [*map(str, sorted(SHIM.glob("*.c"))), "-lsimavr"]
    subprocess.run(command, check=True)
    return program
