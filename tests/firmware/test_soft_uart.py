# SPDX-License-Identifier: GPL-3.0-or-later
"""chip/soft_uart.c: bytes over two pins of chips without a USART, and learners that speak so."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from kilolearn import firmware
from kilolearn.errors import BadReplyError
from kilolearn.frames import Frame, decode, encode
from kilolearn.measure import open_emulated
from kilolearn.twin import Twin
from pyavr_sim import Chip

HERE = Path(__file__).parent
AVR = HERE.parents[1] / "avr"
HZ = {"attiny13a": 9_600_000, "attiny85": 8_000_000}
BAUD = 115_200
RX, TX = "B3", "B4"


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    """``probe(mcu, burst, baud)``: the ELF of soft_uart_probe.c."""
    folder = tmp_path_factory.mktemp("soft_uart")

    def build(mcu: str, burst: int = 1, baud: int = BAUD) -> Path:
        elf = folder / f"{mcu}-{burst}-{baud}.elf"
        flags = [f"-mmcu={mcu}", f"-DF_CPU={HZ[mcu]}UL", f"-DBAUD={baud}UL", f"-DBURST={burst}"]
        flags += ["-std=gnu11", "-Os", "-gdwarf-4", "-Wall", "-Wextra", "-Werror", f"-I{AVR}"]
        sources = [HERE / "soft_uart_probe.c", AVR / "chip/soft_uart.c", AVR / "chip/clock.c"]
        subprocess.run(["avr-gcc", *flags, *map(str, sources), "-o", str(elf)], check=True)
        return elf

    return build


@pytest.mark.parametrize("baud", [19_200, 57_600, BAUD])
@pytest.mark.parametrize("mcu", HZ)
def test_every_byte_goes_round(probe, mcu, baud):
    with Chip(mcu, probe(mcu, baud=baud), hz=HZ[mcu]) as chip:
        line = chip.serial_line(RX, TX, baud)
        for byte in range(256):
            assert line.exchange(bytes([byte]), 1) == bytes([byte])
        assert line.framing_errors == 0


def test_a_glitch_begins_no_byte(probe):
    with Chip("attiny85", probe("attiny85")) as chip:
        line = chip.serial_line(RX, TX, BAUD)
        chip.run(2_000)
        for cycles in range(1, 14):
            chip.pin(RX).drive(False)
            chip.run(cycles)
            chip.pin(RX).drive(True)
            chip.run(1_000)
        assert line.pending == 0
        assert line.exchange(b"\x5a", 1) == b"\x5a"


def test_a_byte_without_its_stop_bit_is_lost_and_the_next_is_not(probe):
    """A break of three frames: one error, at its end."""
    with Chip("attiny85", probe("attiny85")) as chip:
        line = chip.serial_line(RX, TX, BAUD)
        chip.run(2_000)
        chip.pin(RX).drive(False)
        chip.run(30 * HZ["attiny85"] // BAUD)
        assert line.pending == 0
        chip.pin(RX).drive(True)
        chip.run(2_000)
        assert line.read() == b"\xee"
        assert line.exchange(b"\x5a", 1) == b"\x5a"


@pytest.fixture(scope="module")
def uncalibrated(tmp_path_factory):
    """A learner with long requests at the fastest rate, which leaves no time to measure one."""
    folder = tmp_path_factory.mktemp("uncalibrated")
    command = ["make", "-s", "-C", str(AVR), "APP=dense", "CONFIG=breast_cancer", "MCU=attiny85"]
    subprocess.run([*command, f"BAUD={BAUD}", "CALIBRATE=0", f"BUILD={folder}"], check=True)
    return folder / "attiny85" / "dense-breast_cancer.elf"


def answers(elf: Path, baud: int, told) -> int:
    """Of five requests as long as they get, without a gap, how many are answered."""
    with Chip("attiny85", elf) as chip:
        line = chip.serial_line(RX, TX, baud)
        chip.run(100_000)
        line.read()
        good = 0
        draw = np.random.default_rng(4)
        number = firmware.contract().constant("COMMAND_INFER")
        for sequence in range(1, 6):
            sample = draw.integers(0, told.input_max + 1, told.inputs).astype(np.uint8)
            line.write(encode(Frame(sequence, number, sample.tobytes())))
            chip.run(300_000)
            with suppress(BadReplyError):
                reply = decode(line.read().strip(b"\0"))
                good += (reply.sequence, reply.command) == (sequence, number | 0x80)
        return good


@pytest.mark.parametrize(("percent", "is_good"), [(-2.5, 0), (-1.5, 1), (2, 1), (3.5, 0)])
def test_requests_without_a_gap_may_come_at_another_rate(uncalibrated, percent, is_good):
    """docs/wire.md: from -1.8 to +2.6 % of 115,200 baud at 8 MHz."""
    told = Twin("dense", "breast_cancer").description
    found = answers(uncalibrated, round(BAUD * (1 + percent / 100)), told)
    assert found == 5 if is_good else found < 5


def test_a_learner_on_the_attiny85_has_the_bits_of_its_twin():
    twin = Twin("dense", "iris")
    told = twin.description
    draw = np.random.default_rng(6)
    elf = firmware.build("dense", "attiny85", "iris")
    with open_emulated(elf, "attiny85", seed=9) as learner:
        assert learner.link.description == told
        twin.reset(77)
        learner.link.reset(77)
        for _ in range(60):
            sample = draw.integers(0, told.input_max + 1, told.inputs).astype(np.uint8)
            label = int(draw.integers(told.classes))
            assert learner.link.train(sample, label) == twin.train(sample, label)
        assert learner.weights_in_sram() == twin.read_weights()
        assert learner.cost().sram_high_water <= 173


def test_the_line_takes_90_bytes_of_flash_and_no_static_sram(tmp_path):
    image = tmp_path / "soft_uart.o"
    flags = ["-mmcu=attiny85", "-DF_CPU=8000000UL", "-std=gnu11", "-Os", f"-I{AVR}"]
    source = AVR / "chip/soft_uart.c"
    subprocess.run(["avr-gcc", *flags, "-c", str(source), "-o", str(image)], check=True)
    told = subprocess.run(["avr-size", str(image)], capture_output=True, text=True, check=True)
    text, data, bss = map(int, told.stdout.splitlines()[1].split()[:3])
    assert text <= 92  # uart_start is a function here, with its RET
    assert data + bss == 0
