# SPDX-License-Identifier: GPL-3.0-or-later
"""The profile's benchmark in a short form: one firmware, one round, and no time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys

KEYS = ["firmware", "cycles", "overhead_ratio", "report_bytes", "report_seconds"]


def kilolearn(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "kilolearn", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_bench_profile_prints_a_row_a_firmware_and_one_line_of_json():
    done = kilolearn("bench", "profile", "--rounds", "1", "--firmware", "loop", "--json")

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["bench"] == "profile"
    assert [list(row) for row in told["rows"]] == [KEYS, KEYS]
    loop, worst = told["rows"]
    assert (loop["firmware"], worst["firmware"]) == ("loop", "worst")
    assert loop["cycles"] == worst["cycles"] > 30_000_000
    assert 10_000 < loop["report_bytes"] < 2_000_000
    assert loop["overhead_ratio"] > 0


def test_an_unknown_firmware_is_refused():
    done = kilolearn("bench", "profile", "--firmware", "soap")

    assert done.returncode == 2
    assert "choose of loop, sort" in done.stderr
