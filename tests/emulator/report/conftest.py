# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings, and their pages in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pyavr_sim import Chip, Recording, record

CYCLES_MAX = 3_000_000


@pytest.fixture(scope="session")
def recorded(build: Callable[..., Path]) -> Recording:
    """The firmware pictured.c on an ATmega328P, from power-up to its end."""
    with Chip("atmega328p", build("pictured.c", "atmega328p")) as chip:
        return record(chip, CYCLES_MAX)


@pytest.fixture
def page(open_page: Callable[[str], Any], recorded: Recording) -> Any:
    """The page of `recorded`, as it is when it has just been opened."""
    return open_page(recorded.html())
