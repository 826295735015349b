# SPDX-License-Identifier: GPL-3.0-or-later
"""chip/bits_measured.h: a chip whose oscillator is off talks at the rate of its host."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from kilolearn import firmware
from kilolearn.frames import Frame, decode, encode
from kilolearn.link import Link, open_link
from kilolearn.twin import Twin
from pyavr_sim import Chip, SerialLine

HERE = Path(__file__).parent
AVR = HERE.parents[1] / "avr"
HZ = {"attiny13a": 9_600_000, "attiny85": 8_000_000}
RATES = (9_600, 19_200, 38_400, 57_600)
OFF = (-10, 0, 10)  # percent of the chip's clock
RX, TX = "B3", "B4"
CALIBRATES = "-DUART_CALIBRATES"
FRAME_BITS = 10

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
            body = draw.bytes(24)
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
    assert text + data <= 670
    assert data + bss == 32


# ---- a learner ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """``learner(baud)``: dense-iris for the ATtiny85, as the Makefile builds it."""
    folder = tmp_path_factory.mktemp("learner")

    def build(baud: int) -> Path:
        command = ["make", "-s", "-C", str(AVR), "APP=dense", "CONFIG=iris", "MCU=attiny85"]
        subprocess.run([*command, f"BAUD={baud}", f"BUILD={folder / str(baud)}"], check=True)
        return folder / str(baud) / "attiny85" / "dense-iris.elf"

    return build


@contextmanager
def linked(elf: Path, percent: float, baud: int) -> Iterator[Link]:
    hz = detuned("attiny85", percent)
    with open_link(f"avrsim://attiny85/{elf}?hz={hz}&line={RX},{TX},{baud}") as link:
        yield link


@pytest.mark.parametrize("baud", RATES)
def test_a_learner_off_its_clock_has_the_bits_of_its_twin(learner, baud):
    twin = Twin("dense", "iris")
    told = twin.description
    elf = learner(baud)
    for percent in OFF:
        draw = np.random.default_rng(6)
        with linked(elf, percent, baud) as link:
            twin.reset(77)
            link.reset(77)
            for _ in range(12):
                sample = draw.integers(0, told.input_max + 1, told.inputs).astype(np.uint8)
                label = int(draw.integers(told.classes))
                assert link.train(sample, label) == twin.train(sample, label)
            assert link.read_weights() == twin.read_weights()
            assert link.statistics().steps == 12
