# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be said of a serial device without opening it, which would reset many a board."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from kilolearn.errors import PortError

__all__ = ["is_device", "port_holder", "require_free"]

_PROCESSES = Path("/proc")


def is_device(url: str) -> bool:
    """Whether a port is a path, and no URL such as ``socket://``, nor avrdude's ``usb``."""
    return "/" in url and "://" not in url


def port_holder(device: str) -> str | None:
    """The other program that has a device open, e.g. ``"minicom (process 812)"``; None: nobody.

    Found in /proc, where this user may look: his own programs.
    """
    wanted = os.path.realpath(device)
    for process in _PROCESSES.glob("[0-9]*"):
        if process.name != str(os.getpid()) and wanted in _open_files(process):
            with suppress(OSError):  # It has ended.
                name = (process / "comm").read_text(encoding="utf-8").strip()
                return f"{name} (process {process.name})"
    return None


def _open_files(process: Path) -> Iterator[str]:
    """What a process has open, unless it has ended or is another user's."""
    with suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):  # It has closed it.
                yield os.readlink(descriptor)


def require_free(device: str) -> None:
    """Refuse a device that cannot be used now.

    Raises:
        PortError: It is not there, no serial device, not this user's to open, or in use.
    """
    try:
        mode = os.stat(device).st_mode
    except OSError as error:
        raise PortError(
            f"{device} cannot be opened: {error.strerror}; is the board plugged in? `kilolearn "
            f"devices` lists the ports"
        ) from error
    if not stat.S_ISCHR(mode):
        raise PortError(
            f"{device} is no serial device; expected one such as /dev/ttyUSB0: `kilolearn devices` "
            f"lists them"
        )
    if not os.access(device, os.R_OK | os.W_OK):
        raise PortError(
            f"{device} is not yours to open; `kilolearn doctor` gives the command that mends that"
        )
    holder = port_holder(device)
    if holder is not None:
        raise PortError(f"{device} is in use by {holder}; end that program first")
