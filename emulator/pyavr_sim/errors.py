# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error that ``pyavr_sim`` raises, as one tree with one base.

::

    PyavrSimError
    ├── UnknownChipError            no such chip, or one that cannot be emulated safely
    ├── ChipClosedError             the chip was closed
    ├── ChipBusyError               another thread is running this chip
    ├── NotTrackedError             asked of a chip with tracking=False what it did not count
    ├── FirmwareError               the firmware file cannot be used
    │   ├── NotAnElfError           neither an AVR ELF nor what its name says
    │   ├── TruncatedImageError     the file ends before its contents do
    │   ├── DamagedImageError       headers that contradict each other or the AVR's memory map
    │   ├── WrongChipError          made for another MCU
    │   ├── HexError                Intel HEX: bad checksum, bad record, overlap
    │   ├── ImageTooLargeError      does not fit into flash or EEPROM
    │   └── SramOverflowError       .data + .bss + .noinit exceed SRAM
    ├── SymbolError                 a name that does not lead to what was asked for
    │   ├── UnknownSymbolError      the firmware has no such name
    │   ├── OptimisedAwayError      the compiler kept no place for it
    │   ├── NoDebugInfoError        no usable DWARF, so no types
    │   └── UnsupportedTypeError    a type that NumPy cannot show
    ├── BudgetFileError             budgets or costs that make no sense
    ├── BuildError                  the command that makes a test's firmware failed
    ├── BoardError                  a board cannot be reached, or does not answer
    │   └── FlashError              avrdude could not program it
    ├── ExpectError                 a chip or board did not send what was expected in time
    ├── PortError                   UART, ADC channel or pin that the chip lacks, or its misuse
    ├── SnapshotError               a snapshot was taken of another chip
    ├── HistoryError                a chip cannot be run back
    │   ├── NoHistoryError          it keeps no history
    │   ├── FutureCycleError        the cycle has not come yet
    │   └── ForgottenCycleError     the cycle is before the history's begin
    ├── DebugError                  a debugger asked for what this chip does not have
    ├── RunError                    a run did not get where it was asked to
    │   ├── CycleLimitError         the condition was not met within cycles_max
    │   └── FirmwareEndedError      the firmware stopped for good (cli + sleep) before it
    └── FirmwareFault               the firmware did what silicon cannot do sensibly
        ├── OutOfRangeAccessError   load or store outside the data space, LPM outside flash
        ├── ErasedFlashError        executed flash that was never programmed, or past its end
        ├── IllegalInstructionError executed a word that is no instruction of this chip's core
        ├── StackCollisionError     the stack grew into .data, .bss or .noinit
        └── UninitialisedReadError  read SRAM that nothing has written, where the policy forbids it

A wrong argument (a negative cycle count, a pin called ``"Q9"`` that no AVR could have) is a
:class:`ValueError` or :class:`TypeError`, as everywhere in Python.
"""

from __future__ import annotations

__all__ = [
    "BoardError",
    "BudgetFileError",
    "BuildError",
    "ChipBusyError",
    "ChipClosedError",
    "CycleLimitError",
    "DamagedImageError",
    "DebugError",
    "ErasedFlashError",
    "ExpectError",
    "FirmwareEndedError",
    "FirmwareError",
    "FirmwareFault",
    "FlashError",
    "ForgottenCycleError",
    "FutureCycleError",
    "HexError",
    "HistoryError",
    "IllegalInstructionError",
    "ImageTooLargeError",
    "NoDebugInfoError",
    "NoHistoryError",
    "NotAnElfError",
    "NotTrackedError",
    "OptimisedAwayError",
    "OutOfRangeAccessError",
    "PortError",
    "PyavrSimError",
    "RunError",
    "SnapshotError",
    "SramOverflowError",
    "StackCollisionError",
    "SymbolError",
    "TruncatedImageError",
    "UninitialisedReadError",
    "UnknownChipError",
    "UnknownSymbolError",
    "UnsupportedTypeError",
    "WrongChipError",
]


class PyavrSimError(Exception):
    """The base of all errors of this package."""


class UnknownChipError(PyavrSimError):
    """No such chip, or one that cannot be emulated safely."""


class ChipClosedError(PyavrSimError):
    """The chip was used after ``close()``."""


class ChipBusyError(PyavrSimError):
    """A chip was used while another thread was running it."""


class NotTrackedError(PyavrSimError):
    """The chip was made with ``tracking=False`` and did not count what was asked for."""


class FirmwareError(PyavrSimError):
    """The firmware file cannot be used."""


class NotAnElfError(FirmwareError):
    """The file is neither an AVR ELF nor what its name says."""


class TruncatedImageError(FirmwareError):
    """The file ends before its contents do."""


class DamagedImageError(FirmwareError):
    """An ELF whose headers contradict each other or the AVR's memory map."""


class WrongChipError(FirmwareError):
    """The image was made for another MCU."""


class HexError(FirmwareError):
    """An Intel HEX file with a bad checksum, a bad record or an overlap."""


class ImageTooLargeError(FirmwareError):
    """The image does not fit into the chip's flash or EEPROM."""


class SramOverflowError(FirmwareError):
    """.data, .bss and .noinit together are larger than the chip's SRAM."""


class SymbolError(PyavrSimError):
    """A name does not lead to what was asked for."""


class UnknownSymbolError(SymbolError):
    """The firmware has no such name."""


class OptimisedAwayError(SymbolError):
    """The compiler kept no place in memory for the variable."""


class NoDebugInfoError(SymbolError):
    """The firmware holds no usable DWARF debug information, so types are unknown."""


class UnsupportedTypeError(SymbolError):
    """The variable has a type that NumPy cannot show."""


class BudgetFileError(PyavrSimError):
    """A file of budgets or costs is missing or damaged, or a budget limits what nobody knows."""


class BuildError(PyavrSimError):
    """The command that makes a test's firmware failed, or made nothing."""


class BoardError(PyavrSimError):
    """A board cannot be reached, or does not answer as agreed."""


class FlashError(BoardError):
    """Avrdude could not program a board."""


class ExpectError(PyavrSimError):
    """A chip or board did not send what was expected in time.

    Attributes:
        received: What it sent since the last match.
    """

    def __init__(self, message: str, received: bytes = b"") -> None:
        super().__init__(message)
        self.received = received


class PortError(PyavrSimError):
    """A UART, ADC channel or pin that the chip does not have, or its misuse."""


class SnapshotError(PyavrSimError):
    """A snapshot was taken of another chip than the one to be restored."""


class HistoryError(PyavrSimError):
    """A chip cannot be run back to a cycle."""


class NoHistoryError(HistoryError):
    """The chip keeps no history."""


class FutureCycleError(HistoryError):
    """The cycle has not come yet."""


class ForgottenCycleError(HistoryError):
    """The cycle is before the begin of the history."""


class DebugError(PyavrSimError):
    """A debugger asked for what this chip does not have, or its server cannot begin."""


class RunError(PyavrSimError):
    """A run did not reach what it was asked to run to.

    Attributes:
        cycle: Cycles since power-up when the run stopped.
        pc: Byte address of the next instruction.
    """

    def __init__(self, message: str, *, cycle: int = 0, pc: int = 0) -> None:
        super().__init__(message)
        self.cycle = cycle
        self.pc = pc


class CycleLimitError(RunError):
    """The condition was not met within ``cycles_max``."""


class FirmwareEndedError(RunError):
    """The firmware stopped for good (interrupts off, then sleep) before the condition was met."""


class FirmwareFault(PyavrSimError):  # noqa: N818 - a fault of the firmware, not of this program
    """The firmware did what no chip can do sensibly.

    Attributes:
        pc: Byte address of the instruction at fault.
        address: Data address (flash address for LPM and erased flash) that was accessed.
        cycle: Cycles since power-up when that instruction began.
        function: Name of the function around ``pc``, or None when not known.
    """

    def __init__(
        self,
        message: str,
        *,
        pc: int = 0,
        address: int = 0,
        cycle: int = 0,
        function: str | None = None,
    ) -> None:
        super().__init__(message)
        self.pc = pc
        self.address = address
        self.cycle = cycle
        self.function = function


class OutOfRangeAccessError(FirmwareFault):
    """A load or store outside the data space, or LPM outside flash."""


class ErasedFlashError(FirmwareFault):
    """Execution reached flash that was never programmed, or ran past its end."""


class IllegalInstructionError(FirmwareFault):
    """Executed a word that is no instruction, or one that this chip's core lacks."""


class StackCollisionError(FirmwareFault):
    """The stack grew into .data, .bss or .noinit."""


class UninitialisedReadError(FirmwareFault):
    """Read an SRAM byte that nothing has written since power-up."""
