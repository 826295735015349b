# SPDX-License-Identifier: GPL-3.0-or-later
"""The rooms stay apart: who may include or import whom."""

from __future__ import annotations

import ast
import itertools
import re
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A room of avr/ and the rooms whose headers it may include, besides its own, chip and contract.
MAY_INCLUDE = {
    "contract": set(),
    "chip": set(),
    "fixed": set(),
    "net": {"fixed"},
    "online": {"net", "fixed"},
    "charlm": {"net", "fixed"},
    "codec": {"fixed"},
    "vm": set(),
    "wire": set(),
    "checkpoint": {"wire"},
    "configs": set(),
    "kilobyte": {"apps", "codec", "net", "fixed"},
    "apps": {"configs", "online", "charlm", "net", "fixed", "codec", "vm", "wire", "checkpoint"},
}
# These hold the portable kernels: their twin is compiled for the host, without avr/chip.
PORTABLE = {"contract", "fixed", "net", "online", "charlm", "codec", "wire", "configs"}
# Rooms of host/kilolearn that import only those of the lines before theirs, and not each other.
LAYERS = (
    {"codecs", "export", "classifier"},
    {"nets"},
    {"families"},
    {"compress", "search"},
)
# The import name of a distribution, where it differs from the distribution's name.
IMPORT_NAME = {
    "pyelftools": "elftools",
    "pyserial": "serial",
    "scikit-learn": "sklearn",
    "smaz-py3": "smaz",
    "unishox2-py3": "unishox2",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def firmware_sources() -> list[Path]:
    return sorted(p for p in (ROOT / "avr").rglob("*") if p.suffix in {".c", ".h", ".S"})


def python_sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def included_room(source: Path, target: str) -> str:
    """The room of avr/ that a quoted include of `source` leads to."""
    for base in (source.parent, ROOT / "avr"):
        if (base / target).is_file():
            return (base / target).resolve().relative_to(ROOT / "avr").parts[0]
    pytest.fail(f"{source.relative_to(ROOT)} includes {target!r}, which is not in avr/")


@pytest.mark.parametrize("source", firmware_sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_firmware_room_includes_only_what_it_may(source: Path) -> None:
    room = source.relative_to(ROOT / "avr").parts[0]
    for bracket, target in INCLUDE.findall(source.read_text(encoding="utf-8")):
        if bracket == "<":
            hardware = target.startswith(("avr/", "util/"))
            may = {"chip", "apps", "kilobyte"}
            assert not hardware or room in may, f"{target} is for {', '.join(sorted(may))}"
            continue
        other = included_room(source, target)
        allowed = MAY_INCLUDE[room] | {room, "contract"}
        if room not in PORTABLE:
            allowed |= {"chip"}
        assert other in allowed, f"{room} may not include {target}"


def imported_modules(source: Path) -> dict[str, bool]:
    """Top-level package name -> whether it is imported when the module is."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
        for node in ast.walk(branch)
    }
    found: dict[str, bool] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        else:
            continue
        eager = id(node) not in inside and id(node) not in typing_only
        for name in names:
            top = name.split(".")[0]
            found[top] = found.get(top, False) or eager
    return found


@cache
def host_imports() -> dict[str, set[str]]:
    """Each room of host/kilolearn, or module beside the rooms -> those that it imports."""
    host = ROOT / "host/kilolearn"
    found: dict[str, set[str]] = {}
    for source in python_sources("host/kilolearn"):
        *folders, module = source.relative_to(host).with_suffix("").parts
        package = ".".join(["kilolearn", *folders])
        names: list[str] = []
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = resolve_name("." * node.level + (node.module or ""), package)
                names += [f"{base}.{alias.name}" for alias in node.names]
        ours = {name.split(".")[1] for name in names if name.startswith("kilolearn.")}
        found.setdefault(folders[0] if folders else module, set()).update(ours)
    return found


def reached(place: str) -> set[str]:
    """What a room or module imports, it and what it imports, and so on; itself, too."""
    found: set[str] = set()
    ahead = {place}
    while ahead:
        found |= ahead
        ahead = {name for near in ahead for name in host_imports().get(near, ())} - found
    return found


@pytest.mark.parametrize("layer", range(len(LAYERS)), ids=[" ".join(sorted(x)) for x in LAYERS])
def test_a_room_of_the_host_imports_only_those_below_it(layer: int) -> None:
    below = set().union(*LAYERS[:layer])
    rooms = set().union(*LAYERS)
    for room in LAYERS[layer]:
        for imported in host_imports()[room] - {room}:
            other = sorted(reached(imported) & rooms - below)
            assert not other, f"{room} may not import {imported}: it leads to {', '.join(other)}"


def test_the_emulator_knows_nothing_of_machine_learning() -> None:
    for source in python_sources("emulator"):
        assert not {"kilolearn", "sklearn"} & set(imported_modules(source)), source


def test_one_module_imports_the_emulator() -> None:
    importers = {
        p.name for p in python_sources("host/kilolearn") if "pyavr_sim" in imported_modules(p)
    }
    assert importers <= {"emulator.py"}


@pytest.mark.parametrize("package", ["emulator/pyavr_sim", "host/kilolearn"])
def test_every_eager_import_is_a_declared_dependency(package: str) -> None:
    """Extras are imported lazily, so that the base install starts without them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def import_names(requirements: Iterable[str]) -> set[str]:
        names = {re.split(r"[<>=!~\[; ]", r, maxsplit=1)[0] for r in requirements}
        return {IMPORT_NAME.get(name, name.replace("-", "_")) for name in names}

    base = import_names(project["dependencies"]) | {"pyavr_sim", "kilolearn"}
    extras = import_names(itertools.chain(*project["optional-dependencies"].values()))
    for source in python_sources(package):
        for name, eager in imported_modules(source).items():
            if name in sys.stdlib_module_names:
                continue
            assert name in base or (name in extras and not eager), f"{source}: {name}"
