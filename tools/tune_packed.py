# SPDX-License-Identifier: GPL-3.0-or-later
"""How packed training sets were chosen, on held-out training images, and what nears an entropy.

For the splits 0-2 the training images alone are cut once more, 80 to 20, stratified; the digits
learner learns what a packing gives back of the larger part and is scored on the smaller one. Test
parts are not touched.

    .venv/bin/python tools/tune_packed.py            which images to keep, and the transform's step
    .venv/bin/python tools/tune_packed.py TEXT ...   bits a byte of codes around the entropy
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
from tune_codecs import held_out

from kilolearn import datasets
from kilolearn.codecs.huffman import LONGEST, code_lengths, entropy
from kilolearn.codecs.packed_digits import USUAL, dct
from kilolearn.coreset import SELECTIONS
from kilolearn.learner import Labels, Samples
from kilolearn.quantise import QuantisedSplit
from kilolearn.twin import Twin

COUNTS = (417, 554)
TRANSFORMS = ((6, 0.5), (6, 0.4), (7, 0.5), (7, 0.4), (8, 0.4), (9, 0.4), (10, 0.4))


def right(twin: Twin, images: Samples, labels: Labels, part: QuantisedSplit) -> float:
    """Percent of the held-out images that are told right after these were learned."""
    twin.reset(USUAL.seed)
    for epoch in range(USUAL.epochs):
        twin.set_rate(sum(fall <= epoch for fall in USUAL.falls))
        twin.train_many(images, labels)
    return 100 * float(np.mean(twin.infer_many(part.test_samples).predictions == part.test_labels))


def in_words(name: str, scores: list[float], more: str = "") -> str:
    """The mean, and each split."""
    each = ", ".join(f"{score:.2f}" for score in scores)
    return f"{name}: {np.mean(scores):.2f} % ({each}){more}"


def choices() -> Iterator[str]:
    """Selections at the sizes that fit, then steps and dead zones."""
    twin = Twin("digits")
    digits = datasets.load("digits")
    parts = [held_out(datasets.split(digits, seed)) for seed in range(3)]
    for count in COUNTS:
        for name, select in SELECTIONS.items():
            scores = []
            for seed, part in enumerate(parts):
                kept = select(part.train_samples, part.train_labels, seed)[:count]
                kept = np.random.default_rng(seed).permutation(kept)
                scores.append(right(twin, part.train_samples[kept], part.train_labels[kept], part))
            yield in_words(f"{count} by {name}", scores)
    everything = [right(twin, part.train_samples, part.train_labels, part) for part in parts]
    yield in_words("all, unpacked", everything)
    for step, dead_zone in TRANSFORMS:
        scores, sizes = [], []
        for part in parts:
            packed = dct(step, dead_zone)(part.train_samples, part.train_labels)
            sizes.append(8 * len(packed.tape) / packed.images.size)
            scores.append(right(twin, packed.images, packed.labels, part))
        yield in_words(
            f"all, step {step}, dead zone {dead_zone}", scores, f", {np.mean(sizes):.2f} bits"
        )


def near_the_entropy(path: Path) -> Iterator[str]:
    """Bits a byte of Huffman codes by their longest length, and how far above the entropy."""
    counts = Counter(path.read_bytes())
    bound = entropy(counts)
    yield f"{path.name}: entropy {bound:.4f}"
    for longest in (12, 13, 14, LONGEST, 16, 30):
        lengths = code_lengths(counts, longest)
        bits = sum(counts[byte] * length for byte, length in lengths.items()) / counts.total()
        yield f"  at most {longest} bits: {bits:.4f}, {100 * (bits / bound - 1):.3f} % more"


def main(texts: list[str]) -> None:
    """Print a line a candidate."""
    lines = chain.from_iterable(near_the_entropy(Path(text)) for text in texts)
    for line in lines if texts else choices():
        print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
