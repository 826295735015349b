# SPDX-License-Identifier: GPL-3.0-or-later
"""chip/bits_measured.h: a chip whose oscillator is off talks at the rate of its host."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from kilolearn import firmware
from kilolearn.emulator import emulated_chip
from kilolearn.frames import Frame, decode, encode
from kilolearn.link import Link, open_link
from kilolearn.port import open_port
from kilolearn.twin import Twin
from pyavr_sim import Chip, SerialLine

HERE = Path(__file__).parent
AVR = HERE.parents[1] / "avr"
HZ = {"attiny13a": 9_600_000, "attiny85": 8_000_000}
RATES = (9_600, 19_200, 38_400, 57_600)
OFF = (-10, 0, 10)  # percent of the chip's clock
RX, TX = "B3", "B4"
CALIBRATES = "-DUART_CALIBRATES"
LOST = b"\xee"  # says soft_uart_probe.c
FRAME_BITS = 10
CALLER_CYCLES = 62

Probe = Callable[..., Path]


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Probe:
    """``probe(source, mcu, baud, *flags)``: the ELF of a probe over chip/soft_uart.c."""
    folder = tmp_path_factory.mktemp("calibration")

    def build(source: str, mcu: str, baud: int, *flags: str) -> Path:
        elf = folder / "-".join([source, mcu, str(baud), *flags])
        if not elf.exists():
            rooms = ["chip/soft_uart.c", "chip/clock.c", "wire/crc16.c"]
            rooms += ["wire/frame_receive.c", "wire/frame_send.c"]
            command = ["avr-gcc", f"-mmcu={mcu}", f"-DF_CPU={HZ[mcu]}UL", f"-DBAUD={baud}UL"]
            command += [*flags, "-std=gnu11", "-Os", "-gdwarf-4", "-Wall", "-Wextra", "-Werror"]
            command += ["-ffunction-sections", "-Wl,--gc-sections", f"-I{AVR}"]
            command += [str(HERE / source), *(str(AVR / room) for room in rooms), "-o", str(elf)]
            subprocess.run(command, check=True)
        return elf

    return build


def detuned(mcu: str, percent: float) -> int:
    return round(HZ[mcu] * (1 + percent / 100))


@contextmanager
def powered(elf: Path, mcu: str, percent: float, baud: int) -> Iterator[tuple[Chip, SerialLine]]:
    """The chip at its rest after power-up, its clock off by `percent`, and the host's line."""
    with Chip(mcu, elf, hz=detuned(mcu, percent)) as chip:
        line = chip.serial_line(RX, TX, baud)
        chip.run(2 * FRAME_BITS * chip.hz // baud)
        line.read()
        yield chip, line


def heard(chip: Chip, line: SerialLine, baud: int, said: bytes, answer_bytes: int) -> bytes:
    """What comes back within the time of both, what the chip does between, and a pause."""
    line.write(said)
    chip.run(20_000 + (len(said) + answer_bytes + 4) * FRAME_BITS * chip.hz // baud)
    return line.read()


def frames_come_back(elf: Path, mcu: str, percent: float, baud: int) -> bool:
    """Of bodies as long as the probe takes: every one, or not."""
    draw = np.random.default_rng(5)
    with powered(elf, mcu, percent, baud) as (chip, line):
        heard(chip, line, baud, b"\0", 0)
        for sequence in range(1, 6):
            body = draw.bytes(22)
            reply = encode(Frame(sequence, 0x85, body))
            request = encode(Frame(sequence, 0x05, body))
            if heard(chip, line, baud, request, len(reply)) != reply:
                return False
    return True


@pytest.mark.parametrize("percent", OFF)
@pytest.mark.parametrize("baud", RATES)
@pytest.mark.parametrize("mcu", HZ)
def test_frames_go_round_at_any_clock(probe, mcu, baud, percent):
    assert frames_come_back(probe("frame_echo_probe.c", mcu, baud, CALIBRATES), mcu, percent, baud)


@pytest.mark.parametrize("percent", OFF)
@pytest.mark.parametrize("baud", RATES)
@pytest.mark.parametrize("mcu", HZ)
def test_uncalibrated_they_go_round_at_the_right_clock_only(probe, mcu, baud, percent):
    elf = probe("frame_echo_probe.c", mcu, baud)
    assert frames_come_back(elf, mcu, percent, baud) == (percent == 0)


def test_frames_fit_an_attiny13a(probe):
    """docs/wire.md."""
    elf = probe("frame_echo_probe.c", "attiny13a", 57_600, CALIBRATES, "-flto")
    told = subprocess.run(["avr-size", str(elf)], capture_output=True, text=True, check=True)
    text, data, bss = map(int, told.stdout.splitlines()[1].split()[:3])
    assert text + data <= 652
    assert data + bss == 28


# ---- to the cycle ------------------------------------------------------------------------------


def cycles_of_a_bit(chip: Chip) -> int:
    """As the chip has measured them."""
    return int(chip.var("bit_cycles"))


def sample_of_bit(chip: Chip, line: SerialLine, bit: int) -> int:
    """When it looks at a bit of data, in cycles behind the fall that begins the byte.

    The line rises once: a bit is high if it is looked at then or later.
    """
    bit_cycles = cycles_of_a_bit(chip)
    before, begin = chip.snapshot(), chip.cycle
    latest, too_late = (bit + 1) * bit_cycles, (bit + 2) * bit_cycles
    found = 0
    while latest < too_late:
        middle = (latest + too_late) // 2
        chip.restore(before)
        chip.pin(RX).drive(False)
        chip.run(middle)
        rise = chip.cycle - begin
        chip.pin(RX).drive(True)
        chip.run(25 * bit_cycles)
        if line.read()[0] >> bit & 1:
            latest, found = middle + 1, max(found, rise)
        else:
            too_late = middle
    chip.restore(before)
    return found


def edges(chip: Chip, cycles: int) -> list[int]:
    """When TX changes: behind each instruction that did it."""
    end, was, found = chip.cycle + cycles, chip.pin(TX).level, []
    while chip.cycle < end:
        chip.run(1)
        if chip.pin(TX).level != was:
            was = not was
            found.append(chip.cycle)
    return found


@pytest.mark.parametrize("percent", OFF)
@pytest.mark.parametrize("baud", [9_600, 57_600])
@pytest.mark.parametrize("mcu", HZ)
def test_bits_are_looked_at_and_sent_to_the_cycle(probe, mcu, baud, percent):
    elf = probe("soft_uart_probe.c", mcu, baud, CALIBRATES)
    with powered(elf, mcu, percent, baud) as (chip, line):
        assert heard(chip, line, baud, b"\0", 1) == b"\0"
        bit_cycles = cycles_of_a_bit(chip)
        assert abs(bit_cycles - chip.hz / baud) <= 1

        line.write(b"\x55")
        assert np.diff(edges(chip, 30 * bit_cycles)).tolist() == [bit_cycles] * 9
        assert line.read() == b"\x55"

        looks = [sample_of_bit(chip, line, bit) for bit in range(8)]
        assert np.diff(looks).tolist() == [bit_cycles] * 7
        # The start bit in the middle of what the caller leaves of it; a turn sees its fall later.
        assert looks[0] - (bit_cycles + bit_cycles // 2 - CALLER_CYCLES // 2 - 2) in range(3)


def test_a_byte_that_began_before_the_chip_listened_is_lost(probe):
    baud, bit = 57_600, HZ["attiny85"] // 57_600
    elf = probe("soft_uart_probe.c", "attiny85", baud, CALIBRATES)
    with powered(elf, "attiny85", 0, baud) as (chip, line):
        assert heard(chip, line, baud, b"\0\x55", 2) == b"\0\x55"
        line.write(b"\x55")
        chip.run(15 * bit)  # half of the echo is out
        assert not line.pending
        chip.pin(RX).drive(False)
        chip.run(14 * bit)
        chip.pin(RX).drive(True)
        chip.run(30 * bit)
        assert line.read() == b"\x55"  # the echo, and nothing of that
        assert heard(chip, line, baud, b"\0\x55", 2) == LOST + b"\x55"


# ---- a learner ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """``learner(baud)``: dense-iris for the ATtiny85, as the Makefile builds it."""
    folder = tmp_path_factory.mktemp("learner")

    @cache
    def build(baud: int) -> Path:
        command = ["make", "-s", "-C", str(AVR), "APP=dense", "CONFIG=iris", "MCU=attiny85"]
        subprocess.run([*command, f"BAUD={baud}", f"BUILD={folder / str(baud)}"], check=True)
        return folder / str(baud) / "attiny85" / "dense-iris.elf"

    return build


def port_of(elf: Path, percent: float, baud: int) -> str:
    return f"avrsim://attiny85/{elf}?hz={detuned('attiny85', percent)}&line={RX},{TX},{baud}"


@pytest.mark.parametrize("baud", RATES)
def test_a_learner_off_its_clock_has_the_bits_of_its_twin(learner, baud):
    twin = Twin("dense", "iris")
    told = twin.description
    elf = learner(baud)
    for percent in OFF:
        draw = np.random.default_rng(6)
        with open_link(port_of(elf, percent, baud)) as link:
            twin.reset(77)
            link.reset(77)
            for _ in range(12):
                sample = draw.integers(0, told.input_max + 1, told.inputs).astype(np.uint8)
                label = int(draw.integers(told.classes))
                assert link.train(sample, label) == twin.train(sample, label)
            assert link.read_weights() == twin.read_weights()
            assert link.statistics().steps == 12


@pytest.mark.parametrize("percent", OFF)
def test_a_host_that_does_not_begin_with_a_zero_repeats_one_request(learner, percent):
    hello = firmware.contract().constant("COMMAND_HELLO")
    overrun = firmware.contract().constant("ERROR_OVERRUN")
    with open_port(port_of(learner(57_600), percent, 57_600), timeout=0.1) as port:
        port.read(9)  # its greeting, at its own rate
        port.write(encode(Frame(1, hello, b"")))
        refusal = decode(port.read_until(b"\0")[:-1])
        assert (refusal.sequence, refusal.command, refusal.body[0]) == (0, 0xFF, overrun)
        port.write(encode(Frame(2, hello, b"")))
        reply = decode(port.read_until(b"\0")[:-1])
        assert (reply.sequence, reply.command) == (2, hello | 0x80)


@pytest.mark.parametrize("percent", OFF)
def test_garbage_at_power_up_does_not_keep_a_chip_from_the_rate(learner, percent):
    """A byte with seven zeros among it, which takes eight bits for nine."""
    draw = np.random.default_rng(8)
    for garbage in (b"\x80", b"\x80\x40" * 3, b"\xc0", *(draw.bytes(12) for _ in range(4))):
        with open_port(port_of(learner(57_600), percent, 57_600)) as port:
            port.write(garbage)
            assert Link(port).description == Twin("dense", "iris").description


@pytest.mark.parametrize("percent", OFF)
def test_a_wrong_measure_heals(learner, percent):
    """Whatever the chip takes for its bits, a host's usual repetitions bring it back."""
    with open_port(port_of(learner(57_600), percent, 57_600)) as port:
        link = Link(port)
        chip = emulated_chip(port)
        right = cycles_of_a_bit(chip)
        for wrong in range(right * 4 // 5, right * 6 // 5, 3):
            chip.var("bit_cycles")[...] = wrong
            assert link.hello() == link.description
            assert abs(cycles_of_a_bit(chip) - right) <= right // 20
