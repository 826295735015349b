# SPDX-License-Identifier: GPL-3.0-or-later
"""Bits are lost, all of them beyond 15."""
# overflow: wrap

from chip import emit

a = -12345
for count in range(18):
    emit(a << count)
