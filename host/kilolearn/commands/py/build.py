# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn py build``: a program as an image, ready to be flashed or emulated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn.commands.py.options import DropConstants, File, Mcu, Wrap, read_source
from kilolearn.firmware import build_folder
from kilolearn.python_subset.check import check
from kilolearn.python_subset.execution import Backend, build
from kilolearn.python_subset.report import describe_image

__all__ = ["run"]


def run(
    file: File,
    mcu: Mcu,
    backend: Annotated[Backend, typer.Option(help="bytecode or c.")] = Backend.BYTECODE,
    wrap: Wrap = False,
    drop_constants: DropConstants = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write into; default: build/python/CHIP/FILE.")
    ] = None,
) -> None:
    """Build a program for a chip, and say what it takes."""
    if backend is Backend.CPYTHON:
        raise typer.BadParameter(
            "CPython needs no image; choose bytecode or c", param_hint="--backend"
        )
    program = check(read_source(file), str(file), drop_constants=drop_constants)
    folder = out or build_folder() / "python" / mcu / file.stem
    folder.mkdir(parents=True, exist_ok=True)
    image = build(program, backend, mcu, folder, "wrap" if wrap else "error")
    print(image.elf)
    print(describe_image(image))
