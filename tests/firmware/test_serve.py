# SPDX-License-Identifier: GPL-3.0-or-later
"""The serve loop, the same tests on the twin and on emulated chips: every command, every refusal.

The learner is apps/probe_learner.c: 6 inputs 0..15, 3 classes, a perceptron, recomputed here.
"""

from __future__ import annotations

import random
import struct
from binascii import crc_hqx

import cffi
import numpy as np
import pytest
from cobs import cobs

from kilolearn import firmware
from pyavr_sim import Chip, until

INPUTS, CLASSES, INPUT_MAX = 6, 3, 15
WEIGHTS_SIZE = 2 * CLASSES * (INPUTS + 1)

HELLO, RESET, SET_RATE, TRAIN, INFER, READ, WRITE, STATISTICS = range(1, 9)
REPLY, ERROR = 0x80, 0xFF
BAD_CRC, BAD_LENGTH, UNKNOWN_COMMAND, BAD_LABEL, BAD_RANGE, BAD_INPUT, OVERRUN, BAD_STEP = range(
    1, 9
)

CYCLES_MAX = 2_000_000
CYCLES_SLICE = 20_000


class TwinLine:
    """The twin's serve loop between two buffers of memory."""

    def __init__(self) -> None:
        self.ffi = cffi.FFI()
        self.ffi.cdef("""
            void serve_twin_start(void);
            size_t serve_twin(const uint8_t *in, const uint8_t *lost, size_t in_size,
                              uint8_t *out, size_t out_size);
        """)
        self.native = self.ffi.dlopen(str(firmware.build_twin("probe_learner")))
        self.native.serve_twin_start()
        self.pending = b""

    def exchange(self, data: bytes, replies: int = 1, lost: bytes | None = None) -> bytes:
        self.pending += data
        out = self.ffi.new("uint8_t[]", 4096)
        size = self.native.serve_twin(
            self.pending, lost or self.ffi.NULL, len(self.pending), out, 4096
        )
        self.pending = self.pending[self.pending.rfind(b"\0") + 1 :]
        answered = bytes(self.ffi.buffer(out, size))
        assert answered.count(b"\0") == replies
        return answered


class ChipLine:
    """An emulated chip, its UART at the speed of its baud rate."""

    def __init__(self, mcu: str) -> None:
        self.chip = Chip(mcu, firmware.build("probe_learner", mcu), seed=1)
        assert self.exchange(b"") == b"\0", "the chip flushes the line once at its start"

    def exchange(self, data: bytes, replies: int = 1) -> bytes:
        uart = self.chip.uart(0)
        uart.write(data)
        answered, limit = b"", self.chip.cycle + CYCLES_MAX
        while answered.count(b"\0") < replies:
            assert self.chip.cycle < limit, f"only {answered!r} came"
            self.chip.run(cycles_max=CYCLES_SLICE)
            answered += uart.read()
        self.chip.run(cycles_max=CYCLES_SLICE)
        return answered + uart.read()


@pytest.fixture(params=["twin", "attiny841", "attiny1634", "atmega328p"])
def line(request):
    return TwinLine() if request.param == "twin" else ChipLine(request.param)


def stuffed(payload: bytes) -> bytes:
    return bytes(cobs.encode(payload)) + b"\0"


def frame(command: int, body: bytes = b"", sequence: int = 7) -> bytes:
    content = bytes((sequence, command)) + body
    return stuffed(content + struct.pack("<H", crc_hqx(content, 0xFFFF)))


def unframed(answered: bytes) -> tuple[int, int, bytes]:
    """Sequence, command and body of exactly one whole frame."""
    assert answered.count(b"\0") == 1
    assert answered.endswith(b"\0")
    payload = cobs.decode(answered[:-1])
    assert crc_hqx(payload[:-2], 0xFFFF) == int.from_bytes(payload[-2:], "little")
    return payload[0], payload[1], payload[2:-2]


def ask(line, command: int, body: bytes = b"", sequence: int = 7) -> bytes:
    """The body of a good reply."""
    answered = unframed(line.exchange(frame(command, body, sequence)))
    assert answered[:2] == (sequence, command | REPLY), answered
    return answered[2]


def refusal(line, data: bytes, sequence: int = 7, **how) -> tuple[int, int]:
    """Error and detail of an error reply, after which the learner must be as it was."""
    before = ask(line, READ, struct.pack("<HB", 0, WEIGHTS_SIZE))
    counted = ask(line, STATISTICS)[:8]
    answered, command, body = unframed(line.exchange(data, **how))
    assert (answered, command) == (sequence, ERROR)
    assert ask(line, READ, struct.pack("<HB", 0, WEIGHTS_SIZE)) == before
    assert ask(line, STATISTICS)[:8] == counted
    return struct.unpack("<BH", body)


def initial_weights(seed: int) -> np.ndarray:
    """weight (classes, inputs), bias (classes,) in one row of int16, as the probe resets them."""
    weight = [(seed & 0xFF) + c - i for c in range(CLASSES) for i in range(INPUTS)]
    return np.array(weight + [seed >> 8] * CLASSES, "<i2")


def read_weights(line) -> np.ndarray:
    return np.frombuffer(ask(line, READ, struct.pack("<HB", 0, WEIGHTS_SIZE)), "<i2")


def test_hello_describes_the_learner(line):
    description = struct.unpack("<B12sBBBHBHB", ask(line, HELLO))
    assert description == (
        3,
        b"probe".ljust(12, b"\0"),
        INPUTS,
        CLASSES,
        INPUT_MAX,
        WEIGHTS_SIZE,
        1,
        firmware.contract().hash,
        1,
    )


def test_before_any_reset_the_model_is_that_of_seed_1(line):
    np.testing.assert_array_equal(read_weights(line), initial_weights(1))


@pytest.mark.parametrize("seed", [0, 1, 0x1234, 0xFFFF])
def test_reset_starts_from_the_seed(line, seed):
    assert ask(line, RESET, struct.pack("<H", seed)) == b""
    expected = initial_weights(seed).astype(np.int64).astype("<i2")
    np.testing.assert_array_equal(read_weights(line), expected)


def test_inference_and_training_follow_the_perceptron(line):
    """60 steps, recomputed with NumPy: predictions, margins, weights, counters."""
    draw = random.Random(3)
    ask(line, RESET, struct.pack("<H", 5))
    weights = initial_weights(5).astype(np.int64)
    wrong = 0
    for step in range(60):
        sample = np.array([draw.randrange(INPUT_MAX + 1) for _ in range(INPUTS)])
        label, shift = draw.randrange(CLASSES), draw.choice([0, 3, 8])
        weight, bias = weights[:-CLASSES].reshape(CLASSES, INPUTS), weights[-CLASSES:]
        score = (weight @ sample + bias).astype("<i2").astype(np.int64)
        second, best = np.sort(score)[-2:]
        expected = (int(np.argmax(score)), int(np.int64(best - second).astype("<i2")))
        body = sample.astype(np.uint8).tobytes()
        assert struct.unpack("<Bh", ask(line, INFER, body, sequence=step)) == expected

        ask(line, SET_RATE, bytes([shift]))
        assert struct.unpack("<Bh", ask(line, TRAIN, bytes([label]) + body)) == expected

        if expected[0] != label:
            wrong += 1
            for row, sign in ((label, 1), (expected[0], -1)):
                weight[row] += sign * ((sample << 8) >> shift)
                bias[row] += sign
            weights = weights.astype("<i2").astype(np.int64)
    np.testing.assert_array_equal(read_weights(line), weights)
    assert wrong > 10
    assert struct.unpack("<II", ask(line, STATISTICS)[:8]) == (60, wrong)


def test_reset_clears_the_counters(line):
    for label in range(CLASSES):
        ask(line, TRAIN, bytes([label]) + b"\5" * INPUTS)
    assert struct.unpack("<I", ask(line, STATISTICS)[:4]) == (3,)
    ask(line, RESET, b"\1\0")
    assert struct.unpack("<II", ask(line, STATISTICS)[:8]) == (0, 0)


def numbered(step: int) -> int:
    """The sequence of the TRAIN that is this step."""
    return 0x80 | step & 0x7F


def test_a_numbered_step_is_taken_once_and_its_answer_repeated(line):
    body = bytes([1]) + b"\5" * INPUTS
    ask(line, RESET, b"\1\0")
    for step in range(130):  # the number begins anew at 128
        answer = ask(line, TRAIN, body, numbered(step))
        taken = read_weights(line).tobytes()
        for _ in range(2):
            assert ask(line, TRAIN, body, numbered(step)) == answer
        assert read_weights(line).tobytes() == taken
        assert struct.unpack("<I", ask(line, STATISTICS)[:4]) == (step + 1,)


@pytest.mark.parametrize("ahead", [-2, 1, 2])
def test_another_step_than_the_next_is_refused(line, ahead):
    ask(line, RESET, b"\1\0")
    for step in range(5):
        ask(line, TRAIN, bytes([1]) + b"\5" * INPUTS, numbered(step))
    sequence = numbered(5 + ahead)
    data = frame(TRAIN, bytes([1]) + b"\5" * INPUTS, sequence)
    assert refusal(line, data, sequence) == (BAD_STEP, 5)


def test_after_a_start_no_numbered_step_is_taken_before_the_count_is_told(line):
    """It may be the next by its number, and the seed and the step size be others."""
    body = bytes([1]) + b"\5" * INPUTS
    fresh = read_weights(line).tobytes()
    answered, command, said = unframed(line.exchange(frame(TRAIN, body, numbered(0))))
    assert (answered, command) == (numbered(0), ERROR)
    assert struct.unpack("<BH", said) == (BAD_STEP, 0)
    assert read_weights(line).tobytes() == fresh
    ask(line, STATISTICS)
    ask(line, TRAIN, body, numbered(0))
    assert read_weights(line).tobytes() != fresh


def test_after_a_reset_no_answer_is_repeated(line):
    body = bytes([1]) + b"\5" * INPUTS
    ask(line, RESET, b"\1\0")
    ask(line, TRAIN, body, numbered(0))
    ask(line, RESET, b"\1\0")
    fresh = read_weights(line).tobytes()
    ask(line, TRAIN, body, numbered(0))
    assert struct.unpack("<I", ask(line, STATISTICS)[:4]) == (1,)
    assert read_weights(line).tobytes() != fresh


def test_weights_are_read_in_any_piece(line):
    whole = read_weights(line).tobytes()
    for offset, count in [(0, 1), (3, 7), (WEIGHTS_SIZE - 1, 1), (1, WEIGHTS_SIZE - 1)]:
        piece = ask(line, READ, struct.pack("<HB", offset, count))
        assert piece == whole[offset : offset + count]


def test_weights_are_written_in_any_piece(line):
    written = bytearray(random.Random(4).randbytes(WEIGHTS_SIZE))
    for offset in range(0, WEIGHTS_SIZE, INPUTS - 1):
        piece = bytes(written[offset : offset + INPUTS - 1])
        assert ask(line, WRITE, struct.pack("<H", offset) + piece) == b""
    assert read_weights(line).tobytes() == bytes(written)
    ask(line, WRITE, struct.pack("<HB", 9, 0))
    written[9] = 0
    assert read_weights(line).tobytes() == bytes(written)


def test_an_empty_frame_has_no_answer(line):
    assert unframed(line.exchange(b"\0\0\0" + frame(HELLO)))[1] == HELLO | REPLY


def test_requests_back_to_back_are_answered_in_order(line):
    """On a line that loses nothing; a real UART keeps two bytes, and says when it loses one."""
    answered = line.exchange(frame(HELLO) + frame(RESET, b"\1\0"), replies=2)
    first, second = answered.split(b"\0")[:2]
    assert unframed(first + b"\0")[1] == HELLO | REPLY
    assert unframed(second + b"\0")[1] == RESET | REPLY


@pytest.mark.parametrize("position", range(-3, 3))
def test_a_changed_bit_is_a_bad_crc(line, position):
    content = bytes((7, TRAIN)) + b"\1" + b"\5" * INPUTS
    payload = bytearray(content + struct.pack("<H", crc_hqx(content, 0xFFFF)))
    payload[position] ^= 0x10
    computed = crc_hqx(bytes(payload[:-2]), 0xFFFF)
    assert refusal(line, stuffed(bytes(payload)), sequence=0) == (BAD_CRC, computed)


@pytest.mark.parametrize(
    ("command", "size"),
    [
        (HELLO, 1),
        (RESET, 1),
        (RESET, 3),
        (SET_RATE, 0),
        (SET_RATE, 2),
        (TRAIN, INPUTS),
        (INFER, INPUTS - 1),
        (INFER, INPUTS + 1),
        (READ, 2),
        (READ, 4),
        (WRITE, 0),
        (WRITE, 2),
        (STATISTICS, 1),
    ],
)
def test_a_body_of_another_length_is_refused(line, command, size):
    assert refusal(line, frame(command, b"\1" * size)) == (BAD_LENGTH, 4 + size)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_payload_too_short_for_a_crc_is_a_bad_length(line, size):
    assert refusal(line, stuffed(b"\7\1\2"[:size]), sequence=0) == (BAD_LENGTH, size)


def test_a_frame_cut_inside_a_block_is_a_bad_length(line):
    whole = frame(TRAIN, b"\1" + b"\5" * INPUTS)
    cut = whole[:6] + b"\0"
    assert refusal(line, cut, sequence=0) == (BAD_LENGTH, 5)


def test_a_frame_cut_behind_its_first_code_byte_is_a_bad_length(line):
    assert refusal(line, b"\5\0", sequence=0) == (BAD_LENGTH, 0)


@pytest.mark.parametrize("command", [0, 9, 0x7F, 0x81, 0xFF])
def test_an_unknown_command_is_refused(line, command):
    assert refusal(line, frame(command)) == (UNKNOWN_COMMAND, command)


@pytest.mark.parametrize("label", [CLASSES, 255])
def test_a_label_beyond_the_classes_is_refused(line, label):
    assert refusal(line, frame(TRAIN, bytes([label]) + b"\1" * INPUTS)) == (BAD_LABEL, label)


@pytest.mark.parametrize("index", [0, 3, INPUTS - 1])
@pytest.mark.parametrize("command", [TRAIN, INFER])
def test_a_value_above_the_maximum_is_refused(line, command, index):
    sample = bytearray([INPUT_MAX] * INPUTS)
    sample[index:] = [INPUT_MAX + 1] * (INPUTS - index)
    label = b"\0" if command == TRAIN else b""
    assert refusal(line, frame(command, label + bytes(sample))) == (BAD_INPUT, index)


@pytest.mark.parametrize(
    ("offset", "count"),
    [(0, 0), (0, WEIGHTS_SIZE + 1), (WEIGHTS_SIZE, 1), (1, WEIGHTS_SIZE), (0xFFFF, 1), (0, 255)],
)
def test_weights_beyond_the_model_are_not_read(line, offset, count):
    assert refusal(line, frame(READ, struct.pack("<HB", offset, count))) == (BAD_RANGE, offset)


@pytest.mark.parametrize(
    ("offset", "count"), [(WEIGHTS_SIZE, 1), (WEIGHTS_SIZE - 4, 5), (0xFFFF, 1), (0xFFFC, 5)]
)
def test_weights_beyond_the_model_are_not_written(line, offset, count):
    body = struct.pack("<H", offset) + b"\x55" * count
    assert refusal(line, frame(WRITE, body)) == (BAD_RANGE, offset)


@pytest.mark.parametrize("shift", [16, 255])
def test_a_rate_beyond_15_is_refused(line, shift):
    assert refusal(line, frame(SET_RATE, bytes([shift]))) == (BAD_RANGE, shift)


@pytest.mark.parametrize("size", [INPUTS + 2, 100, 249])
def test_an_overlong_frame_is_swallowed_and_refused(line, size):
    kept = INPUTS + 5
    assert refusal(line, frame(TRAIN, b"\1" * size), sequence=0) == (OVERRUN, kept)


def test_garbage_ends_at_the_next_delimiter(line):
    garbage = bytes(random.Random(5).choices(range(1, 256), k=700))
    assert refusal(line, garbage + b"\0", sequence=0)[0] == OVERRUN
    assert len(ask(line, HELLO)) == 22


def test_a_byte_lost_on_the_line_is_an_overrun():
    line = TwinLine()
    request = frame(TRAIN, b"\1" + b"\5" * INPUTS)
    lost = bytes(i == 4 for i in range(len(request)))
    assert refusal(line, request, sequence=0, lost=lost) == (OVERRUN, INPUTS + 5)


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega328p"])
def test_the_chip_knows_its_own_sram(mcu):
    line = ChipLine(mcu)
    for _ in range(3):
        ask(line, TRAIN, b"\1" + b"\5" * INPUTS)

    high_water, static = struct.unpack("<HH", ask(line, STATISTICS)[8:])

    assert static == line.chip.static_bytes
    assert 0 <= line.chip.stack_high_water - high_water <= 2, "a byte of paint may look unused"


@pytest.mark.parametrize("mcu", ["attiny1634", "atmega328p"])
def test_the_serve_loop_leaves_the_stack_to_the_learner(mcu):
    """What lies on the stack, return address included, when a training step begins."""
    line = ChipLine(mcu)
    line.chip.uart(0).write(frame(TRAIN, b"\1" + b"\5" * INPUTS))
    line.chip.run(cycles_max=CYCLES_MAX, until=until.symbol("learner_train"))
    top = line.chip.description.sram_start + line.chip.description.sram_bytes - 1
    assert 4 <= top - line.chip.sp <= 16
