# SPDX-License-Identifier: GPL-3.0-or-later
"""What is best when several things count: the Pareto front, and how much it dominates.

Everything is minimised. A point dominates another one that is nowhere smaller and not the same.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Point", "hypervolume", "non_dominated"]

Point = tuple[float, ...]
"""A value an objective."""


def non_dominated(points: Sequence[Point]) -> list[int]:
    """Where the points stand that no other one dominates; of equal ones the first.

    Source: Kung, Luccio, Preparata, On finding the maxima of a set of vectors (1975): in rising
    order a point can be dominated by earlier ones only.
    """
    front: list[int] = []
    for index in sorted(range(len(points)), key=lambda index: (points[index], index)):
        point = points[index]
        if not any(_nowhere_larger(points[other], point) for other in front):
            front.append(index)
    return sorted(front)


def hypervolume(points: Sequence[Point], reference: Point) -> float:
    """The volume that the points dominate, up to a reference point; exact.

    Cut into slabs along the last objective, each the volume of one dimension less of the points
    below it. Points beyond the reference count for nothing.

    Args:
        points: Of as many objectives as the reference.
        reference: What is just not worth anything any more.

    Source: While, Hingston, Barone, Huband, A faster algorithm for calculating hypervolume
    (2006).
    """
    inside = [
        point for point in points if all(a < b for a, b in zip(point, reference, strict=True))
    ]
    if not inside:
        return 0.0
    if len(reference) == 1:
        return reference[0] - min(inside)[0]
    inside.sort(key=lambda point: point[-1])
    ends = [*(point[-1] for point in inside[1:]), reference[-1]]
    volume = 0.0
    for count, (point, end) in enumerate(zip(inside, ends, strict=True), start=1):
        if end > point[-1]:
            below = [other[:-1] for other in inside[:count]]
            volume += (end - point[-1]) * hypervolume(below, reference[:-1])
    return volume


def _nowhere_larger(one: Point, other: Point) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True))
