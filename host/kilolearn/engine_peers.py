# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulators that `kilolearn bench engine` compares ours with, each in a process of its own.

Nothing is installed here: a peer that is absent says what brings it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kilolearn import firmware
from kilolearn.errors import BuildError

__all__ = ["HZ", "MCU", "PEERS", "Peer", "PeerRun", "run_libsimavr"]

MCU = "atmega328p"
HZ = 16_000_000

_SOURCES = Path(__file__).parent / "peers"
_SECONDS_MAX = 600.0


@dataclass(frozen=True)
class PeerRun:
    """What one emulator did with one firmware.

    Attributes:
        seconds: CPU time.
        cycles: Emulated ones; the peers differ where they do not time as libsimavr does.
        uart: What UART 0 sent; empty where it was not asked.
        data: The data space from r0 to RAMEND at the end; empty where it was not asked.
    """

    seconds: float
    cycles: int
    uart: bytes = b""
    data: bytes = b""


@dataclass(frozen=True)
class Peer:
    """One emulator.

    Attributes:
        name: As in the benchmark's keys, ``ratio_NAME``.
        absent: Why it cannot run here and what brings it; None when it can.
        run: Of an image and the cycles that it takes to its end.
    """

    name: str
    absent: Callable[[], str | None]
    run: Callable[[Path, int], PeerRun]


def run_libsimavr(elf: Path, cycles_a_call: int) -> PeerRun:
    """Run to the firmware's end on libsimavr's own core, from SRAM full of zeros.

    Args:
        elf: An image for `MCU`.
        cycles_a_call: ``avr->run_cycle_limit``; 1 is one instruction a call.

    Raises:
        BuildError: The C loop does not build, or the run failed.
    """
    command = [str(_libsimavr_loop()), str(elf), MCU, str(HZ), str(cycles_a_call)]
    told = _told(command)
    return PeerRun(
        told["seconds"], told["cycles"], bytes.fromhex(told["uart"]), bytes.fromhex(told["data"])
    )


def _run_cli(elf: Path, cycles: int) -> PeerRun:
    """The whole process is measured: its start takes a few milliseconds of about a second."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(["simavr", "-m", MCU, "-f", str(HZ), str(elf)])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return PeerRun(seconds, cycles)


def _run_burst(elf: Path, cycles: int) -> PeerRun:
    del cycles  # it runs to the end
    return run_libsimavr(elf, 100_000)


def _run_yasimavr(elf: Path, cycles: int) -> PeerRun:
    script = _SOURCES / "yasimavr_loop.py"
    told = _told([sys.executable, str(script), str(elf), MCU, str(HZ), str(cycles)])
    return PeerRun(told["seconds"], told["cycles"])


def _run_avr8js(elf: Path, cycles: int) -> PeerRun:
    script = str(_SOURCES / "avr8js_loop.cjs")
    image = str(elf.with_suffix(".hex"))
    told = _told(["node", script, str(_avr8js_folder()), image, str(HZ), str(cycles)])
    return PeerRun(told["seconds"], told["cycles"])


def _cli_absent() -> str | None:
    return None if shutil.which("simavr") else "apt install simavr"


def _burst_absent() -> str | None:
    if not shutil.which("gcc") or not Path("/usr/include/simavr/sim_avr.h").is_file():
        return "apt install gcc libsimavr-dev libelf-dev"
    return None


def _yasimavr_absent() -> str | None:
    return None if importlib.util.find_spec("yasimavr") else "pip install -e '.[peers]'"


def _avr8js_absent() -> str | None:
    if shutil.which("node") and _avr8js_folder().is_dir():
        return None
    return "./dev bench engine, which installs it into build/oracle"


PEERS = (
    Peer("cli", _cli_absent, _run_cli),
    Peer("burst", _burst_absent, _run_burst),
    Peer("yasimavr", _yasimavr_absent, _run_yasimavr),
    Peer("avr8js", _avr8js_absent, _run_avr8js),
)
"""In the order in which they run."""


def _avr8js_folder() -> Path:
    """Where ./dev puts the pinned package."""
    return firmware.build_folder() / "oracle/node_modules/avr8js"


def _libsimavr_loop() -> Path:
    """The C loop, compiled when it is older than its source."""
    source = _SOURCES / "simavr_loop.c"
    program = firmware.build_folder() / "peers" / "simavr_loop"
    if program.is_file() and program.stat().st_mtime >= source.stat().st_mtime:
        return program
    program.parent.mkdir(parents=True, exist_ok=True)
    fresh = program.with_name(f"{program.name}.{os.getpid()}")
    _run(["gcc", "-O2", "-o", str(fresh), str(source), "-lsimavr", "-lelf"])
    fresh.replace(program)
    return program


def _told(command: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_run(command).splitlines()[-1])
    return told


def _run(command: list[str]) -> str:
    """What a program prints.

    Raises:
        BuildError: It failed, or took more than ten minutes.
    """
    name = Path(command[0]).name
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            check=False,
            timeout=_SECONDS_MAX,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"{name} did not run to its end: {error}") from error
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip()[-500:]
        raise BuildError(f"{name} ended with {done.returncode}: {complaint}")
    return done.stdout.decode(errors="replace")
