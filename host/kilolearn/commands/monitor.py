# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn monitor``: a terminal that knows the frames of a learner."""

from __future__ import annotations

import select
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from kilolearn.commands.options import Baud
from kilolearn.monitor import SLICE_SECONDS, Monitor, Show
from kilolearn.port import BAUD, open_port
from kilolearn.report import console
from kilolearn.tap import open_tap

__all__ = ["run", "screen"]


def run(
    port: Annotated[str, typer.Argument(help="Any pyserial URL.")],
    baud: Baud = BAUD,
    through: Annotated[
        bool,
        typer.Option("--through", help="Be a port, too, by which another program uses the chip."),
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Show each TRAIN, TEACH and INFER, too.")
    ] = False,
) -> None:
    """Show what a chip says: frames in words, text as text, other bytes in hexadecimal.

    What is typed is sent; after a colon it is a request: `:hello`, `:statistics`, `:reset 7`. With
    --through the first line is a port: `kilolearn train --port` of it, and the learning curve is
    drawn here while the chip learns. Ctrl-C ends it.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        opened = stack.enter_context(open_port(port, baud, SLICE_SECONDS))
        tap = stack.enter_context(open_tap()) if through else None
        if tap is not None:
            print(tap.path, flush=True)
        show, plot = stack.enter_context(screen(console()))
        monitor = Monitor(opened, show, plot, tap, full)
        is_typing = tap is None
        try:
            while True:
                monitor.step()
                if is_typing and select.select([sys.stdin], [], [], 0)[0]:
                    line = sys.stdin.readline()
                    is_typing = bool(line)
                    if line:
                        monitor.type(line.rstrip("\n"))
        except KeyboardInterrupt:
            return


@contextmanager
def screen(out: Console) -> Iterator[tuple[Show, Show]]:
    """Where lines go, and where the curve: below them on a terminal, among them elsewhere."""

    def show(line: str) -> None:
        out.print(Text(line), soft_wrap=True)

    if not out.is_terminal:
        yield show, show
        return
    with Live(console=out, auto_refresh=False) as live:
        yield show, lambda curve: live.update(Text(curve, style="bold"), refresh=True)
