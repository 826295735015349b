# SPDX-License-Identifier: GPL-3.0-or-later
"""The real avrdude: found, called, and what it complains of in our words."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kilolearn.errors import FlashError, KilolearnError, MissingExtraError, PortError
from kilolearn.fuses import MEMORIES

__all__ = ["Avrdude", "Board", "is_boot_loader"]

_WRITE_SECONDS_MAX = 300
_READ_SECONDS_MAX = 60
_VERSION_MIN = 7
_PACKAGE = "apt-get install avrdude"

# These are called ten times, of five seconds each, unless they are told otherwise.
_STK500V1 = frozenset({"arduino", "stk500v1"})
_ATTEMPTS = 4

# Programs in the chip's own flash: they neither erase the chip nor know its fuses.
_BOOT_LOADERS = frozenset({"arduino", "avr109", "avr911", "butterfly", "urclock", "wiring", "xbee"})


class _Complaint(NamedTuple):
    """What avrdude 7 says, as a pattern of a whole line; whose error that is; what to do."""

    pattern: str
    error: type[KilolearnError]
    advice: str


# The first whose pattern is found counts.
_COMPLAINTS = (
    _Complaint(
        r"(device signature = |connected part.*signature).*",
        FlashError,
        "is the chip on the board the one that --mcu names?",
    ),
    _Complaint(
        r"(cannot find USB|did not find any USB).*",
        PortError,
        "is the programmer plugged in? `kilolearn doctor` says whether it may be used",
    ),
    _Complaint(
        r".*(permission denied|access denied|not permitted|insufficient permissions).*",
        PortError,
        "`kilolearn doctor` gives the command that opens it to you",
    ),
    _Complaint(
        r".*resource (busy|temporarily).*",
        PortError,
        "end the program that has it open",
    ),
    _Complaint(
        r"cannot (open|set|get).*(port|device|attributes).*",
        PortError,
        "`kilolearn devices` lists the ports; name one by --port",
    ),
    _Complaint(
        r".*(no device|initialization failed|target does not answer|target power"
        r"|device (is )?not responding).*",
        FlashError,
        "the programmer answers, the chip does not: check its power, its six wires, and whether "
        "its fuses ask for a crystal that is not there",
    ),
    _Complaint(
        r".*(verification (mismatch|error)|!= input ).*",
        FlashError,
        "flash does not hold what was written: check power and wires, then try again",
    ),
    _Complaint(
        r".*(not in sync|not responding|did not respond|timeout|cannot communicate).*",
        FlashError,
        "nothing answered as a programmer: is it the right --port (`kilolearn devices`), has the "
        "board a boot loader, and does --programmer-baud fit it (Uno 115200, older boards 57600)?",
    ),
)


def is_boot_loader(programmer: str) -> bool:
    """Whether the programmer is a program on the chip itself."""
    return programmer in _BOOT_LOADERS


@dataclass(frozen=True)
class Board:
    """How avrdude reaches a chip.

    Attributes:
        mcu: The chip, as avr-gcc and avrdude name it.
        programmer: As avrdude names it, e.g. ``arduino`` or ``usbtiny``.
        port: Its device; None for a programmer on USB.
        baud: Of the programmer's line; None: avrdude's own choice.
    """

    mcu: str
    programmer: str
    port: str | None = None
    baud: int | None = None

    @property
    def arguments(self) -> list[str]:
        """For avrdude."""
        words = ["-p", self.mcu, "-c", self.programmer]
        words += ["-P", self.port] if self.port is not None else []
        words += ["-b", str(self.baud)] if self.baud is not None else []
        words += ["-x", f"attempts={_ATTEMPTS}"] if self.programmer in _STK500V1 else []
        words += ["-D"] if is_boot_loader(self.programmer) else []
        return words


class Avrdude:
    """The avrdude of this machine.

    Attributes:
        version: What it says.

    Raises:
        MissingExtraError: It is not installed, does not run, or is too old.
    """

    def __init__(self) -> None:
        self._program = shutil.which("avrdude")
        if self._program is None:
            raise MissingExtraError(f"there is no avrdude, which programs chips: {_PACKAGE}")
        said = self._call(["-?"])[1]
        version = re.search(r"version (\d+)\S*", said)
        if version is None or int(version[1]) < _VERSION_MIN:
            found = version[0] if version else f"{' '.join(said.split()[:8])!r}"
            raise MissingExtraError(
                f"{self._program} says {found}; expected version {_VERSION_MIN} or newer, whose "
                f"messages are understood here: {_PACKAGE}"
            )
        self.version = version[0].removeprefix("version ").rstrip(",")

    def programmers(self) -> list[str]:
        """All that it knows."""
        return re.findall(r"^  (\S+) += ", self._call(["-c", "?"])[1], re.MULTILINE)

    def read_fuses(self, board: Board, count: int) -> bytes:
        """The first `count` fuse bytes of a chip; it starts over after that.

        Raises:
            FlashError, PortError: As for `write`.
        """
        words = [word for name in MEMORIES[:count] for word in ("-U", f"{name}:r:-:h")]
        values = re.findall(
            r"^0x([0-9a-f]{1,2})$", self._run(board, words, _READ_SECONDS_MAX), re.MULTILINE
        )
        if len(values) != count:
            raise FlashError(
                f"avrdude read {len(values)} fuse bytes of the {board.mcu}; expected {count}"
            )
        return bytes(int(value, 16) for value in values)

    def write(self, board: Board, image: Path, fuses: Iterable[tuple[str, int]] = ()) -> int:
        """Write an image into flash, verify it, and set fuses after that.

        Args:
            board: Where the chip is.
            image: Intel HEX.
            fuses: Memory and new byte of those that change.

        Returns:
            Bytes of flash that it has verified.

        Raises:
            PortError: The port or programmer is not there or not to be had.
            FlashError: Anything else went wrong.
        """
        words = ["-U", f"flash:w:{image}:i"]
        for name, byte in fuses:
            words += ["-U", f"{name}:w:{byte:#04x}:m"]
        said = self._run(board, words, _WRITE_SECONDS_MAX)
        verified = re.search(r"(\d+) bytes? of flash verified", said)
        if verified is None:
            raise FlashError(f"avrdude verified no flash; it said: {' '.join(said.split())}")
        return int(verified[1])

    def _run(self, board: Board, words: Sequence[str], seconds_max: float) -> str:
        arguments = ["-q", *board.arguments, *words]
        code, said = self._call(arguments, seconds_max)
        if code:
            raise _translated(["avrdude", *arguments], said)
        return said

    def _call(
        self, arguments: Sequence[str], seconds_max: float = _READ_SECONDS_MAX
    ) -> tuple[int, str]:
        command = [str(self._program), *arguments]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds_max,
                env=os.environ | {"LC_ALL": "C"},
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise FlashError(
                f"avrdude took longer than {seconds_max} s and was ended "
                f"(`{shlex.join(command)}`): is --programmer the one that is plugged in?"
            ) from error
        except OSError as error:
            raise MissingExtraError(f"{command[0]} does not run ({error}): {_PACKAGE}") from error
        return done.returncode, done.stdout + done.stderr


def _translated(command: Sequence[str], said: str) -> KilolearnError:
    """An error in our words, from what avrdude said."""
    lines = [_bare(line) for line in said.splitlines()]
    asked = f"(`{shlex.join(command)}`)"
    for complaint in _COMPLAINTS:
        for number, line in enumerate(lines):
            if re.fullmatch(complaint.pattern, line, re.IGNORECASE):
                expected = [later for later in lines[number:] if "expected signature" in later]
                told = "; ".join([line, *expected[:1]])
                return complaint.error(f"{told}: {complaint.advice} {asked}")
    told = " / ".join(line for line in lines if line) or "nothing"
    return FlashError(f"avrdude failed and said: {told} {asked}")


def _bare(line: str) -> str:
    """A line of avrdude without its prefix."""
    return re.sub(r"^avrdude(\.exe)?( OS)?( (error|warning))?: *", "", line.strip())
