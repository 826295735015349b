# SPDX-License-Identifier: GPL-3.0-or-later
"""A classifier on a chip: what it is fitted on, its form, and what its image takes.

Below `nets`, `families`, `compress` and `search`; it imports none of them.
"""
