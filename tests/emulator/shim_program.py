# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds C programs of the tests around the engine, as it is or sanitized.

The engine itself is compiled once for all of them, into build/, by what its sources and flags are.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import subprocess
import sysconfig
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from lockstep.reference import SHIM, shim_flags

__all__ = ["FAST", "SANITIZED", "build_shim_program"]

FAST = ("-O2",)
#: AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer; what they find ends the program.
SANITIZED = ("-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")

BUILT = SHIM.parents[2] / "build" / "tests"
COMPILER = shlex.split(sysconfig.get_config_var("CC") or "gcc")[0]


def build_shim_program(source: Path, folder: Path, flags: tuple[str, ...]) -> Path:
    """Compile ``source`` into ``folder`` and link it with the engine.

    Raises:
        CalledProcessError: The compiler refused, and has said why.
    """
    program = folder / source.stem
    command = [COMPILER, *flags, *shim_flags(), "-o", str(program), str(source)]
    subprocess.run([*command, str(_engine(flags)), "-lsimavr"], check=True)
    return program


def _engine(flags: tuple[str, ...]) -> Path:
    """The engine as an archive; of several processes the first one makes it."""
    digest = hashlib.sha256(repr((COMPILER, flags, shim_flags())).encode())
    for path in sorted(SHIM.glob("*.[ch]")):
        digest.update(path.name.encode() + path.read_bytes())
    archive = BUILT / f"engine-{digest.hexdigest()[:16]}.a"
    with _alone():
        if not archive.exists():
            _make(archive, flags)
    return archive


def _make(archive: Path, flags: tuple[str, ...]) -> None:
    folder = archive.with_suffix("")
    folder.mkdir(exist_ok=True)

    def compile_one(source: Path) -> str:
        out = str(folder / f"{source.stem}.o")
        subprocess.run([COMPILER, "-c", *flags, *shim_flags(), "-o", out, str(source)], check=True)
        return out

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(compile_one, sorted(SHIM.glob("*.c"))))
    whole = archive.with_suffix(".whole")
    subprocess.run(["ar", "rcs", str(whole), *objects], check=True)
    whole.rename(archive)


@contextmanager
def _alone() -> Iterator[None]:
    BUILT.mkdir(parents=True, exist_ok=True)
    with (BUILT / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
