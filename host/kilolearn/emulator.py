# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator, and what it knows of a chip or an image without running it.

The only module that imports `pyavr_sim`. Everything else speaks to a chip through a pyserial URL,
so that it works on a cable just the same.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kilolearn.errors import MissingExtraError, SearchError
from kilolearn.firmware import contract

__all__ = [
    "ImageSize",
    "emulated_chip",
    "emulator_errors",
    "image_size",
    "libsimavr_version",
    "load_emulator",
    "microjoules",
    "model_types",
    "over_budget",
    "port_url",
    "register_emulated_ports",
]


@dataclass(frozen=True)
class ImageSize:
    """What a linked image takes, before it runs.

    Attributes:
        flash_bytes: .text + .data.
        static_bytes: .data + .bss + .noinit.
    """

    flash_bytes: int
    static_bytes: int


def port_url(elf: Path, mcu: str, seed: int = 0) -> str:
    """The pyserial URL of an emulated chip with this firmware.

    A chip without a UART gets a line on the pins that avr/contract/soft_uart.h names.
    """
    url = f"avrsim://{mcu}/{elf.resolve()}?seed={seed}"
    return url if load_emulator().describe_chip(mcu).uarts else f"{url}&line={_line_on_pins()}"


def _line_on_pins() -> str:
    """The chip's RX, its TX and the baud rate, as the URL wants them."""
    stated = contract().constant
    rx, tx, baud = (stated(f"SOFT_UART_{name}") for name in ("RX", "TX", "BAUD"))
    return f"B{rx},B{tx},{baud}"


def image_size(elf: Path) -> ImageSize:
    """Flash and static SRAM of a linked image."""
    firmware = load_emulator().Firmware.load(elf)
    return ImageSize(int(firmware.flash_bytes), int(firmware.static_bytes))


def over_budget(elf: Path, mcu: str) -> list[str]:
    """What an image takes above its limits in the ``pyavr-sim.toml`` of this folder, if any."""
    image = load_emulator().Firmware.load(elf)
    from pyavr_sim import budget_file, budgets  # noqa: PLC0415 - as the emulator itself

    path = budget_file.find_budget_file(Path.cwd())
    limits = budget_file.budget_of(budget_file.read_budgets(path) if path else {}, elf.stem, mcu)
    return [str(over) for over in budgets.excesses(budgets.Cost.of_image(image), limits)]


def microjoules(mcu: str, cycles: float, volts: float = 3.0) -> float:
    """What cycles of work take from the supply, typically; the clock does not matter.

    Raises:
        SearchError: The datasheet's currents of this chip are not known.
    """
    from pyavr_sim.energy import estimate_energy  # noqa: PLC0415 - as the emulator itself

    second = estimate_energy(mcu, 1_000_000, 0, 1_000_000, volts)
    if second is None:
        raise SearchError(
            f"no supply current is known of the {mcu}, and so no energy; minimise cycles: on one "
            f"chip energy is in proportion to them"
        )
    return cycles * second.millijoules / 1000


def model_types(elf: Path, mcu: str) -> set[np.dtype[Any]]:
    """The types of the numbers in a learner's model, its struct ``net``, as DWARF declares them."""
    with load_emulator().Chip(mcu, elf) as chip:
        return _number_types(chip.var("net").dtype)


def _number_types(kind: np.dtype[Any]) -> set[np.dtype[Any]]:
    if kind.fields is None:
        return {kind.base}
    return set().union(*(_number_types(member[0].base) for member in kind.fields.values()))


def libsimavr_version() -> str:
    """Of the libsimavr under the emulator."""
    return str(load_emulator().LIBSIMAVR_VERSION)


def emulated_chip(port: Any) -> Any:
    """The emulated chip behind a port, which counts in `.cycle` at `.hz`; None for a real one."""
    return getattr(port, "chip", None)


def register_emulated_ports() -> None:
    """Teach pyserial the scheme avrsim://."""
    load_emulator()


def emulator_errors() -> tuple[type[Exception], ...]:
    """The emulator's error tree; empty while it is not loaded, since then none can be raised."""
    loaded = sys.modules.get("pyavr_sim")
    return (loaded.PyavrSimError,) if loaded is not None else ()


def load_emulator() -> Any:
    """The package `pyavr_sim`.

    Raises:
        MissingExtraError: It is not usable here.
    """
    try:
        import pyavr_sim  # noqa: PLC0415 - a board on a cable needs none
    except ImportError as error:
        raise MissingExtraError(
            f"the emulator pyavr_sim is not usable here ({error}); run ./dev once, or give --port "
            f"a real one"
        ) from error
    return pyavr_sim
