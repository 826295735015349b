# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn lm``: a character model that compresses, learns and writes, on a chip or its twin."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from kilolearn import firmware
from kilolearn.charlm.coded import MODELS, CodedText, require_model
from kilolearn.charlm.line import PATIENCE, ChipModel
from kilolearn.charlm.model import CharacterModel
from kilolearn.charlm.state import SavedState
from kilolearn.charlm.twin import TwinModel
from kilolearn.commands.options import Baud, Mcu, PortUrl, Timeout
from kilolearn.emulator import port_url
from kilolearn.errors import DatasetError, PortError
from kilolearn.port import BAUD, open_port
from kilolearn.report import console
from kilolearn.weights import check_place

__all__ = ["app"]

app = typer.Typer(
    help="Text by a model that learns in 1 KB of SRAM; without --port and --mcu on the twin."
)

File = Annotated[Path, typer.Argument(help="What is read.")]
Output = Annotated[Path, typer.Argument(help="What is written.")]
Model = Annotated[str, typer.Option(help=f"One of {', '.join(MODELS)}.")]
State = Annotated[Path, typer.Argument(help="The model's state.")]
BoardUrl = Annotated[str, typer.Option("--port", help="Any pyserial URL.")]

_LINE_SECONDS = 5.0  # between two lines of progress


@app.command()
def compress(
    file: File,
    output: Output,
    model: Model = "large",
    port: PortUrl = None,
    mcu: Mcu = None,
    baud: Baud = BAUD,
    timeout: Timeout = PATIENCE,
) -> None:
    """Compress a file; chip and twin make the same bytes."""
    text = _read(file)
    with _open_model(model, port, mcu, baud, timeout) as opened:
        coded = opened.compress(text)
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
    timeout: Timeout = PATIENCE,
) -> None:
    """Give back the file that was compressed, or say what is wrong with it."""
    coded = _read(file)
    with _open_model(CodedText.unpack(coded).model, port, mcu, baud, timeout) as opened:
        text = opened.decompress(coded)
    _write(output, text)
    print(f"{len(coded):,} bytes into {len(text):,}")


@app.command()
def train(
    text: File,
    state: Annotated[Path, typer.Option(help="Where the model's state goes.")],
    model: Annotated[str | None, typer.Option(help=f"One of {', '.join(MODELS)}.")] = None,
    restore: Annotated[
        Path | None, typer.Option(help="Go on from this state instead of a fresh model.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on behind the chip's checkpoint.")
    ] = False,
    port: PortUrl = None,
    mcu: Mcu = None,
    baud: Baud = BAUD,
    timeout: Timeout = PATIENCE,
) -> None:
    """Learn a text as it streams in, and save the whole state."""
    content = _read(text)
    check_place(state)
    if not resume:
        with _open_restored(restore, model, port, mcu, baud, timeout) as opened:
            _learn(opened, content, state)
    elif port is None or mcu is not None or restore is not None:
        raise PortError(
            "--resume goes on from what a chip has kept through a power cut; expected --port, and "
            "neither --mcu nor --restore"
        )
    else:
        with _open_chip(port, model or "large", baud, timeout) as chip:
            _learn(chip, _behind_checkpoint(chip, content), state)


@app.command()
def generate(
    length: Annotated[int, typer.Option(help="Characters to write.", min=0)] = 300,
    state: Annotated[
        Path | None, typer.Option(help="What kilolearn lm train or save wrote; else a fresh model.")
    ] = None,
    prompt: Annotated[str, typer.Option(help="What the text begins with.")] = "",
    temperature: Annotated[float, typer.Option(help="Below 1 is tamer.", min=0.13, max=60)] = 1.0,
    top_k: Annotated[
        int, typer.Option(help="Draw from so many characters; 0: from all.", min=0, max=255)
    ] = 0,
    seed: Annotated[int, typer.Option(help="Of the noise that is drawn with.")] = 0,
    model: Annotated[str | None, typer.Option(help=f"One of {', '.join(MODELS)}.")] = None,
    port: PortUrl = None,
    mcu: Mcu = None,
    baud: Baud = BAUD,
    timeout: Timeout = PATIENCE,
) -> None:
    """Write text, character by character; chip and twin write the same."""
    begin = prompt.encode()
    with _open_restored(state, model, port, mcu, baud, timeout) as opened:
        made = opened.generate(begin, length, seed, temperature, top_k)
        _show(begin)
        for piece in made:
            _show(piece)
    print()


@app.command()
def save(
    file: State,
    port: BoardUrl,
    model: Model = "large",
    baud: Baud = BAUD,
    timeout: Timeout = PATIENCE,
) -> None:
    """Take the state off a chip."""
    with _open_model(model, port, None, baud, timeout) as opened:
        saved = opened.save_file()
    _write(file, saved)
    print(f"saved the state of {model}, {len(saved):,} bytes, in {file}")


@app.command()
def checkpoint(
    file: State,
    port: BoardUrl,
    every: Annotated[
        int | None,
        typer.Option(help="From now on it does so each so many bytes, 0: never.", min=0, max=65535),
    ] = None,
    model: Model = "large",
    baud: Baud = BAUD,
    timeout: Timeout = PATIENCE,
) -> None:
    """Let the chip keep its state through a power cut, and save the same here."""
    check_place(file)
    with _open_chip(port, model, baud, timeout) as chip:
        kept = chip.checkpoint(every)
        saved = chip.save_file()
    _write(file, saved)
    print(f"{kept.progress.steps:,} bytes kept in {kept.slots.in_words()}; the state in {file}")


@app.command()
def restore(file: State, port: BoardUrl, baud: Baud = BAUD, timeout: Timeout = PATIENCE) -> None:
    """Give a chip its state back."""
    with _open_restored(file, None, port, None, baud, timeout) as opened:
        print(f"restored the state of {opened.name}")


@contextmanager
def _open_model(
    model: str, port: str | None, mcu: str | None, baud: int, timeout: float
) -> Iterator[CharacterModel]:
    """A model on the chip that is asked for, or its twin."""
    if port is not None and mcu is not None:
        raise PortError("--port and --mcu were given; expected one of them, or none for the twin")
    require_model(model)
    if mcu is not None:
        port = port_url(firmware.build("charlm", mcu, model), mcu)
    if port is None:
        yield TwinModel(model)
        return
    with _open_chip(port, model, baud, timeout) as chip:
        yield chip


@contextmanager
def _open_chip(port: str, model: str, baud: int, timeout: float) -> Iterator[ChipModel]:
    """A chip with apps/charlm.c, as it is."""
    with open_port(port, baud, timeout) as opened:
        yield ChipModel(opened, model)


@contextmanager
def _open_restored(
    state: Path | None,
    model: str | None,
    port: str | None,
    mcu: str | None,
    baud: int,
    timeout: float,
) -> Iterator[CharacterModel]:
    """A model with a saved state, or that has seen nothing."""
    file = _read(state) if state is not None else None
    if model is None:
        model = SavedState.unpack(file).model if file is not None else "large"
    with _open_model(model, port, mcu, baud, timeout) as opened:
        if file is not None:
            opened.restore_file(file)
        else:
            opened.start()
        yield opened


def _learn(model: CharacterModel, text: bytes, state: Path) -> None:
    """Learn a text and save the state."""
    model.train(text, _progress(len(text)))
    saved = model.save_file()
    _write(state, saved)
    print(f"saved the state of {model.name}, {len(saved):,} bytes, in {state}")


def _behind_checkpoint(chip: ChipModel, text: bytes) -> bytes:
    """What of a text the chip has not learned yet."""
    learned = chip.checkpoint().progress.steps
    if learned > len(text):
        raise DatasetError(
            f"the chip has learned {learned:,} bytes; the text has {len(text):,}; give the text "
            f"that it was learning, or leave out --resume"
        )
    print(f"the chip has learned {learned:,} of {len(text):,} bytes")
    return text[learned:]


def _progress(total: int) -> Callable[[int, int], None]:
    """Says how learning goes, every few seconds and at the end."""
    shown = console()
    last = time.monotonic()

    def told(learned: int, coded: int) -> None:
        nonlocal last
        if learned == total or time.monotonic() - last >= _LINE_SECONDS:
            last = time.monotonic()
            shown.print(
                f"learned {learned:,} of {total:,} bytes: {8 * coded / learned:.3f} bits a byte",
                highlight=False,
            )

    return told


def _show(text: bytes) -> None:
    """To the terminal at once, as bytes: the model knows no encoding."""
    sys.stdout.buffer.write(text)
    sys.stdout.flush()


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
