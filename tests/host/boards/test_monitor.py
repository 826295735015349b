# SPDX-License-Identifier: GPL-3.0-or-later
"""`kilolearn monitor`: frames in words, a terminal, and a learning curve while a chip learns."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from kilolearn import firmware
from kilolearn.commands import monitor
from kilolearn.emulator import port_url
from kilolearn.frame_words import FrameReader, FrameWords, RequestError, raw_in_words
from kilolearn.frames import Frame, decode, encode
from kilolearn.learning_curve import LearningCurve, sparkline
from kilolearn.link import Link, open_link
from kilolearn.monitor import SLICE_SECONDS, Monitor
from kilolearn.port import Port, open_port
from kilolearn.tap import open_tap

from .conftest import Start

STEPS_MAX = 3000


@pytest.fixture
def words() -> FrameWords:
    return FrameWords(firmware.contract())


@pytest.fixture
def learner(iris: Callable[[str], Path]) -> Iterator[Port]:
    with open_port(port_url(iris("attiny1634"), "attiny1634"), timeout=SLICE_SECONDS) as port:
        yield port


def steps_until(watching: Monitor, is_done: Callable[[], bool]) -> None:
    for _ in range(STEPS_MAX):
        if is_done():
            return
        watching.step()
    pytest.fail("what was waited for did not come")


# ---- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "body", "said"),
    [
        ("HELLO", "", "  7 HELLO"),
        ("RESET", "0201", "  7 RESET: seed 258"),
        ("TRAIN", "02ff00", "  7 TRAIN: label 2, 2 bytes ff 00"),
        ("READ_WEIGHTS", "400010", "  7 READ_WEIGHTS: offset 64, count 16"),
        ("WRITE_WEIGHTS", "400011", "  7 WRITE_WEIGHTS: offset 64, 1 bytes 11"),
        ("RESET", "02", "  7 RESET: 1 bytes 02"),
        ("INFER", "01" * 17, "  7 INFER: 17 bytes" + " 01" * 16 + " ..."),
    ],
)
def test_a_request_in_words(words: FrameWords, command: str, body: str, said: str) -> None:
    number = firmware.contract().constant(f"COMMAND_{command}")
    assert words.of_request(Frame(7, number, bytes.fromhex(body))) == said


@pytest.mark.parametrize(
    ("command", "body", "said"),
    [
        (0x84, "02f6ff", "  7 TRAIN: prediction 2, margin -10"),
        (0x83, "", "  7 SET_RATE"),
        (0x86, "0102", "  7 READ_WEIGHTS: 2 bytes 01 02"),
        (0xFF, "030900", "  7 the chip refused the request: this firmware knows no command 0x09"),
        (0xFF, "03", "  7 an error reply of 1 bytes came; expected 3"),
        (0xF0, "03", "  7 command 0x70: 1 bytes 03"),
    ],
)
def test_a_reply_in_words(words: FrameWords, command: int, body: str, said: str) -> None:
    assert words.of_reply(Frame(7, command, bytes.fromhex(body))) == said


@pytest.mark.parametrize(
    ("typed", "frame"),
    [
        ("hello", Frame(9, 1, b"")),
        ("reset 258", Frame(9, 2, b"\2\1")),
        ("READ_WEIGHTS 0x40 16", Frame(9, 6, b"\x40\0\x10")),
    ],
)
def test_a_request_can_be_typed(words: FrameWords, typed: str, frame: Frame) -> None:
    assert decode(words.request(typed, 9)[:-1]) == frame


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "expected one of HELLO, RESET"),
        ("halo", "'halo' is no request"),
        ("train 1", "'train 1' is no request"),
        ("reset", "RESET takes seed; found 0 numbers"),
        ("hello 1", "HELLO takes no number; found 1"),
        ("reset x", "RESET: invalid literal"),
        ("reset 65536", r"RESET: seed is 65536; expected 0\.\.65535"),
    ],
)
def test_what_is_no_request_is_told(words: FrameWords, typed: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        words.request(typed, 9)


@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_frames_are_found_between_whatever_else_comes(piece: int) -> None:
    hello = Frame(1, 1, b"")
    stream = b"\0" + encode(hello) + b"boot\n\0" + encode(hello)[2:] + encode(hello) + b"ready"
    reader = FrameReader(body_max=249)
    found: list[Frame | bytes] = []
    for at in range(0, len(stream), piece):
        found += reader.feed(stream[at : at + piece])
    found += reader.flush()
    assert found == [hello, b"boot\n\0", encode(hello)[2:], hello, b"ready"]
    assert list(reader.flush()) == []


def test_a_stream_without_frames_does_not_pile_up() -> None:
    reader = FrameReader(body_max=249)
    assert b"".join(found for _ in range(9) for found in reader.feed(b"x" * 100)) == b"x" * 900


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"temp 21\r\n", "temp 21"), (b"\x01\x02a", "01 02 61"), (b"caf\xe9", "63 61 66 e9")],
)
def test_what_is_no_frame_is_text_or_hexadecimal(data: bytes, said: str) -> None:
    assert raw_in_words(data) == said


def test_a_curve_rises_with_right_answers() -> None:
    curve = LearningCurve()
    points = [curve.add(margin) for margin in [-4] * 64 + [4, -2] * 32 + [9] * 64]
    assert [n for n, is_point in enumerate(points) if is_point] == [63, 127, 191]
    assert curve.in_words() == "192 steps, 0.0 % wrong, mean margin +9.0 ▁▅█"
    assert sparkline([0.0, 0.13, 0.99, 1.0]) == "▁▂██"


# ---- a terminal ----------------------------------------------------------------------------------


def test_what_is_typed_is_sent_and_the_answer_shown(learner: Port) -> None:
    lines: list[str] = []
    watching = Monitor(learner, lines.append, lines.append)
    for typed in (":reset 7", ":statistics", ":reset"):
        watching.type(typed)
    steps_until(watching, lambda: len(lines) == 3)
    assert lines[0] == "RESET takes seed; found 0 numbers"
    assert lines[1] == "<   1 RESET"
    assert lines[2].startswith("<   2 STATISTICS: steps 0, errors 0, stack_high_water ")


def test_on_a_terminal_the_curve_stays_below_the_lines() -> None:
    out = Console(file=io.StringIO(), force_terminal=True, width=80)
    with monitor.screen(out) as (show, plot):
        plot("64 steps")
        show("<   1 RESET")
    written = out.file.getvalue()
    assert written.index("64 steps") < written.index("RESET") < written.rindex("64 steps")


# ---- between a chip and the program that trains it -----------------------------------------------


class Alternately:
    """A link's port, which lets the monitor work whenever the link waits."""

    def __init__(self, port: Port, watching: Monitor) -> None:
        self._port, self._watching = port, watching
        self.timeout: float | None = 1.0
        port.timeout = 0

    def write(self, data: bytes, /) -> int | None:
        return self._port.write(data)

    def read(self, size: int = 1, /) -> bytes:
        got = b""
        for _ in range(100):
            self._watching.step()
            got += self._port.read(size - len(got))
            if len(got) == size:
                break
        return got


def test_a_curve_is_drawn_while_another_program_trains(learner: Port) -> None:
    lines: list[str] = []
    points: list[str] = []
    random = np.random.default_rng(1)
    with open_tap() as tap, open_port(tap.path) as client:
        link = Link(Alternately(client, Monitor(learner, lines.append, points.append, tap)))
        link.reset(3)
        right = 0
        for step in range(128):
            label = step % 3
            sample = np.clip(random.normal(20 * label + 10, 3, 4), 0, 63).astype(np.uint8)
            right += link.train(sample, label).margin > 0
    assert "<   1 HELLO" in lines[1]
    assert not any("TRAIN" in line for line in lines)
    assert [point.split(",")[0] for point in points] == ["64 steps", "128 steps"]
    wrong = [float(point.split(", ")[1].split(" ")[0]) for point in points]
    assert sum(wrong) == pytest.approx(200 * (1 - right / 128), abs=0.2)
    assert wrong[1] < wrong[0]


def test_the_command_stands_between_a_board_and_a_link(
    start: Start, iris: Callable[[str], Path]
) -> None:
    (board,) = start("serve", iris("attiny1634"))
    command = [sys.executable, "-m", "kilolearn", "monitor", board, "--through", "--full"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        with open_link(process.stdout.readline().strip()) as link:
            assert link.description.name == "iris"
            link.infer(np.zeros(4, np.uint8))
        said = ""
        while "INFER: prediction" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        process.terminate()
    assert process.returncode == 0
    assert said.startswith(">   1 HELLO\n<   1 HELLO: contract_version")


def test_a_board_that_is_unplugged_ends_it_with_a_word(
    start: Start, iris: Callable[[str], Path], running: list[subprocess.Popen[str]]
) -> None:
    (board,) = start("serve", iris("attiny1634"))
    command = [sys.executable, "-m", "kilolearn", "monitor", board, "--through"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("/dev/")
        running[0].kill()
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert "the port failed" in said
    assert "Traceback" not in said
