# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine lacks to train, build, flash and talk to a chip, and how to mend each gap."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from kilolearn.avrdude import Avrdude
from kilolearn.errors import MissingExtraError

__all__ = ["RULE_FOLDERS", "Check", "check_extra", "check_machine", "check_usb_rules"]

RULE_FOLDERS = tuple(Path(top, "udev", "rules.d") for top in ("/etc", "/run", "/lib", "/usr/lib"))

_SECONDS_MAX = 60

# USB vendor and product of programmers without a serial port. Source: avrdude.conf.
_USB_PROGRAMMERS = {"USBtiny": ("1781", "0c9f"), "USBasp": ("16c0", "05dc")}
_RULE = 'SUBSYSTEM=="usb", ATTR{idVendor}=="%s", ATTR{idProduct}=="%s", MODE="0660", TAG+="uaccess"'
_RULE_FILE = "/etc/udev/rules.d/60-kilolearn.rules"

# The extras of this package that its commands use, and for what.
_EXTRAS = {
    "learn": "data sets, kilolearn demo and export",
    "sensors": "streams and recordings of sensors",
    "train": "kilolearn pretrain",
    "peers": "the peers in kilolearn bench",
}


@dataclass(frozen=True)
class Check:
    """One thing that was looked for.

    Attributes:
        name: What.
        needed_for: What does not work without it.
        is_required: Whether no chip can be built for and trained without it.
        found: A version, or what is wrong.
        fix: The command that mends it; None where all is well.
    """

    name: str
    needed_for: str
    is_required: bool
    found: str
    fix: str | None = None


def check_machine() -> list[Check]:
    """Look for everything that this package works with."""
    return [
        *_check_emulator(),
        *(_check_program(name) for name in ("make", "gcc")),
        _check_avrdude(),
        check_usb_rules(RULE_FOLDERS),
        *(check_extra(name, requires("kilolearn") or ()) for name in _EXTRAS),
    ]


def check_usb_rules(folders: Iterable[Path]) -> Check:
    """Look whether udev opens the usual USB programmers to users.

    Args:
        folders: Where udev has its rules.
    """
    files = [file for folder in folders for file in sorted(folder.glob("*.rules"))]
    texts = [file.read_text(encoding="utf-8", errors="replace").lower() for file in files]
    lines = [line for text in texts for line in text.splitlines()]
    closed = {
        name: numbers
        for name, numbers in _USB_PROGRAMMERS.items()
        if not any(all(number in line for number in numbers) for line in lines)
    }
    about = ("USB programmers", "kilolearn flash by USBtiny or USBasp", False)
    if not closed:
        return Check(*about, f"udev opens {' and '.join(_USB_PROGRAMMERS)} to you")
    rules = " ".join(shlex.quote(_RULE % numbers) for numbers in closed.values())
    return Check(
        *about,
        f"no rule of udev opens {' and '.join(closed)} to you",
        f"printf '%s\\n' {rules} | sudo tee {_RULE_FILE} && sudo udevadm control --reload, then "
        f"plug the programmer in again",
    )


def check_extra(name: str, requirements: Iterable[str]) -> Check:
    """Look for the packages of an extra.

    Args:
        name: Of the extra.
        requirements: All of this package, as its metadata lists them.
    """
    parts = [requirement.partition(";") for requirement in requirements]
    wanted = [what.strip() for what, _, marker in parts if re.search(rf"extra == .{name}.", marker)]
    missing = [what for what in wanted if _installed(what) is None]
    about = (f"Python extra {name}", _EXTRAS[name], False)
    if not missing:
        found = (f"{_distribution(what)} {_installed(what)}" for what in wanted)
        return Check(*about, ", ".join(found))
    words = " ".join(map(shlex.quote, missing))
    return Check(
        *about,
        f"there is no {', '.join(map(_distribution, missing))}",
        f"{sys.executable} -m pip install {words}",
    )


def _distribution(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _installed(requirement: str) -> str | None:
    try:
        return version(_distribution(requirement))
    except PackageNotFoundError:
        return None


def _check_emulator() -> list[Check]:
    """What the emulator's own doctor finds, by its command, which tells why it does not load."""
    command = [str(Path(sys.executable).with_name("pyavr-sim")), "doctor", "--json"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS_MAX, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return [_no_emulator(str(error))]
    try:
        found = json.loads(done.stdout)["checks"]
    except ValueError:
        return [_no_emulator(done.stderr.strip())]
    keys = ("name", "needed_for", "is_required", "found", "fix")
    checks = [Check(*(check[key] for key in keys)) for check in found]
    return [check for check in checks if check.name != "avrdude"]  # looked at closer below


def _no_emulator(found: str) -> Check:
    return Check("emulator", "emulated chips and sizes of images", True, found, "./dev setup")


def _check_program(name: str) -> Check:
    path = shutil.which(name)
    about = (name, "building firmware and its twin", True)
    if path is not None:
        return Check(*about, path)
    return Check(*about, f"there is no {name}", f"sudo apt-get install {name}")


def _check_avrdude() -> Check:
    about = ("avrdude", "kilolearn flash", False)
    try:
        return Check(*about, Avrdude().version)
    except MissingExtraError as error:
        return Check(*about, str(error), "sudo apt-get install avrdude")
