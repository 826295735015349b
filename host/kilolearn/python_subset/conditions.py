# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparisons and the jumps that make them."""

from __future__ import annotations

from kilolearn.python_subset.tree import CompareOperator

__all__ = ["INVERSE", "INVERSE_JUMP", "JUMP_IF"]

INVERSE: dict[CompareOperator, CompareOperator] = {
    "<": ">=",
    ">=": "<",
    "==": "!=",
    "!=": "==",
    ">": "<=",
    "<=": ">",
}

JUMP_IF: dict[CompareOperator, str] = {
    "<": "jump_if_less",
    "<=": "jump_if_not_greater",
    "==": "jump_if_equal",
    "!=": "jump_if_unequal",
    ">": "jump_if_greater",
    ">=": "jump_if_not_less",
}

#: Each conditional jump by the one that is taken when it is not.
INVERSE_JUMP = {JUMP_IF[operator]: JUMP_IF[INVERSE[operator]] for operator in JUMP_IF}
INVERSE_JUMP |= {"jump_if_zero": "jump_if_nonzero", "jump_if_nonzero": "jump_if_zero"}
