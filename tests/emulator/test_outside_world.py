# SPDX-License-Identifier: GPL-3.0-or-later
"""Voltages, pins and resets as the board around the chip makes them."""

from __future__ import annotations

import pytest

from pyavr_sim import Chip, PortError

# ADMUX that selects channel 0 against VCC or AVCC
SUPPLY_REFERENCE = {
    "attiny13a": 0x00,
    "attiny85": 0x00,
    "attiny88": 0x40,
    "attiny841": 0x00,
    "attiny1634": 0x00,
    "atmega328p": 0x40,
}


@pytest.fixture(params=SUPPLY_REFERENCE)
def board(request, build):
    def start(*flags: str) -> Chip:
        admux = SUPPLY_REFERENCE[request.param]
        firmware = build("sense.c", request.param, f"-DADMUX_VALUE={admux}", *flags)
        return Chip(request.param, firmware)

    return start


def test_the_converter_reads_millivolts_against_its_reference(board):
    with board() as chip:
        chip.adc.vcc = chip.adc.avcc = chip.adc.aref = 5000
        for millivolts in (0, 1200, 2500, 4999):
            chip.adc[0].millivolts = millivolts
            chip.run(20_000)
            assert chip.var("code") == pytest.approx(millivolts * 1023 / 5000, abs=1.1)
            assert chip.adc[0].millivolts == millivolts


def test_the_supply_is_a_reference(board):
    with board() as chip:
        chip.adc[0].millivolts = 1000
        chip.adc.vcc = chip.adc.avcc = 2000
        chip.run(20_000)
        assert chip.var("code") == pytest.approx(511, abs=1.1)
        assert (chip.adc.vcc, chip.adc.avcc, chip.adc.aref) == (2000, 2000, 5000)


def test_a_driven_pin_is_seen_and_a_driving_pin_is_read(board):
    with board() as chip:
        pin, out = chip.pin("B0"), chip.pin("PB1")
        for level in (True, False, True, False):
            pin.drive(level)
            chip.run(20_000)
            assert bool(chip.var("seen")) is level
            assert pin.level is level
            assert out.level is level


def test_a_pin_driven_before_the_first_run_counts(board):
    with board() as chip:
        chip.pin("B0").drive(True)
        chip.run(20_000)
        assert chip.var("seen") == 1


def test_levels_and_voltages_stay_through_a_reset(board):
    with board() as chip:
        chip.pin("B0").drive(True)
        chip.adc[0].millivolts = 2500
        chip.run(20_000)
        chip.reset()
        chip.var("seen")[...] = 0
        chip.var("code")[...] = 0
        chip.run(20_000)
        assert chip.var("seen") == 1
        assert chip.var("code") == pytest.approx(511, abs=1.1)


def test_a_released_pin_follows_its_pull_up(board):
    with board("-DPULL_UP") as chip:
        pin = chip.pin("B0")
        pin.drive(False)
        chip.run(20_000)
        assert chip.var("seen") == 0
        pin.drive(None)
        chip.run(20_000)
        assert chip.var("seen") == 1


@pytest.mark.parametrize(
    ("mcu", "pin"),
    [
        ("attiny85", "B0"),
        ("attiny88", "B0"),
        ("attiny841", "A0"),
        ("attiny1634", "A0"),
        ("atmega328p", "B0"),
    ],
)
def test_a_pin_change_wakes_a_sleeper(build, mcu, pin):
    with Chip(mcu, build("nap.c", mcu)) as chip:
        chip.pin(pin).drive(False)
        chip.run(10_000)
        before = int(chip.var("wakes"))
        chip.pin(pin).drive(True)
        chip.run(10_000)
        assert chip.var("wakes") == before + 1
        chip.pin(pin).drive(False)
        chip.run(10_000)
        assert chip.var("wakes") == before + 2


def test_what_the_board_does_not_have_is_refused(board):
    with board() as chip:
        with pytest.raises(PortError, match="no port L"):
            chip.pin("L0")
        for name in ("B8", "b0", "B", "", 3):
            with pytest.raises(ValueError, match="pin"):
                chip.pin(name)
        with pytest.raises(ValueError, match="level"):
            chip.pin("B0").drive(7)
        with pytest.raises(PortError, match="channel 8"):
            chip.adc[8]
        with pytest.raises(ValueError, match="mV"):
            chip.adc[0].millivolts = -1
        with pytest.raises(ValueError, match="mV"):
            chip.adc.vcc = 6001
    with Chip("attiny2313") as chip, pytest.raises(PortError, match="no ADC"):
        chip.adc[0]


@pytest.mark.parametrize("mcu", ["attiny1634", "attiny841", "attiny88", "atmega328p", "attiny85"])
def test_the_watchdog_resets_and_sram_survives(build, mcu):
    with Chip(mcu, build("dog.c", mcu)) as chip:
        chip.run(10_000_000)
        assert chip.resets == 2
        assert chip.var("starts") == 3
        assert chip.var("kept") == 77
        power_on, external, watchdog = 1 << 0, 1 << 1, 1 << 3
        assert chip.var("flags")[1] & watchdog
        chip.reset()
        chip.run(10_000_000)
        assert chip.var("kept") == 77
        assert chip.var("flags")[3] & external
        assert not chip.var("flags")[3] & (power_on | watchdog)


@pytest.mark.parametrize("mcu", ["attiny13a", "attiny88", "attiny841", "attiny1634", "atmega328p"])
def test_eeprom_is_one_memory_for_firmware_and_host(build, mcu):
    with Chip(mcu, build("eeprom.c", mcu)) as chip:
        chip.eeprom[3], chip.eeprom[5] = 9, 55
        chip.run(1_000_000)
        assert chip.eeprom[3] == 10
        assert chip.var("copy") == 55
        assert chip.eeprom.size == chip.description.eeprom_bytes
