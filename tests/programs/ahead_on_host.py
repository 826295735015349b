# SPDX-License-Identifier: GPL-3.0-or-later
"""Ahead-of-time C compiled for this machine, many programs in one library: quick by the thousand.

Undefined behaviour of the C ends the process.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cffi
from cases import Case

from kilolearn.firmware import avr_folder
from kilolearn.python_subset.ahead import to_c
from kilolearn.python_subset.ahead_expressions import c_name
from kilolearn.python_subset.check import check
from kilolearn.python_subset.run import Run, RunError
from kilolearn.python_subset.tree import Program

__all__ = ["run_ahead_on_host"]

_DECLARED = """
typedef struct { uint16_t line; uint8_t kind; } python_failure;
extern python_failure failure;
size_t run_program(unsigned number, const uint8_t *input, const int16_t *adc, const uint8_t *pins,
                   int16_t *variables);
const int16_t *program_outputs(void);
"""


def run_ahead_on_host(cases: Sequence[Case], folder: Path, *, checked: bool = True) -> list[Run]:
    """Run programs as C; the folder gets the library."""
    programs = [check(case.source, case.path) for case in cases]
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "programs.c"
    parts = ['#include "ahead_on_host.c"\n']
    for number, (case, program) in enumerate(zip(cases, programs, strict=True)):
        text = to_c(program, case.overflow, checked=checked)
        text += _copy_out(program)
        parts.append(re.sub(r"\b(?=py_|python_(?:program|keep|copy)\b)", f"n{number}_", text))
    runs = "".join(
        f"    case {number}: emitted = run(n{number}_python_program, input, adc, pins);"
        f" n{number}_python_copy(variables); break;\n"
        for number in range(len(cases))
    )
    parts.append(
        "size_t run_program(unsigned number, const uint8_t *input, const int16_t *adc, "
        "const uint8_t *pins, int16_t *variables) {\n    size_t emitted = 0;\n"
        f"    switch (number) {{\n{runs}    }}\n    return emitted;\n}}\n"
        "const int16_t *program_outputs(void) { return outputs; }\n"
    )
    source.write_text("".join(parts), encoding="utf-8")
    library = folder / "programs.so"
    command = ["gcc", "-std=gnu11", "-O1", "-shared", "-fPIC", "-fsanitize=undefined"]
    command += ["-fno-sanitize-recover=all", "-w"]
    command += [f"-I{avr_folder()}", f"-I{Path(__file__).parent}", str(source), "-o", str(library)]
    subprocess.run(command, check=True)
    ffi = cffi.FFI()
    ffi.cdef(_DECLARED)
    native: Any = ffi.dlopen(str(library))
    return [
        _run(ffi, native, number, case, program)
        for number, (case, program) in enumerate(zip(cases, programs, strict=True))
    ]


def _copy_out(program: Program) -> str:
    """C that copies every global, whatever its width, into 16 bits each."""
    lines = [f"    *to++ = {c_name(variable.name)};\n" for variable in program.variables]
    lines += [
        f"    for (int i = 0; i < {len(array.initial)}; i++) *to++ = {c_name(array.name)}[i];\n"
        for array in program.arrays
    ]
    return f"\nstatic void python_copy(int16_t *to) {{\n{''.join(lines)}    (void)to;\n}}\n"


def _run(ffi: Any, native: Any, number: int, case: Case, program: Program) -> Run:
    sizes = sum(len(array.initial) for array in program.arrays)
    variables = ffi.new("int16_t[]", len(program.variables) + sizes + 1)
    adc = [case.devices.adc.get(channel, 0) for channel in range(8)]
    pins = [case.devices.pins.get(pin, 0) for pin in range(8)]
    emitted = native.run_program(
        number,
        ffi.from_buffer(case.devices.input),
        ffi.new("int16_t[]", adc),
        ffi.new("uint8_t[]", pins),
        variables,
    )
    outputs = native.program_outputs()
    values = iter(list(variables))
    found: dict[str, int | tuple[int, ...]] = {v.name: next(values) for v in program.variables}
    for array in program.arrays:
        found[array.name] = tuple(next(values) for _ in array.initial)
    failure, error = native.failure, None
    if failure.kind:
        error = RunError.numbered(failure.kind, failure.line)
    return Run(tuple(outputs[i] for i in range(emitted)), found, error)
