# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn py check``: whether a program is in the subset, without a chip."""

from __future__ import annotations

from kilolearn.commands.py.options import File, read_source
from kilolearn.python_subset.check import check

__all__ = ["run"]


def run(file: File) -> None:
    """Check a program against the subset, and say what its globals take."""
    program = check(read_source(file), str(file))
    array_bytes = sum(array.item_size * len(array.initial) for array in program.arrays)
    print(
        f"{file}: {len(program.functions)} functions, {len(program.variables)} variables, "
        f"{len(program.arrays)} arrays; globals take "
        f"{2 * len(program.variables) + array_bytes} bytes"
    )
