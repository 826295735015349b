# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulated chip with the uploadable machine, for the tests of avr/vm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cases import Case

from kilolearn import firmware
from kilolearn.emulator import port_url
from kilolearn.port import open_port
from kilolearn.python_subset.bytecode import compile_program
from kilolearn.python_subset.check import check
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.run import Run
from kilolearn.python_subset.upload import PythonChip

__all__ = ["MCUS", "Machine", "machine_on"]

MCUS = ("atmega328p", "attiny1634", "attiny85")


class Machine:
    """The machine's port, and the chip behind it."""

    def __init__(self, port: Any) -> None:
        self.port = port
        self.chip = port.chip
        self.link = PythonChip(port)
        # With this reference a millivolt is a step of the converter.
        self.chip.adc.vcc = self.chip.adc.avcc = self.chip.adc.aref = 1023

    def run(self, case: Case) -> Run:
        """A program from its begin, in its world."""
        self.meet(case.devices)
        self.link.upload(compile_program(check(case.source, case.path)))
        noise = self.chip.symbols["python_noise"].address
        self.chip.data[noise : noise + 2] = (1, 0)
        return self.link.run(case.devices.input)

    def meet(self, devices: Devices) -> None:
        port = "A" if self.chip.name == "attiny1634" else "B"
        for channel, value in devices.adc.items():
            self.chip.adc[channel].millivolts = value
        for number, level in devices.pins.items():
            self.chip.pin(f"{port}{number}").drive(bool(level))

    def power_cycle(self) -> None:
        """Reset, where a program does not end, and greet it again."""
        self.chip.reset()
        self.link = PythonChip(self.port)


@contextmanager
def machine_on(mcu: str, config: str | None = None) -> Iterator[Machine]:
    elf = firmware.build("python_upload", mcu, config=config)
    with open_port(port_url(elf, mcu), timeout=5.0) as port:
        yield Machine(port)
