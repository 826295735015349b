# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn library``: the learners as a library for Arduino and PlatformIO."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kilolearn.library import NAME, write_library

__all__ = ["run"]


def run(
    out: Annotated[
        Path, typer.Option(help=f"The library's folder, e.g. ~/Arduino/libraries/{NAME}.")
    ],
    url: Annotated[
        str, typer.Option(help="Home page in the manifests: state yours before you publish.")
    ] = "https://example.com/kilolearn",
) -> None:
    """Write the C learners with manifests and example sketches."""
    learners = write_library(out, url)
    files = [path for path in out.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"{NAME} in {out}: {len(files)} files, {size:,} B; learners: {', '.join(learners)}")
