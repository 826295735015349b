# SPDX-License-Identifier: GPL-3.0-or-later
"""Zip archives of a model, opened so that a hostile one can neither fill the memory nor run."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kilolearn.errors import ModelError

__all__ = ["BYTES_MAX", "check_file", "open_archive"]

BYTES_MAX = 64 << 20
"""Of a file, and of all members of an archive unpacked."""


def check_file(path: Path) -> None:
    """See that it is there and not too large.

    Raises:
        ModelError: It is not.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such file; expected a model's")
    if (size := path.stat().st_size) > BYTES_MAX:
        raise ModelError(
            f"{path}: {size:,} B; expected at most {BYTES_MAX:,}: save a smaller model"
        )


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive whose members together say that they have at most `BYTES_MAX` bytes.

    ``zipfile`` gives no more of a member than its entry says.

    Raises:
        ModelError: No archive, a damaged one (in the body of the ``with``, too), or a larger one.
    """
    check_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > BYTES_MAX:
                raise ModelError(
                    f"{path}: {size:,} B unpacked; expected at most {BYTES_MAX:,}: save a smaller "
                    f"model"
                )
            yield archive
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelError(
            f"{path}: not a readable archive ({error}); save the model again"
        ) from error
