# SPDX-License-Identifier: GPL-3.0-or-later
"""The opcode map as the manual prints it: an assembler for tests, and the length of any word.

Letters are operand bits, most significant first, as in the 16-bit opcode boxes of the AVR
Instruction Set Manual (DS40002198). It shares nothing with the engine's decoder.
"""

from __future__ import annotations

from functools import cache

import numpy as np

__all__ = ["FORMS", "assemble", "cycles", "legal_words", "mnemonic", "words_of"]

#: Opcode boxes by mnemonic. Registers that a form restricts are given as the manual's field holds
#: them: ``ldi`` of r16 has d=0, ``adiw`` of r26 d=1, ``movw`` of r2 d=1.
FORMS = {
    "nop": "0000000000000000",
    "movw": "00000001ddddrrrr",
    "muls": "00000010ddddrrrr",
    "mulsu": "000000110ddd0rrr",
    "fmul": "000000110ddd1rrr",
    "fmuls": "000000111ddd0rrr",
    "fmulsu": "000000111ddd1rrr",
    "cpc": "000001rdddddrrrr",
    "sbc": "000010rdddddrrrr",
    "add": "000011rdddddrrrr",
    "cpse": "000100rdddddrrrr",
    "cp": "000101rdddddrrrr",
    "sub": "000110rdddddrrrr",
    "adc": "000111rdddddrrrr",
    "and": "001000rdddddrrrr",
    "eor": "001001rdddddrrrr",
    "or": "001010rdddddrrrr",
    "mov": "001011rdddddrrrr",
    "cpi": "0011KKKKddddKKKK",
    "sbci": "0100KKKKddddKKKK",
    "subi": "0101KKKKddddKKKK",
    "ori": "0110KKKKddddKKKK",
    "andi": "0111KKKKddddKKKK",
    "ldd_y": "10q0qq0ddddd1qqq",
    "ldd_z": "10q0qq0ddddd0qqq",
    "std_y": "10q0qq1rrrrr1qqq",
    "std_z": "10q0qq1rrrrr0qqq",
    "lds": "1001000ddddd0000kkkkkkkkkkkkkkkk",
    "sts": "1001001ddddd0000kkkkkkkkkkkkkkkk",
    "ld_z_inc": "1001000ddddd0001",
    "ld_z_dec": "1001000ddddd0010",
    "lpm_z": "1001000ddddd0100",
    "lpm_z_inc": "1001000ddddd0101",
    "elpm_z": "1001000ddddd0110",
    "elpm_z_inc": "1001000ddddd0111",
    "ld_y_inc": "1001000ddddd1001",
    "ld_y_dec": "1001000ddddd1010",
    "ld_x": "1001000ddddd1100",
    "ld_x_inc": "1001000ddddd1101",
    "ld_x_dec": "1001000ddddd1110",
    "pop": "1001000ddddd1111",
    "st_z_inc": "1001001rrrrr0001",
    "st_z_dec": "1001001rrrrr0010",
    "st_y_inc": "1001001rrrrr1001",
    "st_y_dec": "1001001rrrrr1010",
    "st_x": "1001001rrrrr1100",
    "st_x_inc": "1001001rrrrr1101",
    "st_x_dec": "1001001rrrrr1110",
    "push": "1001001ddddd1111",
    "com": "1001010ddddd0000",
    "neg": "1001010ddddd0001",
    "swap": "1001010ddddd0010",
    "inc": "1001010ddddd0011",
    "asr": "1001010ddddd0101",
    "lsr": "1001010ddddd0110",
    "ror": "1001010ddddd0111",
    "dec": "1001010ddddd1010",
    "bset": "100101000sss1000",
    "bclr": "100101001sss1000",
    "ijmp": "1001010000001001",
    "icall": "1001010100001001",
    "ret": "1001010100001000",
    "reti": "1001010100011000",
    "sleep": "1001010110001000",
    "break": "1001010110011000",
    "wdr": "1001010110101000",
    "lpm": "1001010111001000",
    "elpm": "1001010111011000",
    "spm": "1001010111101000",
    "jmp": "1001010kkkkk110kkkkkkkkkkkkkkkkk",
    "call": "1001010kkkkk111kkkkkkkkkkkkkkkkk",
    "adiw": "10010110KKddKKKK",
    "sbiw": "10010111KKddKKKK",
    "cbi": "10011000AAAAAbbb",
    "sbic": "10011001AAAAAbbb",
    "sbi": "10011010AAAAAbbb",
    "sbis": "10011011AAAAAbbb",
    "mul": "100111rdddddrrrr",
    "in": "10110AAdddddAAAA",
    "out": "10111AArrrrrAAAA",
    "rjmp": "1100kkkkkkkkkkkk",
    "rcall": "1101kkkkkkkkkkkk",
    "ldi": "1110KKKKddddKKKK",
    "brbs": "111100kkkkkkksss",
    "brbc": "111101kkkkkkksss",
    "bld": "1111100ddddd0bbb",
    "bst": "1111101ddddd0bbb",
    "sbrc": "1111110rrrrr0bbb",
    "sbrs": "1111111rrrrr0bbb",
}


def assemble(name: str, **operands: int) -> list[int]:
    """Encode one instruction; negative operands (relative jumps) in two's complement.

    Returns:
        One or two words.
    """
    form = FORMS[name]
    left = {letter: form.count(letter) for letter in operands}
    value = 0
    for letter in form:
        bit = int(letter) if letter in "01" else operands[letter] >> left[letter] - 1 & 1
        if letter not in "01":
            left[letter] -= 1
        value = value << 1 | bit
    return [value] if len(form) == 16 else [value >> 16, value & 0xFFFF]


def _box(form: str) -> tuple[int, int]:
    """Mask and match of a form's first word."""
    first = form[:16]
    mask = int("".join("1" if c in "01" else "0" for c in first), 2)
    return mask, int("".join(c if c in "01" else "0" for c in first), 2)


def words_of(words: np.ndarray) -> np.ndarray:
    """How many words the instructions with these first words take: 2 for LDS, STS, JMP and CALL."""
    boxes = [_box(form) for form in FORMS.values() if len(form) == 32]
    return 1 + np.any([words & mask == match for mask, match in boxes], axis=0)


@cache
def legal_words() -> np.ndarray:
    """Every first word of an instruction of AVRe+, (n,) uint16."""
    words = np.arange(65536)
    legal = np.zeros(65536, bool)
    for form in FORMS.values():
        mask, match = _box(form)
        legal |= words & mask == match
    return words[legal].astype(np.uint16)


@cache
def mnemonic(word: int) -> str | None:
    """Name of the form that a first word has; None: it is no instruction."""
    for name, form in FORMS.items():
        mask, match = _box(form)
        if word & mask == match:
            return name
    return None


def cycles(name: str) -> int:
    """Of an instruction that neither branches nor skips, and of these when they do not.

    Source: manual, "Instruction Set Summary", column AVRe.
    """
    root = name.partition("_")[0]
    if root in ("call", "ret", "reti"):
        return 4
    if root in ("rcall", "icall", "jmp", "lpm", "elpm"):
        return 3
    twos = ("adiw", "sbiw", "rjmp", "ijmp", "push", "pop", "sbi", "cbi", "lds", "sts")
    return 2 if root in twos or (root[:2] in ("ld", "st") and root != "ldi") or "mul" in root else 1
