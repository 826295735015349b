# SPDX-License-Identifier: GPL-3.0-or-later
"""The prior against an oracle: the same tables in NumPy, unpacked and multiplied out."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import cffi
import numpy as np
import pytest
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.charlm import pretrain
from kilolearn.charlm.sounds import SYMBOLS

TEXTS = [
    "",
    "^the quick brown fox jumps over the lazy dog, and then\r\n",
    "^n^a^s^a's 1992 report: ^i ^said (^no)\r\n\r\n^a",
    "x" * 100 + "^",
    " ~0" * 9,
]
KINDS = {",": 29, "-": 30, "'": 31, ".": 28} | dict.fromkeys('"`', 32) | dict.fromkeys(";:", 33)
KINDS |= dict.fromkeys("!?", 34) | dict.fromkeys("0123456789", 35) | {"\r": 27, "\n": 27, " ": 26}


@cache
def tables(form: str) -> dict[str, NDArray[np.int64]]:
    """Every array and constant of a form's header, unpacked."""
    header = firmware.avr_folder() / "charlm" / pretrain.FORMS[form][0]
    text = header.read_text("utf-8")
    found = {
        name: np.array([int(n) for n in numbers.split(",")])
        for name, numbers in re.findall(r"prior_(\w+)\[.*?\] = \{(.*?)\}", text, re.DOTALL)
    }
    vote = re.search(r"PRIOR_VOTE (\d+)", text)
    assert vote is not None
    found |= {name: levels(found[name]) for name in ("embedding", "readout")}
    found["votes"] = np.unpackbits(found["votes"].astype(np.uint8), bitorder="little").astype(int)
    return found | {"vote": np.array(int(vote[1]))}


def levels(packed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Two of 4 bits a byte, the first in the low half, each stored 8 up."""
    return np.stack([packed & 15, packed >> 4], 1).ravel() - 8


def mixed(value: int, by: int) -> int:
    value = (value ^ by) * 40503 & 0xFFFF
    return value ^ value >> 8


def logits(text: str, form: str) -> NDArray[np.int64]:
    """What the prior says of the 53 decisions after a text of `SYMBOLS`."""
    read = [27] * 4  # kinds of characters, the last one last
    capital_next = capital = both = column = word = 0
    for before, symbol in zip(" " + text, text, strict=False):
        if symbol == "^":
            capital_next = 1
            continue
        if symbol == "\n" and before == "\r":
            continue
        kind = ord(symbol) - ord("a") if symbol.islower() else KINDS.get(symbol, 36)
        read.append(kind)
        both, capital, capital_next = capital & capital_next, capital_next, 0
        word = mixed(word, kind + 1) if kind < 26 else 0
        column = 0 if kind == 27 else column + 1
    c1, c2, c3, c4 = read[:-5:-1]
    table = tables(form)
    hidden = {"": 32, "tiny": 16}[form]
    quarter = min(max((column - 16) // 4, 0), 15)
    rows = [c1, 37 + c2, 74 + c3, 111 + capital_next + 2 * capital + 4 * both, 119 + quarter]
    h = np.maximum(table["embedding"].reshape(-1, hidden)[rows].sum(0), 0)
    z = table["readout"].reshape(53, hidden) @ h + table["bias"]
    contexts = [mixed(mixed(capital_next, c1), c2)]
    contexts.append(mixed(contexts[-1], c3))
    contexts.append(mixed(contexts[-1], c4))
    contexts.append(mixed(word, c1 + 64 * capital_next))
    for turned, context in enumerate(contexts):
        slots = (context + np.arange(53) * 40507 % 65536) % 65536 % len(table["votes"])
        z = z + table["vote"] * np.where(table["votes"][slots] != turned % 2, 1, -1)
    return z


@pytest.fixture(scope="module", params=list(pretrain.FORMS))
def probe(request, tmp_path_factory):
    """A form, and the chip's own code of it: ``logits(text)``."""
    form = request.param
    library = tmp_path_factory.mktemp("prior") / "probe.so"
    source = Path(__file__).with_name("prior_probe.c")
    flags = ["-std=gnu11", "-O1", "-shared", "-fPIC", *pretrain.FORMS[form][1]]
    include = f"-I{firmware.avr_folder()}"
    subprocess.run(["gcc", *flags, include, str(source), "-o", str(library)], check=True)
    ffi = cffi.FFI()
    ffi.cdef("void prior_logits(const uint8_t *symbol, uint32_t count, int16_t *logit);")
    native = ffi.dlopen(str(library))

    def said(text: str) -> list[int]:
        logit = ffi.new("int16_t[53]")
        native.prior_logits(bytes(SYMBOLS.index(symbol) for symbol in text), len(text), logit)
        return list(logit)

    return form, said


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_chips_logits_are_those_of_its_tables(probe, text):
    """At some twenty places of the text: its bytes of flash, unpacked and multiplied out."""
    form, said = probe
    for length in range(0, len(text) + 1, 1 + len(text) // 20):
        assert said(text[:length]) == logits(text[:length], form).tolist(), text[:length]
