# SPDX-License-Identifier: GPL-3.0-or-later
"""The sensor's dialogue, and its alarm at a voltage."""

import pytest

pytestmark = [
    pytest.mark.firmware("sensor", mcu="atmega328p", hz=16_000_000),
    pytest.mark.no_uninitialised_reads,
]


@pytest.fixture
def sensor(dut):
    dut.expect_exact("sensor\n")
    return dut


@pytest.fixture
def apply_millivolts(chip):
    def apply(millivolts):
        chip.adc[0].millivolts = millivolts
        chip.run(cycles_max=chip.hz // 10)  # long enough to fill the window

    return apply


def test_greets_and_answers(sensor):
    sensor.write("?\n")
    sensor.expect(r"(ok|alarm) \d+\n")


@pytest.mark.parametrize("millivolts", [0, 1000, 2000, 5000])
def test_measures_against_the_supply(sensor, chip, apply_millivolts, millivolts):
    apply_millivolts(millivolts)

    assert chip.var("level") == pytest.approx(1024 * millivolts / chip.adc.avcc, abs=1)


def test_the_alarm_has_hysteresis(sensor, chip, apply_millivolts):
    sensor.write("t600\n")
    sensor.expect_exact("threshold\n")

    apply_millivolts(3000)
    sensor.expect_exact("alarm 6")
    assert chip.pin("B5").level

    apply_millivolts(2900)  # 593: below the threshold, by less than the hysteresis
    assert chip.pin("B5").level

    apply_millivolts(2800)
    sensor.expect_exact("ok 5")
    assert not chip.pin("B5").level


@pytest.mark.parametrize("nonsense", ["", "hello", "t", "t-5", "?" * 100])
@pytest.mark.limit_stack(40)
def test_nonsense_does_no_harm(sensor, nonsense):
    sensor.write(f"{nonsense}\n?\n")

    sensor.expect(r"(ok|alarm) \d+\n")
