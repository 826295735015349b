# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/python-vm.md and the disassembler say what the machine is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cases import PROGRAMS, load

from kilolearn.errors import BuildError
from kilolearn.python_subset.bytecode import compile_program
from kilolearn.python_subset.check import check
from kilolearn.python_subset.disassemble import disassemble
from kilolearn.python_subset.instructions import opcodes

PAGE = Path(__file__).parents[2] / "docs" / "python-vm.md"


def compiled(source):
    return compile_program(check(source, "program.py"))


def test_the_page_lists_the_instructions_of_the_source():
    rows = re.findall(
        r"^\| `(\w+)` \| ([A-Z]+) \| .* \| ([A-Z_]+) \|$", PAGE.read_text("utf-8"), re.M
    )
    assert rows == [(o.name, o.operands.name, o.option) for o in opcodes().values()]


def test_a_program_for_people():
    source = "a = [4, 5]\nx = 0\nfor i in range(2):\n    x += a[i] + a[1]\n"
    assert disassemble(compiled(source), source.splitlines()) == (
        "; 2: x = 0\n"
        "    0  constant_zero\n"
        "    1  store                x\n"
        "; 3: for i in range(2):\n"
        "    2  constant_zero\n"
        "    3  store                i\n"
        "; 4: x += a[i] + a[1]\n"
        "    4  load                 x\n"
        "    5  push_load            i\n"
        "    6  load_item            a\n"
        "    9  push_load            a[1]\n"
        "   10  add\n"
        "   11  add\n"
        "   12  store                x\n"
        "; 3: for i in range(2):\n"
        "   13  for_below            i 2 -> 4\n"
        "   17  halt"
    )


@pytest.mark.parametrize("path", PROGRAMS)
def test_every_program_can_be_looked_at(path):
    bytecode = compiled(load(path).source)
    lines = disassemble(bytecode).splitlines()
    assert len(lines) == len(bytecode.instructions)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a = [0] * 256\nx = 1\n", "256 items"),
        ("a = [0] * 200\nb = [0] * 2\n", "would begin 400 bytes"),
    ],
    ids=["long", "far"],
)
def test_what_the_machine_cannot_address_is_refused(source, found):
    with pytest.raises(BuildError, match=found):
        compiled(source)
