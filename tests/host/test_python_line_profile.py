# SPDX-License-Identifier: GPL-3.0-or-later
"""What a line took, summed from the operations of a run."""

from __future__ import annotations

from kilolearn.python_subset.check import check
from kilolearn.python_subset.line_profile import (
    LineCost,
    Operation,
    describe_lines,
    describe_memory,
    sum_by_line,
)

SOURCE = "x = 0\nwhile x < 2:\n    x += 1\n"


def test_a_line_is_entered_from_another_or_from_its_own_beginning():
    operations = [
        Operation(0, 1, 10),
        Operation(2, 1, 11),
        *(Operation(4, 2, 5), Operation(6, 3, 20), Operation(8, 3, 21)),
        *(Operation(4, 2, 5), Operation(6, 3, 20), Operation(8, 3, 21)),
        Operation(4, 2, 5),
        Operation(4, 2, 5),
    ]
    assert sum_by_line(operations) == {
        1: LineCost(1, 2, 21),
        2: LineCost(4, 4, 20),
        3: LineCost(2, 4, 82),
    }


def test_lines_are_told_with_their_share_and_source():
    told = describe_lines({1: LineCost(1, 2, 25), 3: LineCost(2, 4, 75)}, SOURCE).splitlines()
    assert told[0].split() == ["cycles", "share", "times", "operations", "line"]
    assert told[1].split() == ["25", "25.0%", "1", "2", "1:", "x", "=", "0"]
    assert told[2].split()[:4] == ["75", "75.0%", "2", "4"]
    assert told[2].endswith("3:     x += 1")


def test_memory_names_the_largest_first():
    program = check("x = 0\nx = 1\na = [0] * 5\nb = bytearray(3)\n", "p.py")
    assert [line.split() for line in describe_memory(program).splitlines()] == [
        ["15", "globals"],
        ["10", "a"],
        ["3", "b"],
        ["2", "x"],
    ]
