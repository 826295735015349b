# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser, recordings, and their pages opened from the disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.support.wait import WebDriverWait

from pyavr_sim import Chip, Recording, record

CYCLES_MAX = 3_000_000
DEBIANS_DRIVER = Path("/usr/bin/chromedriver")


@pytest.fixture(scope="session")
def browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_argument("--window-size=1200,1000")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(str(DEBIANS_DRIVER) if DEBIANS_DRIVER.exists() else None)
    driver = webdriver.Chrome(options, service)
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def recorded(build: Callable[..., Path]) -> Recording:
    """The firmware pictured.c on an ATmega328P, from power-up to its end."""
    with Chip("atmega328p", build("pictured.c", "atmega328p")) as chip:
        return record(chip, CYCLES_MAX)


Open = Callable[[str], webdriver.Chrome]


@pytest.fixture
def open_page(browser: webdriver.Chrome, tmp_path: Path) -> Iterator[Open]:
    """Open HTML as a file; at the end, nothing was said on the console nor asked of a network."""

    def open_html(html: str) -> webdriver.Chrome:
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8")
        browser.get(path.as_uri())
        is_ready = "return document.documentElement.dataset.ready === 'true'"
        WebDriverWait(browser, 30).until(lambda b: b.execute_script(is_ready))
        return browser

    browser.get_log("browser")
    browser.get_log("performance")
    yield open_html
    assert browser.get_log("browser") == []
    asked = [
        message["params"]["request"]["url"]
        for entry in browser.get_log("performance")
        if (message := json.loads(entry["message"])["message"])["method"]
        == "Network.requestWillBeSent"
    ]
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert any(url.startswith("file:") for url in asked), "the log of requests works"


@pytest.fixture
def page(open_page: Open, recorded: Recording) -> webdriver.Chrome:
    """The page of `recorded`, as it is when it has just been opened."""
    return open_page(recorded.html())
