# SPDX-License-Identifier: GPL-3.0-or-later
"""A debug server in its own process, a client that speaks raw packets, and the real avr-gdb."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).with_name("pyavr-sim"))
SOURCES = Path(__file__).parent / "firmware"
PATIENCE_S = 60  # for what should take a moment: a test that hangs must end


@pytest.fixture(scope="session")
def stations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ELF of stations.c for an ATmega328P."""
    elf = tmp_path_factory.mktemp("debug") / "stations.elf"
    command = ["avr-gcc", "-mmcu=atmega328p", "-Og", "-gdwarf-4", "-Wall", "-o", str(elf)]
    subprocess.run([*command, str(SOURCES / "stations.c")], check=True)
    return elf


class DebugServer:
    """``pyavr-sim debug`` as a user starts it."""

    def __init__(self, firmware: Path, *options: str) -> None:
        command = [COMMAND, "debug", str(firmware), "--mcu", "atmega328p", "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--json", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        self.place = json.loads(line) if line else {}

    @property
    def port(self) -> int:
        return int(self.place["port"])

    def client(self) -> RawClient:
        return RawClient(self.port)

    def gdb(self, *commands: str) -> subprocess.CompletedProcess[str]:
        """Run avr-gdb in batch mode: attach, then these commands, one at a time."""
        lines = ["set pagination off", "set confirm off", f"target remote 127.0.0.1:{self.port}"]
        lines += commands
        arguments = [word for line in lines for word in ("-ex", line)]
        return subprocess.run(
            ["avr-gdb", "-nx", "-batch", *arguments, self.place["firmware"]],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # where gdb prints what monitor commands answer
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def ended(self) -> tuple[int, str, str]:
        """Wait for its end: exit code, standard output behind the JSON line, standard error."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out.decode(), err.decode()


class RawClient:
    """Speaks packets, well formed or not."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, raw: bytes) -> None:
        self.socket.sendall(raw)

    def receive(self) -> bytes:
        """One frame, without its ``+``: the payload. Or a lone ``-``."""
        got = b""
        while not got.startswith(b"-") and (got.count(b"#") == 0 or len(got.split(b"#")[1]) < 2):
            piece = self.socket.recv(1)
            if not piece:
                raise ConnectionResetError(got)
            got = (got + piece).lstrip(b"+")
        return got if got == b"-" else got[1:-3]

    def ask(self, payload: bytes) -> bytes:
        self.send(b"$%b#%02x" % (payload, sum(payload) & 0xFF))
        return self.receive()


@pytest.fixture
def serve() -> Iterator[Callable[..., DebugServer]]:
    """Start servers; those that a test leaves are ended."""
    servers: list[DebugServer] = []

    def start(firmware: Path, *options: str) -> DebugServer:
        servers.append(DebugServer(firmware, *options))
        return servers[-1]

    yield start
    for server in servers:
        server.process.kill()
        server.process.communicate()
