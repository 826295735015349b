# SPDX-License-Identifier: GPL-3.0-or-later
"""A firmware into a chip by avrdude: looked at before, written and verified, heard from after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kilolearn import firmware
from kilolearn.avrdude import Avrdude, Board, is_boot_loader
from kilolearn.emulator import image_size, load_emulator, over_budget
from kilolearn.errors import (
    BuildError,
    ContractMismatchError,
    FlashError,
    LinkError,
    LinkTimeoutError,
)
from kilolearn.fuses import MEMORIES, fuse_map
from kilolearn.learner import Description
from kilolearn.link import Link
from kilolearn.measure_power_cut import checkpoint_slots
from kilolearn.port import BAUD, open_port
from kilolearn.room import chip_room
from kilolearn.twin import Twin

__all__ = ["Image", "build_image", "firmware_baud", "hear", "prepare_fuses", "write"]

_HELLOS = 3  # a boot loader may wait for seconds before it starts what was uploaded
Fuses = list[tuple[str, int]]
Told = Callable[[str], None]


@dataclass(frozen=True)
class Image:
    """A firmware that fits its chip.

    Attributes:
        app, config, mcu: What it was built from and for.
        elf: The linked image.
        hz: The clock that it was built for.
    """

    app: str
    config: str | None
    mcu: str
    elf: Path
    hz: int

    @property
    def hex(self) -> Path:
        """The same as Intel HEX, which avrdude takes."""
        return self.elf.with_suffix(".hex")

    @property
    def is_self_programming(self) -> bool:
        """Whether it writes its own flash."""
        slots = checkpoint_slots(self.elf)
        return slots is not None and slots.place == "flash"


def build_image(
    app: str, mcu: str, config: str | None, hz: int | None, boot_bytes: int, told: Told
) -> Image:
    """Build a firmware, and make sure that it fits.

    Args:
        app: In avr/apps or avr/kilobyte.
        mcu: The chip.
        config: Variant of the app.
        hz: Clock; None: the chip's usual.
        boot_bytes: Of flash, at its end, that a boot loader has.
        told: Takes a line for people.

    Raises:
        BuildError: It does not build, does not fit, or is over a budget of ``pyavr-sim.toml``.
    """
    elf = firmware.build(app, mcu, config, hz)
    size, room = image_size(elf), chip_room(mcu)
    flash_bytes = room.flash_bytes - boot_bytes
    kept = f", {boot_bytes:,} more are the boot loader's" if boot_bytes else ""
    taken = f"{elf.stem} takes {size.flash_bytes:,} of {flash_bytes:,} bytes of flash{kept}"
    if size.flash_bytes > flash_bytes:
        raise BuildError(
            f"{taken}: nothing was written. Choose a larger chip or a smaller app or config; of a "
            f"boot loader that is smaller, say its --boot-bytes"
        )
    excesses = over_budget(elf, mcu)
    if excesses:
        raise BuildError(
            f"{elf.stem} is over its budget for {mcu}: {'; '.join(excesses)}: nothing was written"
        )
    told(f"{taken}; {size.static_bytes:,} of {room.sram_bytes:,} of SRAM, and the stack")
    return Image(app, config, mcu, elf, hz or _describe(mcu).hz_default)


def prepare_fuses(
    avrdude: Avrdude, image: Image, board: Board, may_change: bool, told: Told
) -> Fuses:
    """Read a chip's fuses, say what they mean, and which must change for this firmware.

    Args:
        avrdude: To read them by.
        image: What is to run.
        board: Where the chip is; a boot loader cannot tell fuses, and nothing is read there.
        may_change: Whether the user wants them changed.
        told: Takes a line for people.

    Returns:
        Memory and new byte of each that is to change.

    Raises:
        FlashError: They must change, and may not; or avrdude failed.
        PortError: The port or the programmer cannot be had.
    """
    if is_boot_loader(board.programmer):
        told("fuses: a boot loader cannot tell them; they stay")
        return []
    fuses = fuse_map(image.mcu)
    found = avrdude.read_fuses(board, fuses.count)
    first, *lines = fuses.in_words(found)
    told(f"fuses: {first}")
    for line in lines:
        told(f"  {line}")
    wanted = fuses.wanted(found, image.hz, image.is_self_programming)
    changes = {
        name: (old, new)
        for name, old, new in zip(MEMORIES, found, wanted, strict=False)
        if old != new
    }
    if not changes:
        return []
    written = ", ".join(f"{name} {old:#04x} -> {new:#04x}" for name, (old, new) in changes.items())
    meant = ", ".join(line for line in fuses.in_words(wanted)[1:] if line not in lines)
    if not may_change:
        raise FlashError(
            f"{image.elf.stem} {_why(image, fuses.clock(found).words, found, wanted)}. Nothing was "
            f"written. Add --fuses to change {written} ({meant})"
        )
    told(f"  to change: {written}: {meant}")
    return [(name, new) for name, (_, new) in changes.items()]


def _why(image: Image, clock: str, found: bytes, wanted: bytes) -> str:
    """Why fuses must change."""
    reasons = []
    if found[0] != wanted[0]:
        reasons.append(
            f"was built for {image.hz / 1e6:g} MHz, and the fuses say {clock} (--hz builds it for "
            f"another clock)"
        )
    if found[1:] != wanted[1:]:
        reasons.append("writes its own flash, and the fuses forbid that")
    return ", and ".join(reasons)


def write(avrdude: Avrdude, image: Image, board: Board, fuses: Fuses, told: Told) -> None:
    """Write and verify flash, then the fuses that change.

    Raises:
        FlashError, PortError: As for `Avrdude.write`.
    """
    size_bytes = avrdude.write(board, image.hex, fuses)
    also = "".join(f", {name} {byte:#04x}" for name, byte in fuses)
    told(f"{size_bytes:,} bytes written and verified{also} (avrdude {avrdude.version})")


def hear(image: Image, url: str, baud: int, timeout: float) -> Description:
    """Let the chip say what it is.

    Args:
        image: What it was given.
        url: The firmware's port.
        baud: The firmware's.
        timeout: Longest wait for one reply, seconds.

    Raises:
        LinkError: It does not answer, or in another language.
        ContractMismatchError: It is another learner.
    """
    expected = Twin(image.app, image.config).description
    with open_port(url, baud, timeout) as port:
        for _ in range(_HELLOS):
            try:
                found = Link(port).description
                break
            except LinkError as error:
                failure = error
        else:
            raise LinkTimeoutError(
                f"flash was written and verified, but the chip does not answer on {url} at "
                f"{baud:,} baud ({failure}): check RX and TX of that line, --link-baud, and the "
                f"chip's clock ({image.hz / 1e6:g} MHz)"
            ) from failure
    if found != expected:
        raise ContractMismatchError(
            f"the chip on {url} is {found.in_words()}; {expected.in_words()} was flashed: is it "
            f"the line of the same chip?"
        )
    return found


def firmware_baud(mcu: str) -> int:
    """Of a learner on this chip, unless it was built with another."""
    return BAUD if _describe(mcu).uarts else firmware.contract().constant("SOFT_UART_BAUD")


def _describe(mcu: str) -> Any:
    return load_emulator().describe_chip(mcu)
