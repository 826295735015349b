# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn picture``: a learner's decision boundary or learning curve, as SVG."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from kilolearn.commands.options import Config, Mcu
from kilolearn.errors import PictureError
from kilolearn.learner import Learner
from kilolearn.picture import draw_picture, picture_name
from kilolearn.target import open_target
from kilolearn.twin import Twin

__all__ = ["run"]


def run(
    learner: Annotated[str, typer.Argument(help="A learner of avr/apps, distil, federate, meta.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The SVG file to write.")],
    config: Config = None,
    mcu: Mcu = None,
) -> None:
    """Train the native twin, or with --mcu the emulated chip, and draw what came of it."""
    name = picture_name(learner, config)
    if not out.parent.is_dir() or out.is_dir() or not os.access(out.parent, os.W_OK):
        raise PictureError(f"{out}: cannot be written; name a file in a folder of your own")
    with ExitStack() as stack:

        def open_learner(app: str, variant: str | None) -> Learner:
            if mcu is None:
                return Twin(app, variant)
            return stack.enter_context(open_target(app, variant, None, mcu)).link

        picture = draw_picture(name, open_learner)
    out.write_text(picture, encoding="utf-8")
    print(f"{name}: {len(picture.encode()):,} B in {out}")
