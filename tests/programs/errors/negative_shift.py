# SPDX-License-Identifier: GPL-3.0-or-later
"""By a count below zero."""

from chip import emit

for count in range(2, -2, -1):
    emit(1000 >> count)
