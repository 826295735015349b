# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes avr/charlm's tables, of the code tree and the prior, from training texts.

Run as ``python -m kilolearn.charlm.pretrain FOLDER``: FOLDER holds lcet10.txt and plrabn12.txt
of the Canterbury corpus, the only texts that the tables know.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.charlm import tree
from kilolearn.errors import BuildError, DatasetError, KilolearnError

__all__ = ["cleaned", "main", "symbols_of", "write_prior", "write_tree"]

TEXTS = ("lcet10.txt", "plrabn12.txt")
_COMPILE = ["gcc", "-std=gnu11", "-O3", "-march=native"]
# Sums in the order that is written, products not fused: one C library, the same tables.
_COMPILE += ["-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"]
_SPDX = "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
_SPACE, _RETURN, _SHIFT, _ESCAPE = 26, 27, 29, 53


def cleaned(text: bytes) -> bytes:
    """The text without what is of its edition only: blanks at line ends, rules of plus signs."""
    lines = text.replace(b" \r\n", b"\r\n").replace(b"\x1a", b"").split(b"\r\n")
    return b"\r\n".join(line for line in lines if b"+++" not in line)


def symbols_of(text: bytes, marks: bytes) -> NDArray[np.uint8]:
    """A text as avr/charlm/alphabet.h has it; marks: the bytes of the symbols from 26 on."""
    table = {byte: [26 + i] for i, byte in enumerate(marks) if byte}
    for letter in range(26):
        table[ord("a") + letter] = [letter]
        table[ord("A") + letter] = [_SHIFT, letter]
    return np.array([s for byte in text for s in table.get(byte, [_ESCAPE])], np.uint8)


def write_tree(folder: Path, texts: list[bytes]) -> None:
    """Write tree_tables.h for these texts into a folder."""
    alphabet = (firmware.avr_folder() / "charlm" / "alphabet.h").read_text(encoding="utf-8")
    listed = re.search(r"alphabet_bytes\[.*?\{(.*?)\}", alphabet, re.DOTALL)
    assert listed is not None
    marks = bytes(
        ord(mark[1:-1].encode().decode("unicode_escape")) if mark.startswith("'") else int(mark)
        for mark in re.findall(r"'\\?.'|\d+", listed[1])
    )
    stream = symbols_of(b"".join(texts), marks)
    symbols = _ESCAPE + 1
    line_ends_first = [(_RETURN, _RETURN + 1), (_SPACE, symbols)]
    made = tree.build(stream, symbols, line_ends_first)
    rows = [
        _array("tree_child[NODES * 2]", (below for pair in made.child for below in pair)),
        _array("tree_leaf_above[SYMBOLS]", made.leaf_above),
        _array("tree_node_above[NODES]", made.node_above),
    ]
    # The node that tells a blank from a line end, whose probability knows the column.
    space = made.leaf_above[_SPACE] >> 1
    constants = f"#define TREE_DEPTH {made.depth}\n#define TREE_LINE_END_NODE {space}\n"
    _write(folder / "tree_tables.h", "CHARLM_TREE_TABLES_H", constants + "\n" + "\n".join(rows))


def write_prior(folder: Path, texts: list[bytes]) -> str:
    """Train the prior and write prior_tables.h into a folder that has tree_tables.h.

    Returns:
        What the trainer said.

    Raises:
        BuildError: The trainer does not compile or run.
    """
    firmware.compiler()  # says so when there is none
    source = Path(__file__).with_name("pretrain.c")
    with tempfile.TemporaryDirectory(prefix="kilolearn-charlm-") as made:
        program, tables = Path(made) / "pretrain", Path(made) / "tables"
        names = []
        for i, text in enumerate(texts):
            names.append(str(Path(made) / f"text{i}"))
            Path(names[-1]).write_bytes(text)
        includes = [f"-I{folder.parent}", f"-I{firmware.avr_folder()}"]
        _run([*_COMPILE, *includes, "-o", str(program), str(source), "-lm"])
        said = _run([str(program), str(tables), *names])
        levels = np.frombuffer(tables.read_bytes(), np.int8).astype(int)
    nodes, votes, hidden = _ESCAPE, 65536, 32  # NODES, VOTES, HIDDEN of shape.h
    rows = (len(levels) - nodes * hidden - nodes - 1 - votes) // hidden
    embedding, readout, bias, scale, vote = np.split(
        levels, np.cumsum([rows * hidden, nodes * hidden, nodes, 1])
    )
    body = [
        _array("prior_embedding[ROWS * HIDDEN / 2]", _nibbles(embedding)),
        _array("prior_readout[NODES * HIDDEN / 2]", _nibbles(readout)),
        _array("prior_bias[NODES]", bias, "int8_t"),
        f"#define PRIOR_VOTE {scale[0]}",
        _array("prior_votes[VOTES / 8]", np.packbits(vote, bitorder="little")),
    ]
    _write(folder / "prior_tables.h", "CHARLM_PRIOR_TABLES_H", "\n".join(body))
    return said


def _nibbles(levels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Two levels, -8..7, a byte, each 8 up, the first in the low half."""
    pairs = (levels + 8).reshape(-1, 2)
    return pairs[:, 0] | pairs[:, 1] << 4


def _array(declaration: str, values: Iterable[int], kind: str = "uint8_t") -> str:
    numbers = [str(int(value)) for value in values]
    lines = [",".join(numbers[i : i + 24]) for i in range(0, len(numbers), 24)]
    return f"static IN_FLASH {kind} {declaration} = {{\n" + ",\n".join(lines) + "};\n"


def _write(path: Path, guard: str, body: str) -> None:
    note = (
        f"/* Made by kilolearn.charlm.pretrain from {' and '.join(TEXTS)}; not to be edited.\n"
        f" * SHA-256 of what follows: {hashlib.sha256(body.encode()).hexdigest()}. */\n"
        "/* clang-format off */\n"
    )
    include = '#include "charlm/shape.h"\n\n'
    text = f"{_SPDX}{note}#ifndef {guard}\n#define {guard}\n\n{include}{body}\n#endif\n"
    path.write_text(text, encoding="utf-8")


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


def main() -> None:
    """Write both headers into avr/charlm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds lcet10.txt and plrabn12.txt")
    folder = parser.parse_args().folder
    try:
        texts = [cleaned((folder / name).read_bytes()) for name in TEXTS]
    except OSError as error:
        raise DatasetError(
            f"{error.filename}: {error.strerror}; give the folder of the Canterbury corpus's "
            f"{' and '.join(TEXTS)}"
        ) from error
    target = firmware.avr_folder() / "charlm"
    write_tree(target, texts)
    sys.stdout.write(write_prior(target, texts))


if __name__ == "__main__":
    try:
        main()
    except KilolearnError as error:
        sys.exit(f"kilolearn: {error}")
