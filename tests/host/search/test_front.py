# SPDX-License-Identifier: GPL-3.0-or-later
"""The Pareto front and its hypervolume, against counting."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kilolearn.search.front import hypervolume, non_dominated

points_in_2_or_3 = st.integers(2, 3).flatmap(
    lambda width: st.lists(st.tuples(*[st.integers(0, 6)] * width), min_size=1, max_size=12)
)


@given(points_in_2_or_3)
def test_the_front_is_what_no_other_point_dominates(points):
    def dominated(index: int) -> bool:
        mine = points[index]
        return any(
            all(a <= b for a, b in zip(other, mine, strict=True)) and (other != mine or n < index)
            for n, other in enumerate(points)
            if n != index
        )

    assert non_dominated(points) == [i for i in range(len(points)) if not dominated(i)]


@given(points_in_2_or_3)
def test_the_hypervolume_is_the_number_of_unit_cubes_below_the_reference(points):
    width = len(points[0])
    cubes = sum(
        any(all(a <= c for a, c in zip(point, cube, strict=True)) for point in points)
        for cube in itertools.product(range(5), repeat=width)
    )
    assert hypervolume(points, (5,) * width) == cubes


def test_what_lies_beyond_the_reference_counts_for_nothing():
    assert hypervolume([(1, 9), (9, 1)], (5, 5)) == 0
    assert hypervolume([(float("inf"), float("inf"))], (5, 5)) == 0


def test_points_of_another_width_are_refused():
    with pytest.raises(ValueError, match="zip"):
        hypervolume([(1, 2, 3)], (5, 5))
