# SPDX-License-Identifier: GPL-3.0-or-later
"""Every ALU instruction on every operand: results and all flags as the manual's equations say.

An ATmega1284P reads records of two operands and a status from its 16 KB of SRAM, executes the one
instruction under test, and writes back what it left. Statuses where S is not N ^ V make the engine
take its one-instruction path, so both executors are measured.
"""

from __future__ import annotations

from collections.abc import Iterator

import alu_model
import numpy as np
import pytest
from opcodes import assemble

from pyavr_sim import Chip, until

MCU = "atmega1284p"
TABLE = 0x100  # the first byte of SRAM
RECORDS = (0x4000 - TABLE) // 4
TESTED = 20  # byte address of the instruction under test
SREG, X_LOW = 0x3F, 26
BYTES = np.arange(256)
# C and Z in every combination, the other flags once clear, once set, once mixed; I stays clear.
STATUSES = np.array([0, 1, 2, 3, 0x7C, 0x7D, 0x7E, 0x7F, 0x35, 0x4A])
EDGES = np.unique(
    [0, 1, 2, 62, 63, 64, 65, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0x8001]
    + [n + d & 0xFFFF for n in (0x0000, 0x7FFF, 0xFFC0) for d in range(-66, 67)]
)


class Bench:
    """A chip with a loop around one instruction; ``inputs`` and ``outputs`` are its registers."""

    def __init__(self) -> None:
        self.chip = Chip(MCU)

    def wire(
        self,
        instruction: list[int],
        inputs: tuple[int, int],
        outputs: tuple[int, int],
        pointer: int = 28,
    ) -> None:
        """Write the loop; ``pointer`` is r28 (Y) or r30 (Z), whichever the instruction leaves."""
        load, store = ("ldd_y", "std_y") if pointer == 28 else ("ldd_z", "std_z")
        words = assemble("ldi", d=pointer - 16, K=TABLE & 0xFF)
        words += assemble("ldi", d=pointer - 15, K=TABLE >> 8)
        words += assemble("ldi", d=7, K=0x40)  # r23: end of the table, high byte
        loop = len(words)
        words += assemble(load, d=inputs[0], q=0) + assemble(load, d=inputs[1], q=1)
        words += assemble(load, d=18, q=2) + assemble("out", A=SREG, r=18)
        words += assemble("nop") * (TESTED // 2 - len(words)) + instruction
        words += assemble("in", d=18, A=SREG)
        words += assemble(store, r=outputs[0], q=0) + assemble(store, r=outputs[1], q=1)
        words += assemble(store, r=18, q=2)
        words += assemble("subi", d=pointer - 16, K=-4) + assemble("sbci", d=pointer - 15, K=-1)
        words += assemble("cp", d=pointer + 1, r=23)
        words += assemble("brbc", s=1, k=loop - len(words) - 1)
        self.end = 2 * len(words)
        self.put(0, words)

    def put(self, address: int, words: list[int]) -> None:
        code = np.array(words, "<u2").view(np.uint8)
        self.chip.flash[address : address + len(code)] = code

    def measure(self, x: np.ndarray, y: np.ndarray, sreg: np.ndarray) -> alu_model.Outcome:
        """Execute the instruction once a record; the arrays have one length."""
        after = []
        for first in range(0, len(x), RECORDS):
            records = np.zeros((RECORDS, 4), np.uint8)
            count = len(x[first : first + RECORDS])
            for column, values in enumerate((x, y, sreg)):
                records[:count, column] = values[first : first + RECORDS]
            table = self.chip.data[TABLE:0x4000].reshape(RECORDS, 4)
            table[:] = records
            self.chip.pc = 0
            self.chip.run(100 * RECORDS, until=until.address(self.end))
            after.append(table[:count].astype(int))
        together = np.concatenate(after)
        return together[:, 0], together[:, 1], together[:, 2]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.chip.close()


def combine(*axes: np.ndarray) -> list[np.ndarray]:
    """Every combination of the values along the axes, flat."""
    return [a.ravel() for a in np.meshgrid(*axes, indexing="ij")]


def assert_same(measured: alu_model.Outcome, model: alu_model.Outcome, x, y, sreg) -> None:
    for what, found, expected in zip(("x", "y", "SREG"), measured, model, strict=True):
        wrong = np.flatnonzero(found != expected)
        if len(wrong):
            at = wrong[0]
            pytest.fail(
                f"{len(wrong)} of {len(x)} wrong in {what}; the first: x={x[at]:#04x} "
                f"y={y[at]:#04x} SREG={sreg[at]:#04x} gives {found[at]:#04x}, "
                f"expected {expected[at]:#04x}"
            )


@pytest.mark.parametrize("name", alu_model.TWO_OPERANDS)
def test_two_operands(bench, name):
    bench.wire(assemble(name, d=16, r=17), (16, 17), (16, 17))
    x, y, sreg = combine(BYTES, BYTES, STATUSES)

    measured = bench.measure(x, y, sreg)

    assert_same(measured, alu_model.TWO_OPERANDS[name](x, y, sreg), x, y, sreg)


@pytest.mark.parametrize("name", alu_model.TWO_OPERANDS)
def test_one_register_as_both_operands(bench, name):
    """LSL, ROL, CLR and TST are ADD, ADC, EOR and AND of one register."""
    bench.wire(assemble(name, d=16, r=16), (16, 17), (16, 17))
    x, sreg = combine(BYTES, np.arange(128))

    measured = bench.measure(x, x, sreg)

    model = alu_model.TWO_OPERANDS[name](x, x, sreg)
    assert_same(measured, (model[0], x, model[2]), x, x, sreg)


@pytest.mark.parametrize("name", alu_model.IMMEDIATE)
def test_immediate_operands(bench, name):
    bench.wire(assemble(name, d=0, K=0), (16, 17), (16, 17))
    x, sreg = combine(BYTES, STATUSES)
    for k in range(256):
        bench.put(TESTED, assemble(name, d=0, K=k))
        y = np.full(len(x), k)
        assert_same(bench.measure(x, y, sreg), alu_model.IMMEDIATE[name](x, y, sreg), x, y, sreg)


@pytest.mark.parametrize("name", alu_model.ONE_OPERAND)
def test_one_operand(bench, name):
    bench.wire(assemble(name, d=16), (16, 17), (16, 17))
    x, sreg = combine(BYTES, np.arange(128))
    y = 255 - x

    assert_same(bench.measure(x, y, sreg), alu_model.ONE_OPERAND[name](x, y, sreg), x, y, sreg)


@pytest.mark.parametrize("name", alu_model.MULTIPLY)
def test_multiplication(bench, name):
    low = 0 if name in ("muls", "mulsu", "fmul", "fmuls", "fmulsu") else 16
    bench.wire(assemble(name, d=low, r=low + 1), (16, 17), (0, 1))
    x, y, sreg = combine(BYTES, BYTES, np.array([0, 3, 0x7C, 0x7F]))

    assert_same(bench.measure(x, y, sreg), alu_model.MULTIPLY[name](x, y, sreg), x, y, sreg)


def wide_operands(values: np.ndarray) -> list[np.ndarray]:
    both, sreg = combine(values, np.array([0, 0x7F]))
    return [both & 0xFF, both >> 8, sreg]


@pytest.mark.parametrize("pair", [24, 26, 28, 30])
@pytest.mark.parametrize("name", ["adiw", "sbiw"])
def test_words_and_constants(bench, name, pair):
    wire_words(bench, name, pair)
    check_words(bench, name, pair, wide_operands(EDGES))


@pytest.mark.long
@pytest.mark.parametrize("name", ["adiw", "sbiw"])
def test_all_words_and_constants(bench, name):
    wire_words(bench, name, 24)
    check_words(bench, name, 24, wide_operands(np.arange(65536)))


def wire_words(bench: Bench, name: str, pair: int) -> None:
    registers = (pair, pair + 1)
    pointer = 30 if pair == 28 else 28
    bench.wire(assemble(name, d=(pair - 24) // 2, K=0), registers, registers, pointer)


def check_words(bench: Bench, name: str, pair: int, operands: list[np.ndarray]) -> None:
    for k in range(64):
        bench.put(TESTED, assemble(name, d=(pair - 24) // 2, K=k))
        assert_same(bench.measure(*operands), getattr(alu_model, name)(*operands, k), *operands)


@pytest.mark.parametrize("number", range(8))
def test_bits_of_registers(bench, number):
    """BST takes a bit into T, BLD puts it into another register."""
    x, y, sreg = combine(BYTES, np.array([0, 0xFF, 0xA5]), np.arange(128))
    bench.wire(assemble("bst", d=16, b=number), (16, 17), (16, 17))
    bst = (x, y, sreg & ~0x40 | (x >> number & 1) << 6)
    assert_same(bench.measure(x, y, sreg), bst, x, y, sreg)

    bench.put(TESTED, assemble("bld", d=16, b=number))
    bld = (x & ~(1 << number) | (sreg >> 6 & 1) << number, y, sreg)
    assert_same(bench.measure(x, y, sreg), bld, x, y, sreg)


@pytest.mark.parametrize("flag", range(8))
def test_flags_are_set_and_cleared(bench, flag):
    """BSET and BCLR, of which SEI and CLI are two; no interrupt is enabled."""
    sreg = np.arange(128)
    x = y = sreg
    bench.wire(assemble("bset", s=flag), (16, 17), (16, 17))
    assert_same(bench.measure(x, y, sreg), (x, y, sreg | 1 << flag), x, y, sreg)

    bench.put(TESTED, assemble("bclr", s=flag))
    assert_same(bench.measure(x, y, sreg), (x, y, sreg & ~(1 << flag)), x, y, sreg)


@pytest.mark.parametrize("flag", range(8))
def test_branches_ask_their_flag(bench, flag):
    """BRBS and BRBC over an INC: it happens when the branch is not taken."""
    sreg = np.arange(256 if flag == 7 else 128)
    x = y = np.zeros(len(sreg), int)
    is_set = sreg >> flag & 1
    for name, skipped in (("brbs", is_set), ("brbc", 1 - is_set)):
        bench.wire(assemble(name, s=flag, k=1) + assemble("mov", d=16, r=28), (16, 17), (16, 17))
        bench.put(TESTED + 2, assemble("ldi", d=0, K=9))
        assert_same(bench.measure(x, y, sreg), (9 * (1 - skipped), y, sreg), x, y, sreg)


@pytest.mark.parametrize("r", [*range(0, 16, 2), 20, 24, 26, 30])  # the loop uses the others
def test_words_are_moved(bench, r):
    bench.wire(assemble("movw", d=8, r=r // 2), (r, r + 1), (16, 17))
    x, y, sreg = combine(np.arange(0, 256, 5), np.arange(0, 256, 7), np.array([0, 0x7F]))

    assert_same(bench.measure(x, y, sreg), (x, y, sreg), x, y, sreg)
