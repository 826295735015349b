# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ``pyavr-sim debug``, and what it says to wrong ones."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pyavr_sim.cli import app


def echo(folder: Path) -> Path:
    source, elf = (
        Path(__file__).parents[1] / "emulator" / "firmware" / "echo.c",
        folder / "echo.elf",
    )
    subprocess.run(["avr-gcc", "-mmcu=atmega328p", "-Os", "-o", elf, source], check=True)
    return elf


def debug(*arguments: object) -> Result:
    words = ["debug", *map(str, arguments)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "100", "TERM": "dumb"})


def test_what_is_typed_goes_to_the_uart_and_what_it_sends_to_the_screen(serve, tmp_path):
    server = serve(echo(tmp_path), "--no-wait", "--stdin")
    out, keyboard = server.process.stdout, server.process.stdin
    keyboard.write(b"abc")
    keyboard.flush()

    assert out.read(3) == b"bcd"
    with server.client() as client:
        client.ask(b"k")
    assert server.ended()[0] == 0


def test_it_runs_to_a_symbol_first(serve, stations):
    server = serve(stations, "--run-until", "twice")
    with server.client() as client:
        registers = client.ask(b"g")
    assert int.from_bytes(bytes.fromhex(registers[-8:].decode()), "little") == 0xA6


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--run-until", "nowhere"], 2, "nowhere"),
        (["--port", "70000"], 2, "--port"),
        (["--mcu", "attiny85"], 9, "attiny85"),
        (["--history-mb", "0"], 2, "history-mb"),
    ],
)
def test_a_wrong_option_is_one_line_and_a_code(stations, options, code, said):
    done = debug(stations, "--mcu", "atmega328p", *options)

    assert done.exit_code == code
    assert said in done.output
    assert "Traceback" not in done.output


def test_a_port_that_is_taken_is_named(stations):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = debug(stations, "--mcu", "atmega328p", "--port", port)

    assert done.exit_code == 2
    assert f"port {port} of 127.0.0.1 cannot be had" in done.output


def test_vscode_gets_an_entry_and_keeps_the_others(stations, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / ".vscode" / "launch.json"
    path.parent.mkdir()
    other = {"name": "mine", "type": "python"}
    path.write_text(json.dumps({"version": "0.2.0", "configurations": [other], "inputs": []}))

    for port in (1234, 4321):
        done = debug(stations, "--mcu", "atmega328p", "--vscode", "--port", port)
        assert done.exit_code == 0, done.output

    document = json.loads(path.read_text())
    assert document["inputs"] == []
    kept, added = document["configurations"]
    assert kept == other
    assert added["type"] == "cppdbg"
    assert added["program"] == str(stations.resolve())
    assert added["miDebuggerServerAddress"] == "127.0.0.1:4321"


@pytest.mark.parametrize("text", ["// a comment\n{}", "[]", '{"configurations": 3}', "\xff"])
def test_a_launch_json_that_it_cannot_read_stays_as_it_is(stations, tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / ".vscode" / "launch.json"
    path.parent.mkdir()
    path.write_text(text, encoding="latin-1")

    done = debug(stations, "--mcu", "atmega328p", "--vscode")

    assert done.exit_code == 2
    assert str(path) in done.output.replace("\n", "")
    assert path.read_text(encoding="latin-1") == text
