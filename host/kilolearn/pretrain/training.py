# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains a family on a text, rounded as on the chip from the first step.

Adam, its step falling to 0: rounded weights hop between levels, and settle while it is small. The
same seed and number of steps give the same bits. One thread: the matrices are too small for two.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kilolearn.errors import MissingExtraError, WeightsError
from kilolearn.pretrain.family import Family
from kilolearn.pretrain.names import renamed
from kilolearn.pretrain.operations import Torch
from kilolearn.pretrain.parameters import Parameters
from kilolearn.pretrain.teacher import Teacher
from kilolearn.pretrain.text import Symbols, as_symbols
from kilolearn.pretrain.weights import PretrainedWeights

if TYPE_CHECKING:
    import torch

__all__ = ["Batches", "Progress", "Recipe", "require_torch", "train"]

_COPIES = 10  # of the text, each with other speakers
_COPIES_TAUGHT = 2  # where a teacher's answers, 130 bytes a character, are kept beside it
_TEXTS, _LENGTH = 16, 128  # of a step
_UNSCORED = 12  # first characters of a text that stand too near its begin to say anything
_WARM_UP = 100  # steps
_SCALES = 0.4  # of the learning rate, what scales get
_TIMED = 20  # steps that say how many fit the minutes
_AVERAGED = 100  # steps, in what is shown
_CLIP = 1.0  # largest norm of a gradient


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        steps: How many; None: as many as the minutes allow.
        minutes: Of training, without what is spent on preparing.
        seed: Of start, order and invented names.
        rate: Adam's largest step.
        fall: Power by which it falls to 0: 1 in a line, 2 as a square.
        compiled: By torch.compile: a minute or two of waiting, then three times as fast.
        share: Of the teacher in a target, 0-1.
        cut: Whether a level's gradient ends where its range does, see `parameters`.
        rounds: As on the chip; a teacher is not rounded.
        dropout: Share of activations that a step leaves out, 0-1.
    """

    steps: int | None = None
    minutes: float = 1.0
    seed: int = 0
    rate: float = 0.014
    fall: float = 2.0
    compiled: bool = False
    share: float = 0.5
    cut: bool = False
    rounds: bool = True
    dropout: float = 0.0


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes:
        step: Done.
        steps: In all.
        bits: A character of the training text, averaged over about a hundred steps.
    """

    step: int
    steps: int
    bits: float


@contextmanager
def _denormals_are_zero() -> Iterator[None]:
    """They make a training slow; PyTorch's switch is the whole thread's, NumPy's denormals too."""
    torch = require_torch()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


@_denormals_are_zero()
def train(
    family: Family,
    text: bytes,
    alphabet: bytes,
    recipe: Recipe,
    show: Callable[[Progress], None],
    teacher: Teacher | None = None,
    start: PretrainedWeights | None = None,
) -> Parameters:
    """Train a model.

    Args:
        family: Which.
        text: What it learns.
        alphabet: Byte i is symbol i.
        recipe: How.
        show: Gets the progress after each step.
        teacher: Whose answers are learned beside the text.
        start: Weights to go on from; chance's when not given.

    Raises:
        MissingExtraError: PyTorch is not installed.
        WeightsError: The start is of another family or shape.
    """
    torch = require_torch()
    torch.set_num_threads(1)
    count = _COPIES_TAUGHT if teacher else _COPIES
    copies = [renamed(text.decode("latin-1"), recipe.seed + i) for i in range(count)]
    symbols = [as_symbols(copy.encode("latin-1"), alphabet) for copy in copies]
    batches = Batches(symbols, [teacher.answers(copy) for copy in symbols] if teacher else [])
    parameters = Parameters(family, recipe.seed, recipe.cut)
    if start:
        if (start.family, start.alphabet) != (family, alphabet):
            raise WeightsError(
                f"the start is {start.family} with an alphabet of {len(start.alphabet)}; expected "
                f"{family} and this text's alphabet; give weights of the same family, form and text"
            )
        parameters.set_to(start)
    loss_of = _loss(family, parameters, recipe)
    if recipe.compiled:
        loss_of = torch.compile(loss_of, dynamic=False)
    steps = recipe.steps or _steps_in(60 * recipe.minutes, loss_of, batches)
    others = [parameters.rows, *parameters.vectors.values()]
    groups = [{"params": others, "share": 1.0}]
    groups += [{"params": [parameters.log_scales], "share": _SCALES}]
    adam = torch.optim.Adam(groups, lr=recipe.rate, betas=(0.9, 0.99), fused=True)
    torch.manual_seed(recipe.seed)
    chance = torch.Generator().manual_seed(recipe.seed)
    bits = 0.0
    for step in range(steps):
        rate = recipe.rate * min(1, step / _WARM_UP) * (1 - step / steps) ** recipe.fall
        for group in adam.param_groups:
            group["lr"] = rate * group["share"]
        adam.zero_grad()
        loss = loss_of(*batches.draw(chance))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.tensors, _CLIP)
        adam.step()
        if recipe.rounds and not recipe.cut:
            parameters.pull_back()
        bits += (float(loss.detach()) / math.log(2) - bits) / min(step + 1, _AVERAGED)
        show(Progress(step + 1, steps, bits))
    return parameters


class Batches:
    """Pieces of the training text, and what a teacher expects in them.

    Args:
        copies: Symbols of the text, once with each set of speakers.
        answers: A teacher's probabilities, (length, symbols) a copy, or nothing.
    """

    def __init__(self, copies: list[Symbols], answers: list[NDArray[np.float16]]) -> None:
        import torch  # noqa: PLC0415 - an extra

        self._torch = torch
        self._copies = [torch.from_numpy(copy) for copy in copies]
        self._answers = [torch.from_numpy(answer) for answer in answers]

    def draw(self, chance: torch.Generator) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Texts (texts, length + 1) of one copy, and answers (symbols, texts, scored) or None."""
        torch = self._torch
        at = int(torch.randint(len(self._copies), (1,), generator=chance))
        copy = self._copies[at]
        first = torch.randint(len(copy) - _LENGTH, (_TEXTS, 1), generator=chance)
        places = first + torch.arange(_LENGTH + 1)
        if not self._answers:
            return copy[places], None
        return copy[places], self._answers[at][places[:, _UNSCORED + 1 :]].float().permute(2, 0, 1)


def require_torch() -> Any:
    """PyTorch.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import torch  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(
            "PyTorch is not installed, and training needs it; run: pip install 'kilolearn[train]'"
        ) from error
    return torch


def _loss(family: Family, parameters: Parameters, recipe: Recipe) -> Callable[..., torch.Tensor]:
    """What a batch of `Batches` costs, nats a character, by the parameters as they are."""
    import torch  # noqa: PLC0415 - an extra

    numbers = Torch(recipe.rounds, recipe.dropout)

    def loss(texts: torch.Tensor, answers: torch.Tensor | None) -> torch.Tensor:
        real = parameters.real() if recipe.rounds else parameters.floats()
        logits = family.logits(real, texts[:, :-1], numbers)[:, :, _UNSCORED:]
        log_chances = torch.log_softmax(logits * math.log(2), 0)
        own = -log_chances.gather(0, texts[None, :, _UNSCORED + 1 :]).mean()
        if answers is None:
            return own
        taught = -(answers * log_chances).sum(0).mean()
        return (1 - recipe.share) * own + recipe.share * taught

    return loss


def _steps_in(seconds: float, loss_of: Callable[..., torch.Tensor], batches: Batches) -> int:
    """How many steps fit a time, by a few whose gradients nobody uses."""
    import torch  # noqa: PLC0415 - an extra

    batch = batches.draw(torch.Generator())
    loss_of(*batch).backward()  # compiles
    started = time.monotonic()
    for _ in range(_TIMED):
        loss_of(*batch).backward()
    return max(1, round(seconds * _TIMED / (time.monotonic() - started)))
