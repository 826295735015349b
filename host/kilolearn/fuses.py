# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuse bytes in words, and those that a firmware needs; pure functions, no programmer.

A programmed fuse is a 0. Source: the chips' datasheets, sections "Fuse Bytes" and "System Clock";
avr-libc's headers name the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass

from kilolearn.errors import FlashError

__all__ = ["MEMORIES", "ClockSource", "FuseMap", "fuse_map"]

MEMORIES = ("lfuse", "hfuse", "efuse")
"""The bytes of a chip's fuses in their order, as avrdude names them."""

_LOW, _HIGH, _EXTENDED = range(3)
Bit = tuple[int, int]  # byte, number


@dataclass(frozen=True)
class ClockSource:
    """What drives a chip.

    Attributes:
        words: For people.
        hz: Its rate; None: that of what is soldered to the chip.
    """

    words: str
    hz: int | None = None


@dataclass(frozen=True)
class FuseMap:
    """Where the fuses of a chip are, and what they mean.

    Attributes:
        count: Bytes of fuses.
        sources: Clock by the bits CKSEL, the lowest ones of the low byte.
        select_mask: Those bits.
        clock_mask: All bits of the low byte that have to do with the clock.
        settings: The low byte for an internal clock, by its rate; start-up time as delivered.
        crystal: The low byte for a crystal above 8 MHz; None: the chip takes none.
        bits: Byte and bit by the fuse's name.
        brown_out: Byte, lowest bit and mask of BODLEVEL.
        brown_out_mode: Byte and lowest bit of BODACT, where the chip has it.
    """

    count: int
    sources: dict[int, ClockSource]
    select_mask: int
    clock_mask: int
    settings: dict[int, int]
    crystal: int | None
    bits: dict[str, Bit]
    brown_out: tuple[int, int, int]
    brown_out_mode: Bit | None = None

    def clock(self, fuses: bytes) -> ClockSource:
        """What drives a chip with these fuses."""
        number = fuses[_LOW] & self.select_mask
        return self.sources.get(number, ClockSource(f"a reserved setting, {number:#06b}"))

    def in_words(self, fuses: bytes) -> list[str]:
        """What the fuses mean, a line each."""
        told = " ".join(f"{name} {byte:#04x}" for name, byte in zip(MEMORIES, fuses, strict=False))
        divided = ", divided by 8 at the start" if self.is_programmed(fuses, "CKDIV8") else ""
        lines = [
            told,
            f"clock: {self.clock(fuses).words}{divided}",
            f"brown-out detector: {self._brown_out_in_words(fuses)}",
        ]
        lines += [words for name, words in _REMARKS.items() if self.is_programmed(fuses, name)]
        if not self.is_programmed(fuses, "EESAVE"):
            lines.append("an erase of the chip takes its EEPROM, too")
        return lines

    def is_programmed(self, fuses: bytes, name: str) -> bool:
        """Whether a fuse that this chip has is programmed."""
        if name not in self.bits:
            return False
        byte, bit = self.bits[name]
        return not fuses[byte] >> bit & 1

    def wanted(self, fuses: bytes, hz: int, is_self_programming: bool) -> bytes:
        """The fuses as a firmware needs them; all that it does not care for stays.

        The firmware itself undoes CKDIV8, and cannot know the rate of a crystal or of an external
        clock: these are taken to be right.

        Args:
            fuses: As they are.
            hz: The clock that the firmware was built for.
            is_self_programming: Whether it writes its own flash.

        Raises:
            FlashError: The chip has no clock of that rate.
        """
        new = bytearray(fuses)
        source = self.clock(fuses)
        if source.hz not in (None, hz) or source not in self.sources.values():
            low = self.settings.get(hz, self.crystal)
            if low is None:
                own = " or ".join(f"{rate / 1e6:g} MHz" for rate in self.settings)
                raise FlashError(
                    f"the firmware was built for {hz / 1e6:g} MHz, the chip runs at {own}: build "
                    f"it with --hz of these"
                )
            new[_LOW] = new[_LOW] & ~self.clock_mask & 0xFF | low & self.clock_mask
        if is_self_programming and "SELFPRGEN" in self.bits:
            byte, bit = self.bits["SELFPRGEN"]
            new[byte] &= ~(1 << bit) & 0xFF
        return bytes(new)

    def _brown_out_in_words(self, fuses: bytes) -> str:
        byte, bit, mask = self.brown_out
        level = fuses[byte] >> bit & mask | ~mask & _BODLEVEL_OFF
        if self.brown_out_mode is not None:
            byte, bit = self.brown_out_mode
            is_off = fuses[byte] >> bit & _BODACT_OFF == _BODACT_OFF
            level = _BODLEVEL_OFF if is_off else min(level, _BODLEVEL_LOWEST)
        return _BROWN_OUT.get(level, f"a reserved setting, {level:#05b}")


_BODACT_OFF = 3
_BODLEVEL_OFF = 7
_BODLEVEL_LOWEST = 6
_BROWN_OUT = {7: "off", 6: "1.8 V", 5: "2.7 V", 4: "4.3 V"}
_REMARKS = {
    "EESAVE": "an erase of the chip spares its EEPROM",
    "WDTON": "the watchdog is always on",
    "DWEN": "debugWIRE is on: a programmer may find no chip",
    "RSTDISBL": "the reset pin is a plain pin: no programmer will find it again",
    "SELFPRGEN": "the firmware may write its own flash",
    "BOOTRST": "a boot loader starts first",
}

_EXTERNAL = ClockSource("an external clock")
_LOW_CRYSTAL = ClockSource("a low-frequency crystal")
_CRYSTAL = ClockSource("a crystal")


def _internal(hz: int) -> ClockSource:
    return ClockSource(f"internal, {hz / 1e6:g} MHz", hz)


_ATMEGA_SOURCES = {
    0b0000: _EXTERNAL,
    0b0010: _internal(8_000_000),
    0b0011: _internal(128_000),
    **dict.fromkeys((0b0100, 0b0101), _LOW_CRYSTAL),
    **dict.fromkeys(range(0b0110, 0b10000), _CRYSTAL),
}
_ATTINY_SOURCES = {
    0b0000: _EXTERNAL,
    0b0010: _internal(8_000_000),
    0b0110: _LOW_CRYSTAL,
    **dict.fromkeys(range(0b1000, 0b10000), _CRYSTAL),
}
# High byte of most; low byte of all but the ATtiny13A.
_BITS = {
    "CKDIV8": (_LOW, 7),
    "EESAVE": (_HIGH, 3),
    "WDTON": (_HIGH, 4),
    "SPIEN": (_HIGH, 5),
    "DWEN": (_HIGH, 6),
    "RSTDISBL": (_HIGH, 7),
}
_ATTINY = FuseMap(
    count=3,
    sources=_ATTINY_SOURCES | {0b0100: _internal(32_000)},
    select_mask=0x0F,
    clock_mask=0xFF,
    settings={8_000_000: 0xE2},
    crystal=0xFF,
    bits=_BITS | {"SELFPRGEN": (_EXTENDED, 0)},
    brown_out=(_HIGH, 0, 7),
    brown_out_mode=(_EXTENDED, 1),
)
_ATTINY85 = FuseMap(
    count=3,
    sources=_ATTINY_SOURCES
    | {
        0b0001: ClockSource("internal, 16 MHz from the PLL", 16_000_000),
        0b0011: _internal(6_400_000),
        0b0100: _internal(128_000),
    },
    select_mask=0x0F,
    clock_mask=0xFF,
    settings={8_000_000: 0xE2, 16_000_000: 0xE1},
    crystal=0xFF,
    bits=_BITS | {"SELFPRGEN": (_EXTENDED, 0)},
    brown_out=(_HIGH, 0, 7),
)
_ATTINY88 = FuseMap(
    count=3,
    sources={0b00: _EXTERNAL, 0b10: _internal(8_000_000), 0b11: _internal(128_000)},
    select_mask=0x03,
    clock_mask=0xFF,
    settings={8_000_000: 0xEE},
    crystal=None,
    bits=_BITS | {"SELFPRGEN": (_EXTENDED, 0)},
    brown_out=(_HIGH, 0, 7),
)
_ATTINY13A = FuseMap(
    count=2,
    sources={
        0b00: _EXTERNAL,
        0b01: _internal(4_800_000),
        0b10: _internal(9_600_000),
        0b11: _internal(128_000),
    },
    select_mask=0x03,
    clock_mask=0x1F,
    settings={9_600_000: 0x1A, 4_800_000: 0x19},
    crystal=None,
    bits={
        "CKDIV8": (_LOW, 4),
        "WDTON": (_LOW, 5),
        "EESAVE": (_LOW, 6),
        "SPIEN": (_LOW, 7),
        "RSTDISBL": (_HIGH, 0),
        "DWEN": (_HIGH, 3),
        "SELFPRGEN": (_HIGH, 4),
    },
    brown_out=(_HIGH, 1, 3),
)


def _atmega(boot: int, brown_out: int) -> FuseMap:
    """The bytes that hold the boot section's fuses and BODLEVEL differ by size."""
    return FuseMap(
        count=3,
        sources=_ATMEGA_SOURCES,
        select_mask=0x0F,
        clock_mask=0xFF,
        settings={8_000_000: 0xE2},
        crystal=0xFF,
        bits=_BITS | {"BOOTRST": (boot, 0)},
        brown_out=(brown_out, 0, 7),
    )


_MAPS = {
    "attiny13a": _ATTINY13A,
    "attiny85": _ATTINY85,
    "attiny88": _ATTINY88,
    "attiny841": _ATTINY,
    "attiny1634": _ATTINY,
    **dict.fromkeys(
        ("atmega88", "atmega88p", "atmega168", "atmega168p"), _atmega(_EXTENDED, _HIGH)
    ),
    **dict.fromkeys(("atmega328", "atmega328p"), _atmega(_HIGH, _EXTENDED)),
}


def fuse_map(mcu: str) -> FuseMap:
    """The fuses of a chip that avr/Makefile builds for.

    Raises:
        FlashError: It is not among them.
    """
    if mcu not in _MAPS:
        raise FlashError(f"the fuses of {mcu} are not known; expected one of {', '.join(_MAPS)}")
    return _MAPS[mcu]
