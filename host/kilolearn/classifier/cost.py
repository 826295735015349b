# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model costs on a chip: bytes of the linked image, cycles and SRAM of the emulated run.

The image is a model's C with the smallest start-up code that serves (`image`). Every sample is
classified on the emulated chip, and the answers must be those that were expected. What was measured
once is kept, in memory and on disk.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier import kept
from kilolearn.classifier.image import Samples, build_digest, chip_of, link
from kilolearn.emulator import emulator_errors, load_emulator
from kilolearn.errors import BuildError, TwinMismatchError

__all__ = ["Cost", "cost"]

CYCLES_MAX = 50_000_000
"""Of one classification: fifty times the slowest net's."""


@dataclass(frozen=True)
class Cost:
    """What a model takes.

    Attributes:
        flash: Bytes of .text and .data of the whole image, start-up code and all.
        sram_high_water: Bytes of static data, the sample among them, and the deepest stack.
        cycles: Of one classification, mean.
        cycles_max: Of one classification.
    """

    flash: int
    sram_high_water: int
    cycles: float
    cycles_max: int


def cost(
    source: str,
    mcu: str,
    samples: Samples,
    expected: NDArray[np.int64],
    include: tuple[Path, ...] = (),
) -> Cost:
    """Build a model's C, classify samples on the emulated chip, and count.

    Args:
        source: Defines ``static uint8_t classify(const T *sample)``; T is uint8_t, int16_t,
            int32_t or float, as the samples are.
        mcu: The chip, as avr-gcc names it.
        samples: (samples, width).
        expected: (samples,) the answer to each.
        include: Folders of headers, besides avr/, which the source needs.

    Raises:
        BuildError: It does not compile, does not fit the chip, or does not come to an end.
        TwinMismatchError: The chip answers otherwise.
    """
    about = (source, mcu, str(samples.shape), str(samples.dtype), *map(str, include))
    told = samples.tobytes() + expected.tobytes()
    source_key = _digest("\0".join(about).encode(), told)
    found = kept.get(source_key)
    if found is None:
        image = _linked(source, mcu, samples, include)
        image_key = _digest(_image_digest(image), mcu.encode(), told)
        found = kept.get(image_key)
        if found is None:
            found = asdict(_measured(image, mcu, samples, expected))
            kept.put(image_key, found)
        kept.put(source_key, found)
    return Cost(**found)


def _linked(source: str, mcu: str, samples: Samples, include: tuple[Path, ...]) -> Any:
    """The linked image, a ``pyavr_sim.Firmware`` that fits the chip."""
    with tempfile.TemporaryDirectory(prefix="kilolearn-") as folder:
        elf = Path(folder) / "image.elf"
        link(elf, source, mcu, samples.shape[1], str(samples.dtype), include)
        image = load_emulator().Firmware.load(elf)
    chip = chip_of(mcu)
    for memory, takes, has in (
        ("flash", image.flash_bytes, chip.flash_bytes),
        ("SRAM", image.static_bytes, chip.sram_bytes),
    ):
        if takes > has:
            raise BuildError(
                f"the model takes {takes:,} B of {memory}; expected at most {has:,}, the "
                f"{mcu}'s: choose a smaller model or a larger chip"
            )
    return image


def _measured(image: Any, mcu: str, samples: Samples, expected: NDArray[np.int64]) -> Cost:
    emulator = load_emulator()
    answers = np.zeros(len(samples), np.int64)
    cycles = np.zeros(len(samples), np.int64)
    stack = 0
    try:
        with emulator.Chip(mcu, image) as chip:
            chip.run(CYCLES_MAX, until=emulator.until.symbol("main"))
            start = chip.snapshot()
            data, sample_at, answer_at = (
                chip.data,
                *(chip.symbols[name].address for name in ("sample", "answer")),
            )
            for number, sample in enumerate(samples):
                raw = np.frombuffer(sample.tobytes(), np.uint8)
                chip.restore(start)
                data[sample_at : sample_at + len(raw)] = raw
                stop = chip.run(CYCLES_MAX)
                if stop.reason is not emulator.StopReason.ENDED:
                    raise BuildError(
                        f"sample {number} took more than {CYCLES_MAX:,} cycles on the {mcu}; "
                        f"expected an answer: the model is too large, or its C does not end"
                    )
                answers[number] = data[answer_at]
                cycles[number] = stop.cycle - start.cycle
                stack = max(stack, int(chip.stack_high_water))
    except emulator_errors() as error:
        raise BuildError(f"the model does not run on the {mcu}: {error}") from error
    wrong = np.flatnonzero(answers != expected)
    if wrong.size:
        first = int(wrong[0])
        raise TwinMismatchError(
            f"the {mcu} answers {answers[first]} to sample {first}, the host {expected[first]} "
            f"({wrong.size} of {len(samples)} differ); expected the same bits: the model's "
            f"classify and its C disagree"
        )
    return Cost(
        flash=int(image.flash_bytes),
        sram_high_water=int(image.static_bytes) + stack,
        cycles=float(cycles.mean()),
        cycles_max=int(cycles.max()),
    )


def _image_digest(image: Any) -> bytes:
    pieces = [address.to_bytes(4, "little") + bytes(data) for address, data in image.flash]
    return hashlib.sha256(b"".join([image.static_bytes.to_bytes(4, "little"), *pieces])).digest()


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256(build_digest())
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()
