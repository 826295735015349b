# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries packets between one client and the :class:`Protocol`, while the chip moves, too."""

from __future__ import annotations

import socket
from collections import deque

from pyavr_sim.debug.motion import Moves
from pyavr_sim.debug.packets import Mark, Packet, PacketReader, encode
from pyavr_sim.debug.protocol import ERROR, INTERRUPTED, SIGINT, Protocol
from pyavr_sim.debug.terminal import Terminal

__all__ = ["Conversation"]

RECEIVE_BYTES = 65536


class Conversation:
    """From a client's first byte to its last.

    Args:
        client: Its socket; the caller closes it.
        protocol: Answers its packets.
        terminal: What the chip's UART is connected to.
    """

    def __init__(self, client: socket.socket, protocol: Protocol, terminal: Terminal) -> None:
        self._client, self._protocol, self._terminal = client, protocol, terminal
        self._reader = PacketReader()
        self._heard: deque[Packet | Mark] = deque()
        self._last = b""

    def hold(self) -> None:
        """Answer until the client says farewell.

        Raises:
            OSError: It was gone before.
        """
        while self._protocol.farewell is None:
            while not self._heard:
                self._listen(is_patient=True)
            heard = self._heard.popleft()
            if isinstance(heard, Packet):
                self._reply(heard.payload)
            elif heard is Mark.REPEAT:
                self._client.sendall(self._last)
            elif heard is Mark.DAMAGED:
                self._client.sendall(b"-")
            elif heard is Mark.TOO_LONG:
                self._send(ERROR)
            # else an interrupt: the chip stands already

    def _reply(self, payload: bytes) -> None:
        if self._protocol.is_acknowledging:
            self._client.sendall(b"+")
        answer = self._protocol.answer(payload)
        self._send(answer if isinstance(answer, bytes) else self._move(answer))

    def _send(self, payload: bytes) -> None:
        self._last = encode(payload)
        self._client.sendall(self._last)

    def _move(self, motion: Moves) -> bytes:
        for halt in motion:
            self._listen(is_patient=False)
            if halt is not None:
                return self._protocol.stop_reply(halt)
            if Mark.INTERRUPT in self._heard:
                break
        motion.close()
        self._heard.remove(Mark.INTERRUPT)
        return self._protocol.stop_reply(INTERRUPTED, SIGINT)

    def _listen(self, *, is_patient: bool) -> None:
        if self._terminal.wait_for(self._client, is_patient=is_patient):
            received = self._client.recv(RECEIVE_BYTES)
            if not received:
                raise ConnectionResetError("the client has closed the connection")
            self._heard += self._reader.feed(received)
