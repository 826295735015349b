# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders results as tables for a terminal; computes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from kilolearn.demo import Demonstration

__all__ = ["bench_json", "bench_table", "console", "demo_tables", "parts_table"]


def console(stderr: bool = False) -> Console:
    """Where to print; wide enough for the tables when it is no terminal."""
    made = Console(stderr=stderr)
    return made if made.is_terminal else Console(stderr=stderr, width=120)


def demo_tables(shown: Demonstration) -> list[Table]:
    """Accuracy beside scikit-learn's, and what it cost."""
    cost = shown.cost
    accuracy = Table(
        title=f"Unseen digits recognised ({shown.test_samples} images; "
        f"{shown.training_samples} to train on)",
        caption=f"On the way to the chip {100 * shown.recipe.moved_share:.0f} % of the training "
        f"images were moved by half a pixel; the PC's models got them as they are.",
    )
    accuracy.add_column("model")
    accuracy.add_column("trained")
    accuracy.add_column("right", justify="right")
    accuracy.add_column("model size", justify="right")
    accuracy.add_row(
        f"kilolearn digits (int8), {shown.recipe.epochs} epochs",
        f"on the {shown.mcu}",
        f"{shown.learned.accuracy:.1f} %",
        f"{len(shown.learned.weights):,} B",
        style="bold",
    )
    for baseline in shown.baselines:
        accuracy.add_row(
            baseline.name,
            "on the PC",
            f"{baseline.accuracy:.1f} %",
            f"{8 * baseline.parameters:,} B",
        )
    costs = Table(title=f"What it took of the {shown.mcu}")
    costs.add_column("resource")
    costs.add_column("used", justify="right")
    costs.add_column("of", justify="right")
    image = cost.image
    costs.add_row("flash", f"{image.flash_bytes:,} B", f"{cost.flash_total:,} B")
    costs.add_row("SRAM, static", f"{image.static_bytes:,} B", "")
    costs.add_row("SRAM, deepest stack", f"{cost.stack_high_water:,} B", "")
    costs.add_row("SRAM, high-water", f"{cost.sram_high_water:,} B", f"{cost.sram_total:,} B")
    costs.add_row("cycles a training step, mean", f"{cost.train.mean:,.0f}", "")
    costs.add_row("cycles an inference, mean", f"{cost.infer.mean:,.0f}", "")
    seconds = shown.training_cycles / cost.hz
    costs.add_row(
        f"whole training on a real chip at {cost.hz / 1e6:g} MHz, serial line included",
        f"{seconds:,.0f} s",
        "",
    )
    costs.add_row("the same on the emulator", f"{shown.host_seconds:,.0f} s", "")
    return [accuracy, costs]


SIDE_BY_SIDE_MAX = 5


def bench_table(title: str, rows: Sequence[Mapping[str, object]], heading: str = "chip") -> Table:
    """Few rows stand side by side, a line a key; many below each other, a column a key.

    Args:
        title: Above the table.
        rows: A key that a row lacks is left empty there.
        heading: The key whose values head the columns, or the lines.
    """
    keys = [key for key in dict.fromkeys(key for row in rows for key in row) if key != heading]
    lines = [[str(row[heading]), *(_cell(row.get(key)) for key in keys)] for row in rows]
    if len(rows) <= SIDE_BY_SIDE_MAX:
        lines = [list(line) for line in zip(["", *keys], *lines, strict=True)]
    else:
        lines.insert(0, [name.replace("_", " ") for name in (heading, *keys)])
    table = Table(title=title)
    for number, name in enumerate(lines[0]):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for line in lines[1:]:
        table.add_row(*line)
    return table


def parts_table(title: str, parts: Mapping[str, int]) -> Table:
    """Bytes of flash by part, and their sum."""
    table = Table(title=title, show_footer=True)
    table.add_column("part", footer="flash")
    table.add_column("bytes", justify="right", footer=f"{sum(parts.values()):,}")
    for part, size_bytes in parts.items():
        table.add_row(part, f"{size_bytes:,}")
    return table


def bench_json(
    bench: str, environment: Mapping[str, object], rows: Sequence[Mapping[str, object]]
) -> str:
    """The one line that a program reads."""
    return json.dumps({"bench": bench, "environment": environment, "rows": rows})


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, list):
        return " ".join(_cell(item) for item in value)
    if isinstance(value, float):
        return f"{value:,.2f}" if value < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
