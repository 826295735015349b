# SPDX-License-Identifier: GPL-3.0-or-later
"""The kilobyte benchmark: whole programs that learn in about 1 KB of flash, from many seeds.

Whether a run succeeded is judged here, from what it left in SRAM and said on its UART.

A row an image and chip:

=============== =====================================================================
image           a source in avr/kilobyte
chip            as avr-gcc names it
flash           bytes: .text + .data of the image; vectors, start-up, weights and text
                are in it
sram_high_water bytes: static data and the deepest stack of all runs
seeds           how many were tried, from 1 on
converged       how many of them succeeded, by the judge
cycles_median   from reset to the end
wraps           sums and weights that left their 8 or 16 bits, over every try there is; of a
                learner of voltages numbers of the model that unbounded integers would
                have left elsewhere, and None where they are not counted
accuracy        of a learner of voltages: percent right on fresh samples, the mean; of
                anomalies the balanced one. A seed has converged from 80 % on, 90 for
                anomalies, 95 for attention
accuracies      of ternary_digits: percent right on the test parts, one a split. Its seeds are
                the five splits of the digits benchmark, its accuracy is their mean, its
                cycles are those of an image, line included; a split has converged from 90 %
                on, if the twin has the chip's scores; wraps are scores that unbounded
                integers would have left elsewhere
=============== =====================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from kilolearn import firmware
from kilolearn.emulator import image_size
from kilolearn.kilobyte_digits import CLASSIFIER, DigitsClassifier
from kilolearn.kilobyte_learners import LEARNERS, KilobyteLearner
from kilolearn.measure_kilobyte import Left, run_image
from kilolearn.thimble import is_thimble_learned, thimble_wraps
from kilolearn.two_articles import is_text_drawn

__all__ = ["IMAGES", "Image", "bench_kilobyte"]


@dataclass(frozen=True)
class Image:
    """An image and how it is judged.

    Attributes:
        name: Its source in avr/kilobyte.
        chips: It is measured on.
        symbols: Variables that the judge wants to see.
        judge: Whether what a run left is a success.
        wraps: Counts the sums and weights that leave their width, over every try there is.
    """

    name: str
    chips: tuple[str, ...]
    symbols: tuple[str, ...]
    judge: Callable[[Left], bool]
    wraps: Callable[[], int]

    def build(self, mcu: str) -> Path:
        """The image for a chip."""
        return firmware.build(self.name, mcu)

    def measure(self, mcu: str, elf: Path, seeds: int) -> dict[str, object]:
        """What a row says of its runs."""
        runs = list(run_image(elf, mcu, range(1, seeds + 1), self.symbols))
        return {
            "sram_high_water": max(run.sram_high_water for run in runs),
            "seeds": len(runs),
            "converged": sum(run.ended and self.judge(run) for run in runs),
            "cycles_median": median(run.cycles for run in runs),
            "wraps": self.wraps(),
        }


IMAGES = (
    Image("thimble_in_assembly", ("attiny13a",), ("net",), is_thimble_learned, thimble_wraps),
    Image("thimble_in_c", ("attiny13a",), ("net",), is_thimble_learned, thimble_wraps),
    Image(
        "two_articles",
        ("atmega88", "attiny1634"),
        ("net", "count", "text"),
        is_text_drawn,
        thimble_wraps,
    ),
    *LEARNERS,
    CLASSIFIER,
)


def bench_kilobyte(
    executor: Executor,
    images: Sequence[Image | KilobyteLearner | DigitsClassifier] = IMAGES,
    seeds: int = 300,
) -> tuple[list[dict[str, object]], dict[str, Path]]:
    """Let each image run from each seed.

    Args:
        executor: Any; a process pool uses all cores.
        images: Rows wanted.
        seeds: Starts 1..seeds.

    Returns:
        The rows above, and the images by name and chip.
    """
    wanted = [(image, mcu) for image in images for mcu in image.chips]
    elfs = {f"{image.name} {mcu}": image.build(mcu) for image, mcu in wanted}
    pending = [
        executor.submit(_row, image, mcu, elf, seeds)
        for (image, mcu), elf in zip(wanted, elfs.values(), strict=True)
    ]
    return [future.result() for future in pending], elfs


def _row(
    image: Image | KilobyteLearner | DigitsClassifier, mcu: str, elf: Path, seeds: int
) -> dict[str, object]:
    return {
        "image": image.name,
        "chip": mcu,
        "flash": image_size(elf).flash_bytes,
        **image.measure(mcu, elf, seeds),
    }
