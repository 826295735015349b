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
which = 8
set_pin(which, -5)
emit(pin(0))
