# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn py disassemble``: the bytecode of a program, for people."""

from __future__ import annotations

from kilolearn.commands.py.options import File, read_source
from kilolearn.python_subset.bytecode import compile_program
from kilolearn.python_subset.check import check
from kilolearn.python_subset.disassemble import disassemble

__all__ = ["run"]


def run(file: File) -> None:
    """Print each line of a program, and the instructions that were made of it."""
    source = read_source(file)
    print(disassemble(compile_program(check(source, str(file))), source.splitlines()))
