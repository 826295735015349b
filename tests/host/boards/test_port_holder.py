# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has a device open, among processes that come and go."""

from __future__ import annotations

from pathlib import Path

import pytest

from kilolearn import port_state


def test_a_process_that_has_just_ended_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    (tmp_path / "11").mkdir()  # ended: no fd
    (tmp_path / "12" / "fd").mkdir(parents=True)
    (tmp_path / "12" / "fd" / "0").touch()  # closed: no link
    (tmp_path / "12" / "fd" / "3").symlink_to(device)
    monkeypatch.setattr(port_state, "_PROCESSES", tmp_path)
    assert port_state.port_holder(str(device)) is None  # ended before it said its name

    (tmp_path / "12" / "comm").write_text("minicom\n", encoding="utf-8")

    assert port_state.port_holder(str(device)) == "minicom (process 12)"
