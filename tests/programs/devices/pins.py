# SPDX-License-Identifier: GPL-3.0-or-later
"""Read from outside, and driven."""
# pins: 1=1 2=0

from chip import emit, pin, set_pin

emit(pin(1))
emit(pin(2))
set_pin(0, 1)
emit(pin(0))
set_pin(0, 0)
emit(pin(0))
for which in range(8, 1, -8):
    for level in range(-5, 6, 5):
        set_pin(which, level)
        emit(pin(0))
