# SPDX-License-Identifier: GPL-3.0-or-later
"""Power cuts in the middle of a checkpoint, on emulated chips.

One chip makes a checkpoint; what its memory holds is noted at each instruction that starts a change
(``SPM``, or ``SBI EECR, EEPE``). Another chip of the same image starts from its power-up snapshot
with the memory as a cut leaves it, runs until it says that it is up, and is asked what it restored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.checkpoint import Slots
from kilolearn.checkpointed import Checkpointed
from kilolearn.emulator import emulated_chip, load_emulator, port_url
from kilolearn.errors import BuildError, TwinMismatchError
from kilolearn.firmware import contract
from kilolearn.port import open_port

__all__ = ["Change", "Saving", "Tally", "checkpoint_slots", "count_cuts", "record_saving"]

Bytes = NDArray[np.uint8]

SLOTS = "checkpoint_slots"

_SPM, _SBI = 0x95E8, 0x9A00
_IO_START, _EEPE = 0x20, 1
_EEPROM_WRITE_SECONDS = 3.4e-3
_SPMCSR, _PGERS, _PGWRT = 0x57, 0x02, 0x04
_ZL = 30
"""Data addresses and bits, equal on all ATtinys that have them (avr-libc's headers)."""

_EECR = {"attiny85": 0x1C, "atmega328p": 0x1F}
"""I/O address; EEARL is two behind it (the same headers)."""

_ERASE_AND_PAGE_BYTES = {"attiny1634": (128, 32)}
"""avrdude.conf: page_size of the flash, and n_page_erase of them."""

_SAVE_SECONDS_MAX = 5.0
_UP_CYCLES_MAX = 5_000_000


@dataclass(frozen=True)
class Change:
    """One change of the memory that outlives power.

    Attributes:
        start: Cycle at which its instruction begins.
        end: Cycle from which on it is done.
        first, last: Bytes of the slots that it is about; last is behind them.
        after: (last - first,) what they are when it is done.
    """

    start: int
    end: int
    first: int
    last: int
    after: Bytes


@dataclass(frozen=True)
class Saving:
    """A checkpoint being made.

    Attributes:
        start, end: From the request to as long after the last change as that took.
        before: (bytes,) the slots when it begins.
        changes: In order.
        old, new: What a chip restores before it and after it.
        image: What was trained.
    """

    start: int
    end: int
    before: Bytes
    changes: tuple[Change, ...]
    old: bytes
    new: bytes
    image: Checkpointed

    def cuts(self, spacing: int) -> int:
        """How many power cuts `count_cuts` makes of it."""
        under_way = sum(len(range(c.start, c.end, spacing)) for c in self.changes)
        ends = [self.start, *(change.end for change in self.changes)]
        starts = [*(change.start for change in self.changes), self.end]
        between = sum(len(range(*gap, spacing)) for gap in zip(ends, starts, strict=True))
        return 4 * under_way + between


@dataclass
class Tally:
    """What chips restored after power cuts."""

    cuts: int = 0
    old_restored: int = 0
    new_restored: int = 0
    lost: int = 0

    def add(self, other: Tally) -> None:
        """Count another's too."""
        self.cuts += other.cuts
        self.old_restored += other.old_restored
        self.new_restored += other.new_restored
        self.lost += other.lost


class _Restarter:
    """A chip at its power-up, again and again."""

    def __init__(self, elf: Path, mcu: str, image: Checkpointed) -> None:
        emulator = load_emulator()
        self._chip = emulator.Chip(mcu, elf, seed=1, tracking=False)
        if not self._chip.description.uarts:
            stated = contract().constant
            rx, tx = (f"B{stated(f'SOFT_UART_{name}')}" for name in ("RX", "TX"))
            self._chip.serial_line(rx, tx, stated("SOFT_UART_BAUD"))
        self._slots = self._chip.var(SLOTS).reshape(-1)
        self._state = _state_of(self._chip, image)
        self._is_up = emulator.until.uart_bytes(1)
        self._chip.uart(0).write(image.knock)
        self._power_up = self._chip.snapshot()

    def restored(self, slots: Bytes) -> bytes:
        """Start with these slots; the state that the chip then has."""
        self._chip.restore(self._power_up)
        self._slots[:] = slots
        self._chip.run(_UP_CYCLES_MAX, self._is_up)
        return _as_bytes(self._state)


def _state_of(chip: Any, image: Checkpointed) -> list[Any]:
    """Live views of what decides how it goes on."""
    return [chip.var(name) for name in image.state]


def _as_bytes(state: list[Any]) -> bytes:
    return b"".join(part.tobytes() for part in state)


def checkpoint_slots(elf: Path) -> Slots | None:
    """Where an image keeps checkpoints, as its debug information says; None: it keeps none."""
    emulator = load_emulator()
    try:
        found = emulator.Firmware.load(elf).variable(SLOTS)
    except emulator.SymbolError:
        return None
    place = "EEPROM" if found.space == "eeprom" else str(found.space)
    return Slots(place, *(int(size) for size in found.shape))


def record_saving(elf: Path, mcu: str, image: Checkpointed, saved_before: int) -> Saving:
    """Train a chip, let it make checkpoints, and watch it make one more.

    Args:
        elf: An image that keeps checkpoints, built for `mcu`.
        mcu: The chip.
        image: How it is trained.
        saved_before: Checkpoints that were made before; 0: it writes to erased slots.

    Raises:
        BuildError: The image changes its memory in more than one place, or nowhere.
        TwinMismatchError: What a chip restores afterwards is not what was kept.
    """
    with open_port(port_url(elf, mcu), timeout=_SAVE_SECONDS_MAX) as port:
        image.train(port, saved_before)
        return _watch_saving(emulated_chip(port), image, _Restarter(elf, mcu, image))


def _watch_saving(chip: Any, image: Checkpointed, restarter: _Restarter) -> Saving:
    """The request, the changes that it brings, and the answer."""
    emulator = load_emulator()
    slots = chip.var(SLOTS).reshape(-1)
    at_change = emulator.until.address(_address_of_changes(chip))
    before, start = slots.copy(), int(chip.cycle)
    changes: list[Change] = []
    chip.uart(0).write(image.request)
    limit = int(_SAVE_SECONDS_MAX * chip.hz)
    while True:
        try:
            chip.run(limit, at_change)
        except emulator.CycleLimitError:
            break
        begin = int(chip.cycle)
        first, last = _bytes_under_change(chip)
        chip.run(1)
        if first == last:
            continue
        done = int(chip.cycle)
        if chip.names.variable(SLOTS).space == "eeprom":
            done += round(_EEPROM_WRITE_SECONDS * chip.hz)
        changes.append(Change(begin, done, first, last, slots[first:last].copy()))
    known = slots.copy()
    old, new = restarter.restored(before), restarter.restored(known)
    if new != _as_bytes(_state_of(chip, image)) or new == old:
        raise TwinMismatchError("a chip does not restore what it kept without any power cut")
    end = 2 * changes[-1].end - changes[-1].start
    return Saving(start, end, before, tuple(changes), old, new, image)


def _bytes_under_change(chip: Any) -> tuple[int, int]:
    """First byte of the slots that the next instruction changes, and the one behind the last.

    Both are equal where it only fills the page buffer.
    """
    about, data = chip.names.variable(SLOTS), chip.data
    if about.space == "eeprom":
        address = _EECR[chip.name] + 2 + _IO_START
        high = int(data[address + 1]) << 8 if chip.description.eeprom_bytes > 256 else 0
        at, size = int(data[address]) | high, 1
    else:
        erase, page = _ERASE_AND_PAGE_BYTES[chip.name]
        command = int(data[_SPMCSR])
        size = erase if command & _PGERS else page if command & _PGWRT else 0
        at = int(data[_ZL]) | int(data[_ZL + 1]) << 8
    first = at - at % size - about.address if size else 0
    return first, first + size


def _address_of_changes(chip: Any) -> int:
    """Byte address of the one instruction that starts changes of the slots' memory."""
    in_eeprom = chip.names.variable(SLOTS).space == "eeprom"
    code = _SBI | _EECR[chip.name] << 3 | _EEPE if in_eeprom else _SPM
    found = np.flatnonzero(chip.flash.view("<u2") == code)
    if len(found) != 1:
        raise BuildError(
            f"{len(found)} instructions {code:#06x} in the image; expected one that starts every "
            f"change of the checkpoints: keep avr/chip/flash.c and eeprom.c its only places"
        )
    return 2 * int(found[0])


def _cuts(saving: Saving, spacing: int, draw: np.random.Generator) -> Iterator[Bytes]:
    """The slots as each cut leaves them; an array yielded is valid until the next.

    Cuts come at the start and the end of every change, and every `spacing` cycles. Under way, a
    change leaves its bytes old, new, erased or random.
    """
    slots = saving.before.copy()
    begin = saving.start
    for change in saving.changes:
        for _ in range(begin, change.start, spacing):
            yield slots
        old = slots[change.first : change.last].copy()
        for _ in range(change.start, change.end, spacing):
            random = draw.integers(0, 256, len(old), np.uint8)
            for left in (old, change.after, np.uint8(0xFF), random):
                slots[change.first : change.last] = left
                yield slots
        slots[change.first : change.last] = change.after
        begin = change.end
    for _ in range(begin, saving.end, spacing):
        yield slots


def count_cuts(
    elf: Path, mcu: str, saving: Saving, spacing: int, worker: int = 0, workers: int = 1
) -> Tally:
    """Cut the power everywhere in a saving, and see what the chip restores.

    Args:
        elf: As for `record_saving`.
        mcu: The chip.
        saving: From `record_saving`.
        spacing: Cycles from one cut to the next, besides those at starts and ends.
        worker: This one takes every `workers`-th cut, from this on.
        workers: How many share them.
    """
    restarter = _Restarter(elf, mcu, saving.image)
    cuts = _cuts(saving, spacing, np.random.default_rng(1))
    tally = Tally()
    for slots in islice(cuts, worker, None, workers):
        restored = restarter.restored(slots)
        tally.cuts += 1
        if restored == saving.old:
            tally.old_restored += 1
        elif restored == saving.new:
            tally.new_restored += 1
        else:
            tally.lost += 1
    return tally
