# SPDX-License-Identifier: GPL-3.0-or-later
"""Two channels."""
# adc: 2=300 3=1023

from chip import adc, emit

emit(adc(2))
emit(adc(3) - adc(2))
channel = 2
emit(adc(channel + 8))
