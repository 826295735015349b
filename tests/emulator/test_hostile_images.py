# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged and invented images: each loads or is refused in our own words, and none does harm.

Real builds are mutated by a seeded generator, so that a failure can be repeated: its message
names the seed.
"""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from pyavr_sim import Chip, Firmware, PyavrSimError

Build = Callable[..., Path]

MCU = "attiny1634"
CYCLES = 20_000
NAMES = ("net", "net.layers[1].score", "rows[2]", "learn::calls", "in_flash", "PORTB", "absent")
INTERESTING = (0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutate(image: bytes, rng: random.Random) -> bytes:
    """Damage an image in one to eight places: bits, fields, holes, copies, or its end."""
    data = bytearray(image)
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        if not data:
            break
        at = rng.randrange(len(data))
        # Half of the damage goes to the headers at the start and at the end of the file.
        if rng.random() < 0.5:
            at = rng.choice(
                (rng.randrange(min(300, len(data))), len(data) - 1 - at % 1024 % len(data))
            )
        kind = rng.randrange(7)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.randrange(256)
        elif kind == 2:
            size = rng.choice((1, 2, 4))
            value = rng.choice(INTERESTING) & (1 << 8 * size) - 1
            data[at : at + size] = value.to_bytes(size, "little")
        elif kind == 3:
            del data[at : at + rng.randrange(1, 64)]
        elif kind == 4:
            other = rng.randrange(len(data))
            data[at:at] = data[other : other + rng.randrange(1, 64)]
        elif kind == 5:
            data[at : at + 16] = rng.randbytes(16)
        else:
            del data[at:]
    return bytes(data)


def try_image(path: Path) -> str:
    """Load an image, look at it from every side, and run it; what became of it, in a word."""
    try:
        firmware = Firmware.load(path)
    except PyavrSimError as error:
        return type(error).__name__
    for name in NAMES:
        with suppress(PyavrSimError):
            firmware.variable(name)
    for pc in (0, 0x40, 0x7FFE, 0xFFFFFFFF):
        firmware.function_at(pc)
        firmware.line_at(pc)
    try:
        with Chip(MCU, firmware) as chip:
            for name in NAMES:
                with suppress(PyavrSimError):
                    chip.var(name).tobytes()
            chip.run(CYCLES)
    except PyavrSimError as error:
        return f"loaded, then {type(error).__name__}"
    return "ran"


def try_many(image: bytes, path: Path, count: int, seed: str) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for number in range(count):
        path.write_bytes(mutate(image, random.Random(f"{seed}-{number}")))
        try:
            outcomes[try_image(path)] += 1
        except Exception as error:
            raise AssertionError(f"image {seed}-{number}, kept in {path}: {error!r}") from error
    return outcomes


@pytest.mark.parametrize("flags", [(), ("-flto",), ("-s",)], ids=["debug", "lto", "stripped"])
def test_a_damaged_elf_loads_or_is_refused_in_our_words(
    build: Build, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    image = build("typed_variables.c", MCU, *flags).read_bytes()

    outcomes = try_many(image, tmp_path / "image.elf", 150, f"elf{flags}")

    assert outcomes["ran"] > 5, "mutations are too harsh to test anything behind the loader"
    assert len(outcomes) > 3


def test_a_damaged_hex_file_loads_or_is_refused_in_our_words(build: Build, tmp_path: Path) -> None:
    path = tmp_path / "image.hex"
    elf = build("typed_variables.c", MCU)
    subprocess.run(["avr-objcopy", "-O", "ihex", elf, path], check=True)

    outcomes = try_many(path.read_bytes(), path, 300, "hex")

    assert outcomes["HexError"] > 200


def test_random_code_runs_or_faults_in_our_words(tmp_path: Path) -> None:
    """Any bytes may stand in flash; a HEX file of noise is as good an image as any."""
    outcomes: Counter[str] = Counter()
    for number in range(100):
        rng = random.Random(f"noise-{number}")
        path = tmp_path / "noise.hex"
        path.write_text(hex_of(rng.randbytes(rng.choice((2, 64, 1024, 16384)))))
        outcomes[try_image(path)] += 1

    assert set(outcomes) <= {
        "ran",
        "loaded, then OutOfRangeAccessError",
        "loaded, then ErasedFlashError",
        "loaded, then IllegalInstructionError",
        "loaded, then StackCollisionError",
    }


def hex_of(flash: bytes) -> str:
    lines = []
    for at in range(0, len(flash), 16):
        body = bytes([len(flash[at : at + 16]), at >> 8, at & 0xFF, 0]) + flash[at : at + 16]
        lines.append(f":{body.hex().upper()}{-sum(body) & 0xFF:02X}")
    return "\n".join([*lines, ":00000001FF\n"])


def test_debug_information_of_noise_is_refused_in_our_words(build: Build, tmp_path: Path) -> None:
    """Only the debug sections are damaged, so the loader has nothing to object to."""
    elf = build("typed_variables.c", MCU)
    image = elf.read_bytes()
    sections = Firmware.load(elf).elf.sections  # type: ignore[union-attr]
    outcomes: Counter[str] = Counter()
    for number in range(60):
        rng = random.Random(f"debug-{number}")
        data = bytearray(image)
        name = rng.choice((".debug_info", ".debug_abbrev", ".debug_line", ".debug_str"))
        contents = bytes(sections[name].data)
        start = image.index(contents)
        for _ in range(rng.choice((1, 3, 30))):
            data[start + rng.randrange(len(contents))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, 3))
        path = tmp_path / "image.elf"
        path.write_bytes(data)
        outcomes[try_image(path)] += 1

    assert outcomes == {"ran": 60}


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_a_hundred_thousand_damaged_images(build: Build, tmp_path: Path, part: int) -> None:
    """Each part: 8,000 ELF images and 2,000 HEX images."""
    elf = build("typed_variables.c", MCU, *(("-flto",) if part % 2 else ()))
    whole = tmp_path / "whole.hex"
    subprocess.run(["avr-objcopy", "-O", "ihex", elf, whole], check=True)
    for kind, image, count in (("elf", elf, 8_000), ("hex", whole, 2_000)):
        outcomes = try_many(image.read_bytes(), tmp_path / f"image.{kind}", count, f"{kind}{part}")
        assert sum(outcomes.values()) == count
