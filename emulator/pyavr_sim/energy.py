# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would take from the supply: an estimate by the datasheet's typical currents.

A datasheet states the typical current of an active and of an idle CPU at 25 degrees, external
clock, all peripherals off, at three voltages, each with a clock of its own. CMOS draws in
proportion to both, so each of them is taken as a current a volt and a hertz:

    I(V, f) = k(V) * V * f,    k(V_i) = I_i / (V_i * f_i), linear between the V_i

Not in it: peripherals, pins that drive something, and the deeper sleep modes; sleep counts as idle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Energy", "SupplyCurrents", "estimate_energy", "supply_currents"]


@dataclass(frozen=True)
class SupplyCurrents:
    """A datasheet's table of typical supply currents.

    Attributes:
        source: The datasheet and its table.
        active_ma: Milliamperes of an active CPU at `POINTS`.
        idle_ma: Of one in Idle mode.
    """

    source: str
    active_ma: tuple[float, float, float]
    idle_ma: tuple[float, float, float]


POINTS = ((2.0, 1_000_000), (3.0, 4_000_000), (5.0, 8_000_000))
"""Volts and hertz of the table's rows, in all of these datasheets alike."""

_MEGA8 = "DS40002061A (ATmega48A/PA/88A/PA/168A/PA/328/P), section 29.2, DC Characteristics"
# Only chips whose table was read; where a chip is missing, there is no estimate.
_CURRENTS = {
    "attiny13a": SupplyCurrents("8126F (ATtiny13A), table 18-1", (0.2, 1.2, 3.6), (0.03, 0.2, 0.7)),
    "attiny85": SupplyCurrents(
        "2586Q (ATtiny25/45/85), section 21.2", (0.3, 1.5, 5.0), (0.1, 0.35, 1.2)
    ),
    "atmega168pa": SupplyCurrents(_MEGA8, (0.2, 1.2, 4.2), (0.03, 0.2, 0.9)),
    "atmega328": SupplyCurrents(_MEGA8, (0.3, 1.7, 5.2), (0.04, 0.3, 1.2)),
    "atmega328p": SupplyCurrents(_MEGA8, (0.3, 1.7, 5.2), (0.04, 0.3, 1.2)),
    "atmega324pa": SupplyCurrents(
        "8272E (ATmega164A...1284P), table 28-5", (0.3, 1.5, 5.2), (0.06, 0.35, 1.3)
    ),
}


@dataclass(frozen=True)
class Energy:
    """An estimate.

    Attributes:
        volts: Of the supply.
        hz: CPU clock.
        active_ma: Typical current while instructions run, in milliamperes.
        idle_ma: While the CPU sleeps.
        seconds: Of the run at this clock.
        millijoules: Of the run.
        source: The datasheet.
        outside: How ``volts`` and ``hz`` leave the datasheet's table; None inside of it.
    """

    volts: float
    hz: int
    active_ma: float
    idle_ma: float
    seconds: float
    millijoules: float
    source: str
    outside: str | None


def supply_currents(chip: str) -> SupplyCurrents | None:
    """The datasheet's table of a chip, named as avr-gcc does; None: no figure is known."""
    return _CURRENTS.get(chip)


def estimate_energy(
    chip: str, cycles_active: int, cycles_asleep: int, hz: int, volts: float
) -> Energy | None:
    """Estimate what a run takes.

    Args:
        chip: As avr-gcc spells it.
        cycles_active: With the CPU at work.
        cycles_asleep: With the CPU in sleep.
        hz: CPU clock.
        volts: Of the supply.

    Returns:
        None where the chip's figures are not known.

    Raises:
        ValueError: ``hz`` or ``volts`` is not positive.
    """
    if not hz > 0 or not volts > 0:
        raise ValueError(f"volts and hz must be positive; found {volts} V, {hz} Hz")
    currents = supply_currents(chip)
    if currents is None:
        return None
    active_ma, idle_ma = (
        _current(table, volts, hz) for table in (currents.active_ma, currents.idle_ma)
    )
    charge = (active_ma * cycles_active + idle_ma * cycles_asleep) / hz  # milliampere seconds
    return Energy(
        volts,
        hz,
        active_ma,
        idle_ma,
        (cycles_active + cycles_asleep) / hz,
        charge * volts,
        currents.source,
        _outside(volts, hz),
    )


def _current(table_ma: tuple[float, ...], volts: float, hz: int) -> float:
    per_volt_and_hertz = [ma / (v * f) for ma, (v, f) in zip(table_ma, POINTS, strict=True)]
    # np.interp keeps to the first and last value outside of the table.
    return float(np.interp(volts, [v for v, _ in POINTS], per_volt_and_hertz)) * volts * hz


def _outside(volts: float, hz: int) -> str | None:
    lowest, highest = POINTS[0], POINTS[-1]
    beyond = []
    if not lowest[0] <= volts <= highest[0]:
        beyond.append(f"{volts:g} V is outside its {lowest[0]:g} to {highest[0]:g} V")
    if not lowest[1] <= hz <= highest[1]:
        beyond.append(
            f"{hz / 1e6:g} MHz outside its {lowest[1] / 1e6:g} to {highest[1] / 1e6:g} MHz"
        )
    return "; ".join(beyond) or None
