# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording as a page: :func:`render_page` for a file, :func:`render_inline` for a notebook."""

from __future__ import annotations

from pyavr_sim.report.inline import render_inline
from pyavr_sim.report.page import render_page

__all__ = ["render_inline", "render_page"]
