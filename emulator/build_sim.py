# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds ``pyavr_sim._sim``: the engine of emulator/pyavr_sim/shim bound by cffi (API mode).

setup.py names :data:`ffibuilder`; setuptools runs this file in the project's root. What cffi may
call stands between the cdef marks of shim/sim.h, and nowhere else.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from cffi import FFI

SHIM = Path("emulator/pyavr_sim/shim")  # relative: setuptools takes no absolute sources
HERE = Path(__file__).resolve().parent if "__file__" in globals() else Path("emulator").resolve()


def avr_libc_header(name: str) -> Path:
    """Find one of avr-libc's io headers, e.g. ``iotn1634.h``.

    Raises:
        FileNotFoundError: avr-libc is not installed where it usually is.
    """
    folders = [Path(f) for f in (os.environ.get("AVR_LIBC_INCLUDE"),) if f]
    gcc = shutil.which("avr-gcc")
    if gcc:
        command = [gcc, "-print-file-name=include"]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        for parent in Path(found.stdout.strip()).resolve().parents:
            folders += [parent / "avr" / "include", parent / "include"]
    folders += [Path("/usr/lib/avr/include"), Path("/usr/avr/include")]
    for folder in folders:
        header = folder / "avr" / name
        if header.is_file():
            return header
    raise FileNotFoundError(
        f"avr/{name} of avr-libc was not found; install avr-libc (Debian: apt install avr-libc) "
        "or set AVR_LIBC_INCLUDE to the folder that holds avr/"
    )


def declarations() -> str:
    """Return the text of sim.h between its cdef marks."""
    text = (HERE / "pyavr_sim" / "shim" / "sim.h").read_text(encoding="utf-8")
    return text.split("/* cdef begin */")[1].split("/* cdef end */")[0]


def sources() -> list[str]:
    """Name every C file of the shim."""
    names = sorted(p.name for p in (HERE / "pyavr_sim" / "shim").glob("*.c"))
    return [str(SHIM / name) for name in names]


def macros() -> list[tuple[str, str | None]]:
    """Tell the shim of its own chips, the chip_*.c: their list, and the header that each includes.

    A chip file has one line such as ``#include IOTN1634_HEADER``, which becomes avr-libc's
    ``avr/iotn1634.h`` by its full path. ``OWN_CHIPS(X)`` is ``X(attiny1634) X(...)``.

    Raises:
        ValueError: A chip file without such a line.
        FileNotFoundError: avr-libc does not have the header.
    """
    files = sorted((HERE / "pyavr_sim" / "shim").glob("chip_*.c"))
    names = [file.stem.removeprefix("chip_") for file in files]
    found: list[tuple[str, str | None]] = [
        ("_GNU_SOURCE", None),
        ("OWN_CHIPS(X)", " ".join(f"X({name})" for name in names)),
    ]
    for file in files:
        line = re.search(r"^#include (IO\w+)_HEADER$", file.read_text(encoding="utf-8"), re.M)
        if line is None:
            raise ValueError(
                f"{file.name} has no line like '#include IOTN1634_HEADER'; it must name the header "
                "of avr-libc that its registers come from"
            )
        header = avr_libc_header(line[1].lower() + ".h")
        found.append((f"{line[1]}_HEADER", f'"{header}"'))
    return found


ffibuilder = FFI()
ffibuilder.cdef(declarations())
ffibuilder.set_source(
    "pyavr_sim._sim",
    '#include "sim.h"',
    sources=sources(),
    depends=[str(p) for p in sorted(SHIM.glob("*.h"))],
    include_dirs=[str(SHIM)],
    libraries=["simavr"],
    define_macros=macros(),
    extra_compile_args=["-std=c11", "-O2", "-fvisibility=hidden", "-Wall", "-Wextra", "-pthread"],
    extra_link_args=["-pthread"],
)
