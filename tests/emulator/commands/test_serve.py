# SPDX-License-Identifier: GPL-3.0-or-later
"""`pyavr-sim serve`: programs that know nothing of an emulator open its port by pyserial."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
import serial

from .conftest import COMMAND, Shell

READY = b"ready\n"
WAIT_SECONDS = 30


class Board:
    """A running `pyavr-sim serve`.

    Attributes:
        path: What it printed: the port.
        log: Its standard error, line by line.
    """

    def __init__(self, *words: str | Path) -> None:
        line = [COMMAND, "serve", *map(str, words)]
        self.process = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.log: IO[str] = self.process.stderr
        self.path = self.process.stdout.readline().strip()

    def open(self) -> serial.Serial:
        """The port, after the chip has said that it is ready."""
        port = serial.Serial(self.path, 115200, timeout=WAIT_SECONDS)
        assert port.read(len(READY)) == READY
        return port

    def end(self) -> str:
        """Stop it as systemd does; the rest of what it said."""
        self.process.send_signal(signal.SIGTERM)
        rest = self.process.communicate(timeout=WAIT_SECONDS)[1]
        assert self.process.returncode == 0
        return rest


@pytest.fixture
def serve(console: Path) -> Iterator[Callable[..., Board]]:
    """``serve("--full-speed")``: the console behind a port."""
    boards: list[Board] = []

    def start(*words: str | Path, elf: Path = console) -> Board:
        boards.append(Board(elf, *words))
        return boards[-1]

    yield start
    for board in boards:
        board.process.kill()
        board.process.communicate()


@pytest.mark.parametrize("speed", [[], ["--full-speed"]], ids=["real_time", "full_speed"])
def test_a_program_talks_to_the_chip(serve: Callable[..., Board], speed: list[str]) -> None:
    with serve(*speed).open() as port:
        port.write(b"HALLO" * 100)
        assert port.read(500) == b"HALLO" * 100


def test_each_opening_starts_the_chip_over(serve: Callable[..., Board]) -> None:
    board = serve()
    for _ in range(3):  # Closed and opened at once: no time between for anybody to notice.
        with board.open() as port:
            port.write(b"x")
            assert port.read(1) == b"x"


def test_a_second_program_does_not_reset_it(serve: Callable[..., Board]) -> None:
    board = serve()
    with board.open() as port:
        serial.Serial(board.path).close()
        port.write(b"x")
        assert port.read(1) == b"x"


def test_two_boards_stand_side_by_side(serve: Callable[..., Board]) -> None:
    first, second = serve(), serve()
    with first.open() as one, second.open() as two:
        one.write(b"1")
        two.write(b"2")
        assert one.read(1) == b"1"
        assert two.read(1) == b"2"


def test_after_a_fault_the_next_opening_starts_it_over(serve: Callable[..., Board]) -> None:
    board = serve()
    with board.open() as port:
        port.write(b"c")
        told = [board.log.readline() for _ in range(3)]
    assert "0xf000" in told[-1].lower()
    board.open().close()


def test_what_nobody_reads_is_not_lost(serve: Callable[..., Board]) -> None:
    text = bytes(range(ord("A"), ord("Z"))) * 800  # More than a pseudo-terminal holds.
    with serve("--full-speed").open() as port:
        port.write_timeout = WAIT_SECONDS
        for at in range(0, len(text), 500):
            port.write(text[at : at + 500])
        assert port.read(len(text)) == text


def test_the_chip_waits_while_nobody_reads(
    serve: Callable[..., Board], build: Callable[..., Path]
) -> None:
    board = serve("--full-speed", elf=build("flood.c", "atmega328p"))
    with serial.Serial(board.path, timeout=WAIT_SECONDS) as port:
        assert port.read(1)
        time.sleep(0.5)  # In which it would run for a hundred million cycles.
        cycles = re.search(r"([\d,]+) cycles", board.end())
    assert cycles is not None
    assert int(cycles[1].replace(",", "")) < 10_000_000


def test_it_has_a_second_name_and_takes_it_away(
    serve: Callable[..., Board], tmp_path: Path
) -> None:
    name = tmp_path / "ttyAVR0"
    board = serve("--symlink", name)
    assert str(name.readlink()) == board.path
    said = board.end()
    assert not name.is_symlink()
    assert "flash 366 B, SRAM" in said


def test_a_firmware_that_times_its_bits_has_a_port(
    serve: Callable[..., Board], build: Callable[..., Path]
) -> None:
    board = serve("--line", "D0,D1,9600", elf=build("line_inside.c", "atmega328p"))
    assert board.path.startswith("/dev/pts/")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--line", "B3,B4"], "line='B3,B4'"),
        (["--line", "B3,B4,0"], "baud='0'"),
        (["--line", "B3,B4,9600", "--uart", "0"], "--uart and --line"),
        (["--uart", "1"], "no UART 1"),
    ],
)
def test_a_port_that_the_chip_lacks_is_said(
    shell: Shell, console: Path, words: list[str], said: str
) -> None:
    done = shell("serve", console, *words)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.decode().split())


def test_a_name_that_is_taken_is_said(shell: Shell, console: Path) -> None:
    (shell.folder / "taken").touch()
    done = shell("serve", console, "--symlink", "taken")
    assert done.returncode == 2
    assert b"taken" in done.stderr
