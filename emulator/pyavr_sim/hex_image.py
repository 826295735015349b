# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads Intel HEX files strictly: a damaged file is refused with its line number, never guessed at.

A line is ``:LLAAAATT<data>CC``: length, address, type, data, checksum; all bytes of a line,
checksum included, add up to 0 modulo 256.

==== ============================================ =============================================
type meaning                                      here
==== ============================================ =============================================
00   data                                         placed at base + address
01   end of file                                  required, and the last line
02   base = 16 * data (64 KB pages, up to 1 MB)   followed
03   start address CS:IP                          checked, ignored: an AVR starts at its vector
04   base = 65536 * data                          followed
05   start address EIP                            checked, ignored
==== ============================================ =============================================

Source: Intel Hexadecimal Object File Format Specification, Revision A, 1988.
"""

from __future__ import annotations

import binascii

from pyavr_sim.errors import HexError

__all__ = ["read_hex"]

_AGAIN = "Build or copy the file again."
_NAMES = {
    1: "end-of-file",
    2: "segment base",
    3: "start segment",
    4: "linear base",
    5: "start linear",
}
_LENGTHS = {1: 0, 2: 2, 3: 4, 4: 2, 5: 4}


def read_hex(data: bytes, where: str) -> list[tuple[int, bytes]]:
    """Read an Intel HEX file.

    Args:
        data: The whole file.
        where: The name that error messages give the file.

    Returns:
        Runs of bytes (address, bytes), in order of address, neighbouring runs joined.

    Raises:
        HexError: Anything wrong, with the line number, what was found and what was expected.
    """
    runs: list[tuple[int, int, bytes]] = []
    base = 0
    end_line = 0
    number = 0
    for number, raw in enumerate(data.splitlines(), start=1):
        line = raw.strip()
        if not line:
            continue
        if end_line:
            raise HexError(
                f"{where}, line {number}: found another record after the end-of-file record in "
                f"line {end_line}; expected nothing. {_AGAIN}"
            )
        kind, address, payload = _record(line, f"{where}, line {number}")
        if kind == 0:
            if address + len(payload) > 0x10000:
                raise HexError(
                    f"{where}, line {number}: found {len(payload)} bytes at 0x{address:04X}, past "
                    f"the end of the 64 KB page; expected a new base record between. {_AGAIN}"
                )
            if payload:
                runs.append((base + address, number, payload))
        elif kind == 1:
            end_line = number
        elif kind in (2, 4):
            base = int.from_bytes(payload, "big") << (4 if kind == 2 else 16)
    if not end_line:
        raise HexError(
            f"{where}: the file ends after line {number} without the end-of-file record "
            f":00000001FF; it may have been cut off. {_AGAIN}"
        )
    return _join(runs, where)


def _record(line: bytes, where: str) -> tuple[int, int, bytes]:
    """Take one line apart into type, address and data, with every check of its form."""
    if not line.startswith(b":"):
        raise HexError(
            f"{where}: found {line[:12].decode('ascii', 'backslashreplace')!r}; expected a record "
            f"that starts with ':'. {_AGAIN}"
        )
    try:
        record = binascii.unhexlify(line[1:])
    except binascii.Error as error:
        raise HexError(
            f"{where}: found {len(line) - 1} characters that are not pairs of hexadecimal digits. "
            f"{_AGAIN}"
        ) from error
    if len(record) < 5 or len(record) != record[0] + 5:
        expected = f"{record[0] + 5}, for its {record[0]} of data" if record else "at least 5"
        raise HexError(
            f"{where}: found a record of {len(record)} bytes; expected {expected}. {_AGAIN}"
        )
    checksum = -sum(record[:-1]) & 0xFF
    if record[-1] != checksum:
        raise HexError(
            f"{where}: found checksum 0x{record[-1]:02X}; expected 0x{checksum:02X}. {_AGAIN}"
        )
    kind, payload = record[3], record[4:-1]
    if kind > 5:
        raise HexError(f"{where}: found record type {kind:02X}; expected 00 to 05. {_AGAIN}")
    if kind and len(payload) != _LENGTHS[kind]:
        raise HexError(
            f"{where}: found {len(payload)} bytes in a record of type {kind:02X} "
            f"({_NAMES[kind]}); expected {_LENGTHS[kind]}. {_AGAIN}"
        )
    return kind, record[1] << 8 | record[2], payload


def _join(runs: list[tuple[int, int, bytes]], where: str) -> list[tuple[int, bytes]]:
    """Sort records by address, refuse two for the same byte, join neighbours."""
    runs.sort()
    joined: list[tuple[int, bytearray]] = []
    last_line = 0
    for address, line, payload in runs:
        end = joined[-1][0] + len(joined[-1][1]) if joined else -1
        if address < end:
            first, second = sorted((line, last_line))
            raise HexError(
                f"{where}, line {second}: found data for address 0x{address:04X}, which line "
                f"{first} has set; expected each address once. Merge images with srec_cat, or "
                "give one image only."
            )
        if address == end:
            joined[-1][1].extend(payload)
        else:
            joined.append((address, bytearray(payload)))
        last_line = line
    return [(address, bytes(payload)) for address, payload in joined]
