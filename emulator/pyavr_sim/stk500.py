# SPDX-License-Identifier: GPL-3.0-or-later
"""A programmer that speaks STK500 version 1 and programs an emulated chip.

Source: Atmel AVR061, "STK500 Communication Protocol".
"""

from __future__ import annotations

from collections.abc import Callable

from pyavr_sim.isp import IspTarget

__all__ = ["Stk500"]

_END_OF_COMMAND = 0x20
_OK, _FAILED, _UNKNOWN, _NO_DEVICE, _IN_SYNC, _NO_SYNC = 0x10, 0x11, 0x12, 0x13, 0x14, 0x15
_FLASH, _EEPROM = b"FE"
_PAGE_BYTES_MAX = 256

_GET_SYNC, _GET_SIGN_ON, _SET_PARAMETER, _GET_PARAMETER = 0x30, 0x31, 0x40, 0x41
_SET_DEVICE, _SET_DEVICE_EXT, _ENTER, _LEAVE, _ERASE = 0x42, 0x45, 0x50, 0x51, 0x52
_CHECK_AUTO_INCREMENT, _LOAD_ADDRESS, _UNIVERSAL = 0x53, 0x55, 0x56
_PROGRAM_PAGE, _READ_PAGE, _READ_SIGNATURE = 0x64, 0x74, 0x75

# Bytes between a command and its end; of _SET_DEVICE_EXT the first one says how many, of
# _PROGRAM_PAGE the first two say how many data bytes follow them and the kind of memory.
_ARGUMENT_BYTES = {
    _GET_SYNC: 0,
    _GET_SIGN_ON: 0,
    _SET_PARAMETER: 2,
    _GET_PARAMETER: 1,
    _SET_DEVICE: 20,
    _SET_DEVICE_EXT: 1,
    _ENTER: 0,
    _LEAVE: 0,
    _ERASE: 0,
    _CHECK_AUTO_INCREMENT: 0,
    _LOAD_ADDRESS: 2,
    _UNIVERSAL: 4,
    _PROGRAM_PAGE: 3,
    _READ_PAGE: 3,
    _READ_SIGNATURE: 0,
}
_NEEDS_PROGRAMMING = {_ERASE, _UNIVERSAL, _PROGRAM_PAGE, _READ_PAGE, _READ_SIGNATURE}
_SIGN_ON = b"AVR STK"
# Hardware 2, software 1.18, 5.0 V, no top card.
_PARAMETERS = {0x80: 2, 0x81: 1, 0x82: 18, 0x84: 50, 0x85: 50, 0x98: 3}


class Stk500:
    """Takes the bytes of a programming session, in pieces of any size, and gives the answers.

    Args:
        target: The chip.

    Attributes:
        is_programming: Whether the chip is held in reset.
    """

    def __init__(self, target: IspTarget) -> None:
        self._target = target
        self._received = bytearray()
        self._address = 0
        self.is_programming = False
        self._answers: dict[int, Callable[[bytes], bytes]] = {
            _GET_SYNC: lambda _: b"",
            _GET_SIGN_ON: lambda _: _SIGN_ON,
            _SET_PARAMETER: lambda _: b"",
            _GET_PARAMETER: lambda arguments: bytes([_PARAMETERS.get(arguments[0], 0)]),
            _SET_DEVICE: lambda _: b"",
            _SET_DEVICE_EXT: lambda _: b"",
            _ENTER: self._enter,
            _LEAVE: self._leave,
            _ERASE: self._erase,
            _CHECK_AUTO_INCREMENT: lambda _: b"",
            _LOAD_ADDRESS: self._load_address,
            _UNIVERSAL: lambda arguments: bytes([target.instruct(arguments)]),
            _PROGRAM_PAGE: self._program_page,
            _READ_PAGE: self._read_page,
            _READ_SIGNATURE: lambda _: bytes(
                target.instruct(bytes([0x30, 0, n, 0])) for n in range(3)
            ),
        }

    def start_over(self) -> None:
        """Forget what was received: another program has come."""
        self._received.clear()
        self.is_programming = False

    def feed(self, octets: bytes) -> bytes:
        """Take bytes, and give the answers to the commands that they complete."""
        self._received += octets
        answers = bytearray()
        while self._received:
            size = self._command_size()
            if size is None or len(self._received) < size:
                break
            command = bytes(self._received[:size])
            del self._received[:size]
            answers += self._answer(command)
        return bytes(answers)

    def _command_size(self) -> int | None:
        """How many bytes the first command takes with its end; None while that is unknown."""
        first = self._received[0]
        if first not in _ARGUMENT_BYTES:
            return 2
        if first == _SET_DEVICE_EXT:
            return None if len(self._received) < 2 else self._received[1] + 2
        size = _ARGUMENT_BYTES[first] + 2
        if first == _PROGRAM_PAGE:
            if len(self._received) < 3:
                return None
            size += int.from_bytes(self._received[1:3], "big")
        return size

    def _answer(self, command: bytes) -> bytes:
        if command[-1] != _END_OF_COMMAND:
            # Resynchronise as AVR061 tells: everything up to now is thrown away.
            self._received.clear()
            return bytes([_NO_SYNC])
        answer = self._answers.get(command[0])
        if answer is None:
            return bytes([_IN_SYNC, _UNKNOWN])
        if command[0] in _NEEDS_PROGRAMMING and not self.is_programming:
            return bytes([_IN_SYNC, _FAILED])
        try:
            return bytes([_IN_SYNC, *answer(command[1:-1]), _OK])
        except _RefusedError as refusal:
            return bytes([_IN_SYNC, refusal.code])

    def _enter(self, _: bytes) -> bytes:
        if not self._target.answers:
            raise _RefusedError(_NO_DEVICE)
        self.is_programming = True
        return b""

    def _leave(self, _: bytes) -> bytes:
        self.is_programming = False
        return b""

    def _erase(self, _: bytes) -> bytes:
        self._target.erase()
        return b""

    def _load_address(self, arguments: bytes) -> bytes:
        self._address = int.from_bytes(arguments, "little")
        return b""

    def _program_page(self, arguments: bytes) -> bytes:
        memory, octets = arguments[2], arguments[3:]
        if len(octets) > _PAGE_BYTES_MAX or memory not in (_FLASH, _EEPROM):
            raise _RefusedError(_FAILED)
        if memory == _FLASH:
            self._target.write_flash(2 * self._address, octets)
        else:
            self._target.write_eeprom(self._address, octets)
        return b""

    def _read_page(self, arguments: bytes) -> bytes:
        size, memory = int.from_bytes(arguments[:2], "big"), arguments[2]
        if size > _PAGE_BYTES_MAX or memory not in (_FLASH, _EEPROM):
            raise _RefusedError(_FAILED)
        if memory == _FLASH:
            return self._target.read_flash(2 * self._address, size)
        return self._target.read_eeprom(self._address, size)


class _RefusedError(Exception):
    """A command that cannot be carried out.

    Attributes:
        code: How the protocol says why.
    """

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
