# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the stack has the height that its figures need."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from pyavr_sim import Recording
from pyavr_sim.report.stack_chart import FLAT, HEIGHT, stack_chart


def depths_drawn(svg: str) -> list[float]:
    heights = re.findall(r"V([0-9.]+)H", svg)
    return [HEIGHT - float(height) for height in heights]


@pytest.mark.parametrize("free_bytes", [40, 200, 2000])
def test_the_deepest_stack_is_never_flat(recorded: Recording, free_bytes: int) -> None:
    deepest = recorded.chip.sram_end - int(recorded.slice_sp_lowest.min())
    chip = SimpleNamespace(sram_end=recorded.chip.sram_end, sram_bytes=free_bytes + deepest)
    chart = stack_chart(replace(recorded, chip=chip, static_bytes=0))

    assert chart.deepest == deepest
    assert max(depths_drawn(chart.svg)) > HEIGHT / (FLAT + 1)
    assert ('class="limit"' in chart.svg) == chart.shows_limit == (free_bytes < 4 * deepest)
    assert chart.mark_share == pytest.approx(1 - 1 / 1.04, abs=1e-9)


def test_a_run_without_a_stack_shows_the_limit(recorded: Recording) -> None:
    still = np.full_like(recorded.slice_sp_lowest, recorded.chip.sram_end)
    chart = stack_chart(replace(recorded, slice_sp_lowest=still))

    assert chart.shows_limit
    assert max(depths_drawn(chart.svg)) == 0
