# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the entry for a debug server into VS Code's ``.vscode/launch.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pyavr_sim.errors import DebugError

__all__ = ["write_launch_json"]


def launch_entry(name: str, firmware: Path, port: int) -> dict[str, Any]:
    """Make an entry for Microsoft's C/C++ extension (type cppdbg)."""
    return {
        "name": name,
        "type": "cppdbg",
        "request": "launch",
        "program": str(firmware.resolve()),
        "cwd": "${workspaceFolder}",
        "MIMode": "gdb",
        "miDebuggerPath": "avr-gdb",
        "miDebuggerServerAddress": f"127.0.0.1:{port}",
        "stopAtEntry": True,
    }


def write_launch_json(folder: Path, firmware: Path, mcu: str, port: int) -> Path:
    """Add or renew the entry of one firmware and chip; all others stay.

    Args:
        folder: The project's, in which ``.vscode`` is or will be.
        firmware: The ELF.
        mcu: The chip.
        port: Where the server will listen.

    Returns:
        The file.

    Raises:
        DebugError: The file that is there is not JSON that this can add to, or cannot be written.
    """
    path = folder / ".vscode" / "launch.json"
    entry = launch_entry(f"{firmware.stem} on an emulated {mcu}", firmware, port)
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else "{}"
        document = json.loads(text)
    except (OSError, ValueError) as error:
        raise DebugError(
            f"{path} is no plain JSON ({error}); expected one without comments. Nothing was "
            f"written; add this to its configurations yourself:\n{json.dumps(entry, indent=4)}"
        ) from None
    entries = document.setdefault("configurations", []) if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise DebugError(
            f"{path} holds no object with a list of configurations; nothing was written. "
            "Mend it, or move it away."
        )
    document.setdefault("version", "0.2.0")
    others = [e for e in entries if not (isinstance(e, dict) and e.get("name") == entry["name"])]
    document["configurations"] = [*others, entry]
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document, indent=4) + "\n", encoding="utf-8")
    except OSError as error:
        raise DebugError(f"{path} cannot be written: {error}.") from None
    return path
