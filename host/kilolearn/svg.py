# SPDX-License-Identifier: GPL-3.0-or-later
"""Two kinds of picture as SVG: a plane with a learner's answers, and curves of its accuracy.

The same picture gives the same bytes. Colours follow the reader's light or dark scheme; classes and
groups differ in shape or dash as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

__all__ = ["COLOURS", "Curve", "Curves", "Plane", "curves_svg", "plane_svg"]

COLOURS = 3
"""Classes of a plane, or groups of curves, that can be told apart."""

_STYLE = """\
<style>
svg { color: #24292f; font: 12px sans-serif }
.k0 { color: #0072b2 } .k1 { color: #d55e00 } .k2 { color: #009e73 }
.area { fill: currentColor; fill-opacity: .25 }
.dots { stroke: currentColor; stroke-width: 4; stroke-linecap: round; fill: none }
.k1 .dots { stroke-linecap: square; stroke-width: 3.5 } .k2 .dots { stroke-width: 5.5 }
.thin { stroke: currentColor; stroke-opacity: .35; fill: none }
.mean { stroke: currentColor; stroke-width: 2.5; fill: none }
.k1 .mean { stroke-dasharray: 7 3 } .k2 .mean { stroke-dasharray: 2 3 }
.axis { stroke: currentColor; stroke-opacity: .5; fill: none }
.grid { stroke: currentColor; stroke-opacity: .15 }
@media (prefers-color-scheme: dark) {
svg { color: #d0d7de } .k0 { color: #56b4e9 } .k1 { color: #e69f00 } .k2 { color: #3fc79a }
}
</style>"""

_LEFT, _TOP, _RIGHT, _BOTTOM = 50, 52, 24, 42


@dataclass(frozen=True)
class Plane:
    """What a learner answers everywhere in a plane, and samples in it.

    Attributes:
        title: In words.
        x, y: Names of the axes.
        x_range, y_range: Values at both ends of each axis.
        classes: Their names, at most `COLOURS`.
        answers: (rows, columns) of classes, the lowest row first.
        points: (points, 2), 0-1 of each axis.
        labels: (points,) of classes.
    """

    title: str
    x: str
    y: str
    x_range: tuple[int, int]
    y_range: tuple[int, int]
    classes: tuple[str, ...]
    answers: NDArray[np.integer]
    points: NDArray[np.float64]
    labels: NDArray[np.integer]


@dataclass(frozen=True)
class Curve:
    """Accuracies of one group on the way, a line a seed.

    Attributes:
        name: Of the group.
        seen: (stops,) samples seen at each stop.
        percent: (seeds, stops).
    """

    name: str
    seen: NDArray[np.integer]
    percent: NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """Learning curves.

    Attributes:
        title: In words.
        x: Name of the axis of samples.
        groups: At most `COLOURS`.
    """

    title: str
    x: str
    groups: tuple[Curve, ...]


def plane_svg(plane: Plane) -> str:
    """An area a class, run by run of each row, under the points."""
    rows, columns = plane.answers.shape
    cell = 320 // columns
    width, height = cell * columns, cell * rows
    areas, dots = [], []
    for number in range(len(plane.classes)):
        runs = "".join(
            f"M{first * cell} {(rows - 1 - row) * cell}h{(end - first) * cell}v{cell}"
            f"h-{(end - first) * cell}z"
            for row in range(rows)
            for first, end in _runs(plane.answers[row] == number)
        )
        areas.append(f'<g class="k{number}"><path class="area" d="{runs}"/></g>')
        own = plane.points[plane.labels == number] * (width, -height) + (0, height)
        marks = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in own.tolist())
        dots.append(f'<g class="k{number}"><path class="dots" d="{marks}"/></g>')
    ticks = [
        _tick_below(0, height, plane.x_range[0]),
        _tick_below(width, height, plane.x_range[1]),
        _tick_left(height, plane.y_range[0]),
        _tick_left(0, plane.y_range[1]),
    ]
    legend = _legend(plane.classes, '<path class="dots" d="M6 -4h0"/>')
    return _document(
        plane.title, plane.x, plane.y, (width, height), [*areas, *dots, *ticks, legend]
    )


def curves_svg(curves: Curves) -> str:
    """Thin lines, one a seed, and the mean of each group."""
    width, height = 440, 240
    most = max(int(group.seen[-1]) for group in curves.groups)
    least = min(float(group.percent.min()) for group in curves.groups)
    floor = min(90, int(least // 10) * 10)
    body = []
    step = 10 if floor >= 40 else 20
    for percent in range(100, floor - 1, -step):
        y = (100 - percent) * height / (100 - floor)
        body.append(f'<path class="grid" d="M0 {y:.1f}h{width}"/>{_tick_left(y, percent)}')
    for seen in _round_steps(most):
        body.append(_tick_below(seen * width / most, height, seen))
    for number, group in enumerate(curves.groups):
        x = group.seen * (width / most)
        lines = [(100 - line) * (height / (100 - floor)) for line in group.percent]
        thin = "".join(_polyline(x, line) for line in lines)
        body.append(
            f'<g class="k{number}"><path class="thin" d="{thin}"/>'
            f'<path class="mean" d="{_polyline(x, np.mean(lines, axis=0))}"/></g>'
        )
    names = [group.name for group in curves.groups]
    body.append(_legend(names, '<path class="mean" d="M-8 -4h16"/>'))
    return _document(curves.title, curves.x, "right, %", (width, height), body)


def _document(title: str, x: str, y: str, size: tuple[int, int], body: Iterable[str]) -> str:
    width, height = size
    across, down = width + _LEFT + _RIGHT, height + _TOP + _BOTTOM
    box = f'viewBox="0 0 {across} {down}" width="{across}" height="{down}"'
    aside = f'transform="translate(-36 {height / 2:g}) rotate(-90)"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img">',
            f"<title>{escape(title)}</title>",
            _STYLE,
            f'<g transform="translate({_LEFT} {_TOP})" fill="currentColor">',
            f'<text x="-40" y="-34" font-weight="bold">{escape(title)}</text>',
            *body,
            f'<path class="axis" d="M0 0v{height}h{width}"/>',
            f'<text x="{width / 2:g}" y="{height + 34}" text-anchor="middle">{escape(x)}</text>',
            f'<text {aside} text-anchor="middle">{escape(y)}</text>',
            "</g>",
            "</svg>\n",
        ]
    )


def _legend(names: Sequence[str], mark: str) -> str:
    parts, x = [], 0
    for number, name in enumerate(names):
        parts.append(
            f'<g class="k{number}" transform="translate({x + 8} -14)">{mark}</g>'
            f'<text x="{x + 22}" y="-14">{escape(name)}</text>'
        )
        x += 34 + 6 * len(name)
    return "".join(parts)


def _runs(row: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and end of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(np.int8)))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def _polyline(x: NDArray[np.floating], y: NDArray[np.floating]) -> str:
    pairs = zip(x.tolist(), y.tolist(), strict=True)
    return "M" + " ".join(f"{across:.0f} {down:.1f}" for across, down in pairs)


def _round_steps(most: int) -> range:
    """0 and up to six multiples of 1, 2 or 5 times a power of ten."""
    power = 10 ** max(0, len(str(most)) - 2)
    step = next(power * times for times in (1, 2, 5, 10, 20) if power * times * 6 >= most)
    return range(0, most + 1, step)


def _tick_below(x: float, y: float, value: int) -> str:
    return f'<text x="{x:.0f}" y="{y + 16:g}" text-anchor="middle">{value:,}</text>'


def _tick_left(y: float, value: int) -> str:
    return f'<text x="-6" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
