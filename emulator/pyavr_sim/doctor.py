# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks whether a machine has what firmware tests need, and gives the command to mend each gap.

Package names are those of Debian and Ubuntu.
"""

from __future__ import annotations

import getpass
import grp
import os
import platform
import re
import shutil
import stat
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports

from pyavr_sim.chips import chips
from pyavr_sim.engine import LIBSIMAVR_VERSION

__all__ = ["Check", "check_machine", "check_ports"]

TOOL_SECONDS = 20
_DIALOUT = "dialout"
_UDEV_RULE = (
    f"""echo 'SUBSYSTEM=="tty", GROUP="{_DIALOUT}", MODE="0660"' | """
    "{sudo}tee /etc/udev/rules.d/70-serial.rules && {sudo}udevadm control --reload && "
    "{sudo}udevadm trigger"
)


@dataclass(frozen=True)
class Check:
    """One thing that was looked for.

    Attributes:
        name: What.
        needed_for: What does not work without it.
        is_required: Whether firmware can be built and run without it.
        found: A version, or what is wrong.
        fix: The command that mends it; None where all is well.
    """

    name: str
    needed_for: str
    is_required: bool
    found: str
    fix: str | None = None

    @property
    def is_ok(self) -> bool:
        """Whether nothing is to be done."""
        return self.fix is None


@dataclass(frozen=True)
class _Tool:
    """A program that says its version.

    Attributes:
        name: What to call it in the report.
        package: Debian's package that brings it.
        command: Makes it say its version.
        pattern: Finds the version in what it says.
    """

    name: str
    package: str
    command: Sequence[str]
    pattern: str
    needed_for: str
    is_required: bool = False


_PREPROCESS = ("avr-gcc", "-mmcu=atmega328p", "-E", "-dM", "-x", "c")
_TOOLS = (
    _Tool("avr-gcc", "gcc-avr", ("avr-gcc", "-dumpversion"), r"(\S+)", "building firmware", True),
    _Tool(
        "avr-libc",
        "avr-libc",
        (*_PREPROCESS, "-include", "avr/version.h", "/dev/null"),
        r'__AVR_LIBC_VERSION_STRING__ "(.+?)"',
        "building firmware",
        True,
    ),
    _Tool("avrdude", "avrdude", ("avrdude", "-?"), r"version ([^\s,]+)", "flashing a board"),
    _Tool("avr-gdb", "gdb-avr", ("avr-gdb", "--version"), r"(\d[\d.]+)", "debugging"),
)


def check_machine() -> list[Check]:
    """Look for everything that this package works with."""
    return [
        Check("Python", "everything", True, platform.python_version()),
        Check("libsimavr", "emulation", True, f"{LIBSIMAVR_VERSION}, {len(chips())} chips"),
        *map(_check_tool, _TOOLS),
        check_ports(Path(port.device) for port in list_ports.comports()),
    ]


def _check_tool(tool: _Tool) -> Check:
    found, is_ok = _version(tool)
    fix = None if is_ok else f"{_sudo()}apt-get install {tool.package}"
    return Check(tool.name, tool.needed_for, tool.is_required, found, fix)


def _version(tool: _Tool) -> tuple[str, bool]:
    program = tool.command[0]
    if shutil.which(program) is None:
        return f"there is no {program}", False
    try:
        done = subprocess.run(
            tool.command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TOOL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{program} does not run: {error}", False
    match = re.search(tool.pattern, done.stdout + done.stderr)
    return (match[1], True) if match else (f"{program} does not find it", False)


def check_ports(ports: Iterable[Path]) -> Check:
    """Look whether the user may open serial ports; with none plugged in, by the user's groups."""
    found = sorted(ports)
    closed = [port for port in found if not os.access(port, os.R_OK | os.W_OK)]
    if closed:
        return _ports(f"no access to {', '.join(map(str, closed))}", _open_up(closed[0]))
    if found:
        return _ports(", ".join(map(str, found)))
    if os.geteuid() == 0 or _DIALOUT in _group_names(os.getgroups()):
        return _ports("none plugged in")
    return _ports(f"none plugged in, and you are not in the group {_DIALOUT}", _join(_DIALOUT))


def _ports(found: str, fix: str | None = None) -> Check:
    return Check("serial ports", "a board on a cable", False, found, fix)


def _open_up(port: Path) -> str:
    """The command that opens a port to this user: join its group, or give it one."""
    status = port.stat()
    shared = stat.S_IRGRP | stat.S_IWGRP
    if status.st_mode & shared == shared and status.st_gid != 0:
        return _join(next(iter(_group_names([status.st_gid])), str(status.st_gid)))
    return _UDEV_RULE.format(sudo=_sudo())


def _join(group: str) -> str:
    return f"{_sudo()}usermod -aG {group} {getpass.getuser()}  # then log in again"


def _group_names(numbers: Iterable[int]) -> set[str]:
    names = {group.gr_gid: group.gr_name for group in grp.getgrall()}
    return {names[number] for number in numbers if number in names}


def _sudo() -> str:
    return "" if os.geteuid() == 0 else "sudo "
