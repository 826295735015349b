# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes over the line runs only if it can do no harm, and the chip answers afterwards."""

from __future__ import annotations

import random
import re
import subprocess
from pathlib import Path

import cffi
import pytest
from cases import PROGRAMS, load
from python_machine import MCUS, machine_on

from kilolearn.errors import BytecodeError, ChipRejectedError, LinkError
from kilolearn.frames import Frame, encode
from kilolearn.python_subset.bytecode import compile_program
from kilolearn.python_subset.check import check
from kilolearn.python_subset.instructions import Operands, opcodes
from kilolearn.python_subset.run import RunError
from kilolearn.python_subset.verify import verify

AVR = Path(__file__).parents[2] / "avr"
DATA_BYTES = 112
GOOD = (
    "def f(n):\n    return 1 if n < 2 else n * f(n - 1)\n\n\na = bytearray(3)\na[1] = 7\nx = f(6)\n"
)
# Any numbers do: those of an image are as arbitrary.
NUMBERS = {
    name: {"load_short": 0xD0, "store_short": 0xE0, "push_load_short": 0xF0}.get(
        name, 3 * index + 1
    )
    for index, name in enumerate(opcodes())
}


def compiled(source):
    return compile_program(check(source, "program.py"))


@pytest.fixture(scope="module", params=MCUS)
def machine(request):
    with machine_on(request.param) as opened:
        yield opened


@pytest.fixture
def works(machine):
    """A function that runs a good program and looks at what it leaves."""

    def run() -> None:
        machine.link.upload(compiled(GOOD))
        assert machine.link.run().variables == {"x": 720, "a": (0, 7, 0)}

    return run


# ---- the loader ----------------------------------------------------------------------------------


def test_globals_live_on_from_program_to_program(machine):
    first = compiled("a = [1, 2, 3]\nx = 5\n")
    machine.link.upload(first)
    machine.link.run()
    source = "a = [1, 2, 3]\nx = 5\ny = 1\n"
    second = compile_program(check(source, "program.py"), first.places)
    machine.link.upload(second)
    assert second.data_from == 8
    assert machine.link.run().variables == {"a": (1, 2, 3), "x": 5, "y": 1}


def test_a_program_in_eeprom_outlives_the_power(machine):
    bytecode = compiled(GOOD)
    machine.link.upload(bytecode)
    machine.link.save()
    machine.power_cycle()
    assert machine.link.load(bytecode)
    assert not machine.link.load(compiled("x = 1\n"))
    assert machine.link.load(bytecode)
    assert machine.link.run().variables["x"] == 720


def test_a_spoilt_eeprom_holds_no_program(machine, works):
    bytecode = compiled(GOOD)
    machine.link.upload(bytecode)
    machine.link.save()
    machine.chip.eeprom[10] ^= 1
    assert not machine.link.load(bytecode)
    machine.chip.eeprom[:2] = 0xFF
    assert not machine.link.load(bytecode)
    works()


def test_truncated_code_is_refused(machine, works):
    code = compiled(GOOD).encode(machine.link.numbers)
    for size in range(len(code)):
        machine.link.upload_code(code[:size])
        with pytest.raises(ChipRejectedError):
            machine.link.start()
    works()


def test_code_that_lacks_a_part_is_no_program(machine, works):
    machine.link.upload(compiled(GOOD))
    machine.link._identity = machine.link._identity_of(b"another program")
    for request in (machine.link.start, machine.link.save):
        with pytest.raises(ChipRejectedError, match="BAD_LENGTH"):
            request()
    works()


def test_more_than_the_room_is_refused(machine, works):
    with pytest.raises(ChipRejectedError):
        machine.link.upload_code(bytes(machine.link.code_bytes + 1))
    with pytest.raises(ChipRejectedError):
        machine.link._ask("DATA", machine.link.data_bytes.to_bytes(2, "little") + b"1")
    with pytest.raises(ChipRejectedError):
        machine.link._ask("GLOBALS", machine.link.data_bytes.to_bytes(2, "little") + b"\1")
    works()


def test_a_module_that_wants_more_stack_than_there_is_does_not_run(machine, works):
    push, halt = (bytes([machine.link.numbers[name]]) for name in ("push", "halt"))
    machine.link.upload_code(push * (machine.link.code_bytes - 1) + halt)
    with pytest.raises(ChipRejectedError, match="stack would take"):
        machine.link.start()
    works()


def test_damaged_frames_are_refused(machine, works):
    good = encode(Frame(9, 0x20, b""))
    for bad in (
        bytes([*good[:-2], good[-2] ^ 1, 0]),  # checksum
        encode(Frame(9, 0x7F, b"")),  # no command
        b"\x02\x05\0",  # too short for a frame
        b"\x09\x05\0",  # cut inside a block
        encode(Frame(9, 0x22, bytes(240))) if machine.link.code_bytes < 240 else b"\x02\x05\0",
    ):
        machine.port.write(bad)
        with pytest.raises(LinkError):
            machine.link._event()
        machine.power_cycle()
    works()


def test_a_program_that_wants_more_input_than_there_is_says_so(machine, works):
    machine.link.upload(compiled("from chip import read\n\nx = read()\ny = read()\n"))
    with pytest.raises(LinkError, match="more than the 1 bytes"):
        machine.link.run(b"5")
    machine.power_cycle()
    works()


def test_an_endless_recursion_that_speaks_ends_before_the_variables(machine, works):
    """The emulator ends a run whose stack grows into them."""
    source = "from chip import emit\n\n\ndef f(n):\n    emit(n)\n    return f(n + 1) + 1\n\n\n"
    source += "f(0)\n"
    machine.link.upload(compiled(source))
    run = machine.link.run()
    assert run.error == RunError("RecursionError", 6)
    assert run.outputs == tuple(range(len(run.outputs)))
    works()


# ---- the verifiers -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def native(tmp_path_factory):
    """verify.c on this machine; undefined behaviour and stray accesses end the process."""
    library = tmp_path_factory.mktemp("verify") / "verify.so"
    source = AVR / "vm" / "verify.c"
    flags = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", f"-I{AVR}"]
    flags += ["-fsanitize=undefined", "-fno-sanitize-recover=all"]
    subprocess.run(["gcc", *flags, str(source), "-o", str(library)], check=True)
    ffi = cffi.FFI()
    header = (AVR / "vm" / "verify.h").read_text(encoding="utf-8")
    structs = re.findall(r"typedef struct \{.*?\} \w+;", header, re.DOTALL)
    opcode = "typedef struct { uint8_t number; uint8_t kind; } python_opcode;"
    ffi.cdef(opcode + "".join(structs) + "verdict verify(const bytecode *program);")
    c = ffi.dlopen(str(library))
    kinds = list(Operands)
    table = [
        (NUMBERS[o.name], kinds.index(o.operands) | o.pushes + 1 << 4) for o in opcodes().values()
    ]
    entries = ffi.new("python_opcode[]", table)

    def judge(code: bytes):
        kept = ffi.new("uint8_t[]", code or b"\0")
        program = ffi.new("bytecode *", (kept, len(code), DATA_BYTES, entries, len(table)))
        return c.verify(program)

    return judge


def mutated(code: bytes, draw: random.Random) -> bytes:
    """Bytes changed, taken out, put in, or the end cut off."""
    changed = bytearray(code)
    for _ in range(draw.choice((1, 1, 2, 4))):
        at = draw.randrange(len(changed)) if changed else 0
        match draw.randrange(5):
            case 0:
                changed[at : at + 1] = b""
            case 1:
                changed[at:at] = bytes([draw.randrange(256)])
            case 2:
                del changed[at:]
            case _:
                changed[at : at + 1] = bytes([draw.choice((draw.randrange(256), 0, 1, 2, 254))])
    return bytes(changed)


def mutants(numbers, count: int, seed: int, size_max: int):
    draw = random.Random(seed)
    codes = [compiled(load(path).source).encode(numbers) for path in PROGRAMS]
    codes = [code for code in codes if len(code) <= size_max]
    return [mutated(draw.choice(codes), draw)[:size_max] for _ in range(count)]


def host_says(code: bytes, numbers=NUMBERS, data_bytes=DATA_BYTES):
    try:
        return verify(code, numbers, data_bytes)
    except BytecodeError:
        return None


@pytest.mark.parametrize("path", PROGRAMS)
def test_what_the_compiler_makes_is_harmless(native, path):
    bytecode = compiled(load(path).source)
    code = bytecode.encode(NUMBERS)
    verdict = native(code)
    depths = verify(code, NUMBERS, DATA_BYTES)
    assert verdict.is_harmless
    assert (depths.module_bytes, depths.function_bytes) == (
        verdict.module_bytes,
        verdict.function_bytes,
    )
    assert bytecode.module_stack_bytes == depths.module_bytes
    assert bytecode.function_stack_bytes == depths.function_bytes


def compare_verifiers(native, count, seed):
    harmless = 0
    for code in mutants(NUMBERS, count, seed, 1_000):
        depths, verdict = host_says(code), native(code)
        assert (depths is not None) == verdict.is_harmless, code.hex()
        if depths is not None:
            harmless += 1
            assert (depths.module_bytes, depths.function_bytes) == (
                verdict.module_bytes,
                verdict.function_bytes,
            )
    assert 0 < harmless < count


def test_both_verifiers_judge_mutants_alike(native):
    compare_verifiers(native, 3_000, seed=1)


@pytest.mark.long
def test_both_verifiers_judge_many_mutants_alike(native):
    compare_verifiers(native, 30_000, seed=2)


def torture(machine, works, count, seed):
    """Mutants run for a while: no fault of the chip, and their code is what it was."""
    numbers, data_bytes = machine.link.numbers, machine.link.data_bytes
    memory = machine.chip.symbols["memory"]
    for code in mutants(numbers, count, seed, machine.link.code_bytes):
        machine.link.upload_code(code)
        try:
            machine.link.start()
        except ChipRejectedError:
            assert host_says(code, numbers, data_bytes) is None or not code, code.hex()
            continue
        assert host_says(code, numbers, data_bytes) is not None
        machine.chip.run(cycles_max=20_000)
        held = machine.chip.data[memory.address + 4 : memory.address + 4 + len(code)]
        assert bytes(held) == code
        machine.power_cycle()
    works()


def test_mutants_on_a_chip_stay_within_their_own(machine, works):
    torture(machine, works, 60, seed=3)


@pytest.mark.long
def test_thousands_of_mutants_on_a_chip_stay_within_their_own(machine, works):
    torture(machine, works, 2_000, seed=4)
