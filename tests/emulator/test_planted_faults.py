# SPDX-License-Identifier: GPL-3.0-or-later
"""One wrong instruction at a time in a copy of the engine: the tests of exactness must notice.

A fault is a replacement in a source of the shim. Its text must still stand there, so a change of
the engine that moves it asks for a change here.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from lockstep.reference import SHIM, build_sim, shim_flags

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SKIPS = "test_skips.py::test_a_skip_over_every_word[sbrc-run_line]"
BARE = "test_lockstep.py::test_random_programs_as_libsimavr_runs_them[atmega328p-bare]"
LOCKSTEP = "test_lockstep.py::test_random_programs_as_libsimavr_runs_them[atmega328p-peripherals]"
AVR8JS = "test_avr8js.py::test_random_programs_as_avr8js_runs_them[atmega328p]"
LPM = "test_edges.py::test_lpm_reads_to_the_last_byte_of_flash[attiny85]"
SRAM_END = "test_edges.py::test_the_stack_ends_at_the_last_byte_of_sram[attiny85]"
WRAP = "test_edges.py::test_a_pointer_wraps_from_the_end_of_the_data_space_to_r0[attiny85]"
MUL = "test_alu.py::test_multiplication[mul]"
BETWEEN = "test_interrupt_timing.py::test_the_lowest_vector_first_and_an_instruction_between"
WINDOW = "test_interrupt_timing.py::test_one_instruction_is_executed_once_interrupts_are_enabled"
RESPONSE = "test_interrupt_timing.py::test_sleep_behind_sei_is_entered_and_left"
HALTS = "test_halts.py::test_a_read_halts_for_four_cycles_and_a_write_for_two[attiny85]"
WATCHDOG = "test_watchdog.py::test_the_watchdog_resets_a_sleeper_in_time[bset-attiny85-None]"
UART = "test_uart_timing.py::test_the_divisor_is_zero_after_a_reset"
FINDINGS = "test_findings.py::test_pops_and_returns_are_loads_and_what_was_pushed_is_written"
CALLS = "test_call_chain.py::test_the_calls_in_progress_are_those_not_yet_returned"
PROFILE = (
    "test_profile_counts.py::test_a_branch_costs_two_cycles_when_taken_and_a_skip_what_it_skips"
)
STAMPS = "test_sram_accesses.py::test_every_stamp_of_a_program_counted_by_hand"
SNAPSHOT = "test_snapshot.py::test_statistics_go_back"
STACK = "test_stack.py::test_the_high_water_mark_is_exact_and_blind_to_half_written_stack_pointers"
WITHIN = (
    *(MUL, SKIPS, BARE, LOCKSTEP, AVR8JS, LPM, SRAM_END, WRAP, WINDOW, RESPONSE, HALTS, WATCHDOG),
    *(UART, FINDINGS, CALLS, PROFILE, STAMPS, SNAPSHOT, STACK),
)


def alu(test: str) -> str:
    """A test of test_alu.py."""
    return f"test_alu.py::test_{test}"


@dataclass(frozen=True)
class Fault:
    """A replacement, and a test of each family that must fail with it.

    ``quick`` ones are in the normal run, the others are long. Of WITHIN, an ``own`` one is caught
    by one family of tests and by no other.
    """

    source: str
    right: str
    wrong: str
    caught_by: tuple[str, ...]
    quick: bool = False
    own: bool = False


FAULTS = {
    "half carry": Fault(
        "vocabulary.h", "(carries & H_BIT) << 1 |", "(carries & V_BIT) >> 2 |",
        (alu("two_operands[add]"), BARE), quick=True,
    ),
    "adiw takes one cycle": Fault(
        "decode.h", "X(adiw, 2, 0)", "X(adiw, 1, 0)", (BARE, AVR8JS),
    ),
    "skips go over one word": Fault(
        "decode.c", "words_of(following)", "1", (SKIPS, BARE, AVR8JS), quick=True,
    ),
    "adiw is skipped as two words": Fault(
        "decode.c", "words_of(following)", "(following >> 8 == 0x96 ? 2 : words_of(following))",
        (SKIPS, BARE, AVR8JS),
    ),
    "sbc sets Z": Fault(
        "execute.h", "D = r, zero |= r", "D = r, zero = r", (alu("two_operands[sbc]"), BARE),
    ),
    "muls is unsigned": Fault(
        "execute.h", "MULTIPLY(SIGNED(D) * SIGNED(R), 0)", "MULTIPLY(D * R, 0)",
        (alu("multiplication[muls]"), BARE, AVR8JS),
    ),
    "ror loses the carry": Fault(
        "execute.h", "a >> 1 | carry << 7", "a >> 1", (alu("one_operand[ror]"), BARE, AVR8JS),
    ),
    "ld moves the wrong pair": Fault(
        "execute.h", "(SET_PAIR(ip->r, address + 1), D = value)",
        "(SET_PAIR(ip->r ^ 2, address + 1), D = value)", (BARE, AVR8JS), quick=True,
    ),
    "lpm+ goes on by two": Fault(
        "execute.h", "SET_PAIR(30, (uint16_t)(z + 1))", "SET_PAIR(30, (uint16_t)(z + 2))",
        (BARE, AVR8JS, LPM),
    ),
    "return addresses lie the other way": Fault(
        "vocabulary.h", "data[high] << 8 | data[low]", "data[low] << 8 | data[high]",
        (BARE, AVR8JS),
    ),
    "reti leaves I clear": Fault(
        "execute.h", "set_interrupts(avr, 1);\n        avr_interrupt_reti", "avr_interrupt_reti",
        (LOCKSTEP,),
    ),
    "sei does not wait": Fault(
        "core.c", "avr->interrupt_state = -2;", "avr->interrupt_state = -1;", (LOCKSTEP,),
    ),
    "events are late": Fault(
        "core.c", "timer->when < s->end ? timer->when : s->end",
        "timer->when + 5 < s->end ? timer->when + 5 : s->end", (LOCKSTEP,), quick=True,
    ),
    "ram ends a byte early": Fault(
        "core.c", "if (address > s->ram_end) {", "if (address >= s->ram_end) {", (SRAM_END,),
    ),
    "adc leaves the carry out": Fault(
        "execute.h", "carry);\n    }\n    OPERATION(sub) {", "0);\n    }\n    OPERATION(sub) {",
        (alu("two_operands[adc]"), BARE, AVR8JS),
    ),
    "bst turns T over": Fault(
        "execute.h", "transfer = (D & ip->r) != 0", "transfer = (D & ip->r) == 0",
        (BARE, AVR8JS),
    ),
    "s is n": Fault(
        "execute.h", "BRANCH(brlt, SIGN)", "BRANCH(brlt, negative & 0x80)", (BARE, AVR8JS),
    ),
    "a branch not taken takes two cycles": Fault(
        "vocabulary.h", "budget += 1;", "budget += 0;", (BARE, AVR8JS, PROFILE),
    ),
    "reti does not wait": Fault(
        "interrupts.c", "avr->interrupt_state = -2; /* also", "avr->interrupt_state = -1; /* also",
        (BETWEEN,),
    ),
    "the wrong product has a carry": Fault(
        "vocabulary.h", "carry = product >> 15", "carry = product >> 15 ^ (product == 253 * 247)",
        (MUL,), own=True,
    ),
    "ijmp is skipped as two words": Fault(
        "decode.c", "words_of(following)", "(following == 0x9409 ? 2 : words_of(following))",
        (SKIPS,), own=True,
    ),
    "sleep is entered though an interrupt waits": Fault(
        "interrupts.c", "if (!avr->sreg[S_I] || !has_pending_interrupts(avr)) {", "if (1) {",
        (LOCKSTEP,), own=True,
    ),
    "lpm ends a byte early": Fault(
        "vocabulary.h", "z > avr->flashend", "z >= avr->flashend", (LPM,), own=True,
    ),
    "a pop beyond sram is not told": Fault(
        "execute.h", "attribute[from] & SLOW_READ",
        "attribute[from] & SLOW_READ && from <= s->ram_end",
        (SRAM_END,), own=True,
    ),
    "a displacement does not wrap": Fault(
        "execute.h", "LOAD(PAIR(ip->r) + K,",
        "LOAD(PAIR(ip->r) + K >> 16 ? 0xFFFF : PAIR(ip->r) + K,",
        (WRAP,), own=True,
    ),
    "an interrupt waits for nothing": Fault(
        "interrupts.c", "avr->interrupt_state < 0 && ++avr->interrupt_state < 0", "0",
        (WINDOW, RESPONSE),
    ),
    "sei delays by two": Fault(
        "interrupts.c", "avr->interrupt_state < 0 && ++avr->interrupt_state < 0",
        "avr->interrupt_state < 0 && ++avr->interrupt_state < 1", (WINDOW,),
    ),
    "the response takes five": Fault(
        "interrupts.c", "RESPONSE_CYCLES = 4", "RESPONSE_CYCLES = 5", (WINDOW, RESPONSE),
    ),
    "waking takes five": Fault(
        "interrupts.c", "WAKE_CYCLES = 4", "WAKE_CYCLES = 5", (RESPONSE,), own=True,
    ),
    "an eeprom read halts for five": Fault(
        "eeprom.c", "READ_HALT_CYCLES = 4", "READ_HALT_CYCLES = 5", (HALTS,), own=True,
    ),
    "a sleeper is reset late": Fault(
        "run.c", "avr->state == cpu_Sleeping && avr->run == s->run_normal",
        "avr->state == cpu_Sleeping", (WATCHDOG,), own=True,
    ),
    "a frame has two start bits": Fault(
        "usart.c", "return 1 + data_bits", "return 2 + data_bits", (UART,), own=True,
    ),
    "no read is uninitialised": Fault(
        "core.c", "may_be_read ? 0 : SLOW_READ", "0", (FINDINGS,),
    ),
    "a first read is no read": Fault(
        "core.c", "fault(s, SIM_FAULT_UNINITIALISED, address)", "(void)0", (FINDINGS,), own=True,
    ),
    "a call in progress is forgotten": Fault(
        "calls.c", "out[count - 1].sp < sp", "out[count - 1].sp <= sp", (CALLS,), own=True,
    ),
    "a skip counts a cycle": Fault(
        "profile.c", "taken * (uint16_t)(i->k - at - 1)", "taken", (PROFILE,), own=True,
    ),
    "the writer is the next": Fault(
        "execute.h", "s->last_writer[address] = (uint16_t)(ip - program);",
        "s->last_writer[address] = (uint16_t)(ip + 1 - program);", (STAMPS,), own=True,
    ),
    "what was touched is not in a snapshot": Fault(
        "snapshot.c", "(area){s->touched, data}", "(area){s->touched, 1}", (SNAPSHOT,), own=True,
    ),
    "half a stack pointer counts": Fault(
        "core.c", "if (s->sp_halves != (half ^ 3) && s->ram_end > 0xFF) {", "if (0) {",
        (STACK,), own=True,
    ),
}  # fmt: skip


class Workshop:
    """Builds variants of the engine: one object a source, made once unless the fault is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.compiler = shlex.split(sysconfig.get_config_var("CC") or "gcc")[0]
        self.flags = ["-O1", "-fPIC", f"-I{sysconfig.get_path('include')}", "-DNDEBUG",
                      *(f for f in shim_flags() if f != f"-I{SHIM}")]  # fmt: skip
        build_sim().ffibuilder.emit_c_code(str(folder / "binding.c"))
        self.sources = sorted(SHIM.glob("*.c"))
        self._prepare(SHIM, folder / "whole", [*self.sources, folder / "binding.c"])

    def _prepare(self, include: Path, into: Path, sources: list[Path]) -> list[Path]:
        into.mkdir(exist_ok=True)
        objects = [into / f"{source.stem}.o" for source in sources]

        def compile_one(pair: tuple[Path, Path]) -> None:
            source, out = pair
            command = [self.compiler, "-c", *self.flags, f"-I{include}", "-o", str(out)]
            subprocess.run([*command, str(source)], check=True)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(compile_one, zip(sources, objects, strict=True)))
        return objects

    def build(self, name: str, fault: Fault) -> Path:
        """Compile what the fault touches, and link."""
        folder = self.folder / name.replace(" ", "-")
        shutil.copytree(SHIM, folder / "shim")
        changed = folder / "shim" / fault.source
        text = changed.read_text(encoding="utf-8")
        assert fault.right in text, f"{fault.source} no longer holds {fault.right!r}"
        changed.write_text(text.replace(fault.right, fault.wrong), encoding="utf-8")
        touched = {"core.c"} if fault.source.endswith(".h") else {fault.source}
        if fault.source == "decode.h":
            touched.add("decode.c")
        made = self._prepare(folder / "shim", folder, [folder / "shim" / t for t in touched])
        others = [o for o in (self.folder / "whole").glob("*.o") if f"{o.stem}.c" not in touched]
        library = folder / "_sim.so"
        command = [self.compiler, "-shared", "-o", str(library), *map(str, made), *map(str, others)]
        subprocess.run([*command, "-lsimavr", "-pthread"], check=True)
        return library


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    return Workshop(tmp_path_factory.mktemp("planted"))


def run_tests(engine: Path, tests: tuple[str, ...], scratch: Path) -> str:
    """Run these test files on an engine; pytest's output."""
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-rf", "-p", "planted_engine"]
    command += ["-p", "no:cacheprovider", f"--basetemp={scratch}", *(str(HERE / t) for t in tests)]
    environment = {
        **os.environ,
        "PLANTED_ENGINE": str(engine),
        "PYTHONPATH": str(HERE),
        "LOCKSTEP_PROGRAMS": "40",
    }
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def assert_all_passed(output: str) -> None:
    """A test that could not be set up (an error) has seen nothing, and is no pass."""
    assert "passed" in output, output
    assert "failed" not in output, output
    assert "error" not in output, output


@pytest.mark.parametrize(
    "name",
    [n if f.quick else pytest.param(n, marks=pytest.mark.long) for n, f in FAULTS.items()],
)
def test_a_planted_fault_is_caught(workshop, tmp_path, name):
    fault = FAULTS[name]
    engine = workshop.build(name, fault)

    output = run_tests(engine, fault.caught_by, tmp_path / "inner")

    for test in fault.caught_by:
        assert f"FAILED tests/emulator/{test}" in output, f"{test} did not notice\n{output}"


def test_the_engine_without_a_fault_passes(workshop, tmp_path):
    """What the tests above run can pass: only the fault makes them fail."""
    engine = workshop.build("none", Fault("core.c", "predecode(", "predecode(", ()))

    output = run_tests(engine, WITHIN, tmp_path / "inner")

    assert_all_passed(output)


#: Random programs on two emulators find the same; all that either finds, it finds with the other.
@pytest.mark.parametrize("family", [test for test in WITHIN if test not in (BARE, AVR8JS, WINDOW)])
def test_each_family_has_a_fault_of_its_own(family):
    assert [name for name, fault in FAULTS.items() if fault.own and fault.caught_by == (family,)]


def test_every_fault_finds_its_place():
    """The long run alone plants them all; a change of the engine shall not wait for it."""
    for name, fault in FAULTS.items():
        assert fault.right in (SHIM / fault.source).read_text(encoding="utf-8"), name


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.own])
def test_no_other_family_catches_it(workshop, tmp_path, name):
    fault = FAULTS[name]
    others = tuple(test for test in WITHIN if test not in fault.caught_by)

    output = run_tests(workshop.build(name, fault), others, tmp_path / "inner")

    assert_all_passed(output)
