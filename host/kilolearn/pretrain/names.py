# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays with their speakers renamed: unseen plays have other people in them.

A model of a few thousand weights learns the names of the plays it reads by heart, and pays for it
where others speak. So each copy of the training text has its speakers' lines (``NAME:`` before a
speech) filled with names that letters of real ones made: of the speakers, and of the proper names
in the text.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict

__all__ = ["renamed"]

_SPEAKER = re.compile(r"^([A-Z][^\n:]{0,25}):\n", re.MULTILINE)
_NAME = re.compile(r"[A-Z]{2,}")
_PROPER = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}")
_TITLES = frozenset(
    [
        "KING",
        "QUEEN",
        "LADY",
        "DUKE",
        "OF",
        "PRINCE",
        "LORD",
        "EARL",
        "DUCHESS",
        "FATHER",
        "FRIAR",
        "SIR",
        "MISTRESS",
        "THE",
        "AND",
        "I",
        "II",
        "III",
        "IV",
        "V",
        "VI",
        "BISHOP",
        "ARCHBISHOP",
        "SAINT",
    ]
)
_BEGIN, _END = "^^", "$"
_INVENTED, _OTHERS, _TITLE_KEPT = 0.75, 0.15, 0.8  # shares; the remaining tenth stays
_SPEAKER_WEIGHT, _PROPER_WEIGHT = 4, 1
_TWO_BACK = 0.85  # share of letters chosen by two letters before, not by one


class _Letters:
    """Which letter follows which, in names."""

    def __init__(self, speakers: list[str], proper: list[str]) -> None:
        self._after: dict[str, Counter[str]] = defaultdict(Counter)
        for names, weight in ((speakers, _SPEAKER_WEIGHT), (proper, _PROPER_WEIGHT)):
            for name in names:
                marked = _BEGIN + name + _END
                for i in range(len(_BEGIN), len(marked)):
                    self._after[marked[i - 2 : i]][marked[i]] += weight
                    self._after[marked[i - 1 : i]][marked[i]] += weight

    def name(self, chance: random.Random) -> str:
        """A name of 3 to 12 letters."""
        while True:
            made = _BEGIN
            while made[-1] != _END and len(made) < 16:
                two = chance.random() < _TWO_BACK and made[-2:] in self._after
                following = self._after[made[-2 if two else -1 :]]
                made += chance.choices(list(following), list(following.values()))[0]
            name = made.strip(_BEGIN + _END)
            if 3 <= len(name) <= 12:
                return name


def renamed(text: str, seed: int) -> str:
    """A copy of a play with other speakers; a text without speakers comes back as it is."""
    chance = random.Random(seed)
    found = {name for line in _SPEAKER.findall(text) for name in _NAME.findall(line)}
    speakers = sorted(found - _TITLES)
    if not speakers:
        return text
    proper = sorted({name.upper() for name in _PROPER.findall(text)})
    letters = _Letters(speakers, proper)

    def other_name(part: re.Match[str], invent: bool) -> str:
        if part[0] in _TITLES and chance.random() < _TITLE_KEPT:
            return part[0]
        return letters.name(chance) if invent else chance.choice(speakers)

    def other_line(line: re.Match[str]) -> str:
        draw = chance.random()
        if draw >= _INVENTED + _OTHERS:
            return line[0]
        return _NAME.sub(lambda part: other_name(part, draw < _INVENTED), line[1]) + ":\n"

    return _SPEAKER.sub(other_line, text)
