# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurements that need not be made again: small JSON objects by a hash of what they depend on.

They lie in the user's cache folder (``$XDG_CACHE_HOME``, else ``~/.cache``), a file each, written
whole or not at all, so that any number of processes may write. A folder that cannot be written, or
a damaged file, only costs the time to measure anew.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["get", "put"]

_seen: dict[str, dict[str, Any]] = {}


def get(key: str) -> dict[str, Any] | None:
    """What was kept under a key, or None."""
    if key not in _seen:
        with suppress(OSError, ValueError):
            found = json.loads(_path(key).read_text(encoding="utf-8"))
            if isinstance(found, dict):
                _seen[key] = found
    return _seen.get(key)


def put(key: str, value: dict[str, Any]) -> None:
    """Keep a value: in this process surely, on disk if that can be."""
    _seen[key] = value
    path = _path(key)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=".", delete=False, encoding="utf-8"
        ) as file:
            json.dump(value, file)
        Path(file.name).replace(path)


def _path(key: str) -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    folder = Path(base) if base else Path.home() / ".cache"
    return folder / "kilolearn" / "costs" / key[:2] / f"{key[2:]}.json"
