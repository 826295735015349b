# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of learners: the committed ones are what the command draws, byte for byte."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from kilolearn import curves
from kilolearn.cli import app
from kilolearn.errors import PictureError
from kilolearn.picture import NAMES, picture_name
from kilolearn.svg import Curve, Curves, Plane, curves_svg, plane_svg
from kilolearn.twin import Twin

DOCS = Path(__file__).parents[2] / "docs"
SVG = "{http://www.w3.org/2000/svg}"


def paths(picture, group, kind):
    """Path data of one class or group."""
    root = ElementTree.fromstring(picture)
    found = [
        path.get("d")
        for parent in root.iter(f"{SVG}g")
        if parent.get("class") == group
        for path in parent.iter(f"{SVG}path")
        if path.get("class") == kind
    ]
    return [d for d in found if d]


@pytest.mark.parametrize(
    ("name", "options"),
    [("linear-bayes", []), ("tree-wine", []), ("rules-grid", ["--mcu", "attiny1634"])],
    ids=["plane", "curve", "plane asked of a chip"],
)
def test_a_committed_picture_is_what_the_command_draws(name, options, tmp_path):
    learner, config = name.split("-")
    out = tmp_path / "drawn.svg"
    arguments = ["picture", learner, "--config", config, "-o", str(out), *options]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert out.read_bytes() == (DOCS / "pictures" / f"{name}.svg").read_bytes()


def test_every_picture_is_committed_well_formed_small_and_shown():
    shown = re.findall(r"\(pictures/([^)]+)\.svg\)", (DOCS / "learners.md").read_text())
    assert sorted(shown) == sorted(NAMES)
    assert {path.stem for path in (DOCS / "pictures").glob("*.svg")} == set(NAMES)
    for name in NAMES:
        path = DOCS / "pictures" / f"{name}.svg"
        root = ElementTree.parse(path).getroot()
        assert root.findtext(f"{SVG}title")
        assert "prefers-color-scheme" in path.read_text()
        assert path.stat().st_size < 30_000


def test_a_plane_has_its_lowest_row_below():
    """2 x 2 answers in a square of 320: class 1 is at the upper right only."""
    plane = Plane("t", "x", "y", (0, 1), (0, 1), ("a", "b"), np.array([[0, 0], [0, 1]]),
                  np.array([[0.25, 0.75]]), np.array([1]))  # fmt: skip
    picture = plane_svg(plane)
    assert paths(picture, "k1", "area") == ["M160 0h160v160h-160z"]
    assert paths(picture, "k0", "area") == ["M0 160h320v160h-320zM0 0h160v160h-160z"]
    assert "M80 80h0" in paths(picture, "k1", "dots")


def test_curves_show_every_seed_and_their_mean():
    group = Curve("g", np.array([10, 20]), np.array([[50.0, 100.0], [70.0, 90.0]]))
    picture = curves_svg(Curves("a < b", "seen", (group,)))
    assert paths(picture, "k0", "thin") == ["M220 240.0 440 0.0M220 144.0 440 48.0"]
    assert "M220 192.0 440 24.0" in paths(picture, "k0", "mean")
    assert ElementTree.fromstring(picture).findtext(f"{SVG}title") == "a < b"


def test_a_curve_stops_some_forty_times_and_at_the_end():
    watch = curves._Watch(Twin("tree", "wine"), np.zeros((2, 13), np.uint8), np.zeros(2), 1000)
    for done in range(1, 1001):
        watch.told(done)
    assert watch.seen == list(range(25, 1001, 25))


@pytest.mark.parametrize(
    ("learner", "config", "hint"),
    [
        ("absent", None, "distil"),
        ("linear", None, "--config perceptron, averaged, lms, centroid, bayes, stump"),
        ("linear", "absent", "--config perceptron"),
        ("pair", "absent", "without --config"),
    ],
)
def test_an_unknown_learner_or_config_is_refused_with_what_there_is(learner, config, hint):
    with pytest.raises(PictureError, match=hint):
        picture_name(learner, config)


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_trained(tmp_path):
    absent = tmp_path / "absent" / "p.svg"
    done = CliRunner().invoke(app, ["picture", "pair", "-o", str(absent)])
    assert isinstance(done.exception, PictureError)
    assert "folder" in str(done.exception)
