# SPDX-License-Identifier: GPL-3.0-or-later
"""What addresses of a chip are called, and where names are, by the firmware's symbols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyavr_sim.errors import UnknownSymbolError

if TYPE_CHECKING:
    from pyavr_sim.firmware import Firmware
    from pyavr_sim.line_table import SourceLine
    from pyavr_sim.variables import Variable

__all__ = ["START", "Names"]

START = "start-up code"
"""What runs from a reset on without having been called: of C, what clears .bss and calls main."""


@dataclass(frozen=True)
class Names:
    """The names of a chip's firmware.

    Attributes:
        firmware: None for a chip without one: then nothing has a name.
    """

    firmware: Firmware | None

    def variable(self, name: str) -> Variable:
        """Find a variable with its type.

        Raises:
            SymbolError: Absent, optimised away, or without a type.
        """
        return self._of(name).variable(name)

    def code_address(self, name: str) -> int:
        """Flash byte address of a function or label.

        Raises:
            UnknownSymbolError: There is none of that name in flash.
        """
        symbol = self._of(name).symbol(name)
        if symbol.space != "flash":
            raise UnknownSymbolError(
                f"{name} is in {symbol.space}; expected code. Name a function or label."
            )
        return symbol.address

    def function_at(self, pc: int) -> str | None:
        """Name of the function around a flash byte address, if known."""
        return self.firmware.function_at(pc) if self.firmware else None

    def place(self, pc: int) -> str:
        """Say where a flash byte address is, for messages."""
        text = f"pc 0x{pc:04X}"
        if self.firmware is None:
            return text
        function, line = self.firmware.function_at(pc), self.line_at(pc)
        return text + (f" in {function}" if function else "") + (f" ({line})" if line else "")

    def line_at(self, pc: int) -> str | None:
        """Source file and line of a flash byte address, such as ``"net.c:12"``, if known."""
        line = self.source_line(pc)
        return None if line is None else str(line)

    def source_line(self, pc: int) -> SourceLine | None:
        """The same with the whole path."""
        return self.firmware.line_table.at(pc) if self.firmware else None

    def variable_at(self, address: int) -> str | None:
        """The static variable at a data address, with the offset in it: ``"net+3"``."""
        for symbol in self.firmware.symbols.values() if self.firmware else ():
            offset = address - symbol.address
            if symbol.space == "sram" and 0 <= offset < symbol.size:
                return f"{symbol.name}+{offset}" if offset else symbol.name
        return None

    def _of(self, name: str) -> Firmware:
        if self.firmware is None:
            raise UnknownSymbolError(
                f"the chip has no firmware, so nothing is called {name!r}. Load an ELF."
            )
        return self.firmware
