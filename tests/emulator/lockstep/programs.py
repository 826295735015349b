# SPDX-License-Identifier: GPL-3.0-or-later
"""Random programs that use every instruction and stay inside their memory.

A program is an endless loop of statements, subroutines of which each calls later ones only, and
interrupt handlers, which leave r16 to r31 alone. Statements with a body (loops, frames, branches)
hold others.
"""

from __future__ import annotations

import random

from lockstep.devices import Devices
from lockstep.instructions import SUBROUTINES
from lockstep.targets import CHIPS, Target

__all__ = ["CHIPS", "Target", "random_program"]


class Author(Devices):
    """Writes one random program for a target."""

    def __init__(
        self, target: Target, rng: random.Random, *, peripherals: bool, half_carry: bool
    ) -> None:
        super().__init__(target, rng, peripherals=peripherals, half_carry=half_carry)
        self.resets_itself = peripherals and not rng.randrange(3)
        self.statements = [
            (self.alu, 14), (self.wide, 2), (self.bits, 4), (self.memory, 10), (self.flash, 2),
            (self.skip, 4), (self.branch, 5), (self.loop, 1), (self.stack, 3), (self.call, 3),
            (self.jump, 2), (self.status, 2), (self.scratch_io, 2), (self.chain, 2),
        ]  # fmt: skip
        if target.has_frames:
            self.statements.append((self.frame, 1))
        if peripherals:
            self.statements += [(self.io, 8), (self.interrupts, 4)]
            self.statements += [(self.set_anew, 2), (self.eeprom, 4), (self.convert, 2)]
            if not self.resets_itself:
                self.statements += [(self.watchdog, 1), (self.nap, 1)]
            if target.page_bytes:
                self.statements.append((self.selfprogram, 1))

    def program(self, size: int) -> list[int]:
        total, each = self.t.vectors
        for vector in range(total // each):
            goal = "main" if vector == 0 else f"handler{self.rng.randrange(3)}"
            if each == 2:
                self.w.to("jmp", goal)
            else:
                self.w.to("rjmp", goal)
        self.w.label("main")
        if self.peripherals:
            self.set_up()
        self.w.label("round")
        self.block(size)
        self.w.to("rjmp", "round")
        for n in range(SUBROUTINES):
            self.callable_from = n + 1
            self.w.label(f"subroutine{n}")
            self.block(size // 6)
            self.w.op("ret")
        self.in_handler = True
        for n in range(3):
            self.w.label(f"handler{n}")
            self.handler(n)
            self.w.op("reti")
        return self.w.finished()

    def block(self, statements: int) -> None:
        kinds, weights = zip(*self.statements, strict=True)
        for kind in self.rng.choices(kinds, weights, k=statements):
            kind()

    def set_up(self) -> None:
        for address, values in self.t.setup:
            self.w.op("ldi", d=0, K=self.rng.choice(values))
            self.w.op("sts", d=16, k=address)
        if self.resets_itself:
            self.open_watchdog()
            self.put(self.t.wdtcsr, 0x08)
        self.w.op("bset", s=7)

    def handler(self, n: int) -> None:
        if n == 0 and self.t.uart_data:
            self.w.op("lds", d=3, k=self.t.uart_data)
            self.w.op("sts", d=3, k=self.t.uart_data)
        for _ in range(self.rng.randrange(6)):
            self.rng.choice((self.alu, self.bits, self.stack, self.io, self.scratch_io))()


def random_program(
    target: Target,
    rng: random.Random,
    *,
    peripherals: bool = True,
    half_carry: bool = True,
    size: int | None = None,
) -> list[int]:
    """Write a program of about ``size`` statements in its main loop.

    Without ``half_carry``, nothing depends on the flag H but SREG itself.

    Returns:
        (n,) words from address 0.
    """
    if size is None:
        size = 30 if target.flash_bytes <= 0x400 else rng.choice((20, 60, 150))
    author = Author(target, rng, peripherals=peripherals, half_carry=half_carry)
    words = author.program(size)
    assert len(words) < 2048, "a relative jump reaches no further"
    return words
