# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim profile``: one run, and every picture of it that was asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pyavr_sim.budgets import Cost
from pyavr_sim.commands.options import (
    CyclesMax,
    FirmwareFile,
    Hz,
    Json,
    Mcu,
    Milliseconds,
    Seed,
    Stdin,
    Target,
    load_target,
    power_up,
)
from pyavr_sim.coverage import line_coverage
from pyavr_sim.exit_codes import ExitCode, exit_code_of
from pyavr_sim.export.callgrind import callgrind
from pyavr_sim.export.chrome_trace import chrome_trace
from pyavr_sim.export.lcov import lcov
from pyavr_sim.export.markdown import markdown
from pyavr_sim.export.speedscope import speedscope
from pyavr_sim.export.vcd import vcd
from pyavr_sim.missing_names import missing_names
from pyavr_sim.recording import Recording, record
from pyavr_sim.report.tables import FunctionRow, energy_of, function_rows
from pyavr_sim.report.wording import ending
from pyavr_sim.stop import StopReason
from pyavr_sim.uart_run import Ending

__all__ = ["profile"]

FUNCTIONS_SHOWN = 10
_READERS = {
    "speedscope": "speedscope.app",
    "callgrind": "callgrind_annotate and KCachegrind",
    "chrome trace": "Perfetto and chrome://tracing",
    "vcd": "GTKWave: pins, SP and each --variable",
    "markdown": "people: a summary",
    "lcov": "genhtml",
}


def _out(option: str, text: str | None = None) -> Any:
    kind = option.lstrip("-").replace("-", " ")
    help_text = text or f"Write a file for {_READERS[kind]}."
    return typer.Option(option, metavar="FILE", dir_okay=False, help=help_text)


def profile(
    firmware: FirmwareFile,
    mcu: Mcu = None,
    hz: Hz = None,
    seed: Seed = 0,
    ms: Milliseconds = None,
    cycles_max: CyclesMax = None,
    stdin: Stdin = False,
    variable: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Keep its changes for --vcd; may be given again."),
    ] = None,
    pin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="B0", help="Keep only this pin's changes for --vcd; else every pin's."
        ),
    ] = None,
    volts: Annotated[float, typer.Option(help="Supply, for the estimate of energy.")] = 5.0,
    html_file: Annotated[
        Path | None, _out("--html", "Write the report: one page that needs nothing else.")
    ] = None,
    speedscope_file: Annotated[Path | None, _out("--speedscope")] = None,
    callgrind_file: Annotated[Path | None, _out("--callgrind")] = None,
    chrome_trace_file: Annotated[Path | None, _out("--chrome-trace")] = None,
    vcd_file: Annotated[Path | None, _out("--vcd")] = None,
    markdown_file: Annotated[Path | None, _out("--markdown")] = None,
    lcov_file: Annotated[Path | None, _out("--lcov")] = None,
    as_json: Json = False,
) -> None:
    """Run a firmware once, and say where SRAM, stack and cycles went.

    The run ends at the firmware's end or at the limit, with exit code 0 either way; 12 after what
    silicon cannot do sensibly. The files are written in any case.
    """
    if volts <= 0:
        raise typer.BadParameter(f"--volts must be above 0; found {volts:g}.")
    target = load_target(firmware, mcu)
    chip, limit_cycles = power_up(target, hz, seed, ms, cycles_max, stdin)
    with chip:
        try:
            recording = record(chip, limit_cycles, variables=variable or (), pins=pin or ())
        except ValueError as error:  # of a pin's name
            raise typer.BadParameter(str(error)) from None
        cost, dropped = Cost.of_run(chip), chip.findings_dropped
    files = _write(
        recording,
        {
            "html": (html_file, lambda recording: recording.html(volts)),
            "speedscope": (speedscope_file, speedscope),
            "callgrind": (callgrind_file, callgrind),
            "chrome_trace": (chrome_trace_file, chrome_trace),
            "vcd": (vcd_file, vcd),
            "markdown": (markdown_file, markdown),
            "lcov": (lcov_file, _lcov),
        },
    )
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(markdown(recording))
    rows = function_rows(recording)
    code = exit_code_of(recording.error) if recording.error else ExitCode.OK
    if as_json:
        run = {"seed": seed, "findings_dropped": dropped, "exit_code": int(code)}
        typer.echo(json.dumps(_as_json(recording, cost, rows, volts, files) | run))
    else:
        typer.echo("\n".join(_as_lines(target, recording, cost, rows, files)))
    raise typer.Exit(code)


def _write(
    recording: Recording, renderers: dict[str, tuple[Path | None, Callable[[Recording], str]]]
) -> dict[str, Path]:
    """Write each file that was asked for; those that need debug information come last."""
    files = {kind: path for kind, (path, _) in renderers.items() if path}
    for kind, path in files.items():
        path.write_text(renderers[kind][1](recording), encoding="utf-8")
    return files


def _lcov(recording: Recording) -> str:
    return lcov(line_coverage(recording.firmware, recording.profile))


def _as_lines(
    target: Target,
    recording: Recording,
    cost: Cost,
    rows: list[FunctionRow],
    files: dict[str, Path],
) -> list[str]:
    lines = [
        f"{target}, {recording.hz / 1e6:g} MHz",
        ending(recording),
        str(cost),
    ]
    if missing := missing_names(recording.firmware):
        lines.append(missing)
    lines.append(f"{'cycles':>14} {'calls':>10}  function")
    lines += [
        f"{row.cycles_self:14,} {row.calls:10,}  {row.name}" for row in rows[:FUNCTIONS_SHOWN]
    ]
    lines += [str(finding) for finding in recording.findings]
    lines += [f"{kind}: {path}" for kind, path in files.items()]
    return lines


def _ending(recording: Recording) -> Ending:
    if recording.stop is None:
        return Ending.FAULT
    is_over = recording.stop.reason is StopReason.ENDED
    return Ending.ENDED if is_over else Ending.CYCLES


def _as_json(
    recording: Recording,
    cost: Cost,
    rows: list[FunctionRow],
    volts: float,
    files: dict[str, Path],
) -> dict[str, Any]:
    energy = energy_of(recording, volts)
    return {
        "firmware": str(recording.firmware.path),
        "mcu": recording.chip.name,
        "hz": recording.hz,
        "ending": _ending(recording).value,
        "error": str(recording.error) if recording.error else None,
        "uart": recording.uart.decode(errors="replace"),
        "cost": asdict(cost),
        "functions": [asdict(row) for row in rows],
        "findings": [asdict(finding) for finding in recording.findings],
        "energy": asdict(energy) if energy else None,
        "files": {kind: str(path) for kind, path in files.items()},
    }
