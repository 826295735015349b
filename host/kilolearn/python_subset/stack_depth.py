# SPDX-License-Identifier: GPL-3.0-or-later
"""How deep the stack becomes: read off the text, since a jump never changes the depth."""

from __future__ import annotations

from collections.abc import Iterable

from kilolearn.python_subset.instructions import Instruction, Operands

__all__ = ["CALL_BYTES", "stack_bytes"]

#: A call leaves pc and the caller's frame on the stack.
CALL_BYTES = 4


def stack_bytes(instructions: Iterable[Instruction]) -> tuple[int, int]:
    """Bytes of stack.

    Args:
        instructions: The module's, then those of each function, which begins with ``enter``.

    Returns:
        The most that the module has pushed at any time, and the most that any function has, its
        locals included, its arguments and its call not.
    """
    deepest = {True: 0, False: 0}
    is_module, depth = True, 0
    for item in instructions:
        if item.opcode.operands is Operands.ENTER:
            is_module, depth = False, int(item.operands[0])
        depth += 2 * item.opcode.pushes
        if item.opcode.operands is Operands.DROP:
            depth -= int(item.operands[0])
        # A swap needs nothing more: what it pushes was popped before.
        deepest[is_module] = max(deepest[is_module], depth)
    return deepest[True], deepest[False]
