# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn py repl`` and ``upload`` as a process of their own, at a pipe and at a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from kilolearn import firmware
from kilolearn.cli import app
from kilolearn.emulator import port_url
from kilolearn.errors import BuildError, LinkTimeoutError, PortError
from kilolearn.example_programs import examples_folder

MCUS = ("atmega328p", "attiny1634")

TYPED = """\
x = 5
x * 2
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

fib(x + 5)
a = [1, 2, 3]
a[-1] += x
a[2]
for i in range(3):
    emit(a[i])

x // (x - 5)
a[x]
x = 300 * 300
nothing
x"""

TOLD = [
    *("10", "55", "8", "1", "2", "8"),
    *('  File "<stdin>", line 1', "    x // (x - 5)", "ZeroDivisionError: division by zero"),
    *('  File "<stdin>", line 1', "    a[x]", "IndexError: index out of range"),
    *('  File "<stdin>", line 1', "    x = 300 * 300"),
    "OverflowError: a value beyond -32768 to 32767",
    "<stdin>:1:1: nothing has no value anywhere; assign it, or mend the spelling",
    "5",
]


@pytest.fixture(scope="module")
def urls(tmp_path_factory):
    """Of a chip with the uploadable machine, by its name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KILOLEARN_BUILD", str(tmp_path_factory.mktemp("build")))
        return {mcu: port_url(firmware.build("python_upload", mcu), mcu) for mcu in MCUS}


def kilolearn(*arguments: object, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kilolearn", "py", *map(str, arguments)]
    return subprocess.run(command, input=typed, capture_output=True, text=True, check=False)


def in_process(*arguments: object, typed: str = ""):
    return CliRunner().invoke(app, ["py", *map(str, arguments)], input=typed)


def test_piped_statements_run_on_the_chip_which_keeps_the_globals(urls):
    done = kilolearn("repl", "--port", urls["attiny1634"], typed=TYPED)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == TOLD


def test_a_loop_without_end_resets_the_chip_and_not_the_session(urls):
    typed = "x = 1\nwhile x:\n    pass\n\nx\nx = 2\nx\n"
    done = in_process("repl", "--port", urls["atmega328p"], "--timeout", 0.2, typed=typed)
    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert lines[0].startswith("nothing came in 0.2 s")
    assert lines[1] == "The chip is reset; its globals and functions are gone."
    assert lines[2].startswith("<stdin>:1:1: x has no value anywhere")
    assert lines[3] == "2"


def test_a_statement_that_is_too_large_is_refused_and_the_next_one_runs(urls):
    large = "emit(" + " + ".join(f"read() * {n}" for n in range(300, 400)) + ")"
    done = in_process("repl", "--port", urls["attiny1634"], typed=f"x = 7\n{large}\nx\n")
    told = done.stdout.splitlines()
    assert "bytes of code, and the chip has room for" in told[0]
    assert told[-1] == "7"


def test_a_terminal_gets_prompts_and_ctrl_d_ends(urls):
    command = [sys.executable, "-m", "kilolearn", "py", "repl", "--port", urls["atmega328p"]]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    heard = read_until(ours, b">>> ")
    assert b"bytes for globals" in heard
    os.write(ours, b"if 1:\n")
    read_until(ours, b"... ")
    os.write(ours, b"    emit(6 * 7)\n")
    read_until(ours, b"... ")
    os.write(ours, b"\n")
    assert b"42" in read_until(ours, b">>> ")
    os.write(ours, b"\x04")
    assert process.wait(20) == 0
    os.close(ours)


def read_until(terminal: int, wanted: bytes) -> bytes:
    heard = b""
    while wanted not in heard:
        heard += os.read(terminal, 1024)
    return heard


@pytest.mark.parametrize("mcu", MCUS)
def test_upload_runs_a_program_without_flashing(urls, mcu, tmp_path):
    program = tmp_path / "p.py"
    program.write_text("from chip import emit, read\n\nx = read()\nemit(x + 1)\nx = x // (x - 4)\n")
    done = in_process("upload", program, "--port", urls[mcu], "--input", "08")
    assert (done.exit_code, done.stdout) == (0, "9\n"), done.exception
    size, variables = done.stderr.splitlines()
    assert " bytes of code, 2 of " in size
    assert variables == "x = 2"
    done = in_process("upload", program, "--port", urls[mcu], "--input", "04")
    assert (done.exit_code, done.stdout) == (1, "5\n")
    assert done.stderr.endswith(
        f'  File "{program}", line 5\n    x = x // (x - 4)\nZeroDivisionError: division by zero\n'
    )


def test_a_program_that_is_too_large_is_not_uploaded(urls, tmp_path):
    program = tmp_path / "p.py"
    program.write_text("x = 0\n" + "x += 300\nx -= 300\n" * 200)
    done = in_process("upload", program, "--port", urls["attiny1634"])
    assert isinstance(done.exception, BuildError)
    assert "bytes of code, and the chip has room for" in str(done.exception)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ((), PortError, "give either --port, a pyserial URL, or --mcu"),
        (("--port", "/dev/absent"), PortError, "cannot be opened"),
        (("--port", "loop://", "--timeout", "0.1"), LinkTimeoutError, "nothing came in 0.1 s"),
        (("--mcu", "z80"), BuildError, 'MCU="z80" is not known'),
        (("--mcu", "attiny13a"), BuildError, "python_upload"),
    ],
    ids=["neither", "absent", "echo", "unknown", "small"],
)
@pytest.mark.parametrize("command", ["repl", "upload"])
def test_a_port_is_asked_for_and_must_answer(command, arguments, error, said):
    file = [examples_folder() / "perceptron.py"] if command == "upload" else []
    done = in_process(command, *file, *arguments)
    assert isinstance(done.exception, error)
    assert said in str(done.exception)


def test_a_silent_chip_is_one_line_and_no_traceback():
    """Flashed with what listens to nothing."""
    url = port_url(firmware.build("xor", "atmega328p"), "atmega328p")
    done = kilolearn("repl", "--port", url, "--timeout", 0.1, typed="1\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("kilolearn: nothing came in 0.1 s; is the chip flashed with")
    assert len(done.stderr.splitlines()) == 1
