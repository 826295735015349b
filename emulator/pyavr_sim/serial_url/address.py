# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes an ``avrsim://`` URL apart.

::

    avrsim://attiny1634/build/digits.elf?hz=8000000&seed=1&uart=0&timing=datasheet
             chip       path, relative to the working directory

    avrsim://attiny1634//srv/images/digits.elf       two slashes: an absolute path

    avrsim://attiny85/build/dense-iris.elf?line=B3,B4,57600

The latter is a line on pins (the chip's RX, its TX, baud), for a firmware that times its bits.

A ``?`` or ``#`` in a file name is written ``%3F`` or ``%23``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

__all__ = ["ChipAddress", "LineAddress", "parse_line", "parse_url"]

_NUMBERS = {"hz": (1, None), "seed": (0, 0), "uart": (0, 0)}  # least, default
_TIMINGS = ("datasheet", "simavr")
_KEYS = (*_NUMBERS, "timing", "line")
_EXAMPLE = "Write avrsim://attiny1634/build/digits.elf?hz=8000000&seed=1&uart=0."


@dataclass(frozen=True)
class LineAddress:
    """Two pins by the chip's names of them, and bits a second."""

    rx: str
    tx: str
    baud: int


@dataclass(frozen=True)
class ChipAddress:
    """What an URL asks for; ``hz`` None is the firmware's or the chip's own clock.

    The port is a line on pins where there is one, else UART ``uart``.
    """

    mcu: str
    path: Path
    hz: int | None = None
    seed: int = 0
    uart: int = 0
    timing: str = "datasheet"
    line: LineAddress | None = None


def parse_url(url: str) -> ChipAddress:
    """Take an ``avrsim://`` URL apart.

    Raises:
        ValueError: A part is missing, unknown, given twice or no number.
    """
    parts = urlsplit(url)
    if parts.scheme.lower() != "avrsim":
        raise ValueError(f"found {url!r}; expected a URL that starts with avrsim://. {_EXAMPLE}")
    path = unquote(parts.path.removeprefix("/"))
    if not parts.netloc or not path:
        missing = "no path to a firmware" if parts.netloc else "no chip"
        raise ValueError(f"{url!r} names {missing}. {_EXAMPLE}")
    if parts.fragment:
        raise ValueError(f"found '#{parts.fragment}' in {url!r}; write %23 for a # in a path.")
    numbers = {key: default for key, (_, default) in _NUMBERS.items()}
    timing, line = "datasheet", None
    seen: set[str] = set()
    for key, text in parse_qsl(parts.query, keep_blank_values=True):
        if key not in _KEYS:
            raise ValueError(f"found {key!r} in {url!r}; expected {', '.join(_KEYS)}. {_EXAMPLE}")
        if key in seen:
            raise ValueError(f"found {key!r} twice in {url!r}; expected it once.")
        seen.add(key)
        if key == "timing":
            timing = _timing(text)
        elif key == "line":
            line = parse_line(text)
        else:
            numbers[key] = _number(key, text)
    if {"line", "uart"} <= seen:
        raise ValueError(f"found both line and uart in {url!r}; expected one of them.")
    return ChipAddress(
        unquote(parts.netloc),
        Path(path),
        numbers["hz"],
        numbers["seed"] or 0,
        numbers["uart"] or 0,
        timing,
        line,
    )


def _timing(text: str) -> str:
    if text not in _TIMINGS:
        raise ValueError(f"found timing={text!r}; expected timing=datasheet or timing=simavr.")
    return text


def parse_line(text: str) -> LineAddress:
    """Take ``B3,B4,57600`` apart: the chip's RX, its TX, and the rate.

    Raises:
        ValueError: A part is missing, or the rate is no number.
    """
    parts = text.split(",")
    if len(parts) != len(LineAddress.__dataclass_fields__):
        raise ValueError(f"found line={text!r}; expected RX, TX and baud, as in line=B3,B4,57600.")
    return LineAddress(parts[0], parts[1], _number("baud", parts[2]))


def _number(key: str, text: str) -> int:
    least = 1 if key == "baud" else _NUMBERS[key][0]
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) >= least):
        raise ValueError(f"found {key}={text!r}; expected a whole number of at least {least}.")
    return int(text)
