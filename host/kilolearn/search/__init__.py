# SPDX-License-Identifier: GPL-3.0-or-later
"""The search for the shortest firmware that explains a data set.

It imports `families`, `nets` and `classifier`, and nothing of `compress`.
"""
