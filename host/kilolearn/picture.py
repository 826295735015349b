# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of what a learner does, by its name."""

from __future__ import annotations

from kilolearn.curves import CURVES
from kilolearn.errors import PictureError
from kilolearn.planes import PLANES, OpenLearner
from kilolearn.svg import curves_svg, plane_svg

__all__ = ["NAMES", "draw_picture", "picture_name"]

NAMES: tuple[str, ...] = (*PLANES, *CURVES)


def picture_name(learner: str, config: str | None) -> str:
    """The picture of a learner.

    Args:
        learner: An app, or a command that leads chips: distil, federate, meta.
        config: Variant of the app.

    Raises:
        PictureError: There is none.
    """
    name = learner if config is None else f"{learner}-{config}"
    if name in NAMES:
        return name
    configs = [
        other.removeprefix(f"{learner}-") for other in NAMES if other.startswith(f"{learner}-")
    ]
    if learner in NAMES:
        hint = f"{learner} alone, without --config"
    elif any(other.startswith(f"{learner}-") for other in NAMES):
        hint = f"--config {', '.join(configs)}"
    else:
        hint = ", ".join(sorted({other.split("-")[0] for other in NAMES}))
    raise PictureError(f"no picture of {name!r}; expected {hint}")


def draw_picture(name: str, open_learner: OpenLearner) -> str:
    """Train, ask and draw; SVG.

    Args:
        name: One of `NAMES`.
        open_learner: A chip or a twin.
    """
    if name in PLANES:
        return plane_svg(PLANES[name](open_learner))
    return curves_svg(CURVES[name](open_learner))
