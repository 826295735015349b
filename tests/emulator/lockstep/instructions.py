# SPDX-License-Identifier: GPL-3.0-or-later
"""Random statements of plain instructions: registers, flags, SRAM, flash, stack and flow.

Pointers are loaded right before they are used. No skip stands before an ADIW or SBIW with
K & 15 >= 12, which libsimavr 1.6 takes for two words; BREAK, which it stops at, is left out.
"""

from __future__ import annotations

import random

from lockstep.targets import Target
from lockstep.writer import Writer

SREG, SPH, SPL = 0x3F, 0x3E, 0x3D
TWO = ("add", "adc", "sub", "sbc", "and", "or", "eor", "mov", "cp", "cpc")
ONE = ("com", "neg", "inc", "dec", "lsr", "ror", "asr", "swap")
IMMEDIATE = ("subi", "sbci", "andi", "ori", "cpi", "ldi")
MULS = ("mul", "muls", "mulsu", "fmul", "fmuls", "fmulsu")
SKIPS = ("cpse", "sbrc", "sbrs", "sbic", "sbis")
SUBROUTINES = 4


class Instructions:
    """Each method writes one statement; r16 to r31 may be lost outside of handlers."""

    def __init__(
        self, target: Target, rng: random.Random, *, peripherals: bool, half_carry: bool
    ) -> None:
        self.t = target
        self.rng = rng
        self.w = Writer()
        self.peripherals = peripherals
        self.flags = range(8) if half_carry else (0, 1, 2, 3, 4, 6, 7)  # that branches may ask
        self.half_carry = half_carry
        self.in_handler = False
        self.callable_from = 0  # the first subroutine that may be called from here

    # Registers: handlers keep to r0-r15, the others to r0-r25, of which they may lose any.

    def register(self) -> int:
        return self.rng.randrange(16 if self.in_handler else 26)

    def upper(self) -> int:
        return self.rng.randrange(10)  # r16 to r25 as the manual's field holds them

    def alu(self) -> None:
        kind = self.rng.randrange(4 if self.t.has_mul else 3)
        if kind == 0 or self.in_handler:
            self.w.op(self.rng.choice(TWO), d=self.register(), r=self.rng.randrange(32))
        elif kind == 1:
            self.w.op(self.rng.choice(ONE), d=self.register())
        elif kind == 2:
            self.w.op(self.rng.choice(IMMEDIATE), d=self.upper(), K=self.rng.randrange(256))
        else:
            name = self.rng.choice(MULS)
            span = {"mul": 32, "muls": 16}.get(name, 8)
            self.w.op(name, d=self.rng.randrange(span), r=self.rng.randrange(span))

    def wide(self) -> None:
        if self.rng.randrange(2):
            self.w.op(self.rng.choice(("adiw", "sbiw")), d=0, K=self.rng.randrange(64))
        else:
            self.w.op("movw", d=self.rng.randrange(13), r=self.rng.randrange(16))

    def chain(self) -> None:
        """Two bytes less or against two bytes, the high ones often equal: Z is of both."""
        low, high, other = self.register(), self.register(), self.register()
        self.w.op(self.rng.choice(("sub", "cp")), d=low, r=other)
        self.w.op(self.rng.choice(("sbc", "cpc")), d=high, r=high)
        after = self.w.fresh()
        self.w.to("brbs", after, s=1)
        self.w.op("inc", d=other)
        self.w.label(after)

    def bits(self) -> None:
        self.w.op(self.rng.choice(("bst", "bld")), d=self.register(), b=self.rng.randrange(8))

    def status(self) -> None:
        kind = self.rng.randrange(4)
        flag = self.rng.randrange(7)
        if kind == 0:
            self.w.op("bset", s=flag)
        elif kind == 1:
            self.w.op("bclr", s=flag)
        elif kind == 2:
            self.read_status(self.register())
        else:  # any status at all, odd signs too; I as the program's interrupts allow
            value = self.rng.randrange(256 if self.peripherals else 128)
            self.w.op("ldi", d=1, K=value)
            if self.rng.randrange(2):
                self.w.op("out", A=SREG, r=17)
            else:
                self.w.op("sts", d=17, k=SREG + 32)

    def read_status(self, into: int) -> None:
        if not self.half_carry:
            self.w.op("bclr", s=5)
        self.w.op("in", d=into, A=SREG)

    def pointer(self, register: int, address: int) -> None:
        self.w.op("ldi", d=register - 16, K=address & 0xFF)
        self.w.op("ldi", d=register - 15, K=address >> 8)

    def memory(self) -> None:
        address = self.t.start + self.rng.randrange(self.t.size)
        value = self.register()
        letter = self.rng.choice("xyz")
        register = {"x": 26, "y": 28, "z": 30}[letter]
        mode = self.rng.choice(("inc", "dec", "plain", "direct", "displaced"))
        loads = self.rng.randrange(2)
        if mode == "direct":
            self.w.op("lds" if loads else "sts", d=value, k=address)
        elif mode in ("inc", "dec"):
            self.pointer(register, address + (mode == "dec"))
            for _ in range(self.rng.choice((1, 1, 3)) if self.t.start < address - 8 else 1):
                self.move(loads, f"{letter}_{mode}", value)
        elif letter == "x":
            self.pointer(26, address)
            self.move(loads, "x", value)
        else:
            q = self.rng.randrange(min(64, address - self.t.start + 1))
            self.pointer(register, address - q)
            self.w.op(f"ldd_{letter}", d=value, q=q) if loads else self.w.op(
                f"std_{letter}", r=value, q=q
            )

    def move(self, loads: int, form: str, value: int) -> None:
        if loads:
            self.w.op(f"ld_{form}", d=value)
        else:
            self.w.op(f"st_{form}", r=value)

    def flash(self) -> None:
        self.pointer(30, self.rng.randrange(min(self.t.flash_bytes, 0x10000)))
        forms = ["lpm", "lpm_z", "lpm_z_inc"]
        if self.t.rampz:
            self.w.op("ldi", d=0, K=self.rng.randrange(2))
            self.w.op("out", A=self.t.rampz - 32, r=16)
            forms += ["elpm", "elpm_z", "elpm_z_inc"]
        name = self.rng.choice(forms)
        if "_" in name:
            self.w.op(name, d=self.register())
        else:
            self.w.op(name)

    def stack(self) -> None:
        self.w.op("push", d=self.rng.randrange(32))
        if self.rng.randrange(2):
            self.alu()
        self.w.op("pop", d=self.register())

    def frame(self) -> None:
        """A prologue and epilogue as gcc writes them, the two halves of SP apart."""
        size = self.rng.randrange(1, 12)
        for change in ("sbiw", "adiw"):
            self.w.op("in", d=28, A=SPL)
            self.w.op("in", d=29, A=SPH)
            self.w.op(change, d=2, K=size)
            self.read_status(0)
            self.w.op("bclr", s=7)
            self.w.op("out", r=29, A=SPH)
            self.w.op("out", r=0, A=SREG)
            self.w.op("out", r=28, A=SPL)
            if change == "sbiw":
                self.alu()
                self.w.op("std_y", r=self.register(), q=size)

    def skippable(self) -> None:
        """One instruction of one or two words that may be left out."""
        kind = self.rng.randrange(6 if self.t.has_jmp else 4)
        if kind == 0:
            self.w.op(self.rng.choice(("lds", "sts")), d=self.register(),
                      k=self.t.start + self.rng.randrange(self.t.size))  # fmt: skip
        elif kind == 1:
            k = self.rng.randrange(4) << 4 | self.rng.randrange(12)
            self.w.op(self.rng.choice(("adiw", "sbiw")), d=0, K=k)
        elif kind < 4:
            self.w.op(self.rng.choice(TWO), d=self.register(), r=self.register())
        elif kind == 4 or self.callable_from >= SUBROUTINES or self.in_handler:
            after = self.w.fresh()
            self.w.to("jmp", after)
            self.w.op("inc", d=self.register())
            self.w.label(after)
        else:
            self.w.to("call", f"subroutine{self.rng.randrange(self.callable_from, SUBROUTINES)}")

    def skip(self) -> None:
        name = self.rng.choice(SKIPS)
        if name == "cpse":
            self.w.op(name, d=self.register(), r=self.register())
        elif name in ("sbic", "sbis"):
            self.w.op(name, A=self.t.scratch - 32, b=self.rng.randrange(8))
        else:
            self.w.op(name, r=self.register(), b=self.rng.randrange(8))
        self.skippable()

    def branch(self) -> None:
        after = self.w.fresh()
        name = self.rng.choice(("brbs", "brbc"))
        self.w.to(name, after, s=self.rng.choice(self.flags))
        for _ in range(self.rng.randrange(4)):
            self.alu()
        self.w.label(after)

    def loop(self) -> None:
        self.w.op("ldi", d=9, K=self.rng.randrange(2, 9))
        again = self.w.fresh()
        self.w.label(again)
        for _ in range(self.rng.randrange(1, 4)):
            self.w.op(self.rng.choice(TWO), d=self.rng.randrange(25), r=self.rng.randrange(32))
        self.w.op("dec", d=25)
        self.w.to("brbc", again, s=1)

    def call(self) -> None:
        if self.callable_from >= SUBROUTINES:
            return
        goal = f"subroutine{self.rng.randrange(self.callable_from, SUBROUTINES)}"
        kind = self.rng.randrange(3 if self.t.has_jmp else 2)
        if kind == 0:
            self.w.to("rcall", goal)
        elif kind == 1:
            self.w.to("ldi.low", goal, d=14)
            self.w.to("ldi.high", goal, d=15)
            self.w.op("icall")
        else:
            self.w.to("call", goal)

    def jump(self) -> None:
        after = self.w.fresh()
        kind = self.rng.randrange(3 if self.t.has_jmp else 2)
        if kind == 0:
            self.w.to("rjmp", after)
        elif kind == 1:
            self.w.to("ldi.low", after, d=14)
            self.w.to("ldi.high", after, d=15)
            self.w.op("ijmp")
        else:
            self.w.to("jmp", after)
        for _ in range(self.rng.randrange(3)):
            self.w.op("inc", d=self.register())
        self.w.label(after)
