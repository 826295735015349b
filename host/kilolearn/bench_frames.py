# SPDX-License-Identifier: GPL-3.0-or-later
"""Chips that hear damaged, wrong and hostile frames between valid ones.

A row an image:

================  ===============================================================
chip              name of the chip
learner           its app
frames            that it heard
bytes             on the line
done              of the frames, those that were valid, so that it did what they asked for
edges             different ways that its program went from one instruction to another
findings          accesses out of range, reads of SRAM that nothing has written, stack beyond that
                  of valid requests, answers that are not the model's
hangs             no answer
weights_changed   refused frames that changed weights, and batches after which they were not the
                  twin's
stack_high_water  bytes of stack, exact
================  ===============================================================

docs/wire.md says what frames these are, and what the answers are compared with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

from kilolearn import firmware
from kilolearn.fuzz_frames import FrameFuzzer, Fuzzed
from kilolearn.measure_frames import Trouble, TroubleKind
from kilolearn.twin import Twin

__all__ = ["IMAGES", "FrameImage", "bench_frames", "read_corpus"]

Row = dict[str, object]

SHARES = 6  # parts of an image's frames, so that several processes may work on it


class FrameImage(NamedTuple):
    """A learner's image with a UART."""

    app: str
    config: str | None
    mcu: str

    @property
    def name(self) -> str:
        """Of its part of the corpus."""
        return "-".join(filter(None, (self.app, self.config, self.mcu)))

    def fuzzer(self, seed: int = 1) -> FrameFuzzer:
        """The image on its chip, beside its twin."""
        elf = firmware.build(self.app, self.mcu, self.config)
        return FrameFuzzer(elf, self.mcu, Twin(self.app, self.config), seed)


IMAGES = (
    FrameImage("digits", None, "attiny1634"),
    FrameImage("softmax", "italy_power", "atmega328p"),
    FrameImage("linear", "perceptron", "atmega328p"),
    FrameImage("mlp", "wine", "atmega328p"),
)
"""Samples of 64, 24, 2 and 13 bytes; the last one takes TEACH."""


def bench_frames(
    frames: int,
    executor: Executor,
    corpus: Path | None = None,
    seed: int = 1,
    images: Sequence[FrameImage] = IMAGES,
) -> tuple[list[Row], list[Trouble], dict[str, Path]]:
    """Fuzz the frame parsers of images.

    Args:
        frames: At least so many in all.
        executor: Runs the parts.
        corpus: Folder of inputs to begin with; what is found goes there, a folder an image, when
            nothing is wrong.
        seed: Of the first part; the others' follow it.
        images: Which.

    Returns:
        The rows above, what was wrong, and the images by name.
    """
    part = -(-frames // (len(images) * SHARES))
    jobs = {
        image: [
            executor.submit(_part, image, part, seed + share, read_corpus(corpus, image))
            for share in range(SHARES)
        ]
        for image in images
    }
    rows: list[Row] = []
    troubles: list[Trouble] = []
    for image, parts in jobs.items():
        total, *others = (job.result() for job in parts)
        for other in others:
            total.add(other)
        if corpus is not None and not total.troubles:
            _write_corpus(corpus / image.name, image.fuzzer().smallest(total.kept))
        rows.append(_row(image, total))
        troubles += total.troubles
    elfs = {image.name: firmware.build(image.app, image.mcu, image.config) for image in images}
    return rows, troubles, elfs


def _part(image: FrameImage, frames: int, seed: int, kept: list[bytes]) -> Fuzzed:
    return image.fuzzer(seed).run(frames, kept)


def _row(image: FrameImage, total: Fuzzed) -> Row:
    kind = TroubleKind
    return {
        "chip": image.mcu,
        "learner": image.app,
        "frames": total.frames,
        "bytes": total.size_bytes,
        "done": total.done,
        "edges": int(total.ways.sum()),
        "findings": total.count(kind.FAULT, kind.STACK, kind.ANSWER),
        "hangs": total.count(kind.HANG),
        "weights_changed": total.count(kind.WEIGHTS),
        "stack_high_water": total.stack_high_water,
    }


def read_corpus(folder: Path | None, image: FrameImage) -> list[bytes]:
    """The inputs of an image that a corpus holds, in order of their names."""
    if folder is None:
        return []
    return [file.read_bytes() for file in sorted((folder / image.name).glob("*.bin"))]


def _write_corpus(folder: Path, inputs: list[bytes]) -> None:
    """A file an input, named by what it holds; others go."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {f"{hashlib.sha256(heard).hexdigest()[:12]}.bin": heard for heard in inputs}
    for file in folder.glob("*.bin"):
        if file.name not in files:
            file.unlink()
    for name, heard in files.items():
        (folder / name).write_bytes(heard)
