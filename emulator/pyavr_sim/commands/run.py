# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim run``: a firmware on a chip, its UART on standard output, and a verdict."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from pyavr_sim.budgets import Cost, Excess, excesses
from pyavr_sim.chip import Chip
from pyavr_sim.commands.options import (
    BudgetFile,
    FirmwareFile,
    Hz,
    Json,
    Mcu,
    Seed,
    Target,
    UartNumber,
    load_target,
)
from pyavr_sim.exit_codes import ExitCode
from pyavr_sim.missing_names import missing_names
from pyavr_sim.stdin_feed import read_what_is_there, read_whole
from pyavr_sim.top_consumers import top_consumers
from pyavr_sim.uart import Uart
from pyavr_sim.uart_run import Ending, UartRun, UartText, run_with_uart

__all__ = ["run"]

TIMEOUT_MS = 30_000

_ENDINGS = {
    Ending.EXPECTED_TEXT: "the expected text came",
    Ending.FAIL_TEXT: "the fail text came",
    Ending.ENDED: "the firmware ended, asleep with interrupts off",
    Ending.CYCLES: "cut at the limit",
    Ending.INTERRUPTED: "interrupted",
}
_SRAM = ("static_bytes", "stack_bytes", "sram_bytes")


def _not_empty(text: str | None) -> str | None:
    if text == "":
        raise typer.BadParameter("an empty text comes at once; expected at least one character.")
    return text


def run(
    firmware: FirmwareFile,
    mcu: Mcu = None,
    hz: Hz = None,
    seed: Seed = 0,
    uart: UartNumber = None,
    expect_text: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", callback=_not_empty, help="End as soon as the UART has sent this: 0."
        ),
    ] = None,
    fail_text: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", callback=_not_empty, help="End as soon as the UART has sent this: 1."
        ),
    ] = None,
    timeout_ms: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="End after so many emulated milliseconds: 42. Default: 30000, or none where "
            "--cycles-max is given.",
        ),
    ] = None,
    cycles_max: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="End after so many cycles: 0, or 42 where a text was expected.",
        ),
    ] = None,
    uart_log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what the UART sends here, too.")
    ] = None,
    stdin: Annotated[
        bool | None,
        typer.Option(
            help="Read standard input to its end, then run with it on the UART; or leave it alone. "
            "Default: what is piped in goes to the UART as it comes."
        ),
    ] = None,
    budget: BudgetFile = None,
    as_json: Json = False,
) -> None:
    """Run a firmware; its UART goes to standard output, cost and findings to standard error.

    Exit codes: 0 the expected text came, or none was expected and the firmware ended; 1 the fail
    text came, or the firmware ended without the expected text; 11 over budget; 12 the firmware did
    what silicon cannot do sensibly; 42 emulated time ran out.
    """
    target = load_target(firmware, mcu, budget)
    shown = bytearray()
    sinks = [shown.extend]
    with ExitStack() as stack:
        if not as_json:
            sinks.append(partial(_write, sys.stdout.buffer))
        if uart_log:
            sinks.append(partial(_write, stack.enter_context(uart_log.open("wb"))))
        chip = stack.enter_context(Chip(target.chip.name, target.firmware, hz=hz, seed=seed))
        limit_cycles, at_limit = _limit(chip.hz, timeout_ms, cycles_max, bool(expect_text))
        ended = run_with_uart(
            chip,
            _uart(chip, uart, is_needed=bool(expect_text or fail_text)),
            limit_cycles,
            UartText(os.fsencode(expect_text or ""), os.fsencode(fail_text or "")),
            feed=_feed(stdin),
            show=lambda octets: [sink(octets) for sink in sinks],
        )
        code = {
            Ending.EXPECTED_TEXT: ExitCode.OK,
            Ending.FAIL_TEXT: ExitCode.TEST_FAILED,
            Ending.ENDED: ExitCode.TEST_FAILED if expect_text else ExitCode.OK,
            Ending.CYCLES: at_limit,
            Ending.FAULT: ExitCode.FIRMWARE_FAULT,
            Ending.INTERRUPTED: ExitCode.INTERRUPTED,
        }[ended.ending]
        over = excesses(Cost.of_run(chip), target.budget)
        if over and code is ExitCode.OK:
            code = ExitCode.OVER_BUDGET
        if as_json:
            report = _as_json(target, chip, ended, over)
            report |= {"exit_code": int(code), "uart": shown.decode(errors="replace")}
            typer.echo(json.dumps(report))
        else:
            begin = "\n" if shown and not shown.endswith(b"\n") else ""
            typer.echo(begin + "\n".join(_as_lines(target, chip, ended, over)), err=True)
        raise typer.Exit(code)


def _limit(
    hz: int, timeout_ms: int | None, cycles_max: int | None, is_text_expected: bool
) -> tuple[int, ExitCode]:
    """Cycles until the run is cut off, and the exit code of that."""
    if timeout_ms is None and cycles_max is None:
        timeout_ms = TIMEOUT_MS
    timeout = None if timeout_ms is None else -(-hz * timeout_ms // 1000)
    if cycles_max is not None and (timeout is None or cycles_max <= timeout):
        return cycles_max, ExitCode.TIMEOUT if is_text_expected else ExitCode.OK
    assert timeout is not None
    return timeout, ExitCode.TIMEOUT


def _uart(chip: Chip, number: int | None, *, is_needed: bool) -> Uart | None:
    if number is None and not chip.description.uarts and not is_needed:
        return None
    return chip.uart(min(chip.description.uarts, default=0) if number is None else number)


def _feed(stdin: bool | None) -> Callable[[], bytes]:
    if stdin is False or sys.stdin is None:
        return lambda: b""
    if stdin:
        return read_whole()
    return (lambda: b"") if os.isatty(0) else read_what_is_there()


def _as_lines(target: Target, chip: Chip, ended: UartRun, over: list[Excess]) -> list[str]:
    what = str(ended.fault) if ended.fault else _ENDINGS[ended.ending]
    lines = [
        f"{target}, {chip.hz / 1e6:g} MHz",
        f"{chip.cycle:,} cycles, {1000 * chip.cycle / chip.hz:,.3f} ms: {what}",
        str(Cost.of_run(chip)),
        *map(str, chip.findings),
    ]
    if chip.findings and (missing := missing_names(target.firmware)):
        lines.append(missing)
    if chip.findings_dropped:
        lines.append(f"{chip.findings_dropped:,} more were found after these")
    lines += [f"over budget: {excess}" for excess in over]
    if any(excess.what in _SRAM for excess in over):
        lines.append(top_consumers(target.firmware, chip.calls_deepest))
    return lines


def _as_json(target: Target, chip: Chip, ended: UartRun, over: list[Excess]) -> dict[str, Any]:
    return {
        "firmware": str(target.firmware.path),
        "mcu": chip.name,
        "hz": chip.hz,
        "seed": chip.seed,
        "ending": ended.ending.value,
        "error": str(ended.fault) if ended.fault else None,
        "cost": asdict(Cost.of_run(chip)),
        "excesses": [asdict(excess) for excess in over],
        "findings": [asdict(finding) for finding in chip.findings],
        "findings_dropped": chip.findings_dropped,
    }


def _write(file: BinaryIO, octets: bytes) -> None:
    file.write(octets)
    file.flush()
