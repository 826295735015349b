# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report in a browser, held against the recording that it shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pyavr_sim import Chip, Recording, record
from pyavr_sim.sram_layout import Owner

PAGE_BYTES_MAX = 2_000_000
USES = {0: "untouched", 1: "unwritten", 2: "unread", 3: "used"}


def classes(page: Any) -> list[list[str]]:
    """Of every cell, in the order of its address."""
    script = "return [...document.querySelectorAll('#grid .cell')].map((cell) => cell.className)"
    return [names.split() for names in page.execute_script(script)]


def move_slider(page: Any, moment: int) -> None:
    page.execute_script(
        "const slider = document.getElementById('slider'); slider.value = arguments[0];"
        "slider.dispatchEvent(new Event('input'))",
        moment,
    )


def told_of(page: Any, byte: int) -> str:
    """What is said about a byte when it gets the focus."""
    page.execute_script(f"document.querySelector('[data-byte=\"{byte}\"]').focus()")
    return str(page.find_element(By.ID, "cell").text)


def bytes_of(recording: Recording, name: str) -> range:
    region = next(region for region in recording.layout if region.name == name)
    first = region.start - recording.chip.sram_start
    return range(first, first + region.size)


def test_there_is_a_cell_a_byte_in_the_colour_of_its_owner(page: Any, recorded: Recording) -> None:
    cells = classes(page)

    assert len(cells) == recorded.chip.sram_bytes == 2048
    for region in recorded.layout:
        first = region.start - recorded.chip.sram_start
        for names in cells[first : first + region.size]:
            assert f"own-{region.owner.value}" in names
    assert {region.owner for region in recorded.layout} == set(Owner)


def test_patterns_say_what_was_done_to_known_bytes(page: Any, recorded: Recording) -> None:
    cells = classes(page)

    for name, use in {"constants": "used", "untold": "untouched"}.items():
        assert use in cells[bytes_of(recorded, name)[0]]
    assert all("unread" in cells[byte] for byte in bytes_of(recorded, "only_written"))
    assert "unwritten" in cells[bytes_of(recorded, "untold")[1]]
    free = next(region for region in recorded.layout if region.owner is Owner.FREE)
    assert "untouched" in cells[free.start - recorded.chip.sram_start]


def test_the_slider_shows_every_moment_as_it_was_recorded(page: Any, recorded: Recording) -> None:
    byte = bytes_of(recorded, "phases")[3]
    last = len(recorded.slice_cycles) - 1
    values = set()
    for moment in (0, 1, last // 3, last // 2, last - 1, last):
        move_slider(page, moment)
        cells, sram = classes(page), recorded.slice_sram

        uses = [USES[flags & 3] for flags in recorded.slice_access[moment].tolist()]
        assert all(use in names for use, names in zip(uses, cells, strict=True))
        changed = np.flatnonzero(sram[moment] != sram[max(moment - 1, 0)]).tolist()
        assert [i for i, names in enumerate(cells) if "changed" in names] == changed
        values.add(found := int(sram[moment, byte]))
        assert f"0x{found:02X} ({found})" in told_of(page, byte)
        shown = {
            use: page.find_element(By.CSS_SELECTOR, f"[data-use={use}]").text
            for use in USES.values()
        }
        assert shown == {use: f"{Counter(uses)[use]:,} B" for use in USES.values()}
        depth = recorded.chip.sram_end - recorded.slice_sp_lowest[moment]
        told = f"cycle {recorded.slice_cycles[moment]:,}, stack {depth:,} B"
        assert page.find_element(By.ID, "moment").text == told
    assert len(values) > 2, "the byte changes over the run"


def test_a_cell_tells_its_name_its_writer_and_its_last_use(page: Any, recorded: Recording) -> None:
    byte = bytes_of(recorded, "phases")[3]
    accesses = recorded.accesses

    told = told_of(page, byte)

    assert told.startswith(f"0x{recorded.chip.sram_start + byte:04X}: ")
    assert "phases[3], bss" in told
    assert f"last used at cycle {accesses.last_access_cycle[byte]:,} by main (pictured.c:" in told
    assert f"first written at cycle {accesses.first_write_cycle[byte]:,} by " in told
    label = page.switch_to.active_element.get_attribute("aria-label")
    assert label == told


def test_the_keyboard_goes_through_bytes_and_time(page: Any, recorded: Recording) -> None:
    def focused() -> int:
        return int(page.switch_to.active_element.get_attribute("data-byte"))

    def press(*keys: str) -> None:
        for key in keys:
            page.switch_to.active_element.send_keys(key)

    slider = page.find_element(By.ID, "slider")
    slider.send_keys(Keys.ARROW_LEFT)
    last = len(recorded.slice_cycles) - 1
    assert f"cycle {recorded.slice_cycles[last - 1]:,}," in page.find_element(By.ID, "moment").text

    slider.send_keys(Keys.TAB)  # one stop for the whole map
    assert focused() == 0
    press(Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    assert focused() == 65
    press(Keys.END, Keys.ARROW_UP, Keys.HOME, Keys.ARROW_LEFT)
    assert focused() == 0
    press(",", ",")
    assert slider.get_property("value") == str(last - 3)
    press(".")
    assert slider.get_property("value") == str(last - 2)
    press(Keys.TAB)
    assert page.switch_to.active_element.get_attribute("class") == "own-all"


def test_owners_add_up_to_sram(page: Any, recorded: Recording) -> None:
    rows = page.find_elements(By.CSS_SELECTOR, "#owners [data-owner]")
    shown = {row.get_attribute("data-owner"): int(re.sub(r"\D", "", row.text)) for row in rows}

    assert sum(shown.values()) == recorded.chip.sram_bytes
    assert shown["stack"] == recorded.stack_high_water
    assert shown["data"] + shown["bss"] + shown["noinit"] == recorded.static_bytes
    assert page.find_element(By.CSS_SELECTOR, "#owners tfoot td.number").text == "2,048 B"


def test_flame_graphs_are_as_wide_as_their_figures(page: Any, recorded: Recording) -> None:
    boxes = page.find_elements(By.CSS_SELECTOR, "#sram-flame button")
    told = [box.get_attribute("aria-label") for box in boxes]
    assert told[0] == "SRAM: 2,048 bytes, 100.0 %"
    assert any(text.startswith(f"stack: {recorded.stack_high_water:,} bytes") for text in told)
    assert sum(text.startswith("depth: ") for text in told) == 5

    cycles = page.find_element(By.ID, "cycles-flame")
    first, *others = cycles.find_elements(By.TAG_NAME, "button")
    assert first.get_attribute("aria-label").startswith(
        f"start-up code: {recorded.cycles:,} cycles"
    )
    inner = next(box for box in others if box.get_attribute("aria-label").startswith("pass: "))
    share = inner.size["width"] / first.size["width"]
    pass_cycles = int(re.sub(r"\D", "", inner.get_attribute("aria-label").split(" cycles")[0]))
    assert share == pytest.approx(pass_cycles / recorded.cycles, abs=0.01)

    inner.send_keys(Keys.ENTER)
    gone_into = page.switch_to.active_element
    assert gone_into.size["width"] == pytest.approx(first_width := cycles.size["width"], abs=2)
    gone_into.send_keys(Keys.ESCAPE)
    assert page.switch_to.active_element.get_attribute("aria-label").startswith("start-up code: ")
    assert page.switch_to.active_element.size["width"] == pytest.approx(first_width, abs=2)


def test_a_table_sorts_by_the_heading_that_is_pressed(page: Any) -> None:
    heading = page.find_element(By.XPATH, "//table[@id='variables']//button[.='bytes']")

    def sizes() -> list[int]:
        cells = page.find_elements(By.CSS_SELECTOR, "#variables tbody td:nth-child(4)")
        return [int(cell.text.replace(",", "")) for cell in cells]

    heading.send_keys(Keys.ENTER)
    assert sizes() == sorted(sizes(), reverse=True)
    heading.send_keys(Keys.ENTER)
    assert sizes() == sorted(sizes())
    assert heading.find_element(By.XPATH, "..").get_attribute("aria-sort") == "ascending"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_are_drawn(page: Any, theme: str) -> None:
    def ground() -> str:
        return str(page.execute_script("return getComputedStyle(document.body).backgroundColor"))

    scheme = [{"name": "prefers-color-scheme", "value": theme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    grounds = {"light": "rgb(251, 250, 247)", "dark": "rgb(21, 24, 27)"}
    assert ground() == grounds.pop(theme)
    assert len(page.get_screenshot_as_png()) > 20_000  # an empty page has less than a tenth

    page.find_element(By.ID, "theme").click()
    assert [ground()] == list(grounds.values())


def test_a_narrow_window_scrolls_down_only(page: Any) -> None:
    page.set_window_size(420, 900)
    try:
        page.refresh()
        excess = "return document.documentElement.scrollWidth - window.innerWidth"
        assert page.execute_script(excess) <= 0
    finally:
        page.set_window_size(1200, 1000)


def test_the_largest_sram_full_of_noise_stays_below_2_mb(
    open_page: Callable[[str], Any], build: Callable[..., Path]
) -> None:
    with Chip("atmega1284", build("restless_sram.c", "atmega1284")) as chip:
        recording = record(chip, 140_000_000)
    html = recording.html()

    assert len(html.encode()) < PAGE_BYTES_MAX
    page = open_page(html)
    assert len(classes(page)) == recording.chip.sram_bytes == 16_384
    moments = int(page.find_element(By.ID, "slider").get_property("max")) + 1
    assert moments < len(recording.slice_cycles)
    assert f"{moments} of {len(recording.slice_cycles)} moments" in page.page_source
    found = int(recording.slice_sram[-1, 5000])
    assert f"0x{found:02X} ({found})" in told_of(page, 5000)


def test_a_hex_file_is_shown_by_address(
    open_page: Callable[[str], Any], build: Callable[..., Path], tmp_path: Path
) -> None:
    elf = build("pictured.c", "atmega328p")
    image = tmp_path / "pictured.hex"
    _write_hex(elf, image)
    with Chip("atmega328p", image) as chip:
        page = open_page(record(chip, 3_000_000).html())

    assert "has no symbols" in page.find_element(By.TAG_NAME, "main").text
    assert not any("own-bss" in names for names in classes(page))
    assert re.search(r"0x[0-9A-F]{4}", page.find_element(By.ID, "functions").text)


def _write_hex(elf: Path, image: Path) -> None:
    import subprocess  # noqa: PLC0415

    command = ["avr-objcopy", "-O", "ihex", "-R", ".eeprom", str(elf), str(image)]
    subprocess.run(command, check=True)
