# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes avr/charlm's tables, of the code tree and the prior, from training texts.

Run as ``python -m kilolearn.charlm.pretrain FOLDER``: FOLDER holds lcet10.txt and plrabn12.txt
of the Canterbury corpus, the only texts that the tables know.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.charlm import tables, tree
from kilolearn.errors import BuildError, DatasetError, KilolearnError

__all__ = ["FORMS", "cleaned", "main", "symbols_of", "write_prior", "write_tree"]

TEXTS = ("lcet10.txt", "plrabn12.txt")
FORMS: dict[str, tuple[str, list[str]]] = {
    "": ("prior_tables.h", []),
    "tiny": ("prior_tiny_tables.h", ["-DPRIOR_TINY"]),
}
"""A form's header, and what tells shape.h that it is meant."""

_COMPILE = ["gcc", "-std=gnu11", "-O3", "-march=native"]
# Sums in the order that is written, products not fused: one C library, the same tables.
_COMPILE += ["-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"]
_SOURCE = f"kilolearn.charlm.pretrain from {' and '.join(TEXTS)}"
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
    tables.write_tree(folder / "tree_tables.h", made, _SOURCE)


def write_prior(folder: Path, texts: list[bytes], form: str = "") -> str:
    """Train a prior and write its header of `FORMS` into a folder that has tree_tables.h.

    Args:
        folder: Where the header goes; its parent is searched for headers first.
        texts: To learn from.
        form: A key of `FORMS`.

    Returns:
        What the trainer said.

    Raises:
        BuildError: The trainer does not compile or run.
    """
    firmware.compiler()  # says so when there is none
    header, define = FORMS[form]
    source = Path(__file__).with_name("pretrain.c")
    with tempfile.TemporaryDirectory(prefix="kilolearn-charlm-") as made:
        program, trained = Path(made) / "pretrain", Path(made) / "trained"
        names = []
        for i, text in enumerate(texts):
            names.append(str(Path(made) / f"text{i}"))
            Path(names[-1]).write_bytes(text)
        includes = [f"-I{folder.parent}", f"-I{firmware.avr_folder()}", *define]
        _run([*_COMPILE, *includes, "-o", str(program), str(source), "-lm"])
        said = _run([str(program), str(trained), *names])
        written = trained.read_bytes()
    rows, hidden, votes = np.frombuffer(written, np.int32, count=3).tolist()
    levels = np.frombuffer(written, np.int8, offset=3 * 4).astype(int)
    nodes = _ESCAPE
    sizes = [rows * hidden, nodes * hidden, nodes, 1, votes]
    embedding, readout, bias, scale, vote = np.split(levels, np.cumsum(sizes[:-1]))
    body = [
        tables.array("prior_embedding[ROWS * HIDDEN / 2]", _nibbles(embedding)),
        tables.array("prior_readout[NODES * HIDDEN / 2]", _nibbles(readout)),
        tables.array("prior_bias[NODES]", bias, "int8_t"),
        f"#define PRIOR_VOTE {scale[0]}",
        tables.array("prior_votes[VOTES / 8]", np.packbits(vote, bitorder="little")),
    ]
    tables.write(folder / header, "\n".join(body), _SOURCE)
    return said


def _nibbles(levels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Two levels, -8..7, a byte, each 8 up, the first in the low half."""
    pairs = (levels + 8).reshape(-1, 2)
    return pairs[:, 0] | pairs[:, 1] << 4


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


def main() -> None:
    """Write the headers into avr/charlm."""
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
    for form in FORMS:
        sys.stdout.write(write_prior(target, texts, form))


if __name__ == "__main__":
    try:
        main()
    except KilolearnError as error:
        sys.exit(f"kilolearn: {error}")
