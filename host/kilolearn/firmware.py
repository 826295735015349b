# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds firmware and native twins by asking avr/Makefile, the only recipe for both."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kilolearn.contract import Contract
from kilolearn.contract import load as load_contract
from kilolearn.errors import BuildError
from kilolearn.room import say_what_fits

__all__ = [
    "avr_folder",
    "build",
    "build_folder",
    "build_twin",
    "compiler",
    "contract",
    "learners",
    "require_learner",
]

_NAME = re.compile(r"[A-Za-z0-9_]+")


def avr_folder() -> Path:
    """The folder of the firmware sources.

    ``KILOLEARN_AVR`` in the environment, else avr/ of the checkout this package runs from.

    Raises:
        BuildError: Neither is there.
    """
    named = os.environ.get("KILOLEARN_AVR")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "avr"
    if not (folder / "Makefile").is_file():
        raise BuildError(
            f"{folder}: no firmware sources (no Makefile); install from a checkout, or set "
            f"KILOLEARN_AVR to its avr folder"
        )
    return folder


def build_folder() -> Path:
    """Where images go: ``KILOLEARN_BUILD``, else build/ beside avr/."""
    named = os.environ.get("KILOLEARN_BUILD")
    return Path(named).resolve() if named else avr_folder().resolve().parent / "build"


def contract() -> Contract:
    """The contract of these sources."""
    return load_contract(avr_folder() / "contract")


def learners() -> list[str]:
    """The apps that learn from samples of a line: those that include learner.h."""
    sources = (avr_folder() / "apps").glob("*.c")
    return sorted(
        source.stem
        for source in sources
        if '#include "apps/learner.h"' in source.read_text(encoding="utf-8")
        and not source.stem.startswith("serve")
    )


def require_learner(app: str) -> None:
    """Refuse an app that is there and takes no samples.

    Raises:
        BuildError: It does not include learner.h.
    """
    names = learners()
    if app not in names and (avr_folder() / "apps" / f"{app}.c").is_file():
        raise BuildError(
            f"{app} takes no samples over a line; expected a learner: choose one of "
            f"{', '.join(names)}"
        )


def build(
    app: str,
    mcu: str,
    config: str | None = None,
    hz: int | None = None,
    configs: Path | None = None,
    baud: int | None = None,
) -> Path:
    """Build a firmware for a chip.

    Args:
        app: A source in avr/apps, e.g. ``"digits"``.
        mcu: As avr-gcc names it, e.g. ``"attiny1634"``.
        config: Variant of the app, e.g. ``"iris"``.
        hz: Clock; the Makefile's default for the chip when not given.
        configs: Folder of config headers that the host wrote, instead of avr/apps/configs; the
            image goes there too.
        baud: Rate of its serial line; that of the sources when not given.

    Returns:
        The linked image (ELF), up to date.

    Raises:
        BuildError: Unknown app, config or chip, no compiler, the compiler's complaint, or more
            than the chip has room for: then with the bytes of each part and the chips that have it.
    """
    _check_name("chip", mcu)
    folder, arguments = _place(configs)
    arguments.append(f"MCU={mcu}")
    if hz is not None:
        folder = folder / f"{hz}hz"
        arguments.append(f"HZ={hz}")
    if baud is not None:
        folder = folder / f"{baud}baud"
        arguments.append(f"BAUD={baud}")
    image = folder / mcu / f"{_stem(app, config)}.elf"
    try:
        _make(app, config, folder, arguments, image, mcu)
    except BuildError as error:
        oversize = image.with_name(f"{image.name}.oversize")
        if "does not fit" not in str(error) or not oversize.is_file():
            raise
        raise BuildError(f"{error}\n{say_what_fits(oversize, mcu, _chips())}") from error
    return image


def build_twin(
    app: str, config: str | None = None, sanitize: bool = False, configs: Path | None = None
) -> Path:
    """Build the native twin of a learner: the same portable C, compiled for this machine.

    Args:
        app: As for `build`.
        config: As for `build`.
        sanitize: With address and undefined-behaviour sanitizers.
        configs: As for `build`.

    Returns:
        A shared library.

    Raises:
        BuildError: As for `build`.
    """
    folder, arguments = _place(configs)
    arguments.append("twin")
    if sanitize:
        folder = folder / "sanitize"
        arguments.append("SANITIZE=1")
    library = folder / "twin" / f"{_stem(app, config)}.so"
    return _make(app, config, folder, arguments, library, "this machine")


def compiler(mcu: str | None = None) -> str:
    """Name and version of the compiler, for a chip or (None) for the twin; e.g. avr-gcc 5.4.0."""
    name = "avr-gcc" if mcu else "gcc"
    path = shutil.which(name)
    if path is None:
        raise BuildError(f"{name} is not installed; run ./dev, or install gcc-avr avr-libc gcc")
    version = subprocess.run([path, "-dumpversion"], capture_output=True, text=True, check=True)
    return f"{name} {version.stdout.strip()}"


def _chips() -> list[str]:
    """The chips that the Makefile builds for."""
    text = (avr_folder() / "Makefile").read_text(encoding="utf-8")
    listed = re.search(r"^MCUS := (.*)$", text, re.MULTILINE)
    return listed[1].split() if listed else []


def _place(configs: Path | None) -> tuple[Path, list[str]]:
    """Where an image goes, and what the Makefile is told of its config's folder."""
    if configs is None:
        return build_folder(), []
    return configs.resolve(), [f"CONFIG_FOLDER={configs.resolve()}"]


def _stem(app: str, config: str | None) -> str:
    _check_name("app", app)
    if config is None:
        return app
    _check_name("config", config)
    return f"{app}-{config}"


def _check_name(kind: str, name: str) -> None:
    """A name goes into a path and a make command line: letters, digits and _ only."""
    if not _NAME.fullmatch(name):
        raise BuildError(f"{kind} {name!r} is no name; expected letters, digits and _ only")


def _make(
    app: str, config: str | None, folder: Path, arguments: list[str], product: Path, target: str
) -> Path:
    sources = avr_folder()
    if shutil.which("make") is None:
        raise BuildError("make is not installed; run ./dev once, or install make gcc-avr avr-libc")
    command = ["make", "--no-print-directory", "-C", str(sources), *arguments]
    command += [f"APP={app}", f"BUILD={folder}"]
    if config is not None:
        command.append(f"CONFIG={config}")
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    with _locked(folder):
        done = subprocess.run(command, capture_output=True, text=True, env=inherited, check=False)
    if done.returncode or not product.is_file():
        raise BuildError(
            f"{product.name} does not build for {target}: {_complaint(done.stdout, done.stderr)}"
        )
    return product


def _complaint(stdout: str, stderr: str) -> str:
    """The last twenty lines that the compiler said, or the Makefile's own refusal."""
    refusal = re.search(r"^Makefile:\d+: \*\*\* (.*?)\.?  Stop\.$", stderr, re.MULTILINE)
    if refusal:
        return refusal[1]
    lines = [line for line in stderr.splitlines() if line.strip()]
    told = [line for line in lines if not re.match(r"make(\[\d+\])?: ", line)] or lines
    return "\n".join(told[-20:]) or stdout.strip() or "make made nothing and said nothing"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One make at a time in a build folder, across threads and processes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise BuildError(
            f"{folder}: cannot be written ({error.strerror}); set KILOLEARN_BUILD to a folder of "
            f"your own"
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
