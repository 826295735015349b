# SPDX-License-Identifier: GPL-3.0-or-later
"""The library: Arduino's own builder compiles its sketches, and they learn as the twins do."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from kilolearn import datasets, firmware
from kilolearn.cli import app
from kilolearn.emulator import emulated_chip, image_size
from kilolearn.errors import LibraryError
from kilolearn.lesson import split_lesson
from kilolearn.library import NAME, write_library
from kilolearn.link import Link
from kilolearn.port import open_port
from kilolearn.twin import Twin
from kilolearn.weights import load_model
from pyavr_sim import Chip, until

URL = "https://example.com/home"
PAGE = (Path(__file__).parents[2] / "docs" / "arduino.md").read_text("utf-8")
LEARNERS = [name for name in firmware.learners() if not name.startswith("probe_")]
WRITTEN = {"KiloLearn.h", "apps/serve.inc"}
XOR = [0, 1, 1, 0]
XOR_STEPS_MAX = 1000
HZ = 16_000_000
# Other compilers than the page's may need a little more.
ALLOWANCE = 1.0 if " 5.4" in firmware.compiler("avr") else 1.15


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "libraries" / NAME
    write_library(folder, URL)
    return folder


@pytest.fixture(scope="module")
def built(library: Path) -> Callable[[str], Path]:
    """Builds an example for the Uno, by the recipe of the page."""
    folder = library.parents[1]
    [recipe] = re.findall(r"`uno.sh`:\n+```sh\n(.*?)^```$", PAGE, re.M | re.S)

    def build(name: str) -> Path:
        command = ["sh", "-ec", recipe, "uno.sh", name]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stderr == "", "a warning"
        return folder / "build" / name / f"{name}.ino.elf"

    return build


def keeps_to_the_page(chip: Chip, sketch: str) -> bool:
    """Flash, and SRAM with the stack, are at most what the page says."""
    [figures] = re.findall(rf"^\| `{sketch}` \| ([\d,]+) B \| ([\d,]+) B \|", PAGE, re.M)
    flash, sram = (int(figure.replace(",", "")) * ALLOWANCE for figure in figures)
    taken = image_size(Path(chip.firmware.path))
    return taken.flash_bytes <= flash and chip.sram_high_water <= sram


def next_line(chip: Chip) -> str:
    line = b""
    while not line.endswith(b"\n"):
        chip.run(10 * HZ, until=until.uart_bytes(1))
        line += chip.uart(0).read(1)
    return line.decode("ascii").strip()


def xor_samples(top: int) -> list[np.ndarray]:
    return [np.array([(p & 1) * top, (p >> 1) * top], np.uint8) for p in range(4)]


def xor_by_the_twin() -> str:
    """What the sketch does, done with the native twin."""
    twin = Twin("mlp", "xor3")
    samples = xor_samples(twin.description.input_max)

    def answers() -> list[int]:
        return [twin.infer(sample).prediction for sample in samples]

    for seed in range(1, 20):
        twin.reset(seed)
        steps = 0
        while steps < XOR_STEPS_MAX and answers() != XOR:
            for sample, label in zip(samples, XOR, strict=True):
                twin.train(sample, label)
            steps += len(samples)
        if answers() == XOR:
            return f"seed {seed} learned in {steps} steps"
    pytest.fail("the twin does not learn either")


def test_the_xor_sketch_learns_step_by_step_as_the_twin_does(built):
    with Chip("atmega328p", built("Xor"), hz=HZ, seed=1) as chip:
        assert next_line(chip) == xor_by_the_twin()
        table = [next_line(chip) for _ in range(4)]
        assert table == ["0 xor 0 = 0", "1 xor 0 = 1", "0 xor 1 = 1", "1 xor 1 = 0"]
        assert keeps_to_the_page(chip, "Xor")


def test_the_anomaly_sketch_reads_two_voltages_and_judges_as_the_twin_does(built):
    twin = Twin("anomaly")
    twin.reset(1)
    random = np.random.default_rng(7)
    judged = []
    with Chip("atmega328p", built("SensorAnomaly"), hz=HZ, seed=1) as chip:
        for k in range(40):
            volts = random.normal([2.0, 3.0 + (k in (25, 33))], 0.05)
            for channel, value in enumerate(volts):
                chip.adc[channel].millivolts = round(1000 * value)
            *sample, judgement = next_line(chip).split()
            assert np.allclose(np.array(sample, int), volts / 5 * 256, atol=1.5)
            wanted = twin.train(np.array(sample, np.uint8), 0).prediction
            assert judgement == ("unusual" if wanted else "usual")
            assert chip.pin("B5").level == bool(wanted)
            judged.append(judgement)
        assert keeps_to_the_page(chip, "SensorAnomaly")

    assert judged[25] == judged[33] == "unusual"
    assert judged.count("unusual") < 8


def test_kilolearn_trains_the_digits_sketch_over_its_serial_port(built, tmp_path):
    digits = datasets.load("digits")
    some = np.column_stack([digits.features, digits.labels])[:120]
    table, saved = tmp_path / "some.csv", tmp_path / "some.npz"
    np.savetxt(table, some, fmt="%d", delimiter=",")
    port = f"avrsim://atmega328p/{built('DigitsOverSerial')}"
    arguments = ["--port", port, "--data", table, "--shared-scale", "--epochs", 4, "--save", saved]

    done = CliRunner().invoke(app, ["train", "digits", *map(str, arguments)])

    assert done.exit_code == 0, done.output
    twin = Twin("digits")
    lesson = split_lesson(twin, datasets.load(str(table), None, True), 0, 4, None)
    assert load_model(saved).weights == lesson.give(twin, None).weights
    with open_port(port) as opened:
        lesson.give(Link(opened), None)
        assert keeps_to_the_page(emulated_chip(opened), "DigitsOverSerial")


@pytest.mark.long
def test_what_a_sketch_with_checkpoints_learned_outlives_a_reset(library, built):
    kept = library / "examples" / "Kept"
    shutil.copytree(library / "examples" / "DigitsOverSerial", kept)
    (kept / "DigitsOverSerial.ino").rename(kept / "Kept.ino")
    for source in kept.glob("*.c"):
        text = source.read_text("utf-8").replace("digits.h", "linear-checkpoint.h")
        source.write_text(text.replace("digits.inc", "linear.inc"), "utf-8")
    random = np.random.default_rng(3)

    with open_port(f"avrsim://atmega328p/{built('Kept')}") as opened:
        before = Link(opened)
        before.reset(1)
        for x, y in random.integers(0, 256, (50, 2), dtype=np.uint8):
            before.train(np.array([x, y]), int(x > y))
        assert before.checkpoint().slots.place == "EEPROM"
        weights = before.read_weights()
        before.reset(2)
        assert before.read_weights() != weights
        emulated_chip(opened).reset()
        after = Link(opened)
        assert after.read_weights() == weights
        assert after.statistics().steps == 50


def test_the_sources_are_those_of_the_firmware(library):
    sources = {
        path.relative_to(library / "src").as_posix(): path.read_bytes()
        for path in (library / "src").rglob("*")
        if path.is_file()
    }

    assert sources.keys() >= WRITTEN
    for name in sources.keys() - WRITTEN:
        original = re.sub(r"^(apps/.*)\.inc$", r"\1.c", name)
        assert sources[name] == (firmware.avr_folder() / original).read_bytes(), name


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_learner_compiles_with_each_config_from_the_library_alone(learner, library):
    source = library / "src"
    configs = [
        path.name
        for path in sorted((source / "apps" / "configs").glob("*.h"))
        if path.stem.partition("-")[0] == learner
    ]
    assert configs
    for config, part in itertools.product(configs, (learner, "serve")):
        text = f"#include <apps/configs/{config}>\n#include <apps/{part}.inc>\n"
        command = ["avr-gcc", "-mmcu=attiny1634", "-std=gnu11", "-Os", "-Werror", "-fsyntax-only"]
        done = subprocess.run(
            [*command, "-DF_CPU=8000000UL", f"-I{source}", "-x", "c", "-"],
            input=text, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{config}: {done.stderr}"


def test_both_manifests_say_the_same(library):
    lines = (library / "library.properties").read_text("utf-8").splitlines()
    arduino = dict(line.split("=", 1) for line in lines)
    platformio = json.loads((library / "library.json").read_text("utf-8"))

    # What the specification asks for.
    assert arduino.keys() >= {
        "name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url",
        "architectures",
    }  # fmt: skip
    assert arduino["category"] == "Data Processing"  # one of its list
    for key in ("name", "version"):
        assert arduino[key] == platformio[key]
    assert arduino["version"] == metadata.version("kilolearn")
    assert arduino["url"] == platformio["homepage"] == URL
    assert (library / "src" / arduino["includes"]).is_file()
    for example in platformio["examples"]:
        folder = library / example["base"]
        assert sorted(path.name for path in folder.iterdir()) == sorted(example["files"])
        assert (folder / f"{folder.name}.ino").is_file()
    assert "GNU GENERAL PUBLIC LICENSE" in (library / "LICENSE").read_text("utf-8")


def test_each_keyword_is_a_name_of_the_library(library):
    text = "\n".join(path.read_text("utf-8") for path in (library / "src").rglob("*.h"))
    lines = (library / "keywords.txt").read_text("utf-8").splitlines()

    keywords = [line.split("\t") for line in lines if not line.startswith("#")]
    assert keywords
    for name, kind in keywords:
        assert kind in {"KEYWORD1", "KEYWORD2", "LITERAL1"}
        assert re.search(rf"\b{name}\b", text), name


@pytest.mark.parametrize(
    ("place", "said"),
    [("full", "is not empty"), ("file", "is a file"), ("file/below", "Not a directory")],
)
def test_a_folder_that_cannot_be_had_is_refused_and_left_alone(place, said, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    (tmp_path / "file").write_text("mine")

    with pytest.raises(LibraryError, match=said):
        write_library(tmp_path / place, URL)

    files = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert files == ["file", "mine"]


@pytest.mark.parametrize(
    "url", ["", "example.com", "https://a b", "https://x\nname=y", 'https://"']
)
def test_a_url_that_is_none_is_refused(url, tmp_path):
    with pytest.raises(LibraryError, match="is no home page"):
        write_library(tmp_path / "library", url)


def test_the_command_says_what_it_wrote(tmp_path):
    folder = tmp_path / NAME
    done = CliRunner().invoke(app, ["library", "--out", str(folder)])

    assert done.exit_code == 0, done.output
    assert "learners: anomaly, attention, dense, digits," in done.output
    assert (folder / "src" / "KiloLearn.h").is_file()
