# SPDX-License-Identifier: GPL-3.0-or-later
"""A multiplicative hash."""
# overflow: wrap

from chip import emit

text = bytearray(b"kilolearn")
state = 5381
for i in range(len(text)):
    state = state * 33 ^ text[i]
    emit(state)
