# SPDX-License-Identifier: GPL-3.0-or-later
"""Digital pins, seen from outside the chip."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyavr_sim._sim import lib
from pyavr_sim.errors import PortError

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip

__all__ = ["Pin"]

_NAME = re.compile(r"P?([A-Z])([0-7])\Z")


class Pin:
    """One pin; ``chip.pin("B0")`` gives it.

    Attributes:
        name: Port letter and bit, such as ``"B0"``.
    """

    def __init__(self, chip: Chip, name: str) -> None:
        match = _NAME.match(name) if isinstance(name, str) else None
        if not match:
            raise ValueError(f"a pin is named by port and bit, such as 'B0'; found {name!r}")
        self._port, self._bit = match[1], int(match[2])
        if self._port not in chip.description.ports:
            have = ", ".join(chip.description.ports)
            raise PortError(f"an {chip.name} has no port {self._port}; it has {have}.")
        self._chip = chip
        self.name = f"{self._port}{self._bit}"

    def __repr__(self) -> str:
        return f"<pin {self.name} of {self._chip.name}>"

    @property
    def place(self) -> tuple[bytes, int]:
        """Port letter and bit, as the engine takes them."""
        return self._port.encode(), self._bit

    def drive(self, level: bool | None) -> None:
        """Pull the pin to a level from outside, or let go of it.

        It stays driven through resets. On a pin that the firmware drives itself, the outside level
        shows once the firmware makes it an input.

        Args:
            level: True for VCC, False for ground, None to let go (pull-up, else the last level).
        """
        if level not in (True, False, None):
            raise ValueError(f"a level is True, False or None; found {level!r}")
        asked = -1 if level is None else int(level)
        self._chip.engine.apply(lib.sim_pin_drive, *self.place, asked)

    @property
    def level(self) -> bool:
        """The level at the pin: what the firmware drives, else what comes from outside."""
        with self._chip.engine.use() as handle:
            return bool(lib.sim_pin_level(handle, *self.place))
