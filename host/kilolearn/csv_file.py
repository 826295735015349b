# SPDX-License-Identifier: GPL-3.0-or-later
"""A CSV file as rows of text: what is a header, and which column is meant.

Cells are parted by commas, semicolons or tabs, whichever the first line has most of. Quotes are as
in RFC 4180; empty lines are skipped. Between semicolons a number may have a decimal comma, as
spreadsheets write it where the comma is one; it becomes a point.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kilolearn.errors import DatasetError

__all__ = ["CELLS_MAX", "CsvFile", "is_number", "read_csv"]

CELLS_MAX = 5_000_000
"""More cells than a data set for such a chip needs; they take about 0.5 GB here."""

_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class CsvFile:
    """What a file says, as text.

    Attributes:
        path: Where it lies.
        header: A name a column, or None.
        rows: One list of cells a sample, all as wide as the first, without spaces around.
    """

    path: Path
    header: tuple[str, ...] | None
    rows: list[list[str]]

    @property
    def width(self) -> int:
        """Columns."""
        return len(self.rows[0])

    def column(self, name: str | None) -> int:
        """The column of a name, or of a number from 0; -1 and None are the last.

        Raises:
            DatasetError: There is no such column.
        """
        if name is None:
            return self.width - 1
        if self.header and name in self.header:
            places = [at for at, known in enumerate(self.header) if known == name]
            if len(places) > 1:
                raise DatasetError(
                    f"{self.path}: {len(places)} columns are called {name!r}; expected one; say "
                    f"which by its number, {' or '.join(map(str, places))}"
                )
            return places[0]
        try:
            column = int(name)
        except ValueError:
            known = f"columns {', '.join(self.header)}" if self.header else "no header"
            raise DatasetError(f"{self.path}: no column {name!r}; found {known}") from None
        if not -self.width <= column < self.width:
            raise DatasetError(f"{self.path}: no column {column}; expected 0..{self.width - 1}")
        return column % self.width


def read_csv(path: Path, named: str | None = None) -> CsvFile:
    """Read a file.

    Args:
        path: Of the file, UTF-8.
        named: A column that the caller knows by name: a first row with that cell is a header.
            Else a header is known by a cell that is no number above one that is.

    Raises:
        DatasetError: It cannot be read, is empty, too large, or its rows differ in width.
    """
    rows: list[list[str]] = []
    cells = 0
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            delimiter = max(",;\t", key=file.readline().count)
            file.seek(0)
            for row in csv.reader(file, delimiter=delimiter):
                if any(cell.strip() for cell in row):
                    rows.append([_cell(cell, delimiter) for cell in row])
                    cells += len(row)
                if cells > CELLS_MAX:
                    raise DatasetError(
                        f"{path}: more than {CELLS_MAX:,} cells; give a part of the rows"
                    )
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{path}: not a readable CSV file (byte 0x{error.object[error.start]:02x} is not "
            f"UTF-8); expected UTF-8: convert it, e.g. by iconv -f latin1 -t utf-8"
        ) from error
    except (OSError, csv.Error) as error:
        raise DatasetError(f"{path}: not a readable CSV file ({error})") from error
    if not rows:
        raise DatasetError(f"{path}: empty; expected one row a sample")
    header = tuple(rows.pop(0)) if _is_header(rows, named) else None
    if not rows:
        raise DatasetError(f"{path}: a header and no samples; expected one row a sample")
    width = len(header or rows[0])
    for number, row in enumerate(rows):
        if len(row) != width:
            raise DatasetError(
                f"{path}: sample {number} has {len(row)} cells; expected {width} like the "
                f"{'header' if header else 'first'}; mend it, or close its quotes"
            )
    if width < 2:
        raise DatasetError(f"{path}: one column; expected features and a label column")
    return CsvFile(path, header, rows)


def _cell(text: str, delimiter: str) -> str:
    cell = text.strip()
    return cell.replace(",", ".") if delimiter == ";" and _DECIMAL_COMMA.fullmatch(cell) else cell


def is_number(cell: str) -> bool:
    """Whether a cell is a number; ``nan`` and ``inf`` are."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _is_header(rows: Sequence[Sequence[str]], named: str | None) -> bool:
    first, below = rows[0], rows[1:]
    if named is not None and named in first and not is_number(named):
        return True
    if not below:
        return all(not is_number(cell) for cell in first)
    filled = (next(filter(None, column), "") for column in itertools.zip_longest(*below))
    return any(
        top and not is_number(top) and is_number(under)
        for top, under in zip(first, filled, strict=False)
    )
