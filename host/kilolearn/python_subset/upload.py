# SPDX-License-Identifier: GPL-3.0-or-later
"""Talks with a chip that runs uploaded Python programs (avr/apps/python_upload.c) over any port."""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from kilolearn.errors import (
    BadReplyError,
    BuildError,
    ChipRejectedError,
    ContractMismatchError,
    LinkError,
    LinkTimeoutError,
)
from kilolearn.firmware import contract
from kilolearn.frames import FRAME_OVERHEAD, Frame, decode, encode
from kilolearn.port import BAUD, Port, guarded, open_port
from kilolearn.python_subset.bytecode import Bytecode
from kilolearn.python_subset.instructions import Operands, opcodes
from kilolearn.python_subset.places import Place
from kilolearn.python_subset.run import Run, RunError
from kilolearn.python_subset.verify import verify

__all__ = ["PythonChip", "open_python_chip"]

_CRC_INIT = 0xFFFF
_PART_BYTES = 32
_QUIET_SECONDS = 0.02
_STALE_MAX = 16


class PythonChip:
    """A chip with the uploadable machine, behind an open port.

    Attributes:
        data_bytes: Its room for globals.
        code_bytes: Its room for code.
        numbers: Of its opcodes, by name.

    Raises:
        ContractMismatchError: Its machine has other instructions than avr/vm/opcodes.h.
        LinkError: It does not answer as it should.
    """

    def __init__(self, port: Port) -> None:
        self._port = port
        self._contract = contract()
        self._sequence = 0
        self._silence_line()
        layout = self._contract.struct("python_description")
        record = np.frombuffer(self._ask("HELLO"), layout)[0]
        self.data_bytes = int(record["data_bytes"])
        self.code_bytes = int(record["code_bytes"])
        self.numbers = self._opcode_numbers(int(record["opcodes"]))

    def upload(self, bytecode: Bytecode) -> None:
        """Give the chip a program, and to its new globals their first values.

        Raises:
            BuildError: More code than the chip has room for; nothing was sent.
            BytecodeError: The code could do harm; nothing was sent.
            ChipRejectedError: More globals than the chip has room for.
        """
        if bytecode.size > self.code_bytes:
            raise BuildError(
                f"{bytecode.path}: {bytecode.size} bytes of code, and the chip has room for "
                f"{self.code_bytes}; make it shorter, or build it into flash"
            )
        code = bytecode.encode(self.numbers)
        verify(code, self.numbers, self.data_bytes)
        self._ask("HELLO")  # Forgets the code before, which leaves room to receive.
        self._in_parts("DATA", bytecode.data, bytecode.data_from)
        self.upload_code(code)
        self._bytecode = bytecode

    def upload_code(self, code: bytes) -> None:
        """Give the chip code as it is; its own verifier looks at it when it is to run."""
        self._ask("HELLO")
        self._in_parts("CODE", code)
        self._identity = self._identity_of(code)

    def run(self, given: bytes = b"", hear: Callable[[int], None] | None = None) -> Run:
        """Run the program that was uploaded last, to its end.

        Args:
            given: What ``read()`` takes, byte by byte.
            hear: Called with each value that is emitted, at once.

        Raises:
            ChipRejectedError: The chip's own verifier refused it, or there is too little SRAM.
            LinkError: It reads more than `given`, or the port's timeout passed without a word.
        """
        outputs: list[int] = []
        left = iter(given)
        self.start()
        while True:
            frame = self._event()
            if frame.command == self._command("EMIT"):
                outputs.append(int.from_bytes(frame.body, "little", signed=True))
                if hear:
                    hear(outputs[-1])
            elif frame.command == self._command("READ"):
                byte = next(left, None)
                if byte is None:
                    raise LinkError(
                        f"the program reads more than the {len(given)} bytes of its input, and "
                        f"waits; reset the chip, and give it more"
                    )
                guarded(self._port.write, bytes([byte]))
            else:
                return self._end(frame, outputs)

    def start(self) -> None:
        """Let the chip look at its code and begin with it; errors as for :meth:`run`."""
        self._ask("RUN", self._identity)

    def save(self) -> None:
        """Put the program into EEPROM: it is there after the next power-up.

        Raises:
            ChipRejectedError: It is larger than the EEPROM.
        """
        self._ask("SAVE", self._identity)

    def load(self, bytecode: Bytecode) -> bool:
        """Let the chip take its program from EEPROM again.

        Returns:
            Whether it is this one; then :meth:`run` runs it.
        """
        there = self._ask("LOAD")
        self._identity = there
        self._bytecode = bytecode
        return there == self._identity_of(bytecode.encode(self.numbers))

    def globals(self, places: Mapping[str, Place]) -> dict[str, int | tuple[int, ...]]:
        """Read the values of globals."""
        end = max((2 * place.end for place in places.values()), default=0)
        data = bytearray()
        while len(data) < end:
            count = min(64, end - len(data))
            data += self._ask("GLOBALS", len(data).to_bytes(2, "little") + bytes([count]))
        return {name: place.value_in(bytes(data)) for name, place in places.items()}

    # ---- one request -----------------------------------------------------------------------------

    def _command(self, name: str) -> int:
        return self._contract.constant(f"COMMAND_PYTHON_{name}")

    def _identity_of(self, code: bytes) -> bytes:
        """Size and checksum, as a chip wants them with a request that is about its code."""
        return self._contract.pack("python_run", len(code), crc_hqx(code, _CRC_INIT))

    def _in_parts(self, name: str, data: bytes, start: int = 0) -> None:
        # A frame is received in the room for code that is left: small parts fit while there is any.
        for offset in range(start, len(data), _PART_BYTES):
            self._ask(name, offset.to_bytes(2, "little") + data[offset : offset + _PART_BYTES])

    def _ask(self, name: str, body: bytes = b"") -> bytes:
        command = self._command(name)
        self._sequence = self._sequence % 255 + 1
        guarded(self._port.write, encode(Frame(self._sequence, command, body)))
        frame = self._event()
        if frame.command != command:
            raise BadReplyError(
                f"PYTHON_{name} was answered by {frame.command:#04x}; is another program using "
                f"this port?"
            )
        return frame.body

    def _silence_line(self) -> None:
        """End whatever half frame the chip holds, and drop what it says to that.

        A chip that times the line's bits itself is deaf meanwhile.
        """
        guarded(self._port.write, b"\0")
        timeout, self._port.timeout = self._port.timeout, _QUIET_SECONDS
        try:
            for _ in range(_STALE_MAX):
                if not guarded(self._port.read, 256):
                    break
        finally:
            self._port.timeout = timeout

    def _event(self) -> Frame:
        """The next frame with the number of the last request; its command without the reply bit."""
        reply = self._contract.constant("COMMAND_REPLY")
        while True:
            frame = decode(self._frame())
            if frame.command == self._contract.constant("COMMAND_ERROR"):
                if frame.sequence in (0, self._sequence):
                    raise self._refusal(frame.body)
            elif frame.sequence == self._sequence and frame.command & reply:
                return frame._replace(command=frame.command & ~reply)

    def _frame(self) -> bytes:
        received = bytearray()
        while True:
            byte = guarded(self._port.read, 1)
            if not byte:
                raise LinkTimeoutError(
                    f"nothing came in {self._port.timeout} s; is the chip flashed with "
                    f"python_upload, the baud rate right, and does the program end?"
                )
            if byte != b"\0":
                received += byte
            elif received:
                return bytes(received)
            if len(received) > 256 + FRAME_OVERHEAD:
                raise BadReplyError("a stream without frames came; check the baud rate")

    def _refusal(self, body: bytes) -> ChipRejectedError:
        record = np.frombuffer(body, self._contract.struct("error_reply"))[0]
        code, detail = int(record["error"]), int(record["detail"])
        name = self._contract.names("ERROR_").get(code, str(code))
        words = {
            "BAD_PROGRAM": "the instruction at offset {detail} of the code could do harm",
            "NO_ROOM": "its stack would take {detail} bytes, more than are left",
            "BAD_RANGE": "globals or code from {detail} on are beyond its room",
        }.get(name, "{name}, detail {detail}")
        said = words.format(name=name, detail=detail)
        return ChipRejectedError(f"the chip refused the request: {said}", code, detail)

    def _end(self, frame: Frame, outputs: list[int]) -> Run:
        record = np.frombuffer(frame.body, self._contract.struct("python_end"))[0]
        error = None
        if record["error"]:
            line = self._bytecode.line_at(int(record["stopped_at"]))
            error = RunError.numbered(int(record["error"]), line)
        places = self._bytecode.visible_places
        return Run(tuple(outputs), self.globals(places), error)

    def _opcode_numbers(self, count: int) -> dict[str, int]:
        known = list(opcodes().values())
        table = self._ask("OPCODES")
        kinds = [_kind(opcode.operands, opcode.pushes) for opcode in known]
        if len(known) != count or list(table[1::2]) != kinds:
            raise ContractMismatchError(
                f"the chip's machine has {count} instructions, avr/vm/opcodes.h {len(known)} or "
                f"others: build and flash python_upload from this checkout"
            )
        return {opcode.name: table[2 * i] for i, opcode in enumerate(known)}


def _kind(operands: Operands, pushes: int) -> int:
    return list(Operands).index(operands) | pushes + 1 << 4


@contextmanager
def open_python_chip(url: str, baud: int = BAUD, timeout: float = 1.0) -> Iterator[PythonChip]:
    """Open a port and the machine behind it; arguments as for `kilolearn.link.open_link`."""
    with open_port(url, baud, timeout) as port:
        yield PythonChip(port)
