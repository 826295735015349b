# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from an ELF image, and how one that is not right is refused."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pyavr_sim.chips import describe_chip
from pyavr_sim.errors import (
    DamagedImageError,
    FirmwareError,
    ImageTooLargeError,
    NotAnElfError,
    TruncatedImageError,
    UnknownSymbolError,
)
from pyavr_sim.firmware import Firmware

Build = Callable[..., Path]

# Offsets in the ELF header (TIS ELF 1.2, figure 1-3).
CLASS, DATA, TYPE, MACHINE, PHOFF, SHOFF, FLAGS, PHENTSIZE, PHNUM, SHNUM, SHSTRNDX = (
    (4, "B"),
    (5, "B"),
    (16, "H"),
    (18, "H"),
    (28, "I"),
    (32, "I"),
    (36, "I"),
    (42, "H"),
    (44, "H"),
    (48, "H"),
    (50, "H"),
)


@pytest.fixture
def patched(build: Build, tmp_path: Path) -> Callable[..., Path]:
    """A real image with one header field overwritten."""

    def patch(field: tuple[int, str], value: int, at: int = 0) -> Path:
        image = bytearray(build("typed_variables.c", "atmega328p").read_bytes())
        struct.pack_into("<" + field[1], image, at + field[0], value)
        path = tmp_path / "patched.elf"
        path.write_bytes(image)
        return path

    return patch


def program_headers(image: bytes) -> int:
    return int(struct.unpack_from("<I", image, PHOFF[0])[0])


def objcopy_binary(elf: Path, *sections: str) -> bytes:
    """The bytes that binutils itself would program."""
    out = elf.with_suffix(".bin")
    pick = [word for section in sections for word in ("-j", section)]
    subprocess.run(["avr-objcopy", "-O", "binary", *pick, elf, out], check=True)
    return out.read_bytes()


def test_flash_holds_what_objcopy_would_program(build: Build) -> None:
    elf = build("typed_variables.c", "atmega328p")

    firmware = Firmware.load(elf)

    flash = bytearray()
    for address, data in firmware.flash:
        assert address == len(flash)
        flash += data
    assert flash == objcopy_binary(elf, ".text", ".data")
    assert firmware.flash_bytes == len(flash)


def test_eeprom_fuses_and_lock_bits_are_kept_apart_from_flash(build: Build) -> None:
    firmware = Firmware.load(build("typed_variables.c", "atmega328p"))

    assert firmware.eeprom == ((0, b"\x01\x02\x03"),)
    assert firmware.fuses == b"\x62\xdf\xf9"
    assert firmware.lock == 0xFC


def test_static_sram_is_what_avr_size_counts(build: Build) -> None:
    elf = build("typed_variables.c", "atmega328p")
    lines = subprocess.run(["avr-size", "-A", elf], capture_output=True, text=True, check=True)
    words = [line.split() for line in lines.stdout.splitlines() if line.startswith(".")]
    sizes = {name: int(size) for name, size, _ in words}

    firmware = Firmware.load(elf)

    assert firmware.static_bytes == sizes[".data"] + sizes[".bss"] + sizes[".noinit"]
    assert firmware.static_end == 0x100 + firmware.static_bytes
    assert firmware.section_bytes[".noinit"] == sizes[".noinit"] == 6


def test_symbols_are_those_of_nm(build: Build) -> None:
    elf = build("typed_variables.c", "atmega328p")
    nm = subprocess.run(["avr-nm", "-S", elf], capture_output=True, text=True, check=True).stdout
    by_nm = {w[3]: (int(w[0], 16), int(w[1], 16)) for w in map(str.split, nm.splitlines()) if w[3:]}

    symbols = Firmware.load(elf).symbols

    assert by_nm["learn"] == (symbols["learn"].address, symbols["learn"].size)
    assert symbols["learn"].is_function
    assert symbols["learn"].space == "flash"
    assert by_nm["net"] == (0x800000 + symbols["net"].address, symbols["net"].size)
    assert symbols["net"].space == "sram"
    assert by_nm["in_eeprom"] == (0x810000 + symbols["in_eeprom"].address, 3)
    assert symbols["in_eeprom"].space == "eeprom"


def test_symbols_leave_out_constants_of_the_linker(build: Build) -> None:
    symbols = Firmware.load(build("typed_variables.c", "atmega328p")).symbols

    assert "__SP_L__" not in symbols
    assert "__tmp_reg__" not in symbols


def test_a_wrong_symbol_name_is_answered_with_close_ones(build: Build) -> None:
    firmware = Firmware.load(build("typed_variables.c", "atmega328p"))

    with pytest.raises(UnknownSymbolError, match=r"no symbol 'lern'.*'learn'"):
        firmware.symbol("lern")


def test_an_address_is_told_as_function_and_source_line(build: Build) -> None:
    elf = build("typed_variables.c", "atmega328p")
    firmware = Firmware.load(elf)
    learn = firmware.symbol("learn")
    command = ["avr-addr2line", "-s", "-e", str(elf), hex(learn.address + 4)]
    by_binutils = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert firmware.function_at(learn.address) == "learn"
    assert firmware.function_at(learn.address + learn.size - 2) == "learn"
    assert firmware.function_at(learn.address + learn.size) != "learn"
    assert firmware.function_at(0) == "__vectors"
    assert firmware.function_at(0x7FFE) is None
    assert firmware.line_at(learn.address + 4) == by_binutils.strip()
    assert firmware.line_at(0x7FFE) is None


def test_notes_to_simavr_give_the_clock_and_are_not_programmed(build: Build) -> None:
    plain = Firmware.load(build("mmcu_notes.c", "atmega88p"))
    apart = Firmware.load(build("mmcu_notes.c", "atmega88p", "-Wl,--section-start=.mmcu=0x910000"))

    assert plain.hz == apart.hz == 7_372_800
    assert b"atmega88p" not in b"".join(data for _, data in apart.flash)


def test_the_suffix_does_not_matter(build: Build, tmp_path: Path) -> None:
    disguised = shutil.copy(build("typed_variables.c", "atmega328p"), tmp_path / "image.hex")

    assert Firmware.load(disguised).format == "elf"


def test_an_image_cut_off_anywhere_is_refused(build: Build, tmp_path: Path) -> None:
    image = build("typed_variables.c", "atmega328p").read_bytes()
    path = tmp_path / "cut.elf"
    # Each byte of the headers at both ends, and a stride through the contents.
    cuts = {*range(400), *range(400, len(image), 97), *range(len(image) - 400, len(image))}
    for size in cuts:
        path.write_bytes(image[:size])
        with pytest.raises(TruncatedImageError if size else NotAnElfError):
            Firmware.load(path)


def test_an_image_of_the_host_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAnElfError, match=r"ELF for x86-64 \(machine 62\).*avr-gcc"):
        Firmware.load(Path(shutil.which("true") or "/bin/true").resolve())


def test_an_object_file_is_refused(build: Build, tmp_path: Path) -> None:
    with pytest.raises(NotAnElfError, match="relocatable object"):
        Firmware.load(build("mmcu_notes.c", "attiny85", "-c"))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (CLASS, 2, "64-bit little-endian ELF for AVR"),
        (DATA, 2, "32-bit big-endian"),
        (MACHINE, 40, "ELF for ARM"),
        (MACHINE, 9999, "another machine"),
        (TYPE, 3, "a shared object"),
    ],
)
def test_a_foreign_elf_is_refused(
    patched: Callable[..., Path], field: tuple[int, str], value: int, message: str
) -> None:
    with pytest.raises(NotAnElfError, match=message):
        Firmware.load(patched(field, value))


@pytest.mark.parametrize(
    ("field", "value"),
    [(PHOFF, 0xFFFFFFFF), (SHOFF, 0xFFFFFFF0), (PHNUM, 0xFFFF), (SHNUM, 0xFFFF)],
)
def test_header_tables_outside_the_file_are_refused(
    patched: Callable[..., Path], field: tuple[int, str], value: int
) -> None:
    with pytest.raises(TruncatedImageError, match="ends at byte"):
        Firmware.load(patched(field, value))


@pytest.mark.parametrize(("field", "value"), [(PHENTSIZE, 0), (PHENTSIZE, 33), (SHSTRNDX, 0xFF00)])
def test_headers_that_cannot_be_true_are_refused(
    patched: Callable[..., Path], field: tuple[int, str], value: int
) -> None:
    with pytest.raises(DamagedImageError):
        Firmware.load(patched(field, value))


@pytest.mark.parametrize(
    ("offset", "value", "error"),
    [
        (20, 1, DamagedImageError),  # more bytes in the file than in memory
        (12, 0x00700000, ImageTooLargeError),  # far outside flash
        (12, 0xFFFFFFFF, DamagedImageError),  # in no memory at all
        (4, 0xFFFFFFFF, TruncatedImageError),  # contents outside the file
    ],
)
def test_a_segment_that_cannot_be_placed_is_refused(
    build: Build,
    patched: Callable[..., Path],
    offset: int,
    value: int,
    error: type[FirmwareError],
) -> None:
    first = program_headers(build("typed_variables.c", "atmega328p").read_bytes())

    with pytest.raises(error):
        Firmware.load(patched((offset, "I"), value, at=first)).check_fits(
            describe_chip("atmega328p")
        )


def test_overlapping_segments_are_refused(build: Build, patched: Callable[..., Path]) -> None:
    second = program_headers(build("typed_variables.c", "atmega328p").read_bytes()) + 32

    with pytest.raises(DamagedImageError, match="two pieces"):
        Firmware.load(patched((12, "I"), 0x10, at=second))


@pytest.mark.parametrize(
    ("contents", "error", "message"),
    [
        (b"", NotAnElfError, "it is empty"),
        (b"\x7fE", TruncatedImageError, "the beginning of an ELF"),
        (b"MZ\x90\x00", NotAnElfError, "4d 5a 90 00"),
        (b"\0" * 100_000, NotAnElfError, "00 00 00 00"),
    ],
)
def test_a_file_of_another_format_is_refused(
    tmp_path: Path, contents: bytes, error: type[FirmwareError], message: str
) -> None:
    path = tmp_path / "firmware.elf"
    path.write_bytes(contents)

    with pytest.raises(error, match=message):
        Firmware.load(path)


@pytest.mark.parametrize("name", ["absent.elf", ".", "nul\0byte"])
def test_a_path_that_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FirmwareError):
        Firmware.load(tmp_path / name)


def test_an_endless_device_is_not_read() -> None:
    with pytest.raises(FirmwareError, match="not a regular file"):
        Firmware.load("/dev/zero")


def test_a_name_without_end_is_refused(build: Build, tmp_path: Path) -> None:
    image = build("typed_variables.c", "atmega328p").read_bytes()
    names = Firmware.load(build("typed_variables.c", "atmega328p")).elf
    assert names is not None
    table = bytes(names.sections[".strtab"].data)
    path = tmp_path / "image.elf"
    path.write_bytes(image.replace(table, b"x" * len(table)))

    with pytest.raises(DamagedImageError, match=r"the name of a symbol .* has no end"):
        Firmware.load(path)


def test_a_stripped_image_loads_without_names(build: Build, tmp_path: Path) -> None:
    elf = build("typed_variables.c", "atmega328p")
    stripped = tmp_path / "stripped.elf"
    subprocess.run(["avr-strip", "-o", stripped, elf], check=True)

    firmware = Firmware.load(stripped)

    assert firmware.flash == Firmware.load(elf).flash
    assert firmware.symbols == {}
    with pytest.raises(UnknownSymbolError, match="no symbol table"):
        firmware.symbol("main")
