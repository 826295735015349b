# SPDX-License-Identifier: GPL-3.0-or-later
"""The chips that can be emulated, as data.

What they have comes from the engine's own chip definitions, which come from avr-libc's headers. The
usual clock is here. Source: the chips' datasheets, section "Default Clock Source".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pyavr_sim.engine import Engine, own_chip_names

__all__ = ["ChipDescription", "chips", "describe_chip"]

# The chips of libsimavr that this package is tested on.
_TESTED = ("attiny13a", "attiny85", "atmega88p", "atmega168p", "atmega328p")
_HZ = {"attiny13": 9_600_000, "attiny13a": 9_600_000}
_HZ_BY_FAMILY = {"attiny": 8_000_000}
_HZ_OTHERS = 16_000_000
# Where libsimavr's own are those of another chip, or none. Source: avr-libc's <avr/io....h>.
_SIGNATURES = {"atmega88p": "1e930f", "atmega168p": "1e940b"}
_FUSES = {
    "attiny13": "6aff",
    "attiny13a": "6aff",
    "atmega88p": "62dff9",
    "atmega168p": "62dff9",
    "atmega328p": "62d9ff",
}
_FUSES_OTHERS = "62dfff"


@dataclass(frozen=True)
class ChipDescription:
    """What a chip offers.

    Attributes:
        name: As avr-gcc spells it.
        flash_bytes: Program memory.
        sram_bytes: SRAM proper, without registers and I/O.
        sram_start: Data address of the first SRAM byte.
        eeprom_bytes: EEPROM.
        vector_bytes: Size of an interrupt vector.
        has_mul: Whether it has the MUL instructions.
        hz_default: The clock that :class:`~pyavr_sim.Chip` assumes.
        uarts: Numbers of its UARTs.
        ports: Letters of its I/O ports.
        has_adc: Whether it has an analog-digital converter.
        signature: Its three signature bytes.
        fuses: Low, high and, where it has one, extended fuse byte as delivered; a programmed bit
            is 0.
        is_own: Whether it is defined here, since libsimavr lacks it.
    """

    name: str
    flash_bytes: int
    sram_bytes: int
    sram_start: int
    eeprom_bytes: int
    vector_bytes: int
    has_mul: bool
    hz_default: int
    uarts: tuple[int, ...]
    ports: tuple[str, ...]
    has_adc: bool
    signature: bytes
    fuses: bytes
    is_own: bool = False

    @property
    def sram_end(self) -> int:
        """Data address of the last SRAM byte (RAMEND)."""
        return self.sram_start + self.sram_bytes - 1


def chips() -> list[ChipDescription]:
    """Describe the chips that this package is tested on, families apart and by number.

    :class:`~pyavr_sim.Chip` also accepts the other chips of libsimavr that it can run safely.
    """
    return [describe_chip(name) for name in sorted(_TESTED + own_chip_names(), key=_by_number)]


def _by_number(name: str) -> tuple[bool, int, str]:
    number = re.search(r"\d+", name)
    return not name.startswith("attiny"), int(number[0]) if number else 0, name


@cache
def describe_chip(name: str) -> ChipDescription:
    """Describe any chip that can be emulated.

    Raises:
        UnknownChipError: There is no such chip, or it cannot be emulated safely.
    """
    if not isinstance(name, str):
        raise TypeError(f"a chip's name is a str such as 'attiny85'; found {name!r}")
    engine = Engine(name, hz=_HZ_OTHERS, seed=0)
    found = engine.description
    description = ChipDescription(
        name=name,
        flash_bytes=found.flash_bytes,
        sram_bytes=found.ram_end + 1 - found.ram_start,
        sram_start=found.ram_start,
        eeprom_bytes=found.eeprom_bytes,
        vector_bytes=found.vector_bytes,
        has_mul=bool(found.has_mul),
        hz_default=_hz_default(name),
        uarts=tuple(n for n in range(32) if found.uarts >> n & 1),
        ports=tuple(chr(ord("A") + n) for n in range(26) if found.ports >> n & 1),
        has_adc=bool(found.has_adc),
        signature=bytes.fromhex(_SIGNATURES[name])
        if name in _SIGNATURES
        else bytes(found.signature),
        fuses=bytes.fromhex(_FUSES.get(name, _FUSES_OTHERS)),
        is_own=name in own_chip_names(),
    )
    engine.close()
    return description


def _hz_default(name: str) -> int:
    for family, hz in _HZ_BY_FAMILY.items():
        if name.startswith(family):
            return _HZ.get(name, hz)
    return _HZ_OTHERS
