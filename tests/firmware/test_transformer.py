# SPDX-License-Identifier: GPL-3.0-or-later
"""The transformer's twin against integers without bounds, and the making of its tables."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.charlm.coded import CodedText
from kilolearn.charlm.compressor import compress, decompress
from kilolearn.charlm.line import PATIENCE, ChipModel
from kilolearn.charlm.model import CharacterModel
from kilolearn.charlm.twin import TwinModel
from kilolearn.emulator import emulated_chip, image_size, port_url
from kilolearn.errors import WeightsError
from kilolearn.port import open_port
from kilolearn.pretrain.header import WEIGHTS, tables, write_header
from kilolearn.pretrain.scoring import bits_a_character
from kilolearn.pretrain.text import as_symbols
from kilolearn.pretrain.transformer import HEAD, Transformer
from kilolearn.pretrain.weights import PretrainedWeights

SYMBOLS, ESCAPE_BIAS = 65, -128
ALPHABET = bytes(range(32, 32 + SYMBOLS))

SHAPES = {
    "small": Transformer(SYMBOLS, 8, 1, (2,), (2,)),
    "that of 16 KB": Transformer(SYMBOLS, 32, 2, (16, 8), (88, 86)),
    "wide": Transformer(SYMBOLS, 64, 3, (4, 16, 1), (10, 6, 4)),
}

MAIN = """
#include <stdio.h>
#include APP_CONFIG
int main(void) {
    static transformer net;
    transformer_start(&net);
    for (int symbol; (symbol = getchar()) != EOF;) {
        transformer_push(&net, (uint8_t)symbol);
        transformer_predict(&net, 0);
        fwrite(net.as.logit, 1, sizeof net.as.logit, stdout);
    }
}
"""


def random_weights(shape: Transformer, *, extreme: bool = False) -> PretrainedWeights:
    """Weights of any shape; extreme ones are at an end of their range or the other."""
    draw = np.random.default_rng(5)
    ranges = {v.name: (v.shape, v.low, 127) for v in shape.layout.vectors}
    for matrix in shape.layout.matrices:
        ranges[matrix.name] = ((matrix.rows, shape.width), -8, 7)
        most = matrix.scale_max if extreme else 60
        ranges[f"{matrix.name}_scale"] = ((matrix.scales,), 1, most)
    integers = {}
    for name, (size, least, greatest) in ranges.items():
        if extreme:
            drawn = draw.choice([least, greatest], size)
        else:
            drawn = draw.integers(least, greatest + 1, size)
        integers[name] = drawn.astype(np.int16)
    return PretrainedWeights(shape, ALPHABET, integers)


def int16(value: NDArray[np.int64]) -> NDArray[np.int64]:
    return (value + 0x8000) % 0x10000 - 0x8000


def int8(value: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.clip(value, -127, 127)


def scaled(value: NDArray[np.int64], scale: NDArray[np.int64]) -> NDArray[np.int64]:
    return (int16(value) * scale + 128) // 256


class Oracle:
    """The transformer by the formulas of avr/charlm, in integers of NumPy."""

    def __init__(self, weights: PretrainedWeights) -> None:
        self.w = {name: array.astype(np.int64) for name, array in weights.integers.items()}
        assert isinstance(weights.family, Transformer)
        self.shape = weights.family
        self.limit = int(((2**32 - 1) // self.shape.width) ** 0.5)
        self.keys = [np.zeros((window, HEAD), np.int64) for window in self.shape.windows]
        self.values = [keys.copy() for keys in self.keys]
        self.recent = [0, 0, 0]

    def norm(self, x: NDArray[np.int64], gain: NDArray[np.int64]) -> NDArray[np.int64]:
        size = max(1, int(np.floor(np.sqrt(float(x @ x)) + 1e-9)))
        root = min(int(np.floor(np.sqrt(self.shape.width) * 2**20)), 2**23 - 1)
        return int8((x * min(65535, root // size) // 256 * gain + 2048) // 4096)

    def added(
        self, x: NDArray[np.int64], total: NDArray[np.int64], scale: int
    ) -> NDArray[np.int64]:
        return np.clip(x + scaled(total, np.array(scale)), -self.limit, self.limit)

    def head(
        self, query: NDArray[np.int64], layer: int, bias: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        # The newest key is the last; the bias is by the distance back.
        score = self.keys[layer] @ query // 32 + 2 * bias[::-1]
        octaves, fraction = np.divmod(score.max() - score, 32)
        e = np.round(255 * 2.0 ** (-fraction / 32)).astype(np.int64) >> np.minimum(octaves, 16)
        p = e * (2**20 // e.sum()) // 4096
        return (p @ self.values[layer] + 128) // 256

    def logits(self, symbol: int) -> NDArray[np.int64]:
        w, shape = self.w, self.shape
        self.recent = [symbol, *self.recent[:2]]
        rows = [
            w[f"embedding_{p}_scale"][s] * w[f"embedding_{p}"][s] for p, s in enumerate(self.recent)
        ]
        x = self.added(np.zeros(shape.width, np.int64), sum(rows), 32)
        for n in range(len(shape.windows)):
            y = self.norm(x, w["gain"][2 * n])
            q, k, v = (
                int8(scaled(w[f"{name}_{n}"] @ y, w[f"{name}_{n}_scale"]))
                for name in ("query", "key", "value")
            )
            self.keys[n] = np.vstack([self.keys[n][1:], k])
            self.values[n] = np.vstack([self.values[n][1:], v])
            heads = [
                self.head(q[h * HEAD : (h + 1) * HEAD], n, w[f"distance_bias_{n}"][h])
                for h in range(shape.heads)
            ]
            x = self.added(x, np.concatenate(heads) @ w[f"out_{n}"], w[f"out_{n}_scale"][0])
            y = self.norm(x, w["gain"][2 * n + 1])
            t = int8(scaled(w[f"up_{n}"] @ y, w[f"up_{n}_scale"]) + w[f"up_bias_{n}"])
            h = (np.maximum(t, 0) ** 2 + 64) // 128
            x = self.added(x, h @ w[f"down_{n}"], w[f"down_{n}_scale"][0])
        y = self.norm(x, w["gain"][-1])
        known = scaled(w["readout"] @ y, w["readout_scale"]) + 2 * w["readout_bias"]
        return int16(np.append(known, 2 * ESCAPE_BIAS))


@pytest.mark.parametrize("extreme", [False, True], ids=["random", "extreme"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_twin_computes_what_unbounded_integers_do(
    shape: Transformer, extreme: bool, tmp_path: Path, under_sanitizers
) -> None:
    weights = random_weights(shape, extreme=extreme)
    header = tmp_path / "any_tables.h"
    write_header(weights, header, "any.npz")
    config = tmp_path / "config.h"
    config.write_text(
        f'#define MODEL_FROZEN\n#include "{header}"\n#include "charlm/transformer_model.h"\n',
        encoding="utf-8",
    )
    text = np.random.default_rng(6).integers(0, 65, 40).astype(np.uint8)

    said = under_sanitizers(MAIN, "apps/charlm_twin.c", config=config, given=text.tobytes())

    oracle = Oracle(weights)
    expected = [oracle.logits(int(symbol)) for symbol in text]
    assert_array_equal(np.frombuffer(said, "<i2").reshape(len(text), -1), expected)


def test_any_bytes_come_back_from_the_twin() -> None:
    text = bytes(range(256)) + b"\xff" * 20 + b"To be, or not to be"
    for model in ("transformer", "transformer_32k_frozen"):
        assert decompress(compress(text, model)) == text


PLAY = b"""\
BAPTISTA:
Gentlemen, importune me no farther,
For how I firmly am resolved you know;
That is, not to bestow my youngest daughter
Before I have a husband for the elder:
If either of you both love Katharina,
Because I know you well and love you well,
Leave shall you have to court her at your pleasure.

GREMIO:
To cart her rather: she's too rough for me.
There, there, Hortensio, will you any wife?
"""


@pytest.mark.parametrize("path", sorted(WEIGHTS.glob("transformer_*.npz")), ids=lambda p: p.stem)
def test_the_twin_takes_the_bits_that_training_promised(path: Path) -> None:
    """The simulation rounds as training does: a half here and there goes the other way."""
    weights = PretrainedWeights.load(path)
    symbols = as_symbols(PLAY, weights.alphabet)
    promised = bits_a_character(weights.family, weights.real(), symbols, 0)
    coded = CodedText.unpack(compress(PLAY, f"{path.stem.removesuffix('_16k')}_frozen")).code
    assert 8 * len(coded) / len(PLAY) == pytest.approx(promised, abs=0.08)


TEXT = b"First Citizen:\nYou are \xe9ll\r\n"


@pytest.mark.parametrize(
    ("mcu", "model", "flash_limit", "cycles_limit"),
    [
        ("atmega168p", "transformer", 16_384, 290_000),
        ("attiny1634", "transformer", 16_384, 1_066_000),
        ("atmega328p", "transformer_32k", 32_768, 700_000),
    ],
)
def test_a_chip_codes_and_writes_as_its_twin(
    mcu: str, model: str, flash_limit: int, cycles_limit: int
) -> None:
    elf = firmware.build("charlm", mcu, model)
    assert image_size(elf).flash_bytes <= flash_limit
    twin = TwinModel(model)
    file = twin.compress(TEXT)
    with open_port(port_url(elf, mcu), timeout=PATIENCE) as port:
        line = ChipModel(port, model)
        timer = emulated_chip(port).time("charlm_code")
        assert line.compress(TEXT) == file
        assert timer.cycles_mean <= cycles_limit
        assert line.save() == twin.save()
        assert line.decompress(file) == TEXT
        assert written(line) == written(twin)
        assert emulated_chip(port).sram_high_water <= 1_000


def written(model: CharacterModel) -> list[bytes]:
    """As predicted, tamer, and from the three best only."""
    texts = []
    for temperature, top_k in [(1.0, 0), (0.5, 0), (1.5, 3)]:
        model.start()
        texts.append(b"".join(model.generate(b"KING", 8, 7, temperature, top_k)))
    return texts


@pytest.mark.parametrize("path", sorted(WEIGHTS.glob("transformer_*.npz")), ids=lambda p: p.stem)
def test_the_tables_are_those_of_the_trained_weights(path: Path, tmp_path: Path) -> None:
    made = tmp_path / f"{path.stem}_tables.h"
    write_header(PretrainedWeights.load(path), made, path.name)
    text = (firmware.avr_folder() / "charlm" / made.name).read_text(encoding="utf-8")
    assert text == made.read_text(encoding="utf-8")
    body = text.partition("#define CHARLM_")[2].partition("\n\n")[2].rpartition("\n#endif")[0]
    assert sha256(body.encode()).hexdigest() in text


def test_every_number_of_the_weights_is_in_the_tables_once() -> None:
    """As many bytes as the numbers take, a row for the escape and the layers' sizes beside them."""
    weights = random_weights(SHAPES["wide"])
    embedding, tape = tables(weights)
    escape, sizes = 64 // 2 + 2, 1 + 2 * 3
    assert len(embedding) + len(tape) == weights.family.layout.flash_bytes + escape + sizes


def test_a_shape_that_no_chip_code_has_is_told(tmp_path: Path) -> None:
    odd = Transformer(SYMBOLS, 32, 2, (12,), (4,))
    with pytest.raises(WeightsError, match="powers of two"):
        write_header(random_weights(odd), tmp_path / "any.h", "any.npz")
    with pytest.raises(WeightsError, match="place to write to"):
        write_header(random_weights(SHAPES["small"]), tmp_path / "none" / "any.h", "any.npz")
