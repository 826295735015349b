# SPDX-License-Identifier: GPL-3.0-or-later
"""The link asks, believes only whole answers, and never trains a sample twice.

The other end is the firmware's own serve loop, compiled for this machine; the same link speaks to
the emulated chips in test_chip_and_twin.py.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from kilolearn import firmware
from kilolearn.contract import Contract
from kilolearn.errors import (
    BadReplyError,
    ChipRejectedError,
    ChipRestartedError,
    ContractMismatchError,
    LinkTimeoutError,
    PortError,
    WeightsError,
)
from kilolearn.frames import Frame, encode
from kilolearn.link import Link, open_link
from kilolearn.train import TrainingRecipe, train_on_chip
from kilolearn.twin import Twin

SAMPLE = np.array([1, 2, 3, 4, 5, 6], np.uint8)


def flip(at: int):
    """Damage one byte, without making a delimiter of it."""
    return lambda data: (
        data[:at]
        + bytes((data[at] ^ (0x55 if data[at] != 0x55 else 0x2A),))
        + (data[at + 1 :] if at + 1 else b"")
    )


def lose(_: bytes) -> bytes:
    return b""


def test_a_chip_describes_itself(native_port):
    about = Link(native_port).description
    assert (about.name, about.inputs, about.classes, about.input_max) == ("probe", 6, 3, 15)
    assert about.weights_size == 3 * 6 * 2 + 3 * 2


def test_training_over_the_wire_gives_the_twins_bits(native_port, probe_twin, probe_samples):
    samples, labels = probe_samples
    link, twin = Link(native_port), Twin("probe_learner", library=probe_twin)
    for learner in (link, twin):
        learner.reset(77)
        learner.set_rate(2)
    ours, theirs = link.train_many(samples, labels), twin.train_many(samples, labels)
    assert_array_equal(ours.predictions, theirs.predictions)
    assert_array_equal(ours.margins, theirs.margins)
    assert link.read_weights() == twin.read_weights()


def test_the_chip_counts_steps_and_errors(native_port, probe_samples):
    samples, labels = probe_samples
    link = Link(native_port)
    link.reset(1)
    answers = link.train_many(samples, labels)
    counted = link.statistics()
    assert counted.steps == 300
    assert counted.errors == np.count_nonzero(answers.predictions != labels)


def test_weights_written_are_the_weights_read(native_port):
    link = Link(native_port)
    weights = np.random.default_rng(2).bytes(link.description.weights_size)
    link.write_weights(weights)
    assert link.read_weights() == weights


@pytest.mark.parametrize("size", [0, 41, 43])
def test_weights_of_another_size_are_refused(native_port, size):
    with pytest.raises(WeightsError, match="has 42"):
        Link(native_port).write_weights(bytes(size))


@pytest.mark.parametrize(
    ("sample", "label", "code", "detail", "words"),
    [
        (SAMPLE, 3, 4, 3, "label 3 is beyond"),
        (np.array([1, 2, 16, 4, 5, 6], np.uint8), 0, 6, 2, "value 2 of the sample"),
        (SAMPLE[:5], 0, 2, 10, "wrong length"),
    ],
)
def test_a_refusal_carries_code_detail_and_words(native_port, sample, label, code, detail, words):
    link = Link(native_port)
    before = link.read_weights()
    with pytest.raises(ChipRejectedError, match=words) as refused:
        link.train(sample, label)
    assert (refused.value.code, refused.value.detail) == (code, detail)
    assert link.read_weights() == before


def test_another_contract_version_is_told_apart(native_port):
    ours = firmware.contract()
    newer = Contract({**ours.constants, "CONTRACT_VERSION": 99}, ours.structs, ours.hash)
    with pytest.raises(ContractMismatchError, match=r"version \d+;.*version 99"):
        Link(native_port, newer)


def test_another_contract_of_the_same_version_is_told_apart(native_port):
    ours = firmware.contract()
    changed = Contract(ours.constants, ours.structs, ours.hash ^ 1)
    with pytest.raises(ContractMismatchError, match=r"hash 0x.{4};.* same checkout"):
        Link(native_port, changed)


def test_nobody_at_the_other_end_is_a_timeout(noisy_port):
    noisy_port.spoil_request = lose
    with pytest.raises(LinkTimeoutError, match="no reply"):
        Link(noisy_port)


def test_a_stream_of_something_else_is_not_waited_for(noisy_port):
    noisy_port.read = lambda size=1: b"\xa5" * size
    with pytest.raises(BadReplyError, match="baud rate"):
        Link(noisy_port)


@pytest.mark.parametrize("damage", [lose, flip(3), flip(0), lambda d: d[1:], lambda d: d[:-1]])
@pytest.mark.parametrize("way", ["spoil_request", "spoil_reply"])
def test_an_inference_survives_one_damage(noisy_port, once, damage, way):
    link = Link(noisy_port)
    expected = link.infer(SAMPLE)
    setattr(noisy_port, way, once(damage))
    assert link.infer(SAMPLE) == expected


@pytest.mark.parametrize(
    "damage",
    [
        flip(3),
        flip(0),
        flip(-2),
        lose,
        lambda request: request[1:],
        lambda request: request[:-1],
        lambda request: request + request[:2] + b"\0",
        lambda request: b"\x07noise\0" + request,
    ],
    ids=["a byte", "the first", "the last", "all", "head", "delimiter", "echo", "noise before"],
)
def test_a_step_whose_request_was_spoilt_is_taken_once(noisy_port, probe_twin, once, damage):
    link, twin = Link(noisy_port), Twin("probe_learner", library=probe_twin)
    link.reset(5)
    twin.reset(5)
    noisy_port.spoil_request = once(damage)
    for _ in range(3):
        assert link.train(SAMPLE, 1) == twin.train(SAMPLE, 1)
    assert link.read_weights() == twin.read_weights()
    assert link.statistics().steps == 3


def test_a_refusal_of_what_was_not_asked_is_not_believed(noisy_port, probe_twin, once):
    """A damaged request may have a right CRC by chance."""
    link, twin = Link(noisy_port), Twin("probe_learner", library=probe_twin)
    link.reset(5)
    twin.reset(5)
    for damaged in (
        Frame(0x80, 4, bytes(6)),
        Frame(0xF0, 4, bytes(7)),
        Frame(0x82, 4, b"\x09" * 7),
    ):
        sent = encode(damaged)
        noisy_port.spoil_request = once(lambda _, sent=sent: sent)
        assert link.train(SAMPLE, 1) == twin.train(SAMPLE, 1)
    assert link.read_weights() == twin.read_weights()


@pytest.mark.parametrize("damage", [flip(3), lose])
def test_a_step_whose_answer_was_lost_is_taken_once(noisy_port, probe_twin, once, damage):
    link, twin = Link(noisy_port), Twin("probe_learner", library=probe_twin)
    link.reset(5)
    twin.reset(5)
    for label in (1, 2, 0):
        noisy_port.spoil_reply = once(damage)
        assert link.train(SAMPLE, label) == twin.train(SAMPLE, label)
    assert link.retransmissions == 3
    assert link.statistics().steps == 3
    assert link.read_weights() == twin.read_weights()


def test_a_chip_that_restarted_in_between_is_noticed(noisy_port, once):
    link = Link(noisy_port)
    link.reset(5)
    for _ in range(4):
        link.train(SAMPLE, 1)

    def restart(_: bytes) -> bytes:
        noisy_port.port.power_up()
        return b""

    noisy_port.spoil_request = once(restart)
    with pytest.raises(ChipRestartedError, match="taken 0 training steps, this host asked for 4"):
        link.train(SAMPLE, 1)


@pytest.mark.parametrize("steps", [127, 128, 129, 256])
def test_a_restart_at_any_step_is_noticed(noisy_port, steps):
    link = Link(noisy_port)
    link.reset(5)
    samples, labels = np.tile(SAMPLE, (steps, 1)), np.ones(steps, int)
    link.train_many(samples, labels)
    noisy_port.port.power_up()
    with pytest.raises(ChipRestartedError, match=rf"asked for ({steps}|{steps + 1}):"):
        link.train(SAMPLE, 1)


def test_a_course_of_a_chip_that_restarted_begins_anew(noisy_port, probe_twin, probe_samples):
    link, twin = Link(noisy_port), Twin("probe_learner", library=probe_twin)
    recipe = TrainingRecipe((0, 1), seed=9)
    train_on_chip(twin, *probe_samples, recipe)
    restarts = iter([400, 900])
    due, writes = next(restarts), 0

    def restart(data: bytes) -> bytes:
        nonlocal due, writes
        writes += 1
        if writes == due:
            due = next(restarts, 0)
            noisy_port.port.power_up()
        return data

    noisy_port.spoil_request = restart
    train_on_chip(link, *probe_samples, recipe)
    assert due == 0
    assert link.read_weights() == twin.read_weights()
    assert link.statistics().steps == 600


def test_old_bytes_in_the_line_do_not_confuse_the_first_request(noisy_port):
    noisy_port.port.write(encode(Frame(9, 1, b"")) + encode(Frame(10, 8, b"")) + b"\x05half")
    assert Link(noisy_port).description.name == "probe"


def test_a_reply_to_another_request_is_not_believed(noisy_port, once):
    link = Link(noisy_port)
    expected = link.infer(SAMPLE)
    stale = encode(Frame(200, 0x85, b"\x02\x00\x00"))
    noisy_port.spoil_reply = once(lambda data: stale + data)
    assert link.infer(SAMPLE) == expected


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32 - 1))
def test_no_noise_trains_a_sample_twice_or_not_at_all(noisy_port, probe_twin, seed):
    """Whatever the line does, each step is taken exactly once, and each answer comes."""
    noisy_port.spoil_request = noisy_port.spoil_reply = None
    link, twin = Link(noisy_port), Twin("probe_learner", library=probe_twin)
    link.reset(seed % 65536)
    twin.reset(seed % 65536)
    random = np.random.default_rng(seed)

    def noise(data: bytes) -> bytes:
        if random.random() > 0.15 or not data:
            return data
        at = int(random.integers(len(data)))
        kind = random.integers(4)
        if kind == 0:
            return data[:at] + random.bytes(1) + data[at + 1 :]
        if kind == 1:
            return data[:at] + data[at + 1 :]
        if kind == 2:
            return data[:at] + random.bytes(int(random.integers(1, 5))) + data[at:]
        return data[:at]

    noisy_port.spoil_request = noisy_port.spoil_reply = noise
    samples = random.integers(0, 16, (20, 6), np.uint8)
    labels = samples[:, 0].astype(int) % 3
    ours, theirs = link.train_many(samples, labels), twin.train_many(samples, labels)
    assert_array_equal(ours.predictions, theirs.predictions)
    assert_array_equal(ours.margins, theirs.margins)
    assert link.read_weights() == twin.read_weights()


@pytest.mark.parametrize("url", ["/dev/no-such-port", "nonsense://x", "socket://localhost"])
def test_a_port_that_does_not_open_says_so(url):
    with pytest.raises(PortError, match="cannot be opened"), open_link(url):
        pass
