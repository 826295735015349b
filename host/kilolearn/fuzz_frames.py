# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzzing of a chip's frame parser, led by the ways that its program goes.

The chip hears batches of inputs. Each of its answers must be, byte for byte, that of the model, and
so must the weights after each batch. When a batch has led it where it had never been, its inputs
are heard again, one by one, and those that do so are kept to be changed further.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from kilolearn import firmware
from kilolearn.frame_mutations import Mutations, ordinary_inputs
from kilolearn.frames import Frame, decode, encode
from kilolearn.measure_frames import ServingChip, Trouble, TroubleKind, Ways
from kilolearn.serve_model import Expected, ServeModel
from kilolearn.twin import Twin

__all__ = ["FrameFuzzer", "Fuzzed"]

INPUTS_A_BATCH = 256
INPUTS_ALONE_MAX = 500
"""So many at first come to a fresh chip each, so that what they lead to needs nothing before."""
TROUBLES_MAX = 10


@dataclass
class Fuzzed:
    """What came of it.

    Attributes:
        frames: That the chip heard, empty ones left out.
        size_bytes: On the line, delimiters included.
        done: Frames that were valid, so that it did what they ask for.
        stack_high_water: Bytes.
        troubles: What it must not have done.
        kept: Inputs that led it where it had never been.
        ways: That it went, as `ServingChip.ways` has them.
    """

    ways: Ways
    frames: int = 0
    size_bytes: int = 0
    done: int = 0
    stack_high_water: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)

    def add(self, other: Fuzzed) -> None:
        """Count another's too, of the same image."""
        self.frames += other.frames
        self.size_bytes += other.size_bytes
        self.done += other.done
        self.stack_high_water = max(self.stack_high_water, other.stack_high_water)
        self.troubles += other.troubles
        self.kept += other.kept
        self.ways = self.ways | other.ways

    def count(self, *kinds: TroubleKind) -> int:
        """Troubles of these kinds."""
        return sum(trouble.kind in kinds for trouble in self.troubles)


class FrameFuzzer:
    """One chip and its model.

    Args:
        elf: A learner's image.
        mcu: Its chip.
        learner: The image's twin; from now on the model's.
        seed: Of everything that is drawn.

    Attributes:
        ordinary: Valid requests, all that there are.
        result: So far.
    """

    def __init__(self, elf: Path, mcu: str, learner: Twin, seed: int = 1) -> None:
        self._draw = random.Random(seed)
        self.model = ServeModel(learner)
        self.chip = ServingChip(elf, mcu)
        self._questions = [_request("STATISTICS"), _request("HELLO")]
        self.ordinary = ordinary_inputs(self.model, self._draw)
        self._learn_what_is_normal()
        self._ready = self.chip.snapshot()
        self.result = Fuzzed(self.chip.ways())

    def run(
        self, frames: int, kept: Iterable[bytes] = (), troubles_max: int = TROUBLES_MAX
    ) -> Fuzzed:
        """Let the chip hear frames, those that were kept before first.

        Args:
            frames: At least so many.
            kept: Inputs.
            troubles_max: After so many it stops.
        """
        self.result.kept = [*self.ordinary, *kept]
        self.hear(self.result.kept)
        mutations = Mutations(self.model, self.result.kept, self._draw)
        alone = min(INPUTS_ALONE_MAX, frames // 4)
        while self.result.frames < frames and len(self.result.troubles) < troubles_max:
            if alone:
                alone -= 1
                self.start_over()
                self.hear([mutations.input()])
            else:
                self.hear(mutations.input() for _ in range(INPUTS_A_BATCH))
        return self.result

    def hear(self, inputs: Iterable[bytes]) -> Trouble | None:
        """Let the chip hear a batch, and compare.

        Each is taken when the model has answered the one before.

        Returns:
            The first thing that it must not have done; it and the model then start anew.
        """
        before = self.chip.snapshot()
        batch = [(each, self.model.answers(each)) for each in chain(inputs, self._questions)]
        heard = b"".join(each for each, _ in batch)
        replies, frames, done = zip(*(answer for _, answer in batch), strict=True)
        in_all = Expected(b"".join(replies), sum(frames), sum(done))
        trouble = self.chip.hear(heard, in_all)
        if trouble is None and self.chip.weights() != self.model.learner.read_weights():
            trouble = Trouble(TroubleKind.WEIGHTS, heard, "its weights are not those of the twin")
        result = self.result
        result.frames += in_all.frames
        result.size_bytes += len(heard)
        result.done += in_all.done
        result.stack_high_water = max(result.stack_high_water, self.chip.stack_high_water)
        if trouble is not None:
            self.chip.restore(before)
            result.troubles.append(self._first_trouble(batch) or trouble)
            self.start_over()
        elif np.any(self.chip.ways() & ~result.ways):
            after = self.chip.snapshot()
            self.chip.restore(before)
            result.kept += self._that_lead_on(batch)
            self.chip.restore(after)
            result.ways |= self.chip.ways()
        return trouble

    def start_over(self) -> None:
        """Chip and model as they were at the beginning."""
        self.chip.restore(self._ready)
        self.model.restart()

    def smallest(self, inputs: Iterable[bytes]) -> list[bytes]:
        """Inputs, short ones first, that together lead on every way that all of them do.

        Each is heard by a chip that has just been through every valid request and a RESET.
        """
        led: list[tuple[bytes, Ways]] = []
        for heard in sorted(set(inputs), key=len):
            self.start_over()
            self.chip.exchange(heard, self.model.answers(heard))
            led.append((heard, self.chip.ways()))
        self.start_over()
        chosen: list[bytes] = []
        missing = np.any([ways for _, ways in led], axis=0)
        while np.any(missing):
            heard, ways = max(led, key=lambda one: int(np.count_nonzero(one[1] & missing)))
            missing &= ~ways
            chosen.append(heard)
        return sorted(chosen, key=len)

    def _that_lead_on(self, batch: list[tuple[bytes, Expected]]) -> list[bytes]:
        """Those that lead the chip where it had never been."""
        found = []
        for heard, answer in batch:
            self.chip.exchange(heard, answer)
            ways = self.chip.ways()
            if np.any(ways & ~self.result.ways):
                self.result.ways |= ways
                found.append(heard)
        return found

    def _first_trouble(self, batch: list[tuple[bytes, Expected]]) -> Trouble | None:
        """Let the chip hear them one by one, up to the one that does it."""
        for heard, answer in batch:
            weights = self.chip.weights()
            trouble = self.chip.hear(heard, answer)
            if trouble is not None:
                return trouble
            if answer.done == 0 and self.chip.weights() != weights:
                return Trouble(TroubleKind.WEIGHTS, heard, "it was refused and changed them")
        return None

    def _learn_what_is_normal(self) -> None:
        """How much stack valid requests take, as the engine sees it and as the chip does."""
        asked = self._questions[0]
        for request in [asked, *self.ordinary]:
            self.chip.exchange(request, self.model.answers(request))
        self.chip.stack_budget = self.chip.stack_high_water
        layout = firmware.contract().struct("learner_statistics")
        reply = self.chip.exchange(asked, self.model.answers(asked))
        said = np.frombuffer(decode(reply.rstrip(b"\0")).body, layout)[0]
        self.model.stack_high_water = int(said["stack_high_water"])
        self.model.static_bytes = int(said["static_bytes"])
        anew = _request("RESET", firmware.contract().pack("reset_request", 1))
        self.chip.exchange(anew, self.model.answers(anew))
        self.model.restart()


def _request(name: str, body: bytes = b"") -> bytes:
    return encode(Frame(1, firmware.contract().constant(f"COMMAND_{name}"), body))
