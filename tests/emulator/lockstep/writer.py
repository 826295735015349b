# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes machine code with labels."""

from __future__ import annotations

from opcodes import assemble

__all__ = ["Writer"]


class Writer:
    """Words with labels: a jump may be written before its target is known."""

    def __init__(self) -> None:
        self.words: list[int] = []
        self._fixes: list[tuple[int, str, dict[str, int], str]] = []
        self._labels: dict[str, int] = {}
        self._unique = 0

    def op(self, name: str, **operands: int) -> None:
        self.words += assemble(name, **operands)

    def label(self, name: str) -> None:
        self._labels[name] = len(self.words)

    def fresh(self) -> str:
        self._unique += 1
        return f"local{self._unique}"

    def to(self, name: str, target: str, **operands: int) -> None:
        """An instruction whose k (or, for LDI, low or high byte K) is a label's address."""
        self._fixes.append((len(self.words), name, operands, target))
        self.words += assemble(name.split(".", maxsplit=1)[0], **{"k": 0, "K": 0, **operands})

    def finished(self) -> list[int]:
        for at, name, operands, target in self._fixes:
            address = self._labels[target]
            if name.startswith("ldi"):
                fixed = assemble("ldi", K=address >> 8 if name.endswith("high") else address,
                                 **operands)  # fmt: skip
            else:
                relative = name not in ("jmp", "call")
                fixed = assemble(name, k=address - (at + 1) * relative, **operands)
            self.words[at : at + len(fixed)] = fixed
        return self.words
