# SPDX-License-Identifier: GPL-3.0-or-later
"""For the whole suite: `--long` adds the tests that take minutes; boards that are emulated."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest_plugins = ["pytester", "browser_pages"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the tests that take minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.fixture
def running() -> list[subprocess.Popen[str]]:
    """The boards of this test."""
    return []


@pytest.fixture
def start(running: list[subprocess.Popen[str]]) -> Iterator[Callable[..., list[str]]]:
    """``start("programmer", "--mcu", "attiny85", count=1)``: the ports that pyavr-sim printed."""
    emulator = str(Path(sys.executable).with_name("pyavr-sim"))

    def ports(*words: str | Path, count: int = 1) -> list[str]:
        process = subprocess.Popen(
            [emulator, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        return [process.stdout.readline().strip() for _ in range(count)]

    yield ports
    for process in running:
        process.kill()
        process.communicate()
