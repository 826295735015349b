# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error of the tree has a code of its kind."""

from __future__ import annotations

import pytest

from pyavr_sim import errors
from pyavr_sim.exit_codes import exit_code_of

KINDS = {
    1: ["ExpectError", "FirmwareEndedError"],
    9: ["BuildError", "HexError", "ImageTooLargeError", "NotAnElfError", "WrongChipError"],
    10: ["FlashError"],
    12: ["ErasedFlashError", "StackCollisionError", "UninitialisedReadError"],
    42: ["CycleLimitError"],
    2: ["BoardError", "BudgetFileError", "FirmwareError", "PortError", "UnknownSymbolError"],
}


@pytest.mark.parametrize(
    ("code", "name"), [(code, name) for code, names in KINDS.items() for name in names]
)
def test_an_error_ends_a_command_with_its_code(code: int, name: str) -> None:
    assert exit_code_of(getattr(errors, name)("what was found")) == code
