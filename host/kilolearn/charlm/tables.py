# SPDX-License-Identifier: GPL-3.0-or-later
"""Headers of numbers for avr/charlm: who made them, from what, and their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from kilolearn.charlm.tree import CodeTree

__all__ = ["array", "write", "write_tree"]

_SPDX = "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
_SPACE = 26  # of alphabet.h


def array(declaration: str, values: Iterable[int], kind: str = "uint8_t") -> str:
    """A C array in flash."""
    numbers = [str(int(value)) for value in values]
    lines = [",".join(numbers[i : i + 24]) for i in range(0, len(numbers), 24)]
    return f"static IN_FLASH {kind} {declaration} = {{\n" + ",\n".join(lines) + "};\n"


def write(path: Path, body: str, source: str) -> None:
    """Write a header that says its source, e.g. ``"kilolearn.charlm.pretrain from a.txt"``."""
    note = (
        f"/* Made by {source}; not to be edited.\n"
        f" * SHA-256 of what follows: {hashlib.sha256(body.encode()).hexdigest()}. */\n"
        "/* clang-format off */\n"
    )
    guard = f"CHARLM_{path.name.upper().replace('.', '_')}"
    include = '#include "charlm/shape.h"\n\n'
    text = f"{_SPDX}{note}#ifndef {guard}\n#define {guard}\n\n{include}{body}\n#endif\n"
    path.write_text(text, encoding="utf-8")


def write_tree(path: Path, code: CodeTree, source: str) -> None:
    """Write a code tree as tree.h reads it."""
    rows = [
        array("tree_child[NODES * 2]", (below for pair in code.child for below in pair)),
        array("tree_leaf_above[SYMBOLS]", code.leaf_above),
        array("tree_node_above[NODES]", code.node_above),
    ]
    # The node that tells a blank from a line end, whose probability knows the column.
    space = code.leaf_above[_SPACE] >> 1
    constants = f"#define TREE_DEPTH {code.depth}\n#define TREE_LINE_END_NODE {space}\n"
    write(path, constants + "\n" + "\n".join(rows), source)
