# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad lines and good ones in short; the whole is ``kilolearn bench link``."""

from __future__ import annotations

import numpy as np
import pytest

from kilolearn import firmware
from kilolearn.bench_link import GoodLine, measure_line
from kilolearn.checkpoint import train_through_resets
from kilolearn.emulator import port_url
from kilolearn.faulty_port import FAULTS, FaultyPort
from kilolearn.link import Link
from kilolearn.port import open_port
from kilolearn.timed_port import TimedPort
from kilolearn.twin import Twin

STEPS = 60


def drawn(about, count):
    draw = np.random.default_rng(4)
    samples = draw.integers(0, about.input_max + 1, (count, about.inputs)).astype(np.uint8)
    return samples, draw.integers(0, about.classes, count)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "resets"])
def test_a_bad_line_ends_with_the_bits_of_a_good_one(fault):
    twin = Twin("dense", "iris")
    samples, labels = drawn(twin.description, STEPS)
    twin.reset(1)
    expected = twin.train_many(samples, labels)
    url = port_url(firmware.build("dense", "attiny1634", "iris"), "attiny1634")
    with open_port(url, timeout=0.05) as port:
        bad = FaultyPort(port, fault, 0.05 if fault == "pauses" else 0.03, seed=7)
        link = Link(bad, quiet_seconds=0.002)
        link.reset(1)
        answers = link.train_many(samples, labels)
        assert bad.faults > 5
        assert link.retransmissions > 3
        assert answers.margins.tolist() == expected.margins.tolist()
        assert answers.predictions.tolist() == expected.predictions.tolist()
        assert link.read_weights() == twin.read_weights()
        assert link.statistics().steps == STEPS


def test_a_chip_that_is_reset_ends_with_the_same_bits():
    twin = Twin("digits", "checkpoint")
    samples, labels = drawn(twin.description, STEPS)
    twin.reset(1)
    twin.train_many(samples, labels)
    url = port_url(firmware.build("digits", "attiny1634", "checkpoint"), "attiny1634")
    with open_port(url, timeout=0.25) as port:
        bad = FaultyPort(port, "resets", 0.04, seed=7)
        link = Link(bad, quiet_seconds=0.002)
        link.reset(1)
        link.checkpoint(8)
        assert train_through_resets(link, samples, labels, [0] * STEPS) > 0
        assert bad.faults > 2
        assert link.read_weights() == twin.read_weights()


@pytest.mark.parametrize(
    ("line", "least"),
    [
        (GoodLine("attiny1634", 8_000_000, 500_000), 0.80),
        (GoodLine("attiny1634", 7_372_800, 115_200), 0.85),
        (GoodLine("atmega168p", 16_000_000, 500_000), 0.85),
        (GoodLine("atmega168p", 14_745_600, 115_200), 0.85),
    ],
    ids=str,
)
def test_a_good_line_is_well_used_and_loses_nothing(line, least):
    row = measure_line(line, steps=100)
    assert row["overruns"] == row["retransmissions"] == 0
    assert least <= row["wire_efficiency"] < 65 / 71


def test_a_timed_line_takes_the_time_of_its_bytes_and_loses_what_nobody_reads():
    """32 cycles a bit, 320 a byte: the request's six, the work, the reply's 28."""
    elf = firmware.build("dense", "attiny1634", "iris", baud=250_000)
    with open_port(port_url(elf, "attiny1634")) as port:
        timed = TimedPort(port, 250_000)
        assert timed.byte_cycles == 320
        link = Link(timed)
        begin = port.chip.cycle
        link.hello()
        assert 320 * 34 < port.chip.cycle - begin < 320 * 34 + 6000
        lost = timed.lost
        timed.write(bytes(100))  # each is an empty frame
        timed.read(1)
        assert timed.lost == lost
        timed.timeout = 0.0
        port.chip.pc = port.chip.names.code_address("__stop_program")
        timed.write(bytes(10))
        timed.timeout = 0.01
        timed.read(1)
        assert timed.lost == lost + 10 - 3
