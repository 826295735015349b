# SPDX-License-Identifier: GPL-3.0-or-later
"""Which firmware a test asks for, as a file: one that is there, or one that a command makes."""

from __future__ import annotations

import fcntl
import hashlib
import shlex
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

from pyavr_sim.errors import BuildError, FirmwareError

__all__ = ["FirmwareRequest", "Recipe", "find_image"]

LINES_SHOWN = 20


@dataclass(frozen=True)
class FirmwareRequest:
    """What the marker ``firmware(path_or_app, mcu=..., hz=...)`` says.

    Attributes:
        path_or_app: A path has a suffix ``.elf`` or ``.hex``, or a slash; else it is an app.
        mcu: As avr-gcc spells it; None for what the image says.
        hz: None for the image's or the chip's own.
    """

    path_or_app: str | PathLike[str]
    mcu: str | None = None
    hz: int | None = None

    @property
    def is_path(self) -> bool:
        """Whether it names a file."""
        path = Path(self.path_or_app)
        return path.suffix.lower() in {".elf", ".hex"} or len(path.parts) > 1


@dataclass(frozen=True)
class Recipe:
    """How apps are made. ``{app}``, ``{mcu}`` and ``{hz}`` stand for what a test asks for.

    Attributes:
        command: Run in ``folder`` without a shell, such as ``"pio run -e {app}"``; empty for none.
        artifact: The image that it leaves, such as ``".pio/build/{app}/firmware.elf"``.
        folder: What both are relative to.
    """

    command: str
    artifact: str
    folder: Path


def find_image(request: FirmwareRequest, folders: Iterable[Path], recipe: Recipe) -> Path:
    """The image that a test asks for.

    Args:
        request: A path, or an app.
        folders: Where to look for a path, in this order.
        recipe: How to make an app.

    Raises:
        FirmwareError: There is no such file.
        BuildError: The app cannot be made.
    """
    if not request.is_path:
        return _make(request, recipe)
    places = [folder / request.path_or_app for folder in folders]
    for place in places:
        if place.is_file():
            return place
    raise FirmwareError(
        f"no firmware {fspath(request.path_or_app)!r}; looked for "
        f"{' and '.join(map(str, dict.fromkeys(places)))}. Build it first, or correct the path."
    )


def _make(request: FirmwareRequest, recipe: Recipe) -> Path:
    app = fspath(request.path_or_app)
    if not (recipe.command and recipe.artifact):
        raise BuildError(
            f"{app!r} is no path to an .elf or .hex, so it is an app, and no command makes apps. "
            'Set the ini options avr_build, such as "make {app}.elf MCU={mcu}", and avr_artifact, '
            'such as "{app}.elf".'
        )
    words = {"{app}": app, "{mcu}": request.mcu, "{hz}": request.hz}
    command = [_filled(word, words, app) for word in shlex.split(recipe.command)]
    artifact = recipe.folder / _filled(recipe.artifact, words, app)
    with _lock(artifact).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one build at a time, among the workers of pytest-xdist
        try:
            done = subprocess.run(
                command, cwd=recipe.folder, capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise BuildError(
                f"{command[0]} cannot be run: {error.strerror}. Install it, or correct avr_build."
            ) from error
    said = "\n".join(f"{done.stdout}{done.stderr}".splitlines()[-LINES_SHOWN:])
    if done.returncode:
        raise BuildError(f"{shlex.join(command)} failed with {done.returncode}:\n{said}")
    if not artifact.is_file():
        raise BuildError(
            f"{shlex.join(command)} made no {artifact}; correct avr_artifact. It said:\n{said}"
        )
    return artifact


def _filled(text: str, words: dict[str, str | int | None], app: str) -> str:
    for placeholder, word in words.items():
        if placeholder in text:
            if word is None:
                raise BuildError(
                    f"the recipe of {app!r} needs {placeholder}. Name it in the marker: "
                    f"firmware({app!r}, {placeholder.strip('{}')}=...)."
                )
            text = text.replace(placeholder, str(word))
    return text


def _lock(artifact: Path) -> Path:
    digest = hashlib.sha256(bytes(artifact)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"pyavr-sim-{digest}.lock"
