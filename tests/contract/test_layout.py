# SPDX-License-Identifier: GPL-3.0-or-later
"""Chip and host see one contract: what Python reads from the headers, avr-gcc must assert."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kilolearn import contract

AVR = Path(__file__).parents[2] / "avr"
HEADERS = sorted((AVR / "contract").glob("*.h"))
COMPILERS = {
    "attiny1634": ["avr-gcc", "-mmcu=attiny1634"],
    "atmega328p": ["avr-gcc", "-mmcu=atmega328p"],
    "host": ["gcc"],
}


def layout_assertions(structs: dict[str, np.dtype[Any]]) -> list[str]:
    lines = []
    for name, layout in structs.items():
        lines.append(f'_Static_assert(sizeof({name}) == {layout.itemsize}, "{name}");')
        for field, (kind, offset, *_) in (layout.fields or {}).items():
            where = f"offsetof({name}, {field}) == {offset}"
            size = f"sizeof((({name} *)0)->{field}) == {kind.itemsize}"
            lines.append(f'_Static_assert({where} && {size}, "{name}.{field}");')
            if kind.kind in "iu":
                signed = f"(__typeof__((({name} *)0)->{field}))-1 < 0"
                lines.append(f'_Static_assert(({signed}) == {int(kind.kind == "i")}, "{field}");')
    return lines


def constant_assertions(constants: dict[str, int]) -> list[str]:
    return [f'_Static_assert({name} == {value}, "{name}");' for name, value in constants.items()]


def compile_with(compiler: str, assertions: list[str], folder: Path) -> subprocess.CompletedProcess:
    source = folder / "layout.c"
    includes = ["#include <stddef.h>", *(f'#include "contract/{h.name}"' for h in HEADERS)]
    source.write_text("\n".join([*includes, *assertions, ""]), encoding="utf-8")
    flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-type-limits", "-c"]
    out = ["-o", str(folder / "layout.o")]
    command = [*COMPILERS[compiler], *flags, f"-I{AVR}", *out, str(source)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_compiler_lays_the_contract_out_as_python_reads_it(compiler, tmp_path):
    read = contract.load(AVR / "contract")
    assertions = layout_assertions(dict(read.structs)) + constant_assertions(dict(read.constants))

    done = compile_with(compiler, assertions, tmp_path)

    assert done.returncode == 0, done.stderr


def test_a_field_read_at_another_offset_is_refused(tmp_path):
    """The assertions bite: a learner_description with its fields swapped does not compile."""
    read = contract.load(AVR / "contract")
    layout = read.struct("learner_description")
    names = list(layout.names)
    swapped = np.dtype([(name, layout[name]) for name in [*names[:-2], names[-1], names[-2]]])

    done = compile_with("attiny1634", layout_assertions({"learner_description": swapped}), tmp_path)

    assert done.returncode != 0
    assert "learner_description.contract_hash" in done.stderr


def test_every_header_is_read():
    """A struct that Python failed to see would go unchecked."""
    read = contract.load(AVR / "contract")
    written = [line for h in HEADERS for line in h.read_text().splitlines() if line[:2] == "} "]
    assert len(read.structs) == len(written) > 5
