# SPDX-License-Identifier: GPL-3.0-or-later
"""One test talks to the emulator and to a board; a board here is the emulator behind a real PTY
or, where DTR matters, behind RFC 2217."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial
import serial.rfc2217

from pyavr_sim import Chip, ErasedFlashError
from pyavr_sim.board import BoardDut
from pyavr_sim.dut import EmulatedDut
from pyavr_sim.errors import BoardError, ExpectError
from pyavr_sim.firmware import Firmware

TALK = """
def test_talks(dut):
    dut.expect_exact("ready\\n")
    dut.write("?")
    reading = dut.expect(r"reading (\\d+)\\n")
    assert int(reading[1]) == 42
    dut.write(b"d")
    dut.expect("dived")
    assert 100 < dut.high_water - dut.firmware.static_bytes < 120

def test_starts_afresh(dut):
    dut.expect_exact("ready\\n")

def test_looks_inside(chip):
    assert chip.cycle == 0
"""


RFC2217_IS_OLD = "ignore:set(Daemon|Name):DeprecationWarning"  # pyserial's client


@pytest.fixture
def dut(meter: Path) -> Iterator[EmulatedDut]:
    emulated = EmulatedDut(Firmware.load(meter), "atmega328p", None)
    yield emulated
    emulated.port.close()


class PseudoTerminal:
    """An emulated chip behind a PTY, which has no DTR: the firmware runs all the time."""

    def __init__(self, meter: Path) -> None:
        self._chip = serial.serial_for_url(f"avrsim://atmega328p/{meter}", timeout=0)
        self._ours, theirs = os.openpty()
        tty.setraw(theirs)
        self.path = os.ttyname(theirs)
        os.close(theirs)
        self._is_wanted = True
        self._thread = threading.Thread(target=self._carry)

    @property
    def chip(self) -> Chip:
        return self._chip.chip

    def _carry(self) -> None:
        poll = select.poll()
        poll.register(self._ours, select.POLLIN)
        while self._is_wanted:
            events = dict(poll.poll(1)).get(self._ours, 0)
            if events & select.POLLIN:
                self._chip.write(os.read(self._ours, 1000))
            sent = self._chip.read(self._chip.in_waiting)
            if sent and not events & select.POLLHUP:
                os.write(self._ours, sent)

    def __enter__(self) -> PseudoTerminal:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_wanted = False
        self._thread.join()
        os.close(self._ours)
        self._chip.close()


class Line:
    """What PortManager sends its own answers with."""

    def __init__(self, connection: socket.socket) -> None:
        self.write = connection.sendall


@contextlib.contextmanager
def served_by_rfc2217(meter: Path) -> Iterator[str]:
    """The URL of an emulated chip behind pyserial's RFC 2217 server, which carries DTR."""
    chip = serial.serial_for_url(f"avrsim://atmega328p/{meter}", timeout=0)
    with contextlib.closing(chip), socket.create_server(("127.0.0.1", 0)) as server:
        is_over = threading.Event()
        serving = threading.Thread(target=serve, args=(server, chip, is_over))
        serving.start()
        try:
            yield f"rfc2217://127.0.0.1:{server.getsockname()[1]}"
        finally:
            is_over.set()
            server.shutdown(socket.SHUT_RDWR)
            serving.join()


def serve(server: socket.socket, chip: serial.SerialBase, is_over: threading.Event) -> None:
    with contextlib.suppress(OSError):  # the server was shut down
        while not is_over.is_set():
            connection, _ = server.accept()
            with connection, contextlib.suppress(ConnectionError):
                carry(connection, chip, is_over)


def carry(connection: socket.socket, chip: serial.SerialBase, is_over: threading.Event) -> None:
    connection.settimeout(0.001)
    manager = serial.rfc2217.PortManager(chip, Line(connection))
    while not is_over.is_set():
        with contextlib.suppress(TimeoutError):
            octets = connection.recv(1000)
            if not octets:
                return
            chip.write(b"".join(manager.filter(octets)))
        if sent := chip.read(chip.in_waiting):
            connection.sendall(b"".join(manager.escape(sent)))


def test_the_same_tests_pass_on_the_emulator_and_on_a_board(project, meter):
    project(TALK).assert_outcomes(passed=3)

    with served_by_rfc2217(meter) as url:
        result = project(TALK, f"--avr-port={url}", "-rs", ini=f"    {RFC2217_IS_OLD}")

    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(["*looks inside the chip, so it needs the emulator*"])


def test_the_same_test_fails_on_the_emulator_and_on_a_board(project, meter):
    wrong = """
def test_x(dut):
    dut.write('?')
    dut.expect_exact('reading')
    dut.expect('never', timeout=0.2)
"""
    message = "*b'never' did not come within 0.2 {}; received b' 42\\n' since the last match.*"
    emulated = project(wrong)
    emulated.assert_outcomes(failed=1)
    emulated.stdout.fnmatch_lines([message.format("emulated seconds")])

    with PseudoTerminal(meter) as board:
        result = project(wrong, f"--avr-port={board.path}")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([message.format("seconds")])


def test_painted_high_water_is_the_exact_one_but_for_what_was_reserved_only(meter):
    with PseudoTerminal(meter) as board:
        dut = BoardDut(board.path, 9600, Firmware.load(meter))
        dut.write("d?")
        dut.expect_exact("dived\n")

        painted = dut.stack_high_water

        dut.expect_exact("reading 42\n")  # the answer is cut out, not what stands around it
        exact = board.chip.stack_high_water
        dut.port.close()
    assert exact - 2 <= painted <= exact


def test_a_firmware_that_does_not_answer_the_enquiry_is_an_error(meter, monkeypatch):
    monkeypatch.setattr("pyavr_sim.board.STACK_ENQUIRY", b"x")
    monkeypatch.setattr("pyavr_sim.board.ENQUIRY_SECONDS", 0.1)
    with PseudoTerminal(meter) as board:
        dut = BoardDut(board.path, 9600, Firmware.load(meter))
        with pytest.raises(BoardError, match=r"stack_paint_report\(\)"):
            _ = dut.stack_high_water
        dut.port.close()


@pytest.mark.filterwarnings(RFC2217_IS_OLD)
def test_a_board_is_reset_by_dtr(meter):
    with served_by_rfc2217(meter) as url:
        dut = BoardDut(url, 9600, Firmware.load(meter))
        dut.expect_exact("ready\n")
        dut.write("?")
        dut.expect_exact("reading")

        dut.reset()

        dut.expect_exact("ready\n")
        dut.port.close()


def test_a_reset_starts_the_emulated_firmware_over(dut):
    dut.expect_exact("ready\n")
    dut.write("?")
    dut.expect("reading")

    dut.reset()
    dut.expect("ready\n")

    with pytest.raises(ExpectError):
        dut.expect("42", timeout=0.01)


def test_timeouts_are_emulated_and_count_over_all_that_comes(dut):
    dut.write("?" * 1000)
    start = dut.chip.cycle

    with pytest.raises(ExpectError, match=r"pc 0x.* in .*meter.c:") as error:
        dut.expect("never", timeout=0.05)

    assert (dut.chip.cycle - start) / dut.chip.hz == pytest.approx(0.05, rel=1e-3)
    assert error.value.received.startswith(b"ready\nreading 42\nreading")


def test_what_was_received_can_still_be_expected_after_a_failure(dut):
    with pytest.raises(ExpectError):
        dut.expect("never", timeout=0.1)
    assert dut.expect("re(.)dy", timeout=0)[1] == b"a"


def test_a_firmware_that_sleeps_for_ever_ends_the_wait(dut):
    dut.write("s")
    with pytest.raises(ExpectError):
        dut.expect("never")


def test_a_fault_of_the_emulated_firmware_is_raised_as_itself(dut):
    dut.write("f")
    with pytest.raises(ErasedFlashError, match="erased flash"):
        dut.expect("never")


def test_a_test_may_use_the_chip_behind_the_dut(project):
    tests = "def test_x(dut, chip):\n    dut.expect('ready')\n    assert chip is dut.chip\n"
    project(tests).assert_outcomes(passed=1)


def test_chips_without_a_uart_have_no_dut(project):
    result = project("@pytest.mark.firmware('meter.hex', mcu='attiny85')\ndef test_x(dut): pass\n")
    result.assert_outcomes(errors=1)


def test_a_board_that_is_not_there_is_one_message(project):
    result = project("def test_x(dut):\n    pass\n", "--avr-port=/dev/ttyNONE")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["/dev/ttyNONE cannot be opened: * Give --avr-port a serial *"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_board_that_cannot_be_flashed_is_one_message(project):
    result = project("def test_x(dut):\n    pass\n", "--avr-port=/dev/ttyNONE", "--avr-flash")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["`*avrdude -p atmega328p * failed: *ttyNONE*. Is the board plugged in*"]
    )


@pytest.mark.parametrize(
    ("options", "ini", "complaint"),
    [
        (["--avr-flash"], "", "*give --avr-port, too"),
        (["--avr-port=x", "-n2"], "", "*one board for all tests: leave out -n"),
        ([], "avr_baud = fast", "*avr_baud is 'fast'; expected a number"),
    ],
)
def test_options_that_contradict_each_other_are_refused(project, options, ini, complaint):
    result = project("def test_x(dut):\n    pass\n", *options, ini=ini)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([complaint])
