# SPDX-License-Identifier: GPL-3.0-or-later
"""The character model as a compressor, on chips and beside other compressors.

A row a model and text; the chip's rows have the chip in their names. Such a model has read the
prefix when it writes, at temperature 0.8 from the 8 most probable:

================  ===============================================================
model             ``charlm`` and a name of `MODELS`, with the chip, or a peer
state_bytes       all that the model learns, remembers and codes with
flash             bytes: .text + .data of the chip's image
sram_high_water   bytes: static data and the deepest stack, coding the prefix
text              file name without its ending
bpc               bits a byte of the text: the bytes really made, header included
cycles_per_char   of charlm_code on the chip, mean over the prefix, encoding; or over what it writes
roundtrip         the whole text came back from the twin; on a chip's row: the prefix was coded
                  to the twin's bytes and came back; writing: the twin writes the same
================  ===============================================================

None where a thing does not apply. A peer's round trip is its own affair, save heatshrink2's.
"""

from __future__ import annotations

from pathlib import Path

from kilolearn import firmware
from kilolearn.charlm.coded import MODELS
from kilolearn.charlm.compressor import compress, decompress
from kilolearn.charlm.line import PATIENCE, ChipModel
from kilolearn.charlm.twin import TwinModel, state_bytes
from kilolearn.charlm_peers import PEERS
from kilolearn.emulator import emulated_chip, image_size, port_url
from kilolearn.errors import DatasetError
from kilolearn.measure_charlm import code_on_chip
from kilolearn.port import open_port

__all__ = ["bench_charlm"]

WRITTEN = 200
"""Characters that a chip writes."""

Row = dict[str, object]


def bench_charlm(
    texts: list[Path], prefix: int = 20_000, peers: bool = True
) -> tuple[list[Row], dict[str, Path]]:
    """Compress texts by every model, and a prefix of the first text on its chips.

    Args:
        texts: Files.
        prefix: Bytes of the first text that the chips code and decode; 0 leaves them out.
        peers: Whether other compressors are measured too.

    Returns:
        The rows above, and the images by chip.

    Raises:
        DatasetError: A text cannot be read, or is empty.
        MissingExtraError: A peer is not installed.
    """
    rows: list[Row] = []
    elfs: dict[str, Path] = {}
    for number, path in enumerate(texts):
        text = _read(path)
        for model in MODELS:
            rows.append(_twin_row(model, path.stem, text))
            if number == 0 and prefix:
                for mcu in MODELS[model].chips:
                    elf = firmware.build("charlm", mcu, model)
                    elfs[mcu] = elf
                    rows.append(_chip_row(model, mcu, elf, path.stem, text[:prefix]))
                    if MODELS[model].draws:
                        rows.append(_writing_row(model, mcu, elf, text[:prefix]))
        if peers:
            rows += [_row(name, path.stem, text, made(text)) for name, made in PEERS.items()]
    return rows, elfs


def _read(path: Path) -> bytes:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror}; give a text that can be read") from error
    if not text:
        raise DatasetError(f"{path}: empty; give a text of at least one byte")
    return text


def _row(model: str, name: str, text: bytes, made: int) -> Row:
    return {
        "model": model,
        "state_bytes": None,
        "flash": None,
        "sram_high_water": None,
        "text": name,
        "bpc": round(8 * made / len(text), 4),
        "cycles_per_char": None,
        "roundtrip": None,
    }


def _twin_row(model: str, name: str, text: bytes) -> Row:
    file = compress(text, model)
    row = _row(f"charlm {model}", name, text, len(file))
    return row | {"state_bytes": state_bytes(model), "roundtrip": decompress(file) == text}


def _chip_row(model: str, mcu: str, elf: Path, name: str, prefix: bytes) -> Row:
    coded = code_on_chip(model, mcu, elf, prefix)
    name = f"{name}, first {len(prefix)}"
    return _row(f"charlm {model}, {mcu}", name, prefix, len(coded.file)) | {
        "state_bytes": state_bytes(model),
        "flash": coded.flash,
        "sram_high_water": coded.sram_high_water,
        "cycles_per_char": round(coded.cycles),
        "roundtrip": coded.exact,
    }


def _writing_row(model: str, mcu: str, elf: Path, prefix: bytes) -> Row:
    twin = TwinModel(model)
    twin.train(prefix)
    state = twin.save()
    with open_port(port_url(elf, mcu), timeout=PATIENCE) as port:
        chip = emulated_chip(port)
        line = ChipModel(port, model)
        line.restore(state)
        timer = chip.time("charlm_code")
        written = b"".join(line.generate(b"", WRITTEN, 0, 0.8, 8))
        return _row(f"charlm {model}, {mcu}, writing", "its own", written, 0) | {
            "state_bytes": state_bytes(model),
            "flash": image_size(elf).flash_bytes,
            "sram_high_water": int(chip.sram_high_water),
            "bpc": None,
            "cycles_per_char": round(timer.cycles_mean),
            "roundtrip": written == b"".join(twin.generate(b"", WRITTEN, 0, 0.8, 8)),
        }
