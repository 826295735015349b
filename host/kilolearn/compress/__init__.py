# SPDX-License-Identifier: GPL-3.0-or-later
"""From a fitted model to a firmware that fits: representations of weights, and chains of them."""
