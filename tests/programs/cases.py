# SPDX-License-Identifier: GPL-3.0-or-later
"""A program with the world that it runs in.

A file states its world in comments: ``# input: 05 ff``, ``# adc: 2=300 3=1023``, ``# pins: 1=1``,
``# overflow: wrap``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kilolearn.python_subset import oracle
from kilolearn.python_subset.devices import Devices
from kilolearn.python_subset.run import Run

__all__ = ["PROGRAMS", "Case", "expected", "load"]

HERE = Path(__file__).parent
PROGRAMS = sorted(str(path.relative_to(HERE)) for path in HERE.glob("*/*.py"))


@dataclass(frozen=True, eq=False)
class Case:
    path: str
    source: str
    devices: Devices
    overflow: Literal["error", "wrap"] = "error"


def load(path: str) -> Case:
    """A file of this folder."""
    source = (HERE / path).read_text(encoding="utf-8")
    stated = dict(re.findall(r"^# (input|adc|pins|overflow): (.*)$", source, re.MULTILINE))
    devices = Devices(
        bytes.fromhex(stated.get("input", "")),
        _numbered(stated.get("adc", "")),
        _numbered(stated.get("pins", "")),
    )
    return Case(path, source, devices, "wrap" if stated.get("overflow") == "wrap" else "error")


def _numbered(text: str) -> dict[int, int]:
    return {int(number): int(value) for number, value in re.findall(r"(\d+)=(\d+)", text)}


def expected(case: Case) -> Run:
    """What CPython makes of it."""
    return oracle.run(case.source, case.path, case.devices, case.overflow)
