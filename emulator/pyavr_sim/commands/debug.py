# SPDX-License-Identifier: GPL-3.0-or-later
"""``pyavr-sim debug``: a chip for avr-gdb."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from pyavr_sim import until
from pyavr_sim.chip import Chip
from pyavr_sim.commands.options import FirmwareFile, Hz, Json, Mcu, Seed, load_target
from pyavr_sim.debug.launch_json import write_launch_json
from pyavr_sim.debug.motion import Motion
from pyavr_sim.debug.server import Server
from pyavr_sim.debug.terminal import Terminal
from pyavr_sim.missing_names import missing_names

__all__ = ["debug"]

PORT = 1234
HISTORY_MB = 64
HISTORY_INTERVAL_CYCLES = 250_000
RUN_CYCLES_MAX = 1_000_000_000


def debug(
    firmware: FirmwareFile,
    mcu: Mcu = None,
    hz: Hz = None,
    seed: Seed = 0,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 for a free one, which is said.")
    ] = PORT,
    wait: Annotated[
        bool, typer.Option(help="Stand until gdb comes; --no-wait: run at once.")
    ] = True,
    run_until: Annotated[
        str | None,
        typer.Option(metavar="SYMBOL", help="First run to this function or label: 42 if too far."),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="End when gdb detaches; else the chip runs on.")
    ] = False,
    stdin: Annotated[bool, typer.Option("--stdin", help="Send standard input to UART 0.")] = False,
    history_mb: Annotated[
        int, typer.Option(metavar="MB", min=1, help="Memory to go back in time.")
    ] = HISTORY_MB,
    vscode: Annotated[
        bool,
        typer.Option(
            "--vscode", help="Write an entry for this into .vscode/launch.json, and stop."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Serve avr-gdb on 127.0.0.1: `target remote :1234`.

    UART 0 goes to standard output, all else to standard error. The server ends when gdb kills the
    chip, at Ctrl-C (130), or as --once says. With --json, standard output begins with a line of
    one object: host, port, mcu and firmware; with --vscode, it is the path of the file that was
    written: launch_json.
    """
    target = load_target(firmware, mcu)
    if vscode:
        path = write_launch_json(Path.cwd(), firmware, target.chip.name, port or PORT)
        typer.echo(json.dumps({"launch_json": str(path)}) if as_json else f"Wrote {path}")
        return
    with Chip(target.chip.name, target.firmware, hz=hz, seed=seed) as chip:
        history = chip.keep_history(HISTORY_INTERVAL_CYCLES, history_mb << 20, is_thinned=True)
        if run_until:
            chip.run(RUN_CYCLES_MAX, until=until.symbol(run_until))
        terminal = Terminal(chip, sys.stdout.buffer, sys.stdin.buffer if stdin else None)
        with closing(Server(Motion(chip, history), port, terminal, _say)) as server:
            place = {"host": "127.0.0.1", "port": server.port}
            if as_json:
                subject = {"mcu": chip.name, "firmware": str(firmware)}
                typer.echo(json.dumps(place | subject))
                sys.stdout.flush()
            _say(f"{target} waits for: avr-gdb {firmware} -ex 'target remote :{server.port}'")
            if missing := missing_names(target.firmware):
                _say(missing)
            server.serve(is_running=not wait, once=once)


def _say(text: str) -> None:
    typer.echo(f"pyavr-sim: {text}", err=True)
