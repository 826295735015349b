# SPDX-License-Identifier: GPL-3.0-or-later
"""The making of the character model's tables: the tree is one, and the trainer learns."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

from kilolearn import firmware
from kilolearn.charlm import pretrain, tree

SYMBOLS = 54
LEAF = 128
VERSE = (
    b"The curfew tolls the knell of parting day,\r\nThe lowing herd winds slowly o'er the lea,\r\n"
)


def made_tree(stream: bytes) -> tree.CodeTree:
    return tree.build(np.frombuffer(stream, np.uint8), SYMBOLS, [(27, 28), (26, SYMBOLS)])


def walks(code: tree.CodeTree) -> dict[int, list[int]]:
    """The decisions to each leaf, by going down from the root."""
    found: dict[int, list[int]] = {}
    open_nodes: list[tuple[int, list[int]]] = [(0, [])]
    while open_nodes:
        node, path = open_nodes.pop()
        for decision, below in enumerate(code.child[node]):
            if below >= LEAF:
                assert below - LEAF not in found
                found[below - LEAF] = [*path, decision]
            else:
                open_nodes.append((below, [*path, decision]))
    return found


@pytest.mark.parametrize("stream", [bytes(range(SYMBOLS)), bytes([4, 7, 4, 26]) * 500])
def test_every_symbol_has_one_way_down_and_the_same_way_up(stream: bytes) -> None:
    code = made_tree(stream)
    down = walks(code)
    assert sorted(down) == list(range(SYMBOLS))
    assert code.depth == max(map(len, down.values()))
    for symbol, path in down.items():
        above, climbed = code.leaf_above[symbol], []
        while True:
            climbed.append(above & 1)
            if above >> 1 == 0:
                break
            above = code.node_above[above >> 1]
        assert climbed[::-1] == path


def test_what_is_frequent_is_near_the_root() -> None:
    down = walks(made_tree(bytes([4] * 50_000 + list(range(SYMBOLS)))))
    assert len(down[4]) == min(map(len, down.values()))


@pytest.mark.parametrize(
    "name",
    ["tree_tables.h", "prior_tables.h", "prior_tiny_tables.h", "tree_sounds_tables.h"],
)
def test_nobody_has_edited_the_tables(name: str) -> None:
    text = (firmware.avr_folder() / "charlm" / name).read_text("utf-8")
    said = re.search(r"SHA-256 of what follows: (\w+)", text)
    assert said is not None
    body = text.split('#include "charlm/shape.h"\n\n', 1)[1].removesuffix("\n#endif\n")
    assert hashlib.sha256(body.encode()).hexdigest() == said[1]


@pytest.mark.parametrize(("name", "units"), [("prior_tables.h", 32), ("prior_tiny_tables.h", 16)])
def test_no_unit_of_the_embedding_leaves_five_bits(name: str, units: int) -> None:
    """Without MUL the chip takes five bits of a unit, HIDDEN_MAX of prior.h."""
    text = (firmware.avr_folder() / "charlm" / name).read_text("utf-8")
    table = re.search(r"prior_embedding\[.*?\] = \{(.*?)\}", text, re.DOTALL)
    assert table is not None
    packed = np.array([int(number) for number in table[1].split(",")])
    rows = np.column_stack([packed & 15, packed >> 4]).reshape(-1, units) - 8
    # One row is active of each: the last three characters' classes, the capitals, the column.
    kinds = np.split(rows, [37, 74, 111, 119])
    assert [len(kind) for kind in kinds] == [37, 37, 37, 8, 16]
    assert sum(kind.max(axis=0) for kind in kinds).max() <= 31


def test_a_text_is_learned_and_its_tables_are_the_same_each_time(tmp_path: Path) -> None:
    texts = [VERSE * 100]
    heard, tables = [], []
    for name in ("first", "second"):
        folder = tmp_path / name / "charlm"
        folder.mkdir(parents=True)
        pretrain.write_tree(folder, texts)
        said = pretrain.write_prior(folder, texts)
        heard.append([float(bits) for bits in re.findall(r": ([\d.]+) bits a symbol", said)])
        tables.append((folder / "prior_tables.h").read_text("utf-8"))
    assert heard[0][0] > 0.5 > 0.1 > heard[0][-1]
    assert tables[0] == tables[1]
    votes = re.search(r"prior_votes\[VOTES / 8\] = \{(.*?)\}", tables[0], re.DOTALL)
    assert votes is not None
    assert len(votes[1].split(",")) == 65_536 // 8


def test_the_text_is_cleaned_of_its_edition() -> None:
    assert pretrain.cleaned(b"one \r\n+++++\r\ntwo\x1a") == b"one\r\ntwo"
