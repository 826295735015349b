# SPDX-License-Identifier: GPL-3.0-or-later
"""Voltages at the analog inputs of a chip."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from pyavr_sim._sim import ffi, lib
from pyavr_sim.errors import PortError

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip

__all__ = ["Adc", "AdcChannel"]

MILLIVOLTS_MAX = 6_000
CHANNELS = 8


def _check_millivolts(value: int) -> int:
    found = operator.index(value)
    if not 0 <= found <= MILLIVOLTS_MAX:
        raise ValueError(
            f"expected 0 to {MILLIVOLTS_MAX} mV (the absolute maximum rating); found {found}"
        )
    return found


class AdcChannel:
    """One analog input; ``chip.adc[0]`` gives it.

    Attributes:
        number: Which one.
    """

    def __init__(self, chip: Chip, number: int) -> None:
        self._chip = chip
        self.number = number

    @property
    def millivolts(self) -> int:
        """The voltage at the pin; it stays through resets."""
        with self._chip.engine.use() as handle:
            return max(0, int(lib.sim_adc(handle, self.number)))

    @millivolts.setter
    def millivolts(self, value: int) -> None:
        found = _check_millivolts(value)
        if self._chip.engine.apply(lib.sim_adc_set, self.number, found):
            raise PortError(f"ADC channel {self.number} takes no voltage; use 0 to 7.")


class Adc:
    """The converter's inputs and references, all in millivolts.

    ``chip.adc[channel]`` is a channel. libsimavr has channels 0 to 7; the conversion of full scale
    follows the reference that the firmware selects in ADMUX.
    """

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._channels = [AdcChannel(chip, n) for n in range(CHANNELS)]

    def __getitem__(self, channel: int) -> AdcChannel:
        if not self._chip.description.has_adc:
            raise PortError(f"an {self._chip.name} has no ADC.")
        number = operator.index(channel)
        if not 0 <= number < CHANNELS:
            raise PortError(f"there is no ADC channel {number}; expected 0 to {CHANNELS - 1}.")
        return self._channels[number]

    def _set(self, supply: str, value: int) -> None:
        wanted = self._supply() | {supply: _check_millivolts(value)}
        apply = self._chip.engine.apply
        apply(lib.sim_set_supply, wanted["vcc"], wanted["avcc"], wanted["aref"])

    def _supply(self) -> dict[str, int]:
        found = ffi.new("uint32_t[3]")
        with self._chip.engine.use() as handle:
            lib.sim_supply(handle, found, found + 1, found + 2)
        return dict(zip(("vcc", "avcc", "aref"), map(int, found), strict=True))

    @property
    def vcc(self) -> int:
        """Supply voltage."""
        return self._supply()["vcc"]

    @vcc.setter
    def vcc(self, value: int) -> None:
        self._set("vcc", value)

    @property
    def avcc(self) -> int:
        """Supply of the converter."""
        return self._supply()["avcc"]

    @avcc.setter
    def avcc(self, value: int) -> None:
        self._set("avcc", value)

    @property
    def aref(self) -> int:
        """Voltage at the AREF pin."""
        return self._supply()["aref"]

    @aref.setter
    def aref(self, value: int) -> None:
        self._set("aref", value)
