# SPDX-License-Identifier: GPL-3.0-or-later
"""Primes below 100."""

from chip import emit

sieve = bytearray(100)
for i in range(2, 100):
    if not sieve[i]:
        emit(i)
        j = i * i
        while j < 100:
            sieve[j] = True
            j += i
