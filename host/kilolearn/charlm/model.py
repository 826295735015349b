# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with a character model, wherever it runs: on a chip, or as its native twin."""

from __future__ import annotations

import random
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from kilolearn import firmware
from kilolearn.charlm.coded import MODELS, CodedText, require_model
from kilolearn.charlm.state import SavedState
from kilolearn.errors import CodedTextError, WeightsError

__all__ = ["CharacterModel"]

_LESSON = 256  # bytes between two words of progress
_SHARPNESS_ONE = 32  # as in avr/charlm/draw.h


class CharacterModel(ABC):
    """A model of avr/charlm, which learns every byte that it codes.

    Args:
        name: Of `MODELS`.

    Raises:
        CodedTextError: There is no such model.
    """

    def __init__(self, name: str) -> None:
        require_model(name)
        self._name = name

    @property
    def name(self) -> str:
        """Of `MODELS`."""
        return self._name

    @abstractmethod
    def start(self) -> None:
        """Become a model that has seen nothing, and encode."""

    @abstractmethod
    def start_encoding(self) -> None:
        """Encode from here on."""

    @abstractmethod
    def encode(self, text: bytes) -> bytes:
        """Learn a text. Returns what of its code is certain by now."""

    @abstractmethod
    def finish_encoding(self) -> bytes:
        """The code's last bytes."""

    @abstractmethod
    def decode(self, code: Iterator[int], length: int) -> Iterator[bytes]:
        """Read a code from its begin, to as many bytes of text; they come as they are made.

        It ends early where the code does, or soon behind.
        """

    @abstractmethod
    def unread(self) -> int:
        """Bytes that `decode` took and did not read; below 0: that it missed."""

    @abstractmethod
    def draw(self, top_k: int, sharpness: int) -> None:
        """How `decode` departs from what is predicted: CHARLM_DRAW of the contract."""

    @abstractmethod
    def save(self) -> bytes:
        """The state: all that is learned, remembered and coded with."""

    @abstractmethod
    def restore(self, state: bytes) -> None:
        """Go on from a state of a model of this name."""

    def compress(self, text: bytes) -> bytes:
        """Any bytes as a file that `decompress` gives back; English becomes about a third.

        Args:
            text: Up to 2^32 - 1 bytes.

        Raises:
            CodedTextError: The text is too long.
            LinkError: A chip does not answer, or not as the contract says.
        """
        if len(text) > 0xFFFF_FFFF:
            raise CodedTextError(
                f"{len(text)} bytes; at most {0xFFFF_FFFF} fit the header; split them"
            )
        self.start()
        code = self.encode(text) + self.finish_encoding()
        return CodedText(self.name, len(text), zlib.crc32(text), code).pack()

    def decompress(self, file: bytes) -> bytes:
        """The text that `compress` was given.

        A damaged file ends soon: a wrong length cannot ask for more text than the coded bytes
        hold, since every decision narrows the coder's range, and reading past the end stops.

        Raises:
            CodedTextError: The file is cut off, changed, or of another model.
            LinkError: A chip does not answer, or not as the contract says.
        """
        coded = CodedText.unpack(file)
        if coded.model != self.name:
            raise CodedTextError(
                f"the text was coded by the model {coded.model}; this is {self.name}; give the "
                f"file to the same model"
            )
        self.start()
        code = iter(coded.code)
        text = b"".join(self.decode(code, coded.length))
        coded.check(text, self.unread() + sum(1 for _ in code))
        return text

    def train(self, text: bytes, told: Callable[[int, int], None] | None = None) -> None:
        """Learn a text, on top of what is known.

        Args:
            text: Any bytes.
            told: Called now and then with the bytes learned and the bytes that their code took.

        Raises:
            LinkError: A chip does not answer, or not as the contract says.
        """
        self.start_encoding()
        coded = 0
        for begin in range(0, len(text), _LESSON):
            lesson = text[begin : begin + _LESSON]
            coded += len(self.encode(lesson))
            if told is not None:
                told(begin + len(lesson), coded)

    def generate(
        self, prompt: bytes, length: int, seed: int, temperature: float = 1.0, top_k: int = 0
    ) -> Iterator[bytes]:
        """Go on with a text: decode noise, which draws from exactly what the model predicts.

        A model that knows no temperature learns what it writes, as it learns what it reads.

        Args:
            prompt: What is read first.
            length: Bytes to write.
            seed: Of the noise; the same seed and state give the same text on chip and twin.
            temperature: Above 1 is wilder, below 1 tamer; 0.126 to 64.
            top_k: Draw from the so many most probable symbols only, 1..255; 0: from all.

        Raises:
            LinkError: A chip does not answer, or not as the contract says.
            WeightsError: This model knows no temperature and top-k.
        """
        draws = MODELS[self.name].draws
        if not draws and (temperature != 1 or top_k != 0):
            raise WeightsError(
                f"temperature {temperature:g}, top-k {top_k}: the model {self.name} writes as it "
                f"predicts; leave out --temperature and --top-k, or choose one of "
                f"{', '.join(name for name, model in MODELS.items() if model.draws)}"
            )
        self.start_encoding()
        self.encode(prompt)
        if draws:
            self.draw(top_k, round(_SHARPNESS_ONE / temperature))
        yield from self.decode(_noise(seed), length)

    def save_file(self) -> bytes:
        """The state as a file."""
        return SavedState(self.name, self.save()).pack()

    def restore_file(self, file: bytes) -> None:
        """Go on from the state in a file.

        Raises:
            WeightsError: It is damaged, or another model's.
        """
        saved = SavedState.unpack(file)
        if saved.model != self.name:
            raise WeightsError(
                f"the state is of the model {saved.model}; this is {self.name}; leave out --model, "
                f"or give the model's own state"
            )
        self.restore(saved.state)


def _noise(seed: int) -> Iterator[int]:
    """Bytes of chance: the chip has none of its own."""
    source = random.Random(seed)
    piece = firmware.contract().constant("CHARLM_PIECE")
    while True:
        yield from source.randbytes(piece)
