# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command ``pyavr-sim`` says with --json: it runs even where its package does not load."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from kilolearn.errors import MissingExtraError

__all__ = ["ask_emulator"]

_SECONDS_MAX = 120


def ask_emulator(*words: str) -> dict[str, Any]:
    """Call ``pyavr-sim WORDS --json``.

    Returns:
        Its document, described by the schema of that command, whatever the verdict in it.

    Raises:
        MissingExtraError: It is not there, or gave none; with its own words.
    """
    command = [str(Path(sys.executable).with_name("pyavr-sim")), *words, "--json"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS_MAX, check=False
        )
        document: dict[str, Any] = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingExtraError(f"the emulator does not run ({error}); run ./dev setup") from error
    except ValueError as error:
        raise MissingExtraError(
            f"the emulator is not usable here; run ./dev setup. {done.stderr.strip()}"
        ) from error
    return document
