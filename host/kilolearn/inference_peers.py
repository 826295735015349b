# SPDX-License-Identifier: GPL-3.0-or-later
"""The systems that `kilolearn bench inference` compares: a fitted model to one firmware each.

Every system gets the same model, fitted on levels, writes its own code as its documentation says,
and is built around ``peers/classify.c`` with the same flags. What a system takes as a sample is its
own affair: bytes (ours), int16 (emlearn's trees), float and double (the rest; both have 32 bits).
"""

from __future__ import annotations

import importlib
import re
import subprocess
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.errors import BuildError, MissingExtraError
from kilolearn.export import export
from kilolearn.quantise import InputScale

__all__ = ["FLAGS", "MCU", "SYSTEMS", "Task", "build_image", "check_peers", "describe_systems"]

MCU = "atmega328p"
FLAGS = (
    "-DF_CPU=16000000UL", "-Os", "-flto", "-mrelax", "-ffunction-sections",
    "-fdata-sections", "-Wl,--gc-sections", "-gdwarf-4",
)  # fmt: skip
"""The same for every system."""

_HARNESS = Path(__file__).parent / "peers" / "classify.c"


@dataclass(frozen=True)
class Task:
    """A model to put on a chip.

    Attributes:
        model: Fitted on levels 0..input_max.
        samples: (samples, width) uint8, of the training part.
        input_max: Highest level.
        classes: Number of classes, labelled from 0.
        weight_bits: Of our export.
    """

    model: Any
    samples: NDArray[np.uint8]
    input_max: int
    classes: int
    weight_bits: int = 16

    @property
    def width(self) -> int:
        """Features in a sample."""
        return int(self.samples.shape[1])


@dataclass(frozen=True)
class _Source:
    """What a system wrote.

    Attributes:
        text: Of system.h.
        value: C type of a feature.
        answer: Body of ``uint8_t answer_of(const value *x)``.
        language: For gcc's -x.
        arguments: More of the compiler's.
    """

    text: str
    value: str
    answer: str
    language: str = "c"
    arguments: tuple[str, ...] = ()


def describe_systems() -> dict[str, object]:
    """How the firmwares were built, and the peers' versions."""
    versions = {name: metadata.version(name) for name in SYSTEMS if name != "kilolearn"}
    return {"chip_flags": {MCU: " ".join(FLAGS)}, "peers": versions}


def check_peers() -> None:
    """See that the peers are installed.

    Raises:
        MissingExtraError: They are not.
    """
    for name in SYSTEMS:
        if name != "kilolearn":
            _peer(name)


def build_image(system: str, task: Task, folder: Path, mcu: str = MCU) -> Path:
    """Let a system write its code for a model, and link it for a chip.

    Args:
        system: One of `SYSTEMS`.
        task: The model.
        folder: For what is made.
        mcu: The chip.

    Returns:
        The image.

    Raises:
        BuildError: It does not build, or not into this chip's flash and SRAM.
        Exception: Whatever a peer raises on a model that it does not take.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = SYSTEMS[system](task, folder)
    (folder / "system.h").write_text(
        f"{source.text}\n#define INPUTS {task.width}\ntypedef {source.value} sample_value;\n"
        f"static inline uint8_t answer_of(const sample_value *x) {{\n"
        f"{source.answer}\n}}\n",
        encoding="utf-8",
    )
    image = folder / "image.elf"
    compiler = (
        ["avr-g++", "-std=gnu++11"] if source.language == "c++" else ["avr-gcc", "-std=gnu11"]
    )
    command = [*compiler, f"-mmcu={mcu}", *FLAGS]
    command += [f"-I{folder}", f"-I{firmware.avr_folder()}", *source.arguments]
    command += ["-x", source.language, str(_HARNESS), "-lm", "-o", str(image)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(_complaint(done.stderr, mcu))
    return image


def _complaint(stderr: str, mcu: str) -> str:
    """The compiler's or linker's first reason, without names of files."""
    if "region `text'" in stderr:
        return f"does not fit into the flash of the {mcu}"
    if "region `data'" in stderr or "local objects too large" in stderr:
        return f"does not fit into the SRAM of the {mcu}"
    errors = re.findall(r"error: (.*)", stderr)
    return f"does not build: {errors[0] if errors else stderr.strip()}"


def _kilolearn(task: Task, folder: Path) -> _Source:
    scale = InputScale(
        np.zeros(task.width), np.full(task.width, float(task.input_max)), task.input_max
    )
    made = export(task.model, "model", scale, task.samples, task.weight_bits)
    source, _ = made.write(folder)
    return _Source(
        '#include "model.h"', "uint8_t", "return model_predict(x);", arguments=(str(source),)
    )


def _emlearn(task: Task, folder: Path) -> _Source:
    emlearn = _peer("emlearn")
    with chdir(folder):  # it leaves a folder tmp/ where it works
        converted = emlearn.convert(task.model)
    include = (f"-I{Path(emlearn.__file__).parent}",)
    converted.save(file=str(folder / "emlearn_model.h"), name="model")
    if type(task.model).__name__ == "MLPClassifier":
        predict = "return (uint8_t)eml_net_predict(&model, x, INPUTS);"
        value = "float"
    else:
        predict = "return (uint8_t)model_predict(x, INPUTS);"
        value = "int16_t"
    return _Source('#include "emlearn_model.h"', value, predict, arguments=include)


def _m2cgen(task: Task, _: Path) -> _Source:
    code = _peer("m2cgen").export_to_c(task.model)
    if "void score" in code:
        answer = f"""    double score_of[{task.classes}];
    uint8_t best = 0;
    score((double *)x, score_of);
    for (uint8_t class = 1; class < {task.classes}; class++) {{
        if (score_of[class] > score_of[best]) {{
            best = class;
        }}
    }}
    return best;"""
    else:
        answer = "    return score((double *)x) > 0;"
    return _Source(code, "double", answer)


def _micromlgen(task: Task, folder: Path) -> _Source:
    code = _peer("micromlgen").port(task.model, classname="Model")
    answer = "    static Eloquent::ML::Port::Model model;\n    return model.predict((float *)x);"
    # avr-gcc comes without a C++ library; what the model wants of it is C's <stdarg.h>.
    (folder / "cstdarg").write_text("#include <stdarg.h>\n", encoding="utf-8")
    return _Source(code.replace("#pragma once", ""), "float", answer, "c++")


def _peer(name: str) -> Any:
    try:
        with np.errstate():  # one of them makes NumPy raise on underflow, from its import on
            return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtraError(
            f"{name} is not installed ({error}); run ./dev bench inference, or install the extra "
            f"'peers'"
        ) from error


SYSTEMS: dict[str, Callable[[Task, Path], _Source]] = {
    "kilolearn": _kilolearn,
    "emlearn": _emlearn,
    "m2cgen": _m2cgen,
    "micromlgen": _micromlgen,
}
