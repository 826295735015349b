# SPDX-License-Identifier: GPL-3.0-or-later
"""A chip with the uploadable machine: one program after the other uses the same globals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from serial import SerialBase

from kilolearn.emulator import port_url
from kilolearn.errors import PortError
from kilolearn.firmware import build
from kilolearn.port import BAUD, open_port
from kilolearn.python_subset.bytecode import compile_program
from kilolearn.python_subset.places import Place
from kilolearn.python_subset.run import Run
from kilolearn.python_subset.tree import Program
from kilolearn.python_subset.upload import PythonChip

__all__ = ["LiveMachine", "open_machine_port"]


class LiveMachine:
    """The machine behind an open port.

    Attributes:
        chip: The link to it.
    """

    def __init__(self, port: SerialBase) -> None:
        self._port = port
        self._places: Mapping[str, Place] = {}
        self.chip = PythonChip(port)

    def run(self, program: Program, hear: Callable[[int], None]) -> Run:
        """Upload a program and run it; globals that were there before stay where they are."""
        bytecode = compile_program(program, self._places)
        self.chip.upload(bytecode)
        self._places = bytecode.places
        if not program.body:
            return Run((), {}, None)
        return self.chip.run(hear=hear)

    def restart(self) -> None:
        """Reset the chip by DTR, as an Arduino's host does."""
        self._port.dtr = False
        self._port.dtr = True
        self._places = {}
        self.chip = PythonChip(self._port)


@contextmanager
def open_machine_port(
    port: str | None, mcu: str | None, baud: int = BAUD, timeout: float = 1.0
) -> Iterator[SerialBase]:
    """The port of a chip that is flashed with python_upload, or of one emulated for the purpose.

    Args:
        port: A pyserial URL, or None to emulate `mcu`.
        mcu: The chip to build for and emulate, when there is no port.
        baud: Of the firmware.
        timeout: Longest silence, seconds.

    Raises:
        PortError: Neither port nor mcu given, or both; or the port cannot be opened.
        BuildError: The machine does not fit the chip.
    """
    if (port is None) == (mcu is None):
        raise PortError("give either --port, a pyserial URL, or --mcu, a chip to emulate")
    url = port if port is not None else port_url(build("python_upload", str(mcu)), str(mcu))
    with open_port(url, baud, timeout) as opened:
        yield opened
