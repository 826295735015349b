# SPDX-License-Identifier: GPL-3.0-or-later
"""kilolearn bench kilobyte: its rows, and the parts that sum to an image."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

from kilolearn import firmware
from kilolearn.bench_kilobyte import IMAGES, Image, bench_kilobyte
from kilolearn.cli import app
from kilolearn.emulator import image_size
from kilolearn.parts import image_parts

KEYS = ["image", "chip", "flash", "sram_high_water"]
KEYS += ["seeds", "converged", "cycles_median", "wraps"]
SEEDED = [image for image in IMAGES if isinstance(image, Image)]
ON_CHIPS = [(image.name, mcu) for image in SEEDED for mcu in image.chips]


def test_a_row_an_image_and_chip():
    with ThreadPoolExecutor(1) as executor:
        rows, elfs = bench_kilobyte(executor, SEEDED, seeds=2)
    assert [(row["image"], row["chip"]) for row in rows] == ON_CHIPS
    assert all(list(row) == KEYS for row in rows)
    assert all(row["converged"] == row["seeds"] and row["wraps"] == 0 for row in rows)
    assert len(elfs) == len(rows)


@pytest.mark.parametrize(
    ("image", "mcu"),
    [(image, mcu) for image in IMAGES for mcu in image.chips],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_parts_sum_to_the_image(image, mcu):
    elf = image.build(mcu)
    parts = image_parts(elf)
    assert sum(parts.values()) == image_size(elf).flash_bytes
    assert min(parts.values()) > 0
    assert parts.get("others", 0) == 0


def test_the_parts_of_the_assembly_are_its_labels():
    source = firmware.avr_folder() / "kilobyte" / "thimble_in_assembly.S"
    code = source.read_text(encoding="utf-8").split("bare_start:", 1)[1]
    labels = re.findall(r"^([a-z]\w*):", code, re.MULTILINE)
    assert list(image_parts(firmware.build("thimble_in_assembly", "attiny13a"))) == [
        "bare_start",
        *labels,
    ]


def test_the_command_prints_the_parts():
    done = CliRunner().invoke(app, ["bench", "kilobyte", "--parts", "--image", "thimble_in_c"])
    assert done.exit_code == 0
    assert "draw_weights" in done.output
    assert "learn" in done.output


def test_the_command_ends_with_one_json_object():
    asked = ["bench", "kilobyte", "--json", "--seeds", "1", "--jobs", "1"]
    done = CliRunner().invoke(app, [*asked, "--image", "thimble_in_c"])
    told = json.loads(done.output.splitlines()[-1])
    assert told["bench"] == "kilobyte"
    assert [list(row) for row in told["rows"]] == [KEYS]


def test_an_unknown_image_is_refused():
    done = CliRunner().invoke(app, ["bench", "kilobyte", "--image", "absent"])
    assert done.exit_code != 0
    assert "thimble_in_c" in done.output


@pytest.mark.parametrize(
    ("name", "mcu"),
    [
        ("thimble_in_assembly", "attiny13a"),
        ("thimble_in_c", "attiny13a"),
        ("two_articles", "atmega88"),
        ("perceptron", "attiny13a"),
        ("recall", "attiny13a"),
    ],
)
def test_the_page_tells_the_bytes_of_every_part(name, mcu):
    page = (firmware.avr_folder().parent / "docs" / "kilobyte.md").read_text(encoding="utf-8")
    table = page.split(f"\n| `{name}`")[-1].split("\n\n", 1)[0]
    told = {part: int(size) for part, size in re.findall(r"^\| `(\w+)` \| (\d+) \|", table, re.M)}
    assert told == image_parts(firmware.build(name, mcu))
