# SPDX-License-Identifier: GPL-3.0-or-later
"""The chips that libsimavr lacks, against avr-libc's headers and the datasheets."""

from __future__ import annotations

import pytest

from pyavr_sim import Chip, chips, until

OWN = ("attiny88", "attiny841", "attiny1634")

# Pins by source: what the datasheets call INT0, ICP1 and so on.
PIN_OF = {
    "attiny88": {"INT0": "D2", "INT1": "D3", "TIMER1_CAPT": "B0"},
    "attiny841": {"INT0": "B2", "TIMER1_CAPT": "A7", "TIMER2_CAPT": "B2"},
    "attiny1634": {"INT0": "C2", "TIMER1_CAPT": "C1"},
}
# Bit 1 of PCMSKn, n = 0, 1, ...
PIN_CHANGES = {
    "attiny88": ("B1", "C1", "D1", "A1"),
    "attiny841": ("A1", "B1"),
    "attiny1634": ("A1", "B1", "C1"),
}
TIMERS = [f"TIMER{n}_{event}" for n in (0, 1) for event in ("OVF", "COMPA", "COMPB")]
TIMER_2 = [f"TIMER2_{event}" for event in ("OVF", "COMPA", "COMPB")]
UARTS = [f"USART{n}_{event}" for n in (0, 1) for event in ("RX", "TX", "UDRE")]
SOURCES = {
    "attiny88": [*TIMERS, "WDT", "ADC", "EEPROM", "SPI", "TWI"],
    "attiny841": [*TIMERS, *TIMER_2, *UARTS, "WDT", "ADC", "EEPROM", "SPI"],
    "attiny1634": [*TIMERS, *UARTS, "WDT", "ADC", "EEPROM"],
}


def fired(chip: Chip) -> list[int]:
    """The vectors that were taken; a sleeper may wake just before its handler runs."""
    chip.run(1_000)
    return [number for number, count in enumerate(chip.var("seen")) if count]


def test_these_are_all_of_them():
    own = [chip.name for chip in chips() if chip.is_own]

    assert own == list(OWN)


@pytest.mark.parametrize("mcu", OWN)
def test_memories_are_as_large_as_avr_libc_says(build, mcu):
    with Chip(mcu, build("memories.c", mcu)) as chip:
        chip.flash[-1], chip.eeprom[-1] = 0xA5, 0x3C
        chip.run(1_000_000, until=until.value("ready", "==", 1))
        chip.run(1_000)

        said = chip.description
        assert said.sram_start == chip.var("ramstart")
        assert said.sram_end == chip.var("ramend")
        assert said.flash_bytes == chip.var("flashend") + 1
        assert said.eeprom_bytes == chip.var("e2end") + 1
        vectors = chip.symbols["__ctors_start"].address
        assert vectors == chip.var("vectors_size")
        assert chip.var("flash_last") == 0xA5
        assert chip.var("eeprom_last") == chip.eeprom[-1] == 0xC3


@pytest.mark.parametrize(("mcu", "source"), [(mcu, s) for mcu in OWN for s in SOURCES[mcu]])
def test_each_interrupt_has_its_own_vector_and_wakes(build, mcu, source):
    with Chip(mcu, build("vectors.c", mcu, f"-DUSE_{source}")) as chip:
        if source.endswith("_RX"):
            chip.uart(int(source[5])).write(b"x")
        chip.run(400_000, until=until.value("wakes", "==", 1))

        assert fired(chip) == [chip.var("expected")]


@pytest.mark.parametrize(("mcu", "source"), [(mcu, s) for mcu in OWN for s in PIN_OF[mcu]])
def test_an_edge_at_the_pin_interrupts_and_no_other_pin_does(build, mcu, source):
    with Chip(mcu, build("vectors.c", mcu, f"-DUSE_{source}")) as chip:
        pin = chip.pin(PIN_OF[mcu][source])
        pin.drive(False)
        chip.run(10_000)
        others = [
            f"{port}{bit}"
            for port in chip.description.ports
            for bit in range(8)
            if f"{port}{bit}" != PIN_OF[mcu][source]
        ]
        for other in others:
            chip.pin(other).drive(True)
        chip.run(10_000)
        assert fired(chip) == []

        pin.drive(True)
        chip.run(10_000, until=until.value("wakes", "==", 1))
        assert fired(chip) == [chip.var("expected")]


@pytest.mark.parametrize(
    ("mcu", "number", "pin"),
    [(mcu, n, pin) for mcu in OWN for n, pin in enumerate(PIN_CHANGES[mcu])],
)
def test_a_pin_change_has_the_vector_of_its_port(build, mcu, number, pin):
    with Chip(mcu, build("vectors.c", mcu, f"-DUSE_PCINT={number}")) as chip:
        chip.pin(pin).drive(False)
        chip.pin(pin[0] + "0").drive(False)
        chip.run(10_000)
        chip.var("seen")[:] = 0
        chip.var("wakes")[...] = 0
        chip.pin(pin[0] + "0").drive(True)
        chip.run(10_000)
        assert fired(chip) == []

        chip.pin(pin).drive(True)
        chip.run(10_000, until=until.value("wakes", "==", 1))
        assert fired(chip) == [chip.var("expected")]


def test_both_uarts_of_the_attiny841_echo(build):
    for number, flags in enumerate(((), ("-DSECOND",))):
        with Chip("attiny841", build("echo.c", "attiny841", *flags)) as chip:
            assert chip.uart(number).exchange(b"HAL", reply_size=3) == b"IBM"


def test_the_attiny88_has_no_uart():
    with Chip("attiny88") as chip:
        assert chip.description.uarts == ()


# Reference bits and channel as sense.c writes them, and what full scale is then in millivolts.
REFERENCES = {
    "attiny88": {0x40: 5000, 0x00: 1100},
    "attiny841": {
        0x0000: 5000,
        0x2000: 1100,
        0x4000: 2200,
        0x6000: 4096,
        0x8000: 3300,
        0xA000: 1100,
        0xC000: 2200,
    },
    "attiny1634": {0x00: 5000, 0x40: 3300, 0x80: 1100},
}


@pytest.mark.parametrize(
    ("mcu", "bits", "full_scale"), [(mcu, *pair) for mcu in OWN for pair in REFERENCES[mcu].items()]
)
def test_the_converter_knows_its_references_and_channels(build, mcu, bits, full_scale):
    with Chip(mcu, build("sense.c", mcu, f"-DADMUX_VALUE={bits | 7}")) as chip:
        chip.adc.aref = 3300
        chip.adc[6].millivolts = 50
        chip.adc[7].millivolts = 1000
        chip.run(20_000)

        assert chip.var("code") == pytest.approx(1000 * 1023 / full_scale, abs=1.1)


BANDGAP = {"attiny88": 0x40 | 14, "attiny841": 13, "attiny1634": 13}


@pytest.mark.parametrize("mcu", OWN)
def test_the_bandgap_is_a_channel(build, mcu):
    with Chip(mcu, build("sense.c", mcu, f"-DADMUX_VALUE={BANDGAP[mcu]}")) as chip:
        chip.adc.vcc = chip.adc.avcc = 3000
        chip.run(20_000)

        assert chip.var("code") == pytest.approx(1100 * 1023 / 3000, abs=1.1)


@pytest.mark.parametrize("mcu", ["attiny841", "attiny1634"])
def test_the_watchdog_needs_the_signature_in_ccp(build, mcu):
    """Without it a running watchdog stays on, and four cycles later it is shut again."""
    with Chip(mcu, build("dog_lock.c", mcu)) as chip:
        chip.run(10_000_000)

        assert chip.var("tried").tolist() == [1, 1, 0]
