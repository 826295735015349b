# SPDX-License-Identifier: GPL-3.0-or-later
"""The estimate of energy, against the datasheets' own rows."""

from __future__ import annotations

import pytest

from pyavr_sim.energy import estimate_energy, supply_currents

# ATmega328P, DS40002061A, table 29-12, typical: volts, hertz, mA active, mA idle.
ROWS = [(2.0, 1_000_000, 0.3, 0.04), (3.0, 4_000_000, 1.7, 0.3), (5.0, 8_000_000, 5.2, 1.2)]


@pytest.mark.parametrize(("volts", "hz", "active_ma", "idle_ma"), ROWS)
def test_a_row_of_the_datasheet_comes_out_as_it_is(
    volts: float, hz: int, active_ma: float, idle_ma: float
) -> None:
    energy = estimate_energy("atmega328p", 3 * hz, 7 * hz, hz, volts)

    assert energy is not None
    assert (energy.active_ma, energy.idle_ma) == pytest.approx((active_ma, idle_ma))
    assert energy.seconds == 10
    assert energy.millijoules == pytest.approx(volts * (3 * active_ma + 7 * idle_ma))
    assert energy.outside is None
    assert "DS40002061A" in energy.source


def test_between_the_rows_the_current_grows_with_volts_and_hertz() -> None:
    currents = []
    for volts, hz in ((2.0, 1_000_000), (2.5, 2_000_000), (3.0, 4_000_000), (4.0, 6_000_000)):
        energy = estimate_energy("attiny85", 1, 0, hz, volts)
        assert energy is not None
        currents.append(energy.active_ma)

    assert currents == sorted(currents)
    halfway = (0.3 / (2 * 1e6) + 1.5 / (3 * 4e6)) / 2 * 2.5 * 2e6
    assert currents[1] == pytest.approx(halfway)


def test_outside_of_the_table_it_says_so() -> None:
    energy = estimate_energy("atmega328p", 1, 0, 16_000_000, 5.0)
    assert energy is not None
    assert energy.active_ma == pytest.approx(2 * 5.2)
    assert energy.outside == "16 MHz outside its 1 to 8 MHz"

    energy = estimate_energy("atmega328p", 1, 0, 8_000_000, 5.5)
    assert energy is not None
    assert energy.outside == "5.5 V is outside its 2 to 5 V"


def test_a_single_row_is_stretched_and_says_so() -> None:
    energy = estimate_energy("attiny1634", 1, 0, 8_000_000, 3.6)
    assert energy is not None
    assert energy.active_ma == pytest.approx(2 * 8 * 0.2)
    assert energy.outside == "3.6 V is outside its 1.8 V; 8 MHz outside its 1 MHz"


def test_a_chip_without_figures_has_no_estimate() -> None:
    assert supply_currents("attiny88") is None
    assert estimate_energy("attiny88", 1, 1, 8_000_000, 3.0) is None


@pytest.mark.parametrize(("hz", "volts"), [(0, 5.0), (8_000_000, 0.0), (8_000_000, -1.0)])
def test_no_clock_or_no_supply_is_refused(hz: int, volts: float) -> None:
    with pytest.raises(ValueError, match="must be positive; found"):
        estimate_energy("atmega328p", 1, 1, hz, volts)


def test_the_rows_are_those_of_the_datasheet() -> None:
    currents = supply_currents("atmega328p")
    assert currents is not None
    assert list(currents.rows) == ROWS
