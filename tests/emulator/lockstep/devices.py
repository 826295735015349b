# SPDX-License-Identifier: GPL-3.0-or-later
"""Random statements for what is around the core: I/O, interrupts, sleep, EEPROM, watchdog, SPM.

What programs leave out since libsimavr 1.6 is wrong there, or has none of it:
  - A program that lets the watchdog reset it never sleeps: libsimavr sleeps on to its next event
    before it resets (test_watchdog.py holds ours to the cycle).
  - EEPROM modes other than erase-and-write, and EEPE while a write goes on, are written as often,
    but with ``timing="simavr"`` the registers are libsimavr's own (test_halts.py for ours).
  - No SPM on the ATtiny85 and ATtiny13A, of which libsimavr has none.
"""

from __future__ import annotations

from opcodes import assemble

from lockstep.instructions import ONE, Instructions

SPMCSR = 0x57  # of each of these chips


class Devices(Instructions):
    """Statements for the peripherals that the target names.

    Those that need immediates are for the main program and subroutines only.
    """

    def put(self, address: int, value: int) -> None:
        """Store an immediate in a register, by OUT where that reaches; r16 is lost."""
        self.w.op("ldi", d=0, K=value)
        if address < 0x60 and self.rng.randrange(2):
            self.w.op("out", A=address - 32, r=16)
        else:
            self.w.op("sts", d=16, k=address)

    resets_itself: bool  # by the watchdog

    def scratch_io(self) -> None:
        """An I/O register that is plain memory and within reach of all bit operations."""
        address = self.t.scratch - 32
        kind = self.rng.randrange(4)
        if kind < 2:
            self.w.op(self.rng.choice(("sbi", "cbi")), A=address, b=self.rng.randrange(8))
        elif kind == 2:
            self.w.op("out", A=address, r=self.register())
        else:
            self.w.op("in", A=address, d=self.register())

    def io(self) -> None:
        reads = self.rng.randrange(2)
        address = self.rng.choice(self.t.read if reads else self.t.write)
        how = self.rng.randrange(3)
        if address < 0x40 and how == 0:
            name = self.rng.choice(("sbi", "cbi")) if not reads else None
            if name:
                self.w.op(name, A=address - 32, b=self.rng.randrange(8))
            elif not self.in_handler:
                self.w.op(
                    self.rng.choice(("sbic", "sbis")), A=address - 32, b=self.rng.randrange(8)
                )
                self.skippable()
        elif address < 0x60 and how < 2:
            if reads:
                self.w.op("in", A=address - 32, d=self.register())
            else:
                self.w.op("out", A=address - 32, r=self.register())
        elif self.in_handler or self.rng.randrange(2):
            self.w.op("lds" if reads else "sts", d=self.register(), k=address)
        else:
            self.pointer(30, address)
            if reads:
                self.w.op("ldd_z", d=self.register(), q=0)
            else:
                self.w.op("std_z", r=self.register(), q=0)

    def interrupts(self) -> None:
        for _ in range(self.rng.choice((1, 1, 2))):
            self.w.op(self.rng.choice(("bset", "bclr")), s=7)
        self.w.op("nop" if self.resets_itself else self.rng.choice(("nop", "wdr")))

    def nap(self) -> None:
        self.put(self.t.sleep_register, self.rng.randrange(256))  # any mode; SE is not asked
        self.w.op("bset", s=7)
        if self.rng.randrange(3) == 0:
            self.w.op("nop")
        self.w.op("sleep")

    def wait(self, most: int) -> None:
        for _ in range(self.rng.randrange(most + 1)):
            self.w.op("nop")

    def set_anew(self) -> None:
        """One of the registers that were chosen at the start: timers, pins, UART, converter."""
        address, values = self.rng.choice(self.t.setup)
        self.put(address, self.rng.choice(values))

    def eeprom(self) -> None:
        """A write, sometimes too late; a read; or the interrupt on or off."""
        eecr, eedr, eearl = self.t.eecr, self.t.eecr + 1, self.t.eecr + 2
        self.put(eearl, self.rng.randrange(64))
        kind = self.rng.randrange(4)
        if kind < 2:
            self.w.op("sts", d=self.register(), k=eedr)
            self.put(eecr, self.rng.choice((0x04, 0x04, 0x0C, 0x14, 0x24)))  # EEMPE, EERIE, EEPM
            self.wait(4)
            self.w.op("sbi", A=eecr - 32, b=1)
        elif kind == 2:
            self.w.op("sbi", A=eecr - 32, b=0)
            self.w.op("lds", d=self.register(), k=eedr)
        else:
            self.w.op(self.rng.choice(("sbi", "cbi")), A=eecr - 32, b=3)

    def convert(self) -> None:
        """Start a conversion or look at the last one."""
        adcsra, adcl = self.t.adcsra, self.t.adcl
        if self.rng.randrange(2):
            bits = self.rng.choice((0xC0, 0xC8, 0xE8, 0x88, 0x00))  # ADEN, ADSC, ADATE, ADIE
            self.put(adcsra, bits | self.rng.randrange(4))
        else:
            self.w.op("lds", d=self.register(), k=adcl)
            self.w.op("lds", d=self.register(), k=adcl + 1)

    def watchdog(self) -> None:
        """Off, or interrupts after 2,048 or 4,096 cycles of 128 kHz; or no right to set it."""
        if self.rng.randrange(4):
            self.open_watchdog()
        self.put(self.t.wdtcsr, self.rng.choice((0x00, 0x40, 0x41, 0xC0)))

    def open_watchdog(self) -> None:
        self.put(*((self.t.ccp, 0xD8) if self.t.ccp else (self.t.wdtcsr, 0x18)))

    def selfprogram(self) -> None:
        """Any SPM on the data page, or new code on the code page, which is then called."""
        data_page = self.t.flash_bytes - 2 * self.t.page_bytes
        if self.rng.randrange(2):
            self.point_z_at(data_page + self.rng.randrange(self.t.page_bytes))
            self.store_program_memory(self.rng.choice((0x01, 0x03, 0x05, 0x09, 0x11)), late=5)
            self.w.op("lpm_z", d=self.register())
        else:
            self.w.op("bclr", s=7)
            self.point_z_at(data_page)
            self.store_program_memory(0x05)  # empties the page buffer
            self.new_code(data_page + self.t.page_bytes)
            self.w.op(self.rng.choice(("bset", "bclr")), s=7)

    def new_code(self, page: int) -> None:
        self.point_z_at(page)
        self.store_program_memory(0x03)
        words = [assemble(self.rng.choice(ONE), d=self.rng.randrange(16))[0] for _ in range(3)]
        for offset, word in enumerate((*words[self.rng.randrange(3) :], *assemble("ret"))):
            self.point_z_at(page + 2 * offset)
            for register, half in enumerate((word & 0xFF, word >> 8)):
                self.w.op("ldi", d=0, K=half)
                self.w.op("mov", d=register, r=16)
            self.store_program_memory(0x01)
        self.store_program_memory(0x05)
        self.store_program_memory(0x11)  # lets a page with RWW be read again
        self.pointer(30, page // 2)
        self.w.op("icall")

    def point_z_at(self, address: int) -> None:
        """As SPM and ELPM take it, with RAMPZ."""
        self.pointer(30, address & 0xFFFF)
        if self.t.rampz:
            self.put(self.t.rampz, address >> 16)

    def store_program_memory(self, command: int, late: int = 0) -> None:
        self.put(SPMCSR, command)
        self.wait(late)
        self.w.op("spm")
