# SPDX-License-Identifier: GPL-3.0-or-later
"""How deep the stack becomes: read off the text, since a jump never changes the depth."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from kilolearn.python_subset.instructions import Instruction, Operands

__all__ = ["CALL_BYTES", "stack_bytes"]

#: A call leaves pc and the caller's frame on the stack.
CALL_BYTES = 4


def stack_bytes(instructions: Sequence[Instruction]) -> tuple[int, int]:
    """Bytes of stack.

    Args:
        instructions: The module's, then those of each function, which begins with an ENTRY.

    Returns:
        The most that the module pushes at any time; and the most that any function adds to what
        its caller has pushed, from the call on.
    """
    offsets = accumulate((item.opcode.size for item in instructions), initial=0)
    at = dict(zip(offsets, instructions, strict=False))
    module, function = 0, 0
    is_module, depth = True, 0
    for offset, item in at.items():
        if item.opcode.operands is Operands.ENTRY:
            is_module, depth = False, item.numbers[0] + CALL_BYTES
        depth += 2 * item.opcode.pushes
        if is_module:
            module = max(module, depth)
        else:
            function = max(function, depth)
        if item.opcode.operands is Operands.CALL:
            entry = at[offset + item.opcode.size + item.numbers[0] - 1]
            depth -= entry.numbers[1]
    return module, function
