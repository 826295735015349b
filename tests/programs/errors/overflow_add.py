# SPDX-License-Identifier: GPL-3.0-or-later
"""Beyond 32767."""

from chip import emit

a = 30000
while True:
    a += 1000
    emit(a)
