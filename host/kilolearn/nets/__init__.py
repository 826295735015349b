# SPDX-License-Identifier: GPL-3.0-or-later
"""Nets of dense layers: trained in real numbers, each layer brought into a representation.

Of the rooms above `codecs` it imports `classifier` only.
"""
