# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that several of the ``py`` subcommands take, and the program that they name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn.errors import SubsetError

__all__ = ["File", "read_source"]

File = Annotated[
    Path,
    typer.Argument(metavar="FILE.py", help="A program.", exists=True, dir_okay=False, readable=True),
]


def read_source(file: Path) -> str:
    """The text of a program.

    Raises:
        SubsetError: It is not UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SubsetError(
            str(file), 1, 1, f"this is not UTF-8 ({error.reason})", "save the program as UTF-8"
        ) from error
