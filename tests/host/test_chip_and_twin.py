# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated chips, reached over their emulated serial port, give the native twin's bits."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kilolearn import datasets, firmware
from kilolearn.emulator import port_url
from kilolearn.errors import ChipRejectedError, LinkError, PortError
from kilolearn.link import Link, open_link
from kilolearn.measure import open_emulated
from kilolearn.outcome import first_difference, train_and_test
from kilolearn.port import open_port
from kilolearn.quantise import QuantisedSplit
from kilolearn.train import TrainingRecipe
from kilolearn.twin import Twin

CHIPS = ["attiny1634", "atmega168p"]


@pytest.fixture(params=CHIPS)
def mcu(request):
    return request.param


def few_digits(samples: int, tests: int, input_max: int) -> QuantisedSplit:
    split = QuantisedSplit.of(datasets.split(datasets.load("digits"), 0), input_max)
    return QuantisedSplit(
        split.train_samples[:samples],
        split.train_labels[:samples],
        split.test_samples[:tests],
        split.test_labels[:tests],
        split.scale,
    )


def test_digits_trained_on_the_chip_are_the_twins_bit_for_bit(mcu):
    """Every answer, the final weights over the wire and in SRAM, at every step size."""
    elf, twin = firmware.build("digits", mcu), Twin("digits")
    split = few_digits(200, 60, twin.description.input_max)
    recipe = TrainingRecipe((0, 1, 2), seed=12345)
    with open_emulated(elf, mcu, seed=3) as emulated:
        ours = train_and_test(emulated.link, split, recipe, None, emulated.evaluate)
        in_sram = emulated.weights_in_sram()
        counted = emulated.link.statistics()
        cost = emulated.cost()
    assert first_difference(ours, train_and_test(twin, split, recipe)) is None
    assert in_sram == ours.weights
    assert counted.steps == 600
    assert cost.train.calls == 600
    assert cost.infer.calls == 60
    assert cost.sram_high_water <= cost.sram_total


def test_what_sram_held_at_power_up_makes_no_difference(mcu, probe_samples):
    samples, labels = probe_samples
    elf = firmware.build("probe_learner", mcu)

    def weights(seed):
        with open_emulated(elf, mcu, seed) as emulated:
            emulated.link.reset(1)
            emulated.link.train_many(samples[:50], labels[:50])
            return emulated.link.read_weights()

    assert weights(1) == weights(2)


def test_the_firmwares_own_account_agrees_with_the_emulators(mcu, probe_samples):
    """The painted stack sees what was written; the emulator sees the stack pointer itself."""
    samples, labels = probe_samples
    with open_emulated(firmware.build("probe_learner", mcu), mcu) as emulated:
        emulated.link.train_many(samples[:50], labels[:50])
        counted, cost = emulated.link.statistics(), emulated.cost()
    assert counted.static_bytes == cost.image.static_bytes
    assert cost.stack_high_water - 8 <= counted.stack_high_water <= cost.stack_high_water


def test_weights_go_to_the_chip_and_back(mcu):
    weights = np.random.default_rng(0).bytes(42)
    with open_emulated(firmware.build("probe_learner", mcu), mcu) as emulated:
        emulated.link.write_weights(weights)
        assert emulated.link.read_weights() == emulated.weights_in_sram() == weights


def test_a_refused_step_changes_no_weight_on_the_chip(mcu):
    with open_emulated(firmware.build("probe_learner", mcu), mcu) as emulated:
        before = emulated.weights_in_sram()
        for sample, label in ((np.full(6, 16, np.uint8), 0), (np.zeros(6, np.uint8), 3)):
            with pytest.raises(ChipRejectedError):
                emulated.link.train(sample, label)
        assert emulated.weights_in_sram() == before


@pytest.mark.parametrize("seed", range(6))
def test_no_noise_on_a_real_line_trains_a_sample_twice(mcu, noise_before, seed):
    """As for the native serve loop, but with a UART that overruns while the chip is answering."""
    twin = Twin("probe_learner")
    with open_port(port_url(firmware.build("probe_learner", mcu), mcu), timeout=0.05) as port:
        noisy = noise_before(port)
        link = Link(noisy)
        link.reset(seed)
        twin.reset(seed)
        random = np.random.default_rng(seed)
        noisy.spoil_request = noisy.spoil_reply = noise_of(random)
        for sample in random.integers(0, 16, (60, 6), np.uint8):
            try:
                ours = link.train(sample, int(sample[0]) % 3)
            except LinkError:
                break
            assert ours == twin.train(sample, int(sample[0]) % 3)
        else:
            noisy.spoil_request = noisy.spoil_reply = None
            assert link.read_weights() == twin.read_weights()


def noise_of(random):
    def noise(data: bytes) -> bytes:
        if random.random() > 0.05:
            return data
        at = int(random.integers(len(data)))
        return [
            data[:at] + random.bytes(1) + data[at + 1 :],
            data[:at] + data[at + 1 :],
            data[:at] + random.bytes(3) + data[at:],
            data[:at] + b"\0" + data[at:],
        ][int(random.integers(4))]

    return noise


def test_a_run_at_another_clock_gives_the_same_bits(probe_samples):
    samples, labels = probe_samples
    elf = firmware.build("probe_learner", "atmega168p", hz=8_000_000)
    twin = Twin("probe_learner")
    twin.reset(3)
    url = port_url(elf, "atmega168p") + "&hz=8000000"
    with open_link(url) as link:
        link.reset(3)
        ours = link.train_many(samples[:40], labels[:40])
    assert_array_equal(ours.margins, twin.train_many(samples[:40], labels[:40]).margins)


def test_a_firmware_that_is_not_there_is_refused(tmp_path):
    with (
        pytest.raises(PortError, match=r"absent\.elf"),
        open_link(port_url(tmp_path / "absent.elf", "attiny1634")),
    ):
        pass


@pytest.mark.parametrize("config", ["iris", "wine", "breast_cancer"])
def test_a_table_of_measurements_is_learned_alike(mcu, config):
    twin = Twin("dense", config)
    split = QuantisedSplit.of(datasets.split(datasets.load(config), 0), twin.description.input_max)
    recipe = TrainingRecipe((0, 2), seed=1)
    with open_emulated(firmware.build("dense", mcu, config), mcu) as emulated:
        ours = train_and_test(emulated.link, split, recipe)
    assert first_difference(ours, train_and_test(twin, split, recipe)) is None


def test_the_portable_c_is_clean_under_sanitizers(tmp_path):
    """A process of its own: the sanitizer's runtime must be loaded before everything else."""
    runtime = subprocess.run(
        ["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    script = tmp_path / "train_digits.py"
    script.write_text(
        "import numpy as np\n"
        "import sys\n"
        "from pathlib import Path\n"
        "from kilolearn import TrainingRecipe, Twin, train_on_chip\n"
        "twin = Twin('digits', library=Path(sys.argv[1]))\n"
        "random = np.random.default_rng(0)\n"
        "top = twin.description.input_max + 1\n"
        "samples = random.integers(0, top, (500, twin.description.inputs), np.uint8)\n"
        "samples[:50] = top - 1\n"
        "labels = random.integers(0, twin.description.classes, 500)\n"
        "twin.write_weights(random.bytes(twin.description.weights_size))\n"
        "train_on_chip(twin, samples, labels, TrainingRecipe((0, 3, 15), 1), reset=False)\n"
        "train_on_chip(twin, samples, labels, TrainingRecipe((0, 1), 1))\n"
        "print('clean')\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), str(firmware.build_twin("digits", sanitize=True))],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LD_PRELOAD": runtime, "ASAN_OPTIONS": "detect_leaks=0"},
    )
    assert done.stdout == "clean\n", done.stderr
