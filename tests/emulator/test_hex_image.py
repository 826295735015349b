# SPDX-License-Identifier: GPL-3.0-or-later
"""Intel HEX files: the same image as the ELF, or a refusal that names the line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from pyavr_sim.errors import DamagedImageError, HexError, ImageTooLargeError, NoDebugInfoError
from pyavr_sim.firmware import Firmware
from pyavr_sim.hex_image import read_hex

Build = Callable[..., Path]

END = ":00000001FF"


def record(address: int, data: bytes, kind: int = 0) -> str:
    """A line with a right checksum (Intel HEX specification, Revision A)."""
    body = bytes([len(data), address >> 8, address & 0xFF, kind]) + data
    return f":{body.hex().upper()}{-sum(body) & 0xFF:02X}"


def read(lines: Iterable[str]) -> list[tuple[int, bytes]]:
    return read_hex("\n".join(lines).encode(), "image.hex")


def to_hex(elf: Path, *flags: str) -> Path:
    out = elf.with_suffix(".hex")
    subprocess.run(["avr-objcopy", "-O", "ihex", *flags, elf, out], check=True)
    return out


def test_a_hex_file_of_objcopy_equals_its_elf(build: Build) -> None:
    elf = build("typed_variables.c", "atmega328p")
    from_elf = Firmware.load(elf)

    from_hex = Firmware.load(to_hex(elf))

    joined = b"".join(data for _, data in from_elf.flash)
    assert from_hex.flash == ((0, joined),)
    assert (from_hex.eeprom, from_hex.fuses, from_hex.lock) == (
        from_elf.eeprom,
        from_elf.fuses,
        from_elf.lock,
    )
    assert from_hex.format == "hex"


def test_a_hex_file_does_not_know_its_chip_or_its_names(build: Build) -> None:
    firmware = Firmware.load(to_hex(build("typed_variables.c", "atmega328p"), "-R", ".eeprom"))

    assert firmware.mcu is None
    assert firmware.symbols == {}
    assert (firmware.static_bytes, firmware.static_end) == (None, 0)
    with pytest.raises(NoDebugInfoError, match=r"Intel HEX, which has no names.*\.elf"):
        firmware.variable("net")


def test_the_suffix_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "image.elf"
    path.write_text(f"\n{record(0, b'ab')}\r\n\r\n{END}\r\n")

    assert Firmware.load(path).flash == ((0, b"ab"),)


def test_neighbouring_records_are_joined_in_any_order() -> None:
    assert read([record(4, b"ef"), record(0, b"abcd"), record(0x7800, b"boot"), END]) == [
        (0, b"abcdef"),
        (0x7800, b"boot"),
    ]


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (record(0, b"\x00\x01", kind=4), 0x10010),
        (record(0, b"\x10\x00", kind=2), 0x10010),
        (record(0, b"\x00\x02", kind=2), 0x30),
        (record(0, b"\x00\x81", kind=4), 0x810010),
    ],
    ids=["linear", "segment", "small segment", "EEPROM"],
)
def test_addresses_past_64_kb_follow_the_base_record(base: str, expected: int) -> None:
    assert read([base, record(0x10, b"x"), END]) == [(expected, b"x")]


def test_start_addresses_are_accepted_and_have_no_effect() -> None:
    lines = [record(0, b"\0\0\x30\0", kind=3), record(0, b"\0\0\0\0", kind=5), record(0, b"x"), END]

    assert read(lines) == [(0, b"x")]


def test_lower_case_digits_are_accepted() -> None:
    assert read([record(0, b"\xab\xcd").lower(), END]) == [(0, b"\xab\xcd")]


GOOD = record(0, b"\x01\x02")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([GOOD, ":02000000AABBFF", END], r"line 2: found checksum 0xFF; expected 0x99"),
        ([GOOD, GOOD[:-2], END], r"line 2: found a record of 6 bytes; expected 7, for its 2"),
        ([GOOD + "00", END], r"line 1: found a record of 8 bytes; expected 7"),
        ([":", END], r"line 1: found a record of 0 bytes; expected at least 5"),
        ([":00", END], r"line 1: found a record of 1 bytes; expected 5"),
        ([GOOD[:-1], END], r"line 1: found 13 characters that are not pairs of hex"),
        ([":0G000001FF", END], r"line 1: .* not pairs of hexadecimal digits"),
        ([":0200000\u00e901", END], r"line 1: .* not pairs of hexadecimal digits"),
        ([GOOD, "S00600004844521B", END], r"line 2: found 'S00600004844'.*starts with ':'"),
        ([GOOD, "", record(0x10, b"x", kind=6), END], r"line 3: found record type 06; expected 00"),
        ([record(0, b"\x01", kind=4), END], r"line 1: found 1 bytes in .* type 04 .*expected 2"),
        ([record(0, b"\x01", kind=1)], r"line 1: found 1 bytes in .* \(end-of-file\); expected 0"),
        ([GOOD], r"ends after line 1 without the end-of-file record :00000001FF"),
        ([GOOD, END, record(2, b"\x03")], r"line 3: found another record after .* in line 2"),
        ([END, END], r"line 2: found another record"),
        ([record(0xFFFF, b"ab"), END], r"line 1: found 2 bytes at 0xFFFF, past the end of the 64"),
    ],
)
def test_a_bad_line_is_named_with_what_was_found_and_expected(
    lines: list[str], message: str
) -> None:
    with pytest.raises(HexError, match=message):
        read(lines)


@pytest.mark.parametrize("second", [b"\x02\x03", b"\x07"], ids=["same byte", "different byte"])
def test_data_for_an_address_given_twice_names_both_lines(second: bytes) -> None:
    lines = [record(0x20, b"x"), GOOD, record(1, second), END]

    with pytest.raises(HexError, match=r"line 3: found data for address 0x0001, which line 2"):
        read(lines)


def test_a_file_cut_off_anywhere_is_refused(build: Build, tmp_path: Path) -> None:
    image = to_hex(build("mmcu_notes.c", "attiny1634")).read_bytes()
    complete = len(image.rstrip())
    for size in range(1, complete):
        with pytest.raises(HexError):
            read_hex(image[:size], "image.hex")


def test_every_flipped_bit_of_a_record_is_noticed(build: Build) -> None:
    image = to_hex(build("mmcu_notes.c", "attiny1634")).read_bytes()
    expected = read_hex(image, "image.hex")
    noticed = 0
    for position in range(len(image)):
        for bit in range(8):
            flipped = bytearray(image)
            flipped[position] ^= 1 << bit
            try:
                # Another letter case or another line end is the same file.
                assert read_hex(bytes(flipped), "image.hex") == expected
            except HexError:
                noticed += 1

    assert noticed > 7 * len(image)


def test_an_address_in_no_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "image.hex"
    path.write_text("\n".join([record(0, b"\x00\xa0", kind=4), record(0, b"x"), END]))

    with pytest.raises(DamagedImageError, match="0xA00000"):
        Firmware.load(path)


def test_a_bootloader_for_a_larger_chip_is_refused(tmp_path: Path) -> None:
    class Chip:
        name = "attiny1634"
        flash_bytes, sram_start, sram_bytes, eeprom_bytes = 16384, 0x100, 1024, 256
        has_mul = False

    path = tmp_path / "bootloader.hex"
    path.write_text("\n".join([record(0x7800, b"boot"), END]))
    firmware = Firmware.load(path)

    with pytest.raises(ImageTooLargeError, match=r"ending at byte 30724; .* 16384 bytes"):
        firmware.check_fits(Chip())
