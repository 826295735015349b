# SPDX-License-Identifier: GPL-3.0-or-later
"""The learners of avr/ as a library for Arduino and PlatformIO.

``templates/`` is the library without them: manifests, README, example sketches. The sources are
those of avr/ as they are, in the same folders below ``src/``, so that their includes hold. Only a
config makes a learner complete, and Arduino compiles each ``.c`` of a library by itself: so
``apps/NAME.c`` becomes ``apps/NAME.inc``, which a C file of the sketch includes behind the config.

Source: the library specifications of Arduino (rev. 2.2) and of PlatformIO (library.json).
"""

from __future__ import annotations

import re
import shutil
from importlib import metadata
from importlib.resources import as_file, files
from pathlib import Path

from kilolearn import firmware
from kilolearn.errors import LibraryError

__all__ = ["NAME", "write_library"]

NAME = "KiloLearn"

# An include, or a config's macro that one asks for.
_INCLUDED = re.compile(r'^#(?:include|define \w+) "([^"]+\.\w+)"', re.MULTILINE)
_SERVED_BY = ("apps/serve_requests.c", "apps/serve_checkpoint.c")
_SERVE = """/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serves the training of a learner over the line; its config is included before this. */
#define CONTRACT_HASH 0x{hash:04X}
"""


def write_library(folder: Path, url: str) -> list[str]:
    """Write the library.

    Args:
        folder: The library's own; made where it is not there.
        url: Of its home page, for both manifests.

    Returns:
        The learners in it.

    Raises:
        LibraryError: The folder holds something, or cannot be written; the url is none.
        BuildError: There are no firmware sources.
    """
    avr = firmware.avr_folder()
    learners = [name for name in firmware.learners() if not name.startswith("probe_")]
    _check(folder, url)
    try:
        _write_frame(folder, url)
        shutil.copy(avr.parent / "LICENSE", folder)
        _write_sources(folder / "src", avr, learners)
    except OSError as error:
        raise LibraryError(
            f"{folder} cannot be written ({error}); expected a folder of yours, and a whole "
            f"checkout of this project to read"
        ) from error
    return learners


def _check(folder: Path, url: str) -> None:
    if folder.exists() and not folder.is_dir():
        raise LibraryError(f"{folder} is a file; expected a folder, new or empty: name another")
    if folder.is_dir() and any(folder.iterdir()):
        raise LibraryError(
            f"{folder} is not empty; expected a new folder or an empty one: remove it, or name "
            f"another"
        )
    if not re.fullmatch(r"https?://[^\s\"\\]+", url):
        raise LibraryError(f"{url!r} is no home page; expected https://... without blanks")


def _write_frame(folder: Path, url: str) -> None:
    """All that is no learner."""
    with as_file(files(__name__) / "templates") as templates:
        shutil.copytree(templates, folder, dirs_exist_ok=True)
    for manifest in (folder / "library.properties", folder / "library.json"):
        text = manifest.read_text(encoding="utf-8")
        text = text.replace("@VERSION@", metadata.version("kilolearn")).replace("@URL@", url)
        manifest.write_text(text, encoding="utf-8")


def _write_sources(folder: Path, avr: Path, learners: list[str]) -> None:
    for name in _reached(avr, learners):
        copy = folder / re.sub(r"^(apps/.*)\.c$", r"\1.inc", name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(avr / name, copy)
    parts = sorted(path.name for path in (folder / "apps").glob("serve_*.inc"))
    text = _SERVE.format(hash=firmware.contract().hash)
    text += "".join(f"#include <apps/{part}>\n" for part in parts)
    (folder / "apps" / "serve.inc").write_text(text, encoding="utf-8")


def _reached(avr: Path, learners: list[str]) -> set[str]:
    """Learners, their configs, what serves them, and all of avr/ that these include.

    Each header brings the source that implements it.
    """
    configs = (
        f"apps/configs/{path.name}"
        for path in (avr / "apps" / "configs").glob("*.h")
        if path.stem.partition("-")[0] in learners
    )
    wanted = [*(f"apps/{name}.c" for name in learners), *configs, *_SERVED_BY]
    reached: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in reached:
            continue
        reached.add(name)
        wanted += _INCLUDED.findall((avr / name).read_text(encoding="utf-8"))
        if name.endswith(".h"):
            sources = (name.removesuffix(".h") + suffix for suffix in (".c", ".S"))
            wanted += [source for source in sources if (avr / source).is_file()]
    return reached
