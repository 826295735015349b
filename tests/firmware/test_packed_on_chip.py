# SPDX-License-Identifier: GPL-3.0-or-later
"""Packed images and texts on the chips: the bits of the host, whatever the tape holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kilolearn import firmware
from kilolearn.codecs import huffman, lz
from kilolearn.codecs.huffman import HuffmanCode
from kilolearn.codecs.packed_digits import PACKINGS, PackedDigits, Schedule
from kilolearn.codecs.packed_text import any_text, huffman_config, lz_config
from kilolearn.measure_packed import learn_from_flash, learn_from_line, unpack_on_chip
from kilolearn.twin import Twin

TEXT = (
    "床前明月光，疑是地上霜。举头望明月，低头思故乡。\n the moon, the frost, the moon. ".encode()
    * 3
)
SCHEDULE = Schedule(epochs=2, falls=(1,), seed=7)


def digits(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Blurred strokes of 0..16 that belong to ten classes."""
    random = np.random.default_rng(5)
    y, x = np.mgrid[0:8, 0:8]
    labels = np.arange(count) % 10
    far = [np.abs((x - 3.5) * np.sin(a) + (y - 3.5) * np.cos(a)) for a in labels * 0.3]
    noise = random.normal(0, 1, (count, 8, 8))
    return np.clip(16 - 6 * np.array(far) + noise, 0, 16).astype(np.uint8).reshape(-1, 64), labels


def of_the_twin(packed: PackedDigits) -> bytes:
    """What the learner becomes by what the tape gives back."""
    twin = Twin("digits")
    twin.reset(SCHEDULE.seed)
    for epoch in range(SCHEDULE.epochs):
        twin.set_rate(epoch)
        twin.train_many(packed.images, packed.labels)
    return twin.read_weights()


@pytest.mark.parametrize(
    ("name", "mcu"),
    [
        ("huffman", "attiny1634"),
        ("lz", "attiny1634"),
        ("dct", "attiny1634"),
        ("dct", "atmega168p"),
    ],
)
def test_a_chip_learns_from_its_flash_what_the_host_packed(
    name: str, mcu: str, tmp_path: Path
) -> None:
    packed = PACKINGS[name](*digits(30))
    (tmp_path / f"packed_digits-{name}.h").write_text(packed.header(SCHEDULE))
    run = learn_from_flash(firmware.build("packed_digits", mcu, name, configs=tmp_path), mcu)
    assert run.product == of_the_twin(packed)
    assert run.sram_high_water <= {"lz": 950, "dct": 900}.get(name, 820)


def test_a_chip_learns_from_its_line(tmp_path: Path) -> None:
    packed = PACKINGS["dct"](*digits(30))
    (tmp_path / "packed_digits-line.h").write_text(packed.header(SCHEDULE, on_line=True))
    elf = firmware.build("packed_digits", "attiny1634", "line", configs=tmp_path)
    run = learn_from_line(elf, "attiny1634", packed.tape, SCHEDULE.epochs)
    assert run.product == of_the_twin(packed)
    assert run.sram_high_water <= 920
    garbage = np.random.default_rng(1).integers(0, 256, 4000, np.uint8).tobytes()
    spoilt = learn_from_line(elf, "attiny1634", garbage, 1)
    assert len(spoilt.product) == len(run.product)
    assert spoilt.sram_high_water == run.sram_high_water


@pytest.mark.parametrize(
    ("codec", "mcu"),
    [
        ("huffman", "attiny1634"),
        ("lz7", "attiny1634"),
        ("lz7", "atmega168p"),
        ("lz8", "attiny1634"),
    ],
)
def test_a_chip_unpacks_a_text(codec: str, mcu: str, tmp_path: Path) -> None:
    if codec == "huffman":
        code = HuffmanCode.of(TEXT)
        packed, config = huffman.encode(TEXT, code), huffman_config(code)
    else:
        copies = any_text(b"the frost and the moon, the moon and the frost. " * 9, int(codec[2:]))
        packed, config = lz.encode(TEXT, copies), lz_config(copies)
    (tmp_path / f"unpack-{codec}.h").write_text(config)
    elf = firmware.build("unpack", mcu, codec, configs=tmp_path)
    run = unpack_on_chip(elf, mcu, packed, len(TEXT))
    assert run.product == TEXT
    garbage = np.random.default_rng(2).integers(0, 256, 300, np.uint8).tobytes()
    spoilt = unpack_on_chip(elf, mcu, garbage, 200)
    assert len(spoilt.product) == 200
    assert spoilt.sram_high_water <= run.sram_high_water <= {"lz8": 320}.get(codec, 190)


MAIN = """
#include <stdio.h>
#include "apps/packed_digits.h"
int main(void) {
    packed_digits_rewind();
    for (int n = 0; n < DIGITS; n++) {
        uint8_t record[65];
        record[0] = packed_digits_read(record + 1);
        fwrite(record, 1, sizeof record, stdout);
    }
    return 0;
}
"""


@pytest.mark.parametrize("name", PACKINGS)
@pytest.mark.parametrize("spoilt", [False, True], ids=["whole", "spoilt"])
def test_any_tape_under_the_sanitizers(
    under_sanitizers: Callable[..., bytes], name: str, spoilt: bool, tmp_path: Path
) -> None:
    """A whole tape gives the host's images; random bytes, which end too soon, some images."""
    packed = PACKINGS[name](*digits(30))
    shown = packed
    if spoilt:
        noise = np.random.default_rng(3).integers(0, 256, len(packed.tape) // 2, np.uint8)
        shown = replace(packed, tape=noise.tobytes())
    (tmp_path / "tape.h").write_text(shown.header(SCHEDULE))
    said = under_sanitizers(MAIN, "apps/packed_digits_read.c", config=tmp_path / "tape.h")
    records = np.frombuffer(said, np.uint8).reshape(-1, 65)
    assert len(records) == 30
    assert records[:, 1:].max() <= 16
    if not spoilt:
        np.testing.assert_array_equal(records[:, 0], packed.labels)
        np.testing.assert_array_equal(records[:, 1:], packed.images)
