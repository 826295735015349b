# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim run``: a firmware on a chip, its UART on standard output, and a verdict."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from pyavr_sim.chip import Chip
from pyavr_sim.commands.options import FirmwareFile, Hz, Json, Mcu, Seed, Target, load_target
from pyavr_sim.exit_codes import ExitCode
from pyavr_sim.stdin_feed import read_what_is_there, read_whole
from pyavr_sim.uart import Uart
from pyavr_sim.uart_run import Ending, UartRun, UartText, run_with_uart

__all__ = ["run"]

TIMEOUT_MS = 30_000


def run(
    firmware: FirmwareFile,
    mcu: Mcu = None,
    hz: Hz = None,
    seed: Seed = 0,
    uart: Annotated[
        int | None, typer.Option(help="Which UART; default: the chip's first.", min=0)
    ] = None,
    expect_text: Annotated[
        str, typer.Option(metavar="TEXT", help="End with 0 as soon as the UART has sent this.")
    ] = "",
    fail_text: Annotated[
        str, typer.Option(metavar="TEXT", help="End with 1 as soon as the UART has sent this.")
    ] = "",
    timeout_ms: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="End with 42 after so many emulated milliseconds; default 30000, or none where "
            "--cycles-max is given.",
        ),
    ] = None,
    cycles_max: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="End after so many cycles: with 0, or with 42 where a text was expected.",
        ),
    ] = None,
    uart_log: Annotated[
        typer.FileBinaryWrite | None,
        typer.Option(metavar="FILE", lazy=False, help="Write what the UART sends here, too."),
    ] = None,
    stdin: Annotated[
        bool | None,
        typer.Option(
            help="Read standard input to its end first, and send it to the UART; or leave it "
            "alone. Default: what is piped in goes to the UART as it comes."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a firmware; its UART goes to standard output, what was found to standard error.

    The exit code is 0 when the expected text came, or none was expected and the firmware ended;
    1 when the fail text came, or the firmware ended without the expected text; 11 over budget;
    12 when the firmware did what silicon cannot do sensibly; 42 when emulated time ran out.
    """
    target = load_target(firmware, mcu)
    with Chip(target.chip.name, target.firmware, hz=hz, seed=seed) as chip:
        limit_cycles, at_limit = _limit(chip.hz, timeout_ms, cycles_max, bool(expect_text))
        shown = bytearray()
        sinks = [shown.extend if as_json else _print_bytes, *([uart_log.write] if uart_log else [])]
        ended = run_with_uart(
            chip,
            _uart(chip, uart, is_needed=bool(expect_text or fail_text)),
            limit_cycles,
            UartText(expect_text.encode(), fail_text.encode()),
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
        if as_json:
            typer.echo(json.dumps(_as_json(target, chip, ended, code, bytes(shown))))
        else:
            for line in _summary(target, chip, ended):
                typer.echo(line, err=True)
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
    if stdin:
        return read_whole()
    if stdin is None and not os.isatty(0):
        return read_what_is_there()
    return lambda: b""


def _print_bytes(octets: bytes) -> None:
    sys.stdout.buffer.write(octets)
    sys.stdout.buffer.flush()


def _summary(target: Target, chip: Chip, ended: UartRun) -> list[str]:
    ms = 1000 * chip.cycle / chip.hz
    dropped = chip.findings_dropped
    return [
        f"{target}, {chip.hz / 1e6:g} MHz",
        f"{chip.cycle:,} cycles ({ms:,.3f} ms): {ended.fault or ended.ending.value}",
        f"flash {target.firmware.flash_bytes:,} B, SRAM {chip.sram_high_water:,} B: "
        f"{chip.static_bytes:,} B static, {chip.stack_high_water:,} B of stack",
        *map(str, chip.findings),
        *([f"{dropped} more were found after these"] if dropped else []),
    ]


def _as_json(
    target: Target, chip: Chip, ended: UartRun, code: ExitCode, shown: bytes
) -> dict[str, Any]:
    return {
        "firmware": str(target.firmware.path),
        "mcu": chip.name,
        "hz": chip.hz,
        "seed": chip.seed,
        "ending": ended.ending.value,
        "exit_code": int(code),
        "error": str(ended.fault) if ended.fault else None,
        "uart": shown.decode(errors="backslashreplace"),
        "flash_bytes": target.firmware.flash_bytes,
        "static_bytes": chip.static_bytes,
        "stack_bytes": chip.stack_high_water,
        "sram_bytes": chip.sram_high_water,
        "cycles": chip.cycle,
        "findings": [asdict(finding) | {"kind": finding.kind.value} for finding in chip.findings],
        "findings_dropped": chip.findings_dropped,
    }
