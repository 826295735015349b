# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program meets outside itself, the same for every back end.

=============  ==================================================================================
``read()``     the next byte of the serial line, 0..255
``emit(v)``    16 bits to the serial line, the low byte first
``adc(c)``     the voltage at channel ``c & 7`` as a share of the supply, 0..1023
``pin(n)``     the level at pin ``n & 7`` of port B (of port A on an ATtiny1634), 0 or 1
``set_pin``    ``set_pin(n, v)`` drives that pin: high where `v` is not 0
``random()``   the low byte of xorshift16 (7, 9, 8), which starts at 1
``seed(n)``    set its state; after ``seed(0)`` every ``random()`` is 0
=============  ==================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Devices"]


@dataclass(frozen=True)
class Devices:
    """The world of one run.

    Attributes:
        input: What ``read`` takes, byte by byte.
        adc: Channel 0-7 -> 0..1023; 0 where not given.
        pins: Pin 0-7 -> level from outside; 0 where not given.
    """

    input: bytes = b""
    adc: Mapping[int, int] = field(default_factory=dict)
    pins: Mapping[int, int] = field(default_factory=dict)
