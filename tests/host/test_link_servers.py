# SPDX-License-Identifier: GPL-3.0-or-later
"""A learner behind real pseudo terminals and real TCP servers, and what happens when they go."""

from __future__ import annotations

import os
import pty
import re
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import serial
import serial.rfc2217
from tests.host.conftest import NativePort
from typer.testing import CliRunner

from kilolearn import firmware
from kilolearn.cli import app
from kilolearn.errors import LinkError, LinkTimeoutError, PortError
from kilolearn.link import open_link
from kilolearn.port import AUTO_BAUD
from kilolearn.twin import Twin
from kilolearn.weights import load_model

SAMPLES = np.random.default_rng(5).integers(0, 16, (12, 6)).astype(np.uint8)
LABELS = SAMPLES[:, 0].astype(int) % 3


class Carrier(threading.Thread):
    """Carries bytes between a chip's port and whoever receives and sends, until one side ends."""

    def __init__(
        self,
        chip: NativePort,
        receive: Callable[[], bytes],
        send: Callable[[bytes], Any],
        end: Callable[[], None],
        receives_max: int = 1_000_000,
    ) -> None:
        super().__init__(daemon=True)
        self._chip, self._receive, self._send, self._end = chip, receive, send, end
        self._left = receives_max
        self.start()

    def run(self) -> None:
        try:
            while self._left and (data := self._receive()):
                self._left -= 1
                self._chip.write(data)
                self._send(self._chip.read(65536))
        except OSError:
            pass
        self._end()


def on_pty(chip: NativePort, receives_max: int = 1_000_000) -> str:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    name = os.ttyname(theirs)

    def end() -> None:
        os.close(ours)
        os.close(theirs)

    Carrier(chip, lambda: os.read(ours, 4096), lambda data: os.write(ours, data), end, receives_max)
    return name


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        yield server


def serve_tcp(listener: socket.socket, chip: NativePort, rfc2217: bool) -> str:
    """Take one connection, as pyserial's tcp_serial_redirect.py or rfc2217_server.py do."""

    def accept() -> None:
        connection, _ = listener.accept()
        if not rfc2217:
            Carrier(chip, lambda: connection.recv(4096), connection.sendall, connection.close)
            return
        settings = serial.serial_for_url("loop://")
        writer = type("Writer", (), {"write": staticmethod(connection.sendall)})
        manager = serial.rfc2217.PortManager(settings, writer)

        def receive() -> bytes:
            while data := connection.recv(4096):
                if plain := b"".join(manager.filter(data)):
                    return plain
            return b""

        def send(data: bytes) -> None:
            connection.sendall(b"".join(manager.escape(data)))

        Carrier(chip, receive, send, connection.close)

    threading.Thread(target=accept, daemon=True).start()
    scheme = "rfc2217" if rfc2217 else "socket"
    return f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # of pyserial itself
@pytest.mark.parametrize("scheme", ["pty", "socket", "rfc2217"])
def test_training_over_a_real_server_gives_the_twins_bits(
    scheme, listener, native_port, probe_twin
):
    url = (
        on_pty(native_port)
        if scheme == "pty"
        else serve_tcp(listener, native_port, scheme == "rfc2217")
    )
    twin = Twin("probe_learner", library=probe_twin)
    twin.reset(3)
    with open_link(url, 115_200) as link:
        link.reset(3)
        assert (
            link.train_many(SAMPLES, LABELS).margins.tolist()
            == twin.train_many(SAMPLES, LABELS).margins.tolist()
        )
        assert link.read_weights() == twin.read_weights()


class OneRate(NativePort):
    """A chip that understands one rate, and sends what nobody understands at all others."""

    def __init__(self, library, folder, rate: int) -> None:
        super().__init__(library, folder)
        self.baudrate = 500_000
        self._rate = rate

    def read(self, size: int = 1) -> bytes:
        data = super().read(size)
        return data if self.baudrate == self._rate else bytes(byte | 0x81 for byte in data)


@pytest.mark.parametrize("rate", [500_000, 57_600, 9600])
def test_the_rate_is_found(monkeypatch, probe_twin, tmp_path, rate):
    port = OneRate(probe_twin, tmp_path, rate)
    monkeypatch.setattr(serial, "serial_for_url", lambda url, **settings: port)
    with open_link("/dev/null", AUTO_BAUD) as link:
        assert link.description.name == "probe"
    assert port.baudrate == rate


def test_a_rate_that_is_not_tried_is_said_so(monkeypatch, probe_twin, tmp_path):
    port = OneRate(probe_twin, tmp_path, 31_250)
    monkeypatch.setattr(serial, "serial_for_url", lambda url, **settings: port)
    expected = pytest.raises(LinkTimeoutError, match=r"500,000, 115,200.* baud;.*--baud")
    with expected, open_link("/dev/null", AUTO_BAUD):
        pass


def test_long_frames_at_a_slow_rate_are_waited_for(monkeypatch, probe_twin, tmp_path):
    port = OneRate(probe_twin, tmp_path, 500_000)
    monkeypatch.setattr(serial, "serial_for_url", lambda url, **settings: port)
    port.timeout = 0.5
    with open_link("/dev/null", 500_000):
        fast = port.timeout - 0.5
    port.timeout, port.baudrate, port._rate = 0.5, 9600, 9600
    with open_link("/dev/null", 9600):
        assert port.timeout > 0.5 + 500 * 10 / 9600 > 0.5 + 50 * fast


def test_a_port_that_goes_is_no_silence(native_port):
    url = on_pty(native_port, receives_max=6)
    samples, labels = np.tile(SAMPLES, (50, 1)), np.tile(LABELS, 50)
    with open_link(url) as link:
        link.reset(1)
        with pytest.raises(PortError, match=r"unplugged.*plug it in"):
            link.train_many(samples, labels)


def test_what_was_learned_is_saved_when_the_board_is_unplugged(tmp_path):
    """A thousand steps, of two writes each, and a read of the weights are done when it goes."""
    chip = NativePort(firmware.build_twin("dense", "iris"), tmp_path)
    saved = tmp_path / "iris.npz"
    url = on_pty(chip, receives_max=2500)
    command = f"train dense --config iris --data iris --port {url} --save {saved}"
    done = CliRunner().invoke(app, command.split())
    assert isinstance(done.exception, LinkError)
    words = rf"unplugged.* after [12],\d{{3}} samples are saved in {saved}.*--restore {saved}"
    assert re.search(words, str(done.exception)), str(done.exception)
    model = load_model(saved)
    fresh = Twin("dense", "iris")
    fresh.reset(0)
    assert model.description == fresh.description
    assert model.weights != fresh.read_weights()
    assert model.scale is not None


@pytest.mark.parametrize("rate", ["0", "-5", "fast"])
def test_a_rate_that_is_none_is_refused(rate):
    done = CliRunner().invoke(app, ["weights", "read", "x.npz", "--port", "x", "--baud", rate])
    assert done.exit_code == 2
    assert "expected a rate" in done.output
