# SPDX-License-Identifier: GPL-3.0-or-later
"""A chosen model as a firmware project of its own: C, a Makefile, tests with budgets, a README.

It needs avr-gcc and make; what it uses of avr/ is copied into it. Where the chip has a USART,
samples come over the serial line. Elsewhere the image is the one that the search has measured, byte
for byte but for what puts the chip to sleep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.classifier.image import FLAGS, HARNESS
from kilolearn.errors import SearchError
from kilolearn.search.project.budget import Target, measure

__all__ = ["Golden", "Preparing", "Project", "emit", "require_free"]

_INCLUDED = re.compile(r'^#include "([^"]+/[^"]+)"', re.MULTILINE)
_LICENCE = "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
_SERIAL = ("chip/clock.c", "chip/clock.h", "chip/uart.c", "chip/uart.h")


@dataclass(frozen=True)
class Preparing:
    """What makes levels of raw values on the chip.

    Attributes:
        source: C that defines ``static void prepare(const int16_t *raw, uint8_t *levels)``.
        values: A line about each raw value.
    """

    source: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Golden:
    """Samples with the answers that the chip must give.

    Attributes:
        samples: (samples, values): raw values (int16) where there is a preparation, else levels
            (uint8).
        answers: (samples,) classes.
    """

    samples: NDArray[np.int16] | NDArray[np.uint8]
    answers: NDArray[np.int64]


@dataclass(frozen=True)
class Project:
    """What a firmware project is made of.

    Attributes:
        title: Of the README.
        mcu: The chip.
        source: The model's C, as `kilolearn.classifier.fitted.Fitted` gives it.
        features: A line about each level.
        level_max: Highest level.
        class_names: By class.
        golden: For the tests.
        figures: Lines for the README, name and value.
        command: That made it.
        preparing: None: samples come as levels.
    """

    title: str
    mcu: str
    source: str
    features: tuple[str, ...]
    level_max: int
    class_names: tuple[str, ...]
    golden: Golden
    figures: tuple[tuple[str, str], ...]
    command: str
    preparing: Preparing | None = None


def require_free(folder: Path, force: bool) -> None:
    """Refuse a folder that holds something.

    Args:
        folder: To emit into.
        force: Its files may be overwritten.

    Raises:
        SearchError: It is a file, or holds something and may not be overwritten.
    """
    if folder.exists() and not folder.is_dir():
        raise SearchError(f"{folder} is a file; expected a folder for the project, or no such name")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise SearchError(
            f"{folder} holds files; expected an empty folder or none: name another one, or "
            f"overwrite the project in it by --force"
        )


def emit(project: Project, folder: Path, force: bool = False) -> None:
    """Write a project, build it, and make what it takes its budget.

    Args:
        project: What it is made of.
        folder: To write into.
        force: Overwrite files in it.

    Raises:
        SearchError: The folder holds something, or cannot be written.
        BuildError: The project does not build, or does not fit its chip.
        TwinMismatchError: The chip answers otherwise than `project.golden`.
    """
    require_free(folder, force)
    target = Target.of(project.mcu)
    prepare = project.preparing
    sources = {"classify.c": f'#include "classify.h"\n\n{_exported(project.source, "classify")}'}
    if prepare is not None:
        sources["prepare.c"] = f'#include "prepare.h"\n\n{_exported(prepare.source, "prepare")}'
    rendered = ["main.c", "classify.h", "Makefile", "pytest.ini", "tests/test_classifier.py"]
    rendered += ["prepare.h"] if prepare is not None else []
    known = _names(project, target)
    try:
        for path in _copied(sources.values(), target.serial):
            _place(folder / path, (firmware.avr_folder() / path).read_text(encoding="utf-8"))
        _place(folder / "image.ld", (HARNESS / "image.ld").read_text(encoding="utf-8"))
        for path, text in sources.items():
            _place(folder / path, _LICENCE + text)
        _place(folder / "tests/golden.json", _golden(project))
        for path in () if prepare else ("prepare.c", "prepare.h"):
            (folder / path).unlink(missing_ok=True)  # of a project before this one
        for path in rendered:
            _place(folder / path, _rendered(path, known))
        known["budget"] = measure(folder, target, project.golden.samples, project.golden.answers)
        for path in ("pyavr-sim.toml", "README.md"):
            _place(folder / path, _rendered(path, known))
    except OSError as error:
        raise SearchError(
            f"{folder} cannot be written ({error}); expected a folder of yours: name another one"
        ) from error


def _names(project: Project, target: Target) -> dict[str, object]:
    """What the templates know."""
    samples = project.golden.samples
    return {
        "title": project.title,
        "mcu": target.mcu,
        "hz": target.hz,
        "sram_start": target.sram_start,
        "serial": target.serial,
        "flags": " ".join(FLAGS),
        "compiler": firmware.compiler("avr"),
        "prepare": project.preparing,
        "width": len(project.features),
        "features": project.features,
        "level_max": project.level_max,
        "class_names": project.class_names,
        "sample_values": samples.shape[1],
        "sample_bytes": samples.shape[1] * samples.itemsize,
        "figures": project.figures,
        "command": project.command,
    }


def _exported(source: str, function: str) -> str:
    """C whose function other files may call."""
    return re.sub(rf"^static (\w+ {function}\()", r"\1", source, count=1, flags=re.MULTILINE)


def _copied(sources: Iterable[str], serial: bool) -> set[str]:
    """What of avr/ the sources include, and what that includes."""
    wanted = [
        *(_SERIAL if serial else ()),
        *(n for text in sources for n in _INCLUDED.findall(text)),
    ]
    found: set[str] = set()
    while wanted:
        path = wanted.pop()
        if path not in found:
            found.add(path)
            wanted += _INCLUDED.findall((firmware.avr_folder() / path).read_text(encoding="utf-8"))
    return found


def _golden(project: Project) -> str:
    golden = project.golden
    samples = ",\n    ".join(json.dumps(row) for row in golden.samples.tolist())
    return (
        f'{{\n  "classes": {json.dumps(project.class_names)},\n'
        f'  "answers": {json.dumps(golden.answers.tolist())},\n'
        f'  "samples": [\n    {samples}\n  ]\n}}\n'
    )


def _rendered(path: str, known: dict[str, object]) -> str:
    environment = Environment(
        loader=PackageLoader("kilolearn.search.project"),
        autoescape=False,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(f"{Path(path).name}.j2").render(known)


def _place(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
