# SPDX-License-Identifier: GPL-3.0-or-later
"""A model's C on this machine: the same source as the chip's, for answers to many samples."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import cffi
import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.classifier.image import HARNESS, TYPES, Samples
from kilolearn.errors import BuildError

__all__ = ["classify_natively"]


def classify_natively(
    source: str, samples: Samples, include: tuple[Path, ...] = ()
) -> NDArray[np.int64]:
    """Compile a model's C for the host, and let it classify.

    Args:
        source: As for `kilolearn.classifier.cost.cost`.
        samples: (samples, width), in the type that it takes.
        include: More folders of headers.

    Returns:
        The classes (samples,).

    Raises:
        BuildError: There is no compiler, or it does not compile.
    """
    firmware.compiler()
    kind = TYPES[str(samples.dtype)]
    text = f'#include <stdint.h>\n{source}\n#include "classify_all.h"\n'
    with tempfile.TemporaryDirectory(prefix="kilolearn-") as folder:
        library = Path(folder) / "model.so"
        command = [
            "gcc", "-std=gnu11", "-O1", "-shared", "-fPIC", f"-I{HARNESS}",
            f"-I{firmware.avr_folder()}", *(f"-I{path}" for path in include),
            f"-DSAMPLE_TYPE={kind}", f"-DSAMPLE_WIDTH={samples.shape[1]}",
            "-x", "c", "-", "-lm", "-o", str(library),
        ]  # fmt: skip
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError(f"the model's C does not build for the host: {done.stderr.strip()}")
        ffi = cffi.FFI()
        ffi.cdef(f"void classify_all(const {kind} *samples, unsigned count, uint8_t *answers);")
        native: Any = ffi.dlopen(str(library))
        given = np.ascontiguousarray(samples)
        answers = np.zeros(len(given), np.uint8)
        native.classify_all(
            ffi.cast(f"const {kind} *", given.ctypes.data),
            len(given),
            ffi.cast("uint8_t *", answers.ctypes.data),
        )
        ffi.dlclose(native)
    return answers.astype(np.int64)
