# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a search in a browser, held against the findings that it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from kilolearn.classifier.cost import Cost
from kilolearn.classifier.table import Table
from kilolearn.search.evaluate import Problem, Trial
from kilolearn.search.findings import Findings, Judged
from kilolearn.search.preparation import Preparation, PreparedFeature
from kilolearn.search.prepare import Prepared
from kilolearn.search.reference import Reference
from kilolearn.search.report import render_page
from kilolearn.search.undone import Undone

CLASSES = ("calm", "storm & rain", "</script><b>fog</b>")
FEATURES = ("wind", "<img src=x onerror=alert(1)>", "pressure", "light")


def trial(number: int, family: str, accuracy: float, flash: int, sram: int) -> Trial:
    genes = {"family": family, "level_bits": 4, f"{family}.size": number}
    cost = Cost(flash, sram, 10.5 * flash, 11 * flash)
    return Trial(genes, accuracy, (accuracy,) * 5, cost, 8.0 * flash + 90, None, 0.1)


def found(reached: bool = True) -> Findings:
    """Six candidates, one of them stopped; three on the front, the second of them chosen."""
    stopped = Trial({"family": "net"}, 40.0, (40.0, 40.0), None, None, "hopeless", 0.1)
    trials = (
        trial(1, "tree", 70.0, 30, 4),
        stopped,
        trial(3, "tree", 90.0, 64, 9),
        trial(4, "score", 85.0, 300, 8),
        trial(5, "net", 96.0, 620, 70),
        trial(6, "score", 60.0, 64, 30),
    )
    rng = np.random.default_rng(3)
    levels = rng.integers(0, 16, (60, 4)).astype(np.uint8)
    labels = np.arange(60) % 3
    table = Table(levels, labels, 3, 15, FEATURES)
    features = tuple(PreparedFeature(name, i, 0, 15, 15) for i, name in enumerate(FEATURES))
    prepared = Prepared(
        "weather",
        table,
        table,
        levels.astype(np.int16),
        levels.astype(np.int16),
        levels.astype(np.float64),
        levels.astype(np.float64),
        CLASSES,
        Preparation(FEATURES, features, 15, 15),
        ("48 rows to train on", "light: 3 missing, filled with <0>"),
    )
    matrix = np.array([[9, 1, 0], [2, 7, 1], [0, 0, 10]])
    tested = Judged(
        fitted=None,  # type: ignore[arg-type]  # the page does not ask it
        preparation=prepared.preparation,
        features=FEATURES[:2],
        level_max=15,
        samples=levels[:30],
        answers=labels[:30],
        confusion=matrix,
        model=trials[2].cost,
        whole=Cost(111, 15, 222.0, 300),
    )
    front = (trials[4], trials[2], trials[0])
    return Findings(
        prepared=prepared,
        problem=Problem(table, "attiny85", families=("tree",)),
        minimise=("flash", "sram"),
        wanted=88.0 if reached else 99.0,
        references=(Reference("LogisticRegression", {"C": 1.0}, 88.5, None),),
        trials=trials,
        front=front,
        duplicates=7,
        confusions=tuple(matrix + 10 * place for place in range(3)),
        chosen=trials[2] if reached else None,
        tested=tested if reached else None,
        undone=(
            Undone("ranking", "L1 path", "all", trial(7, "tree", 91.0, 1064, 9)),
            Undone("level_bits", 4, 8, replace(stopped, stopped="does <not> fit")),
        )
        if reached
        else (),
        ranked_by="mutual information",
        ranking=FEATURES[::-1],
        asked="kilolearn search weather.csv --mcu attiny85",
        options="--trials 6",
        moved_aside=None,
    )


@pytest.fixture
def page(open_page: Callable[[str], Any]) -> Any:
    return open_page(render_page(found()))


def text_of(page: Any, selector: str) -> str:
    return str(page.find_element(By.CSS_SELECTOR, selector).text)


def matrix_in(page: Any, selector: str) -> list[list[int]]:
    script = (
        "return [...document.querySelectorAll(arguments[0] + ' tbody tr')]"
        ".map((row) => [...row.querySelectorAll('td')].map((cell) => Number(cell.textContent)))"
    )
    return page.execute_script(script, selector)


def point(page: Any, number: int) -> Any:
    """The mark of the candidate with this number; the second was never built."""
    place = number - 1 if number < 2 else number - 2
    return page.find_element(By.CSS_SELECTOR, f"[data-candidate='{place}']")


def places(page: Any, axis: int) -> dict[int, float]:
    """Where the points are across (0) or up (1), by candidate."""
    script = (
        "return [...document.querySelectorAll('.point')].map((p) => [p.dataset.candidate,"
        "p.getAttribute('transform').match(/[-\\d.]+/g)[arguments[0]]])"
    )
    return {int(which): float(at) for which, at in page.execute_script(script, axis)}


def test_the_chosen_one_is_told_of_at_first(page: Any) -> None:
    assert "tree, candidate 3" in text_of(page, "#told")
    assert matrix_in(page, "#confusion") == (found().confusions[1]).tolist()
    assert point(page, 3).get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("number", [1, 5])
def test_a_click_on_a_point_of_the_front_tells_all_of_it(page: Any, number: int) -> None:
    shown = found()
    clicked = shown.trials[number - 1]
    place = shown.front.index(clicked)

    point(page, number).click()

    told = text_of(page, "#told")
    assert f"{clicked.genes['family']}, candidate {number}" in told
    assert f"{clicked.genes['family']}.size {number}" in told
    assert f"{clicked.cost.flash} B" in told
    assert f"description {8 * clicked.cost.flash + 90:,} bits" in told
    assert matrix_in(page, "#confusion") == shown.confusions[place].tolist()
    assert text_of(page, "#command") == (
        f"kilolearn search weather.csv --mcu attiny85 --genes '{clicked.key}' --emit firmware"
    )


def test_a_candidate_behind_the_front_has_no_matrix(page: Any) -> None:
    point(page, 4).click()

    assert "score, candidate 4" in text_of(page, "#told")
    assert not page.find_elements(By.ID, "confusion")


def test_the_keyboard_goes_along_the_front(page: Any) -> None:
    def told_after(*keys: str) -> str:
        for key in keys:
            page.switch_to.active_element.send_keys(key)
        return text_of(page, "#told h3")

    Select(page.find_element(By.ID, "up"))  # the last stop before the picture
    page.find_element(By.ID, "up").send_keys(Keys.TAB)
    assert page.switch_to.active_element.get_attribute("data-candidate") == "1"
    assert told_after(Keys.ARROW_RIGHT) == "net, candidate 5"
    assert told_after(Keys.ARROW_RIGHT) == "net, candidate 5"
    assert told_after(Keys.HOME) == "tree, candidate 1"
    assert told_after(Keys.ARROW_UP) == "tree, candidate 3"
    assert told_after(Keys.END) == "net, candidate 5"
    assert told_after(Keys.ARROW_LEFT, Keys.ARROW_DOWN) == "tree, candidate 1"


@pytest.mark.parametrize("key", ["flash", "sram", "cycles", "description", "accuracy"])
def test_points_are_where_their_figures_say(page: Any, key: str) -> None:
    Select(page.find_element(By.ID, "across")).select_by_value(key)

    built = [trial for trial in found().trials if trial.cost is not None]
    figures = {
        "accuracy": [trial.accuracy for trial in built],
        "description": [trial.description_bits for trial in built],
        "flash": [trial.cost.flash for trial in built],
        "sram": [trial.cost.sram_high_water for trial in built],
        "cycles": [trial.cost.cycles for trial in built],
    }[key]
    across = places(page, 0)
    assert len(across) == len(built)
    for a, b in pairwise(sorted(across, key=lambda which: figures[which])):
        assert (across[a] < across[b]) == (figures[a] < figures[b])
    up = places(page, 1)
    assert [up[i] for i in sorted(up, key=lambda i: built[i].accuracy)] == sorted(
        up.values(), reverse=True
    )


def test_the_page_tells_of_data_references_and_the_one_test(page: Any) -> None:
    assert "5 candidates" not in text_of(page, "#verdict")
    assert "6 candidates were tried" in text_of(page, "#verdict")
    assert "86.67 % right" in text_of(page, "#verdict")  # 26 of 30
    assert matrix_in(page, "#tested") == found().tested.confusion.tolist()
    assert [item.text for item in page.find_elements(By.CSS_SELECTOR, "#cleaning li")] == [
        "48 rows to train on",
        "light: 3 missing, filled with <0>",
    ]
    assert text_of(page, "#references tbody") == "LogisticRegression C 1.0 88.50 %"
    listed = page.find_elements(By.CSS_SELECTOR, "#ranking li")
    assert [item.text for item in listed] == list(FEATURES[::-1])
    used = page.find_elements(By.CSS_SELECTOR, "#ranking .used")
    assert [item.text for item in used] == [FEATURES[1], FEATURES[0]]
    assert text_of(page, "#again") == "kilolearn search weather.csv --mcu attiny85 --trials 6"


def test_the_page_tells_what_each_step_gave(page: Any) -> None:
    rows = page.find_elements(By.CSS_SELECTOR, "#undone tbody tr")
    assert [row.text for row in rows] == [
        "all of them 90.00 % 64 B 672",
        "ranking L1 path all 91.00 % 1,064 B 11,172",
        "level_bits 4 8 40.00 % does <not> fit",
    ]


def test_names_of_the_data_are_text_and_no_markup(page: Any) -> None:
    heads = page.find_elements(By.CSS_SELECTOR, "#confusion thead th")
    assert [head.text for head in heads][1:] == list(CLASSES)
    assert not page.find_elements(By.CSS_SELECTOR, "main img, main td b, main th b")


def test_the_stairs_say_when_it_got_better(page: Any) -> None:
    def label(picture: str) -> str:
        return page.find_element(By.ID, picture).get_attribute("aria-label")

    assert label("smallest") == "bytes of flash: 64 at first, 64 in the end"
    assert label("best") == "percent right: 70 at first, 96 in the end"


def test_light_or_dark(page: Any) -> None:
    def background() -> str:
        return page.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")

    before = background()
    page.find_element(By.ID, "theme").click()
    assert background() != before
    page.find_element(By.ID, "theme").click()
    assert background() == before


def test_a_search_that_reached_nothing_shows_its_front(open_page: Callable[[str], Any]) -> None:
    page = open_page(render_page(found(reached=False)))

    assert "none has 99.00 % right" in text_of(page, "#verdict")
    assert not page.find_elements(By.ID, "tested")
    assert "net, candidate 5" in text_of(page, "#told")


def test_a_search_in_which_nothing_was_built_is_a_page_too(open_page: Callable[[str], Any]) -> None:
    nothing = replace(
        found(reached=False), trials=found().trials[1:2], front=(), confusions=(), ranking=()
    )

    page = open_page(render_page(nothing))

    assert "none could be built" in text_of(page, "#verdict")
