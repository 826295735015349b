# SPDX-License-Identifier: GPL-3.0-or-later
"""By a count below zero; of zero, too."""

from chip import emit

zero = 0
for count in range(2, -2, -1):
    emit(zero << count)
