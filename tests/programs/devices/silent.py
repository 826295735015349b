# SPDX-License-Identifier: GPL-3.0-or-later
"""A program need not emit at all: its globals tell."""

from chip import random

total = 0
w = [0] * 3
for i in range(12):
    total += random()
    w[i % 3] = total
