# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes the SRAM, as text: the largest variables, then the calls of the deepest stack."""

from __future__ import annotations

from pyavr_sim.call_chain import CallChain
from pyavr_sim.firmware import Firmware
from pyavr_sim.sram_layout import Region, static_by_symbol

__all__ = ["top_consumers"]

SHOWN = 10


def top_consumers(firmware: Firmware, deepest: CallChain | None = None, shown: int = SHOWN) -> str:
    """List what to look at first when SRAM is short.

    Args:
        firmware: Its variables; none of them is known of Intel HEX.
        deepest: ``chip.calls_deepest`` of a run; None where nothing ran.
        shown: So many variables at most; the others in one line.

    Returns:
        Lines such as ``"    64  ring (uart.c:7) .bss"``, without a last newline.
    """
    regions = static_by_symbol(firmware)
    rows = [f"{sum(region.size for region in regions)} bytes of static data"]
    if not regions and firmware.format == "hex":
        rows = ["static data unknown: Intel HEX has no symbols. Give the .elf of the build."]
    rows += [_row(region) for region in regions[:shown]]
    if others := regions[shown:]:
        rows.append(f"{sum(region.size for region in others):6}  in {len(others)} others")
    return "\n".join([*rows, *([str(deepest)] if deepest else [])])


def _row(region: Region) -> str:
    declared = f" ({region.source})" if region.source else ""
    return f"{region.size:6}  {region.name or 'no name'}{declared} .{region.owner}"
