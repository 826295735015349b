# SPDX-License-Identifier: GPL-3.0-or-later
"""What a glance at a few instructions in a row can save.

- ``push; load`` and ``push; constant`` are one instruction each;
- what was just stored need not be loaded, nor what was just loaded stored;
- a jump to a jump goes where that goes; one to what follows it goes away;
- 0, 1 and the numbers of near variables are part of the opcode;
- in ``x + 1`` the constant comes first, as 0 and 1 have opcodes of their own;
- nothing reaches what stands between a jump and the next label that is used.
"""

from __future__ import annotations

from dataclasses import replace

from kilolearn.python_subset.instructions import Instruction, Label, opcodes
from kilolearn.python_subset.value_code import Code

__all__ = ["shorten"]

_FUSED = {"load": "push_load", "constant": "push_constant"}
_COMMUTES = {"add", "multiply", "and", "or", "xor"}
_LIMIT_MAX = 127
_ENDS = {"jump", "return", "halt"}


def shorten(code: Code) -> Code:
    """The same code with fewer instructions; labels that nothing uses fall away."""
    while True:
        threaded = _threaded(code)
        used = {o for i in threaded if isinstance(i, Instruction) for o in i.operands}
        # A call means the label of a function's begin, which nothing in the function uses.
        begin = int(isinstance(threaded[0], Label)) if threaded else 0
        shorter = threaded[:begin]
        for item in threaded[begin:]:
            if isinstance(item, Label):
                _add_label(shorter, item, item in used)
            else:
                _add_instruction(shorter, item)
        if shorter == code:
            return [_short_form(item) for item in code]
        code = shorter


def _short_form(item: Instruction | Label) -> Instruction | Label:
    if isinstance(item, Instruction):
        if item.opcode.name == "constant" and item.operands[0] in (0, 1):
            return Instruction(
                opcodes()["constant_one" if item.operands[0] else "constant_zero"], (), item.line
            )
        short = opcodes().get(f"{item.opcode.name}_short")
        if short is not None and isinstance(item.operands[0], int) and 0 <= item.operands[0] < 16:
            return replace(item, opcode=short)
    return item


def _add_label(code: Code, label: Label, is_used: bool) -> None:
    if not is_used:
        return
    # A jump over nothing, or over labels alone.
    at = len(code) - 1
    while at >= 0 and isinstance(code[at], Label):
        at -= 1
    last = code[at] if at >= 0 else None
    if isinstance(last, Instruction) and last.opcode.name == "jump" and last.operands == (label,):
        del code[at]
    code.append(label)


def _add_instruction(code: Code, new: Instruction) -> None:
    last = code[-1] if code else None
    if isinstance(last, Instruction):
        before, name = last.opcode.name, new.opcode.name
        if before in _ENDS:
            return
        if before == "push" and name in _FUSED:
            code[-1] = Instruction(opcodes()[_FUSED[name]], new.operands, new.line)
            return
        if before == "constant" and name == "for_next" and 0 <= last.numbers[0] <= _LIMIT_MAX:
            counter, top = new.operands
            limited = (counter, last.numbers[0], top)
            code[-1] = Instruction(opcodes()["for_below"], limited, new.line)
            return
        if name in _COMMUTES and before == "push_constant" and last.operands[0] in (0, 1):
            left = code[-2]
            if isinstance(left, Instruction) and left.opcode.name == "load":
                constant, push_load = opcodes()["constant"], opcodes()["push_load"]
                code[-2:] = [
                    replace(last, opcode=constant),
                    replace(left, opcode=push_load),
                ]
        if {before, name} == {"store", "load"} and last.operands == new.operands:
            return
    code.append(new)


def _threaded(code: Code) -> Code:
    """Every jump to an unconditional one leads where that one leads."""
    leads: dict[Label, Label] = {}
    for index, item in enumerate(code):
        if not isinstance(item, Label):
            continue
        behind = next((i for i in code[index:] if isinstance(i, Instruction)), None)
        if behind is not None and behind.opcode.name == "jump":
            target = behind.operands[0]
            assert isinstance(target, Label)
            leads[item] = target

    def final(label: Label) -> Label:
        seen = {label}
        while label in leads and leads[label] not in seen:
            label = leads[label]
            seen.add(label)
        return label

    return [
        Instruction(
            item.opcode,
            tuple(final(o) if isinstance(o, Label) else o for o in item.operands),
            item.line,
        )
        if isinstance(item, Instruction) and item.opcode.name.startswith("jump")
        else item
        for item in code
    ]
