# SPDX-License-Identifier: GPL-3.0-or-later
"""A search as a page: one file of HTML, without anything from a network."""

from __future__ import annotations

from kilolearn.search.report.page import render_page

__all__ = ["render_page"]
