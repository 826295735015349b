# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's benchmark: how many times faster than its peers it runs five firmwares of ours.

Every system runs every firmware for half a second of CPU time a round, or once, in turn, so that a
slow moment hits all alike; the least CPU time of all runs counts. A ratio is emulated cycles a CPU
second of ours by those of the peer; None where the peer is not installed.

A row a firmware (ATmega328P at 16 MHz), then ``geometric_mean`` and ``worst`` over them:

==================== =============================================================================
firmware             avr/apps/probe_engine_NAME.c
cycles               that it takes; over all: the sum
mhz                  emulated MHz of ours, tracking off (depends on the machine, the rest hardly)
ratio_cli            to the command line simavr
ratio_burst          to a C loop on libsimavr with run_cycle_limit 100000
ratio_cli_tracked    to the command line, with all of our measurement switched on
ratio_yasimavr       to yasimavr
ratio_avr8js         to avr8js on Node.js
threads_ratio        four chips a core, one after another by all in as many threads as cores
exact                with libsimavr's timing: same cycles, UART bytes and data space at the end as
                     libsimavr leaves, tracking off and on
==================== =============================================================================
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from kilolearn import firmware
from kilolearn.engine_peers import MCU, PEERS, Peer, PeerRun, run_libsimavr
from kilolearn.measure_engine import EngineRun, run_engine, seconds_of_chips

__all__ = ["FIRMWARES", "absent_peers", "bench_engine"]

SECONDS_A_ROUND = 0.5
FIRMWARES = ("loop", "sort", "float", "fixed", "interrupts")

Row = dict[str, object]


def absent_peers() -> dict[str, str]:
    """Peers that cannot run here, and what brings them."""
    return {peer.name: hint for peer in PEERS if (hint := peer.absent()) is not None}


def bench_engine(
    names: Sequence[str] = FIRMWARES,
    rounds: int = 5,
    tell: Callable[[str], object] = str,
) -> tuple[list[Row], dict[str, Path]]:
    """Run every firmware on every system.

    Args:
        names: Of `FIRMWARES`.
        rounds: How often each system runs; the best one counts.
        tell: Takes a line of progress.

    Returns:
        The rows above, and one image by chip.

    Raises:
        BuildError: A firmware or a peer's loop does not build, or a peer failed.
    """
    elfs = {name: firmware.build(f"probe_engine_{name}", MCU) for name in names}
    peers = [peer for peer in PEERS if peer.absent() is None]
    rows: list[Row] = []
    for name, elf in elfs.items():
        rows.append(_measure(name, elf, peers, rounds))
        tell(f"{name}: done")
    rows += [_over_all("geometric_mean", rows), _over_all("worst", rows)]
    return rows, {MCU: next(iter(elfs.values()))}


def _measure(name: str, elf: Path, peers: Sequence[Peer], rounds: int) -> Row:
    reference = run_libsimavr(elf, 1)
    plain: list[float] = []
    tracked: list[float] = []
    speeds: dict[str, list[float]] = {peer.name: [] for peer in peers}
    threads: list[tuple[float, float]] = []
    cores = os.cpu_count() or 1
    for _ in range(rounds):
        for tracking, speed in ((False, plain), (True, tracked)):
            speed += _speeds(partial(run_engine, elf, MCU, tracking=tracking))
        for peer in peers:
            speeds[peer.name] += _speeds(partial(peer.run, elf, reference.cycles))
        for _ in range(3):  # by the clock on the wall, which others disturb: more tries
            one_by_one = seconds_of_chips(elf, MCU, 4 * cores, 1)
            threads.append((one_by_one, seconds_of_chips(elf, MCU, 4 * cores, cores)))

    def ratio(ours: list[float], peer: str) -> float | None:
        return round(max(ours) / max(speeds[peer]), 3) if peer in speeds else None

    alone, together = (min(seconds) for seconds in zip(*threads, strict=True))
    return {
        "firmware": name,
        "cycles": reference.cycles,
        "mhz": round(max(plain) / 1e6, 1),
        "ratio_cli": ratio(plain, "cli"),
        "ratio_burst": ratio(plain, "burst"),
        "ratio_cli_tracked": ratio(tracked, "cli"),
        "ratio_yasimavr": ratio(plain, "yasimavr"),
        "ratio_avr8js": ratio(plain, "avr8js"),
        "threads_ratio": round(alone / together, 3),
        "exact": all(_is_exact(elf, tracking) for tracking in (False, True)),
    }


def _speeds(run: Callable[[], EngineRun | PeerRun]) -> list[float]:
    """Hertz of runs one after another, until they have taken `SECONDS_A_ROUND`."""
    speeds: list[float] = []
    seconds = 0.0
    while seconds < SECONDS_A_ROUND:
        found = run()
        speeds.append(found.cycles / found.seconds)
        seconds += found.seconds
    return speeds


def _is_exact(elf: Path, tracking: bool) -> bool:
    theirs = run_libsimavr(elf, 1)
    ours = run_engine(elf, MCU, tracking=tracking, timing="simavr")
    return (ours.cycles, ours.uart, ours.data) == (theirs.cycles, theirs.uart, theirs.data)


def _over_all(what: str, rows: Sequence[Row]) -> Row:
    """Geometric mean or least of every ratio."""
    over: Row = {"firmware": what}
    for key in list(rows[0])[1:]:
        values = [row[key] for row in rows]
        if key == "exact":
            over[key] = all(values)
        elif key == "cycles":
            over[key] = sum(int(str(value)) for value in values)
        elif None in values:
            over[key] = None
        elif what == "worst":
            over[key] = min(float(str(value)) for value in values)
        else:
            over[key] = round(math.prod(float(str(v)) for v in values) ** (1 / len(values)), 3)
    return over
