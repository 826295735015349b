# SPDX-License-Identifier: GPL-3.0-or-later
"""Federated averaging: many chips, each with samples of its own, share one model.

Each round every chip learns its own shard from the shared weights; the host reads all weights,
averages them, rounds each stochastically to the chip's integers, and writes them back. No sample
leaves its chip's shard.

Rounding to the nearest would lose every change that fewer than half of the chips agree on; rounded
stochastically the mean over the noise is exactly the average.

Source: McMahan et al., Communication-efficient learning of deep networks from decentralized data,
AISTATS 2017.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from concurrent.futures import Executor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import DatasetError, WeightsError
from kilolearn.learner import Labels, Learner, Samples

__all__ = ["Shard", "average", "bits_of_weights", "federate", "shards_by_label"]

Shard = tuple[Samples, Labels]
_WEIGHT_TYPES: dict[int, np.dtype[Any]] = {8: np.dtype("<i1"), 16: np.dtype("<i2")}


def bits_of_weights(types: Set[np.dtype[Any]], app: str) -> int:
    """Bits of a weight, 8 or 16, of a model that can be averaged.

    Args:
        types: Of all numbers in the model.
        app: Whose model it is.

    Raises:
        WeightsError: It holds other numbers than weights of one kind, such as counts.
    """
    for bits, kind in _WEIGHT_TYPES.items():
        if types == {kind}:
            return bits
    found = ", ".join(sorted(str(kind) for kind in types))
    raise WeightsError(
        f"the model of {app} holds {found}; expected weights that are all int8 or all int16: "
        "counts and sums have no average. Choose mlp, dense, softmax or digits"
    )


def shards_by_label(
    samples: Samples, labels: Labels, chips: int, each: int, draw: np.random.Generator
) -> list[Shard]:
    """Shards that differ: each chip sees mainly `each` of the classes.

    All samples sorted by label are cut into chips * each runs, and every chip is dealt `each`
    of them (the pathological split of McMahan et al.).

    Args:
        samples: (samples, inputs).
        labels: (samples,).
        chips: How many shards.
        each: Runs a chip.
        draw: Of the deal.

    Raises:
        DatasetError: Fewer samples than runs.
    """
    if chips < 1 or each < 1 or len(labels) < chips * each:
        raise DatasetError(
            f"{len(labels)} samples for {chips} chips with {each} runs of labels each; expected at "
            f"least one sample a run: take fewer chips"
        )
    runs = np.array_split(np.argsort(labels, kind="stable"), chips * each)
    dealt = draw.permutation(len(runs)).reshape(chips, each)
    own = [np.concatenate([runs[run] for run in hand]) for hand in dealt]
    return [(samples[indices], labels[indices]) for indices in own]


def average(
    models: Sequence[bytes], shares: NDArray[np.float64], bits: int, draw: np.random.Generator
) -> bytes:
    """Weights averaged and stochastically rounded: floor(mean + uniform in 0..1).

    Args:
        models: Of all chips, equally long.
        shares: (chips,), of each in the average; they add up to 1.
        bits: Of a weight, 8 or 16, signed.
        draw: Of the rounding.
    """
    kind = _WEIGHT_TYPES[bits]
    stacked = np.stack([np.frombuffer(model, kind) for model in models])
    mean = shares @ stacked.astype(np.float64)
    # The mean of equal weights may miss their integer by the last bit of a float.
    mean = np.round(mean, 9)
    rounded: NDArray[Any] = np.floor(mean + draw.random(mean.shape)).astype(kind)
    return rounded.tobytes()


def federate(
    learners: Sequence[Learner],
    shards: Sequence[Shard],
    rate_shifts: Sequence[int],
    seed: int,
    executor: Executor,
    bits: int = 8,
    told: Callable[[int, bytes], Any] | None = None,
) -> bytes:
    """Train together; every learner ends with the shared weights.

    Args:
        learners: Links or twins of one firmware, a shard each.
        shards: Samples and labels of each.
        rate_shifts: One a round, and a round is one pass over each shard.
        seed: Of first weights (the first learner's), order and rounding.
        executor: Threads, so that the chips learn at the same time.
        bits: Of a weight, 8 or 16.
        told: Called with the number of each round that has ended, and the weights it led to.

    Returns:
        The shared weights.

    Raises:
        DatasetError: Not a shard a learner, or a shard that its learner cannot take.
    """
    if len(learners) != len(shards) or not learners:
        raise DatasetError(f"{len(shards)} shards for {len(learners)} chips; expected one each")
    for learner, (samples, labels) in zip(learners, shards, strict=True):
        learner.description.check_samples(samples, labels)
    draw = np.random.default_rng(seed)
    sizes = np.array([len(labels) for _, labels in shards], float)
    for number, learner in enumerate(learners):
        learner.reset(seed + number & 0xFFFF)  # noise of its own each
    shared = learners[0].read_weights()
    for done, shift in enumerate(rate_shifts):
        orders = [draw.permutation(len(labels)) for _, labels in shards]
        jobs = [
            executor.submit(_learn, learner, shared, shift, samples[order], labels[order])
            for learner, (samples, labels), order in zip(learners, shards, orders, strict=True)
        ]
        shared = average([job.result() for job in jobs], sizes / sizes.sum(), bits, draw)
        if told is not None:
            told(done, shared)
    for learner in learners:
        learner.write_weights(shared)
    return shared


def _learn(learner: Learner, weights: bytes, shift: int, samples: Samples, labels: Labels) -> bytes:
    learner.write_weights(weights)
    learner.set_rate(shift)
    learner.train_many(samples, labels)
    return learner.read_weights()
