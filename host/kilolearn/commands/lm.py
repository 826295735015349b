# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn lm``: the character model as a compressor, on a chip or on its twin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from kilolearn import firmware
from kilolearn.charlm import compressor
from kilolearn.charlm.coded import MODELS, CodedText
from kilolearn.charlm.line import ChipModel
from kilolearn.commands.options import Baud, Mcu, PortUrl, Timeout
from kilolearn.errors import DatasetError, PortError
from kilolearn.measure import port_url
from kilolearn.port import BAUD, open_port

__all__ = ["app"]

app = typer.Typer(
    help="Text by a model that learns in 1 KB of SRAM; without --port and --mcu on the twin."
)

File = Annotated[Path, typer.Argument(help="What is read.")]
Output = Annotated[Path, typer.Argument(help="What is written.")]
Model = Annotated[str, typer.Option(help=f"One of {', '.join(MODELS)}.")]


@app.command()
def compress(
    file: File,
    output: Output,
    model: Model = "large",
    port: PortUrl = None,
    mcu: Mcu = None,
    baud: Baud = BAUD,
    timeout: Timeout = 1.0,
) -> None:
    """Compress a file; chip and twin make the same bytes."""
    text = _read(file)
    with _chip(model, port, mcu, baud, timeout) as chip:
        coded = chip.compress(text) if chip else compressor.compress(text, model)
    _write(output, coded)
    bits = 8 * len(coded) / len(text) if text else 0.0
    print(f"{len(text):,} bytes into {len(coded):,}: {bits:.3f} bits a byte")


@app.command()
def decompress(
    file: File,
    output: Output,
    port: PortUrl = None,
    mcu: Mcu = None,
    baud: Baud = BAUD,
    timeout: Timeout = 1.0,
) -> None:
    """Give back the file that was compressed, or say what is wrong with it."""
    coded = _read(file)
    with _chip(CodedText.unpack(coded).model, port, mcu, baud, timeout) as chip:
        text = chip.decompress(coded) if chip else compressor.decompress(coded)
    _write(output, text)
    print(f"{len(coded):,} bytes into {len(text):,}")


@contextmanager
def _chip(
    model: str, port: str | None, mcu: str | None, baud: int, timeout: float
) -> Iterator[ChipModel | None]:
    """The chip that is asked for; None: the twin."""
    if port is not None and mcu is not None:
        raise PortError("--port and --mcu were given; expected one of them, or none for the twin")
    if mcu is not None:
        port = port_url(firmware.build("charlm", mcu, model), mcu)
    if port is None:
        yield None
        return
    with open_port(port, baud, timeout) as opened:
        yield ChipModel(opened, model)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise DatasetError(f"{file}: {error.strerror}; give a file that can be read") from error


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise DatasetError(f"{file}: {error.strerror}; give a place to write to") from error
