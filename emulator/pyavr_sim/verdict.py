# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a test's firmware kept within its limits, and the text that says why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyavr_sim.budgets import Budget, Cost, excesses
from pyavr_sim.findings import Finding, FindingKind
from pyavr_sim.top_consumers import top_consumers

if TYPE_CHECKING:
    from pyavr_sim.chip import Chip
    from pyavr_sim.firmware import Firmware

__all__ = ["over_budget", "uninitialised_reads"]


def over_budget(
    cost: Cost, budgets: Sequence[tuple[str, Budget]], firmware: Firmware, chip: Chip | None
) -> str:
    """Explain what is over budget; empty when nothing is.

    Args:
        cost: What the firmware took.
        budgets: Each with a name, such as ``"limit_sram"`` or the path of a file.
        firmware: Of which to list the variables.
        chip: Of which to list the calls of the deepest stack; None when nothing ran.
    """
    rows = [
        f"{excess} ({source})" for source, budget in budgets for excess in excesses(cost, budget)
    ]
    if not rows:
        return ""
    deepest = chip.calls_deepest if chip and chip.tracking else None
    head = f"{firmware.path.name} is over budget"
    return "\n".join([f"{head}: {row}" for row in rows] + [top_consumers(firmware, deepest)])


def uninitialised_reads(findings: Sequence[Finding], dropped: int) -> str:
    """List the reads of SRAM that nothing had written; empty when there are none.

    Args:
        findings: All that a chip found.
        dropped: How many more it did not keep.
    """
    rows = [_row(found) for found in findings if found.kind is FindingKind.UNINITIALISED_READ]
    if not rows:
        return ""
    if dropped:
        rows.append(f"  and perhaps others: {dropped} findings came after these and were not kept")
    return "\n".join(["the firmware read SRAM that nothing had written since power-up:", *rows])


def _row(found: Finding) -> str:
    what = found.variable or "no variable"
    where = found.function or f"pc 0x{found.pc:04X}"
    line = f" ({found.line})" if found.line else ""
    return f"  {what} at 0x{found.address:04X}, read in {where}{line} at cycle {found.cycle}"
