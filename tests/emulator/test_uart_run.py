# SPDX-License-Identifier: GPL-3.0-or-later
"""A run to a text on a UART does not depend on the slices that it is made in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pyavr_sim import Chip, uart_run
from pyavr_sim.uart_run import Ending, UartText, run_with_uart


def outcome(elf: Path, text: UartText, order: bytes) -> tuple[Ending, int, int, bytes]:
    shown = bytearray()
    with Chip("atmega328p", elf) as chip:
        chip.uart(0).write(order)
        run = run_with_uart(chip, chip.uart(0), 30_000, text, feed=lambda: b"", show=shown.extend)
        return run.ending, chip.cycle, chip.stack_high_water, bytes(shown)


@pytest.mark.parametrize("slice_cycles", [1, 37, 1000])
@pytest.mark.parametrize(
    ("text", "order", "ending", "shown"),
    [
        (UartText(b"PASS", b"FAIL"), b"p", Ending.EXPECTED_TEXT, b"ready\nPASS"),
        (UartText(b"FAIL", b"SF"), b"p", Ending.FAIL_TEXT, b"ready\nPASSF"),
        (UartText(b"xy", b"x"), b"xy", Ending.FAIL_TEXT, b"ready\nx"),
        (UartText(b"never"), b"e", Ending.ENDED, b"ready\nbye\n"),
        (UartText(b"never"), b"c", Ending.FAULT, b"ready\n"),
    ],
)
def test_slices_of_any_length_give_the_same_run(
    build: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    slice_cycles: int,
    text: UartText,
    order: bytes,
    ending: Ending,
    shown: bytes,
) -> None:
    elf = build("console.c", "atmega328p")
    whole = outcome(elf, text, order)

    monkeypatch.setattr(uart_run, "SLICE_CYCLES", slice_cycles)

    assert (whole[0], whole[3]) == (ending, shown)
    assert outcome(elf, text, order) == whole
