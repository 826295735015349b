# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves gdb clients, one after the other, on 127.0.0.1 and nowhere else."""

from __future__ import annotations

import socket
from collections.abc import Callable

from pyavr_sim.debug.conversation import Conversation
from pyavr_sim.debug.motion import Motion
from pyavr_sim.debug.protocol import Farewell, Protocol
from pyavr_sim.debug.terminal import Terminal
from pyavr_sim.errors import DebugError

__all__ = ["Server"]

HOST = "127.0.0.1"


class Server:
    """A chip at a TCP port.

    Args:
        motion: Moves the chip.
        port: 0 for any that is free; :attr:`port` tells which.
        terminal: What the chip's UART is connected to.
        say: Told what the user should know.

    Raises:
        DebugError: The port is taken, or not to be had.
    """

    def __init__(
        self, motion: Motion, port: int, terminal: Terminal, say: Callable[[str], None]
    ) -> None:
        self._motion, self._terminal, self._say = motion, terminal, say
        try:
            self._listener = socket.create_server((HOST, port))
        except (OSError, OverflowError) as error:
            raise DebugError(
                f"port {port} of {HOST} cannot be had: {error}. Use another, or 0 for a free one."
            ) from None
        self.port: int = self._listener.getsockname()[1]

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def serve(self, *, is_running: bool, once: bool) -> None:
        """Serve until a client kills the chip.

        Args:
            is_running: The chip runs while it waits for the first client; else it stands. After a
                client has detached it runs, and after one that was lost it stands.
            once: Also end when a client has detached.
        """
        while True:
            with self._client(is_running) as client:
                farewell = self._hold(client)
            self._motion.forget_all()
            if farewell is Farewell.KILLED or (once and farewell is Farewell.DETACHED):
                return
            is_running = farewell is Farewell.DETACHED
            self._say(f"the client is gone; waiting at port {self.port}.")

    def _client(self, is_running: bool) -> socket.socket:
        while not self._terminal.wait_for(self._listener, is_patient=not is_running):
            is_running = is_running and self._run_free()
        client, _ = self._listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def _run_free(self) -> bool:
        """Run a slice without a debugger; whether there is more to come."""
        motion = self._motion.run()
        halt = next(motion)
        if halt is not None:
            self._say(f"the chip stands: {halt.fault or halt.reason.value}")
        return halt is None

    def _hold(self, client: socket.socket) -> Farewell | None:
        """Talk with a client until it goes; None when it is just gone."""
        protocol = Protocol(self._motion, self._say)
        try:
            Conversation(client, protocol, self._terminal).hold()
        except OSError:
            self._say("the client was lost.")
        return protocol.farewell
