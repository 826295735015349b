# SPDX-License-Identifier: GPL-3.0-or-later
"""How a command ended, as its exit code; the same codes for every command and the pytest plugin."""

from __future__ import annotations

from enum import IntEnum

from pyavr_sim.errors import (
    BuildError,
    CycleLimitError,
    ExpectError,
    FirmwareEndedError,
    FirmwareError,
    FirmwareFault,
    FlashError,
    PyavrSimError,
)

__all__ = ["ExitCode", "exit_code_of"]


class ExitCode(IntEnum):
    """What a script may tell apart."""

    OK = 0
    TEST_FAILED = 1
    """The firmware ran, and did not do what was expected."""
    USAGE = 2
    """The command line is wrong, or names what is not there."""
    BUILD = 9
    """The build failed, or made what this chip cannot run."""
    FLASH = 10
    """A board could not be programmed."""
    OVER_BUDGET = 11
    """The firmware takes more than its budget."""
    FIRMWARE_FAULT = 12
    """The firmware did what silicon cannot do sensibly."""
    TIMEOUT = 42
    """Emulated time ran out."""
    INTERRUPTED = 130
    """Ctrl-C; 128 + SIGINT, as a shell has it."""
    BROKEN_PIPE = 141
    """Nobody reads the output any more; 128 + SIGPIPE."""


# The first class that an error is an instance of counts. A file that cannot be read at all is a
# plain FirmwareError: a wrong path, so a matter of usage.
_CODES: tuple[tuple[type[PyavrSimError], ExitCode], ...] = (
    (FirmwareFault, ExitCode.FIRMWARE_FAULT),
    (CycleLimitError, ExitCode.TIMEOUT),
    (FirmwareEndedError, ExitCode.TEST_FAILED),
    (ExpectError, ExitCode.TEST_FAILED),
    (BuildError, ExitCode.BUILD),
    (FirmwareError, ExitCode.BUILD),
    (FlashError, ExitCode.FLASH),
)


def exit_code_of(error: PyavrSimError) -> ExitCode:
    """The code for an error that ends a command."""
    if type(error) is FirmwareError:
        return ExitCode.USAGE
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.USAGE)
