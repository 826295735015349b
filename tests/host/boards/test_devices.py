# SPDX-License-Identifier: GPL-3.0-or-later
"""`kilolearn devices`: who is at which port."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from .conftest import Said, Start


def test_each_port_is_listed_with_what_answers(
    start: Start,
    kilolearn: Callable[..., Said],
    iris: Callable[[str], Path],
    pair: tuple[int, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plugged_in = ListPortInfo("/dev/absent")
    plugged_in.description = "a cable"
    monkeypatch.setattr(list_ports, "comports", lambda: [plugged_in])
    (learner,) = start("serve", iris("attiny1634"))
    (programmer,) = start("programmer", "--mcu", "attiny85")

    done = kilolearn("devices", learner, programmer, pair[1])

    assert done.code == 0
    found = dict(re.findall(r"^(\S+) \(.*?\): (.*)$", done.out, re.MULTILINE))
    assert list(found) == ["/dev/absent", learner, programmer, pair[1]]
    assert found["/dev/absent"].startswith("/dev/absent cannot be opened: No such file")
    assert found[learner].startswith("iris (4 inputs")
    assert found[programmer].startswith("a programmer (STK500) or boot loader")
    assert found[pair[1]] == "nothing"


def test_without_a_port_the_next_step_is_told(
    kilolearn: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_ports, "comports", list)
    done = kilolearn("devices")
    assert done.code == 0
    assert "kilolearn doctor" in done.out
