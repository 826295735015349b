# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a program, and how a place in it is refused."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

from kilolearn.errors import SubsetError

__all__ = ["Source"]


@dataclass(frozen=True)
class Source:
    """Python source under the name that messages give it."""

    text: str
    path: str

    def parse(self) -> ast.Module:
        """Let CPython's own compiler read it.

        Raises:
            SubsetError: It is not Python.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module = ast.parse(self.text, self.path)
                compile(module, self.path, "exec")  # Finds what a parser does not: a stray `break`.
        except SyntaxError as error:
            raise SubsetError(
                self.path,
                error.lineno or 1,
                max(error.offset or 1, 1),
                f"this is not Python ({error.msg})",
                "mend it so that python3 takes the file",
            ) from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise SubsetError(
                self.path,
                1,
                1,
                f"CPython cannot compile this ({error})",
                "mend it so that python3 takes the file",
            ) from error
        return module

    def refuse(self, node: ast.AST, found: str, advice: str) -> SubsetError:
        """The error for a place: what was found there, and what to write instead."""
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        lines = re.split("\r\n|\r|\n", self.text)
        column = len(lines[line - 1].encode()[:offset].decode(errors="replace")) + 1
        return SubsetError(self.path, line, column, found, advice)

    def outside(self, node: ast.AST, construct: str, advice: str) -> SubsetError:
        """The error for a construct of Python that the subset lacks."""
        return self.refuse(node, f"{construct} is outside the subset", advice)
