# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would take from the supply: an estimate by the datasheet's typical currents.

A datasheet states the typical current of an active and of an idle CPU at 25 degrees, external
clock, all peripherals off, at three voltages, each with a clock of its own. CMOS draws in
proportion to both, so each of them is taken as a current a volt and a hertz:

    I(V, f) = k(V) * V * f,    k(V_i) = I_i / (V_i * f_i), linear between the V_i

Of two chips only the headline of the first page is known, a single voltage and clock.

Not in it: peripherals, pins that drive something, and the deeper sleep modes; sleep counts as idle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

__all__ = ["Energy", "SupplyCurrents", "estimate_energy", "supply_currents"]


_Three = tuple[float, float, float]


class Row(NamedTuple):
    """What a datasheet states for one supply and clock: volts, hertz, typical milliamperes."""

    volts: float
    hz: int
    active_ma: float
    idle_ma: float


@dataclass(frozen=True)
class SupplyCurrents:
    """A datasheet's typical supply currents.

    Attributes:
        source: The datasheet and where in it.
        rows: By voltage, rising.
    """

    source: str
    rows: tuple[Row, ...]


def _table(source: str, active_ma: _Three, idle_ma: _Three) -> SupplyCurrents:
    """At the three points that most of these datasheets have."""
    points = ((2.0, 1_000_000), (3.0, 4_000_000), (5.0, 8_000_000))
    return SupplyCurrents(
        source,
        tuple(Row(*p, a, i) for p, a, i in zip(points, active_ma, idle_ma, strict=True)),
    )


_MEGA8 = "DS40002061A (ATmega48A/PA/88A/PA/168A/PA/328/P), section 29.2, DC Characteristics"
_HEADLINE = (Row(1.8, 1_000_000, 0.2, 0.03),)
# Only chips whose datasheet was read; where a chip is missing, there is no estimate.
_CURRENTS = {
    "attiny13a": _table("8126F (ATtiny13A), table 18-1", (0.2, 1.2, 3.6), (0.03, 0.2, 0.7)),
    "attiny85": _table("2586Q (ATtiny25/45/85), section 21.2", (0.3, 1.5, 5.0), (0.1, 0.35, 1.2)),
    "attiny841": SupplyCurrents("8495H (ATtiny441/841), features on page 1", _HEADLINE),
    "attiny1634": SupplyCurrents("8303 (ATtiny1634), features on page 1", _HEADLINE),
    "atmega168pa": _table(_MEGA8, (0.2, 1.2, 4.2), (0.03, 0.2, 0.9)),
    "atmega328": _table(_MEGA8, (0.3, 1.7, 5.2), (0.04, 0.3, 1.2)),
    "atmega328p": _table(_MEGA8, (0.3, 1.7, 5.2), (0.04, 0.3, 1.2)),
    "atmega324pa": _table(
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
    active_ma = _current(currents, "active_ma", volts, hz)
    idle_ma = _current(currents, "idle_ma", volts, hz)
    charge = (active_ma * cycles_active + idle_ma * cycles_asleep) / hz  # milliampere seconds
    return Energy(
        volts,
        hz,
        active_ma,
        idle_ma,
        (cycles_active + cycles_asleep) / hz,
        charge * volts,
        currents.source,
        _outside(currents, volts, hz),
    )


def _current(currents: SupplyCurrents, column: str, volts: float, hz: int) -> float:
    rows = currents.rows
    per_volt_and_hertz = [getattr(row, column) / (row.volts * row.hz) for row in rows]
    # np.interp keeps to the first and last value outside of the table.
    return float(np.interp(volts, [row.volts for row in rows], per_volt_and_hertz)) * volts * hz


def _outside(currents: SupplyCurrents, volts: float, hz: int) -> str | None:
    lowest, highest = currents.rows[0], currents.rows[-1]
    beyond = []
    if not lowest.volts <= volts <= highest.volts:
        beyond.append(f"{volts:g} V is outside its {_span(lowest.volts, highest.volts)} V")
    if not lowest.hz <= hz <= highest.hz:
        beyond.append(
            f"{hz / 1e6:g} MHz outside its {_span(lowest.hz / 1e6, highest.hz / 1e6)} MHz"
        )
    return "; ".join(beyond) or None


def _span(lowest: float, highest: float) -> str:
    return f"{lowest:g} to {highest:g}" if lowest < highest else f"{lowest:g}"
