# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernels as a library: kernels_probe.c, built for this machine with and without MUL."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cffi
import numpy as np
import pytest
from numpy.typing import NDArray

HERE = Path(__file__).parent
AVR = HERE.parents[1] / "avr"

UnderSanitizers = Callable[..., bytes]


@pytest.fixture
def under_sanitizers(tmp_path: Path) -> UnderSanitizers:
    """``under_sanitizers(main, "apps/tree.c", config=header, given=b"...") -> what it printed``.

    `main` is C, compiled for this machine with a source of avr/; what the sanitizers find fails.
    """

    def run(main: str, source: str, *, config: Path | None = None, given: bytes = b"") -> bytes:
        (tmp_path / "main.c").write_text(main, encoding="utf-8")
        command = ["gcc", "-std=gnu11", "-O1", "-g", "-fsanitize=address,undefined"]
        command += ["-fno-sanitize-recover=all", f"-I{AVR}"]
        command += [f'-DAPP_CONFIG="{config}"'] if config else []
        command += [str(tmp_path / "main.c"), str(AVR / source), "-o", str(tmp_path / "any")]
        subprocess.run(command, check=True)
        program = [tmp_path / "any"]
        return subprocess.run(
            program, input=given, stdout=subprocess.PIPE, check=True, timeout=60
        ).stdout

    return run


class Probe:
    """The functions of kernels_probe.c without their prefix; arrays go in by pointer.

    Undefined behaviour ends the process.
    """

    def __init__(self, folder: Path, has_mul: bool) -> None:
        source = HERE / "kernels_probe.c"
        library = folder / f"kernels_{int(has_mul)}.so"
        command = ["gcc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
        command += ["-fsanitize=undefined", "-fno-sanitize-recover=all", f"-I{AVR}"]
        command += [f"-DFIXED_HAS_MUL={int(has_mul)}", str(source), "-o", str(library)]
        subprocess.run(command, check=True)
        self._ffi = cffi.FFI()
        signatures = re.findall(r"^\w+ probe_\w+\([^)]*\)", source.read_text("utf-8"), re.MULTILINE)
        self._ffi.cdef("".join(f"{signature};" for signature in signatures))
        self._c: Any = self._ffi.dlopen(str(library))

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._c, f"probe_{name}")

        def call(*arguments: Any) -> Any:
            return function(*(self._plain(argument) for argument in arguments))

        return call

    def noise(self, seed: int = 1) -> NDArray[np.uint16]:
        """A state of the noise, (1,)."""
        return np.array([seed], np.uint16)

    def _plain(self, argument: Any) -> Any:
        if isinstance(argument, np.ndarray):
            kind = {"i": "int", "u": "uint"}[argument.dtype.kind]
            pointer = f"{kind}{8 * argument.itemsize}_t *"
            return self._ffi.cast(pointer, self._ffi.from_buffer(argument))
        return int(argument)


@pytest.fixture(scope="session", params=[True, False], ids=["mul", "no_mul"])
def kernels(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Probe:
    """Both ways to multiply; each test runs with either."""
    return Probe(tmp_path_factory.mktemp("kernels"), request.param)
