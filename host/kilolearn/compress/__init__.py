# SPDX-License-Identifier: GPL-3.0-or-later
"""From a fitted model to a firmware that fits: loaders, chains of compression, and their hunt.

It imports `families`, `nets` and `classifier`, and nothing of `search`.
"""
