# SPDX-License-Identifier: GPL-3.0-or-later
"""Every flag of every ALU instruction, from the boolean equations of the AVR Instruction Set Manual
(DS40002198), over arrays.

The equations are written as the manual prints them, bit by bit; nothing is taken from the engine.
``x`` and ``y`` are the two operands (the low and the high byte for ADIW and SBIW), ``sreg`` the
status before. Each function returns the same three after: what the instruction leaves in its two
result registers (r1:r0 for the MUL family) and in SREG.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["IMMEDIATE", "MULTIPLY", "ONE_OPERAND", "TWO_OPERANDS", "Outcome", "adiw", "sbiw"]

Array = np.ndarray
Outcome = tuple[Array, Array, Array]
C, Z = 0, 1  # bits of SREG


def bit(value: Array, n: int) -> Array:
    return (value >> n & 1).astype(bool)


def status(before: Array, **flags: Array) -> Array:
    """SREG with the named flags replaced; S follows from N and V as every instruction has it."""
    if "N" in flags and "V" in flags:
        flags["S"] = flags["N"] ^ flags["V"]
    after = before.astype(int)
    for name, value in flags.items():
        place = "CZNVSHTI".index(name)
        after = after & ~(1 << place) | np.asarray(value, bool).astype(int) << place
    return after


def zero(result: Array, bits: int = 8) -> Array:
    """¬R7·¬R6· ... ·¬R0."""
    out = np.ones(np.shape(result), bool)
    for n in range(bits):
        out &= ~bit(result, n)
    return out


def _sum(x: Array, y: Array, sreg: Array, carry: Array | int) -> Outcome:
    r = x + y + carry & 0xFF
    d3, r3, q3 = bit(x, 3), bit(y, 3), bit(r, 3)
    d7, r7, q7 = bit(x, 7), bit(y, 7), bit(r, 7)
    flags = status(
        sreg,
        H=d3 & r3 | r3 & ~q3 | ~q3 & d3,
        V=d7 & r7 & ~q7 | ~d7 & ~r7 & q7,
        N=q7,
        Z=zero(r),
        C=d7 & r7 | r7 & ~q7 | ~q7 & d7,
    )
    return r, y, flags


def _difference(
    x: Array, y: Array, sreg: Array, carry: Array | int, *, chained: bool, kept: bool = True
) -> Outcome:
    r = x - y - carry & 0xFF
    d3, r3, q3 = bit(x, 3), bit(y, 3), bit(r, 3)
    d7, r7, q7 = bit(x, 7), bit(y, 7), bit(r, 7)
    flags = status(
        sreg,
        H=~d3 & r3 | r3 & q3 | q3 & ~d3,
        V=d7 & ~r7 & ~q7 | ~d7 & r7 & q7,
        N=q7,
        Z=zero(r) & bit(sreg, Z) if chained else zero(r),
        C=~d7 & r7 | r7 & q7 | q7 & ~d7,
    )
    return (r if kept else x), y, flags


def _logic(r: Array, y: Array, sreg: Array, **more: Array) -> Outcome:
    r = r & 0xFF
    return r, y, status(sreg, V=np.zeros(r.shape, bool), N=bit(r, 7), Z=zero(r), **more)


def _shift(r: Array, y: Array, sreg: Array, out: Array) -> Outcome:
    return r, y, status(sreg, C=out, N=bit(r, 7), V=bit(r, 7) ^ out, Z=zero(r))


def _neg(x: Array, y: Array, sreg: Array) -> Outcome:
    r = 0 - x & 0xFF
    flags = status(sreg, H=bit(r, 3) | bit(x, 3), V=r == 0x80, N=bit(r, 7), Z=zero(r), C=~zero(r))
    return r, y, flags


def _inc(x: Array, y: Array, sreg: Array) -> Outcome:
    r = x + 1 & 0xFF
    return r, y, status(sreg, V=r == 0x80, N=bit(r, 7), Z=zero(r))


def _dec(x: Array, y: Array, sreg: Array) -> Outcome:
    r = x - 1 & 0xFF
    return r, y, status(sreg, V=r == 0x7F, N=bit(r, 7), Z=zero(r))


def _product(product: Array, sreg: Array, *, fractional: bool) -> Outcome:
    wide = product & 0xFFFF
    r = wide << 1 & 0xFFFF if fractional else wide
    return r & 0xFF, r >> 8, status(sreg, C=bit(wide, 15), Z=zero(r, 16))


def _signed(x: Array) -> Array:
    return np.where(x < 128, x, x - 256)


def adiw(x: Array, y: Array, sreg: Array, k: int) -> Outcome:
    d = y << 8 | x
    r = d + k & 0xFFFF
    h7, r15 = bit(y, 7), bit(r, 15)
    flags = status(sreg, V=~h7 & r15, N=r15, Z=zero(r, 16), C=~r15 & h7)
    return r & 0xFF, r >> 8, flags


def sbiw(x: Array, y: Array, sreg: Array, k: int) -> Outcome:
    d = y << 8 | x
    r = d - k & 0xFFFF
    h7, r15 = bit(y, 7), bit(r, 15)
    flags = status(sreg, V=h7 & ~r15, N=r15, Z=zero(r, 16), C=r15 & ~h7)
    return r & 0xFF, r >> 8, flags


def carry_in(sreg: Array) -> Array:
    return bit(sreg, C).astype(int)


Model = Callable[[Array, Array, Array], Outcome]

IMMEDIATE: dict[str, Model] = {
    "subi": lambda x, y, s: _difference(x, y, s, 0, chained=False),
    "sbci": lambda x, y, s: _difference(x, y, s, carry_in(s), chained=True),
    "cpi": lambda x, y, s: _difference(x, y, s, 0, chained=False, kept=False),
    "andi": lambda x, y, s: _logic(x & y, y, s),
    "ori": lambda x, y, s: _logic(x | y, y, s),
    "ldi": lambda x, y, s: (y, y, s),
}
TWO_OPERANDS: dict[str, Model] = {
    "add": lambda x, y, s: _sum(x, y, s, 0),
    "adc": lambda x, y, s: _sum(x, y, s, carry_in(s)),
    "sub": IMMEDIATE["subi"],
    "sbc": IMMEDIATE["sbci"],
    "cp": IMMEDIATE["cpi"],
    "cpc": lambda x, y, s: _difference(x, y, s, carry_in(s), chained=True, kept=False),
    "and": IMMEDIATE["andi"],
    "or": IMMEDIATE["ori"],
    "eor": lambda x, y, s: _logic(x ^ y, y, s),
    "mov": IMMEDIATE["ldi"],
}
MULTIPLY: dict[str, Model] = {
    "mul": lambda x, y, s: _product(x * y, s, fractional=False),
    "muls": lambda x, y, s: _product(_signed(x) * _signed(y), s, fractional=False),
    "mulsu": lambda x, y, s: _product(_signed(x) * y, s, fractional=False),
    "fmul": lambda x, y, s: _product(x * y, s, fractional=True),
    "fmuls": lambda x, y, s: _product(_signed(x) * _signed(y), s, fractional=True),
    "fmulsu": lambda x, y, s: _product(_signed(x) * y, s, fractional=True),
}
ONE_OPERAND: dict[str, Model] = {
    "com": lambda x, y, s: _logic(0xFF - x, y, s, C=np.ones(x.shape, bool)),
    "neg": _neg,
    "inc": _inc,
    "dec": _dec,
    "lsr": lambda x, y, s: _shift(x >> 1, y, s, bit(x, 0)),
    "ror": lambda x, y, s: _shift(carry_in(s) << 7 | x >> 1, y, s, bit(x, 0)),
    "asr": lambda x, y, s: _shift(x & 0x80 | x >> 1, y, s, bit(x, 0)),
    "swap": lambda x, y, s: ((x << 4 | x >> 4) & 0xFF, y, s),
}
