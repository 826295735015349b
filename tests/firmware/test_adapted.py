# SPDX-License-Identifier: GPL-3.0-or-later
"""What the transformer learns of a text: against unbounded integers, assembly against C, coded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.charlm.compressor import compress
from kilolearn.charlm.line import PATIENCE, ChipModel
from kilolearn.charlm.twin import TwinModel, state_bytes
from kilolearn.emulator import emulated_chip, image_size, load_emulator, port_url
from kilolearn.port import open_port

SYMBOLS, ESCAPE, CAPITALS, SMALLS = 66, 65, 13, 39
RECENT, NAMES = 4, 204
PARTS = ("shift", "learn", "push")
CHIPS = ("atmega168p", "attiny1634")

STATE = np.dtype(
    [
        ("warmth", "<i2"),
        ("fraction", "<u2"),
        ("in_line", "u1"),
        ("in_speech", "u1"),
        ("word", "u1"),
        ("beginning", "u1"),
        ("guesses", "u1"),
        ("boosted", "u1"),
        ("guessed", "u1", RECENT + 1),
        ("boost", "i1", RECENT + 6),
        ("kept", "u1", NAMES),
        ("bias", "i1", SYMBOLS),
        ("even", "u1"),
    ]
)

SCENE = (
    b"PETRUCHIO:\nGood morrow, Kate; for that's your name, I hear.\n\n"
    b"KATHARINA:\nThey call me Katharina that do talk of me.\n\n"
    b"PETRUCHIO:\nYou lie, in faith, Petruchio says \xe9 twice.\n\n"
)

WALK = """
#include <stdio.h>
#include "charlm/transformer_16k_tables.h"
#include "charlm/adapted.h"
void coder_put(uint8_t byte) { (void)byte; }
uint8_t coder_get(void) { return 0; }
int main(void) {
    struct { adapted own; uint8_t symbol; int16_t logit[66]; uint16_t frequency[66]; }
        __attribute__((packed)) one;
    int16_t logit[66];
    uint16_t frequency[66];
    while (fread(&one, sizeof one, 1, stdin) == 1) {
        __builtin_memcpy(logit, one.logit, sizeof logit);
        __builtin_memcpy(frequency, one.frequency, sizeof frequency);
        adapted_shift(&one.own, logit);
        adapted_learn(&one.own, frequency, one.symbol);
        adapted_push(&one.own, one.symbol);
        fwrite(&one.own, sizeof one.own, 1, stdout);
        fwrite(logit, sizeof logit, 1, stdout);
    }
}
"""

State = dict[str, Any]


def fold(symbol: int) -> int:
    """A small letter as a capital."""
    return symbol - (SMALLS - CAPITALS) if symbol >= SMALLS else symbol


def place(own: State) -> int | None:
    """Where what follows is kept."""
    open_here = own["word"] == 2 if own["in_speech"] else own["in_line"]
    hashed = own["beginning"]
    return (hashed if hashed < NAMES else hashed - 128) if open_here else None


def shift(own: State, logit: list[int]) -> None:
    """The formula of adapted.h on integers without bounds."""
    for symbol in range(SYMBOLS):
        logit[symbol] += own["bias"][symbol] // 4
    here = place(own)
    own["guesses"] = 0 if own["in_line"] or own["in_speech"] else RECENT
    own["boosted"] = 0
    if here is not None and own["kept"][here]:
        confidence, letter = divmod(own["kept"][here], 64)
        if letter >= CAPITALS and logit[letter + 26] > logit[letter]:
            letter += 26
        own["guessed"][RECENT] = letter
        own["guesses"], own["boosted"] = 1, RECENT - 1 + confidence + 3 * own["in_speech"]
    for guess, boost in guesses(own):
        logit[guess] += 96 + own["boost"][boost]


def guesses(own: State) -> list[tuple[int, int]]:
    """Symbols, and the numbers of their boosts."""
    first = RECENT if own["boosted"] else 0
    return [(own["guessed"][first + i], own["boosted"] + i) for i in range(own["guesses"])]


def step(own: State, frequency: list[int], symbol: int, direction: int) -> None:
    """Towards a symbol or away from it."""
    own["bias"][symbol] = max(-127, min(127, own["bias"][symbol] + direction))
    warmth = own["warmth"] + direction * 32 * (frequency[symbol].bit_length() - 1)
    if -4096 <= warmth < 4096:
        own["warmth"] = warmth
    for guess, boost in guesses(own):
        if guess == symbol:
            own["boost"][boost] = max(-127, min(127, own["boost"][boost] + 8 * direction))


def learn(own: State, frequency: list[int], came: int) -> None:
    """One step towards what came, one away from what is drawn; then what came is kept."""
    own["fraction"] = (own["fraction"] + 40503) % 65536
    total = sum(frequency)
    bits = [bit for bit in range(16) if own["fraction"] >> (15 - bit) & 1]
    drawn_at = sum(total >> (bit + 1) for bit in bits)
    drawn = int(np.searchsorted(np.cumsum(frequency), drawn_at, side="right"))
    step(own, frequency, came, 1)
    step(own, frequency, drawn, -1)
    here = place(own)
    if here is None or (own["in_speech"] and fold(came) < CAPITALS):
        return
    confidence, letter = divmod(own["kept"][here], 64)
    if own["kept"][here] and letter == fold(came):
        own["kept"][here] = min(confidence + 1, 3) * 64 + letter
    elif confidence > 1:
        own["kept"][here] = 64 + letter
    elif not own["in_speech"] or frequency[came] // 16 <= total // 256:
        own["kept"][here] = 128 + fold(came)


def push(own: State, symbol: int) -> None:
    """Where the text stands after a symbol."""
    if not own["in_line"] and not own["in_speech"]:
        own["guessed"][:RECENT] = [symbol, *own["guessed"][: RECENT - 1]]
    if fold(symbol) < CAPITALS:
        own["word"] = 0
    elif own["word"] == 0:
        own["word"] = 2 if symbol < SMALLS else 1
        own["beginning"] = 0
    own["beginning"] = (own["beginning"] * 3 + fold(symbol)) % 256
    if symbol == 0:
        own["in_speech"] = own["in_line"]
    own["in_line"] = int(symbol != 0)


def any_state(draw: np.random.Generator) -> State:
    """A state that a text can leave; weights near their ends often."""
    kept = draw.integers(0, 39, NAMES) + draw.integers(1, 4, NAMES) * 64
    boosted = int(draw.choice([0, *range(4, 10)]))
    limits = (-127, -126, 0, 126, 127)
    return {
        "warmth": int(draw.choice([-4096, -4000, 0, 4000, 4095])),
        "fraction": int(draw.choice([0, 25033, 65535, draw.integers(65536)])),
        "in_line": int(draw.integers(2)),
        "in_speech": int(draw.integers(2)),
        "word": int(draw.integers(3)),
        "beginning": int(draw.integers(256)),
        "guesses": 1 if boosted else int(draw.choice([0, RECENT])),
        "boosted": boosted,
        "guessed": draw.integers(0, 65, RECENT + 1).tolist(),
        "boost": draw.choice([*limits, -120, 120], RECENT + 6).tolist(),
        "kept": np.where(draw.random(NAMES) < 0.3, 0, kept).tolist(),
        "bias": draw.choice(limits, SYMBOLS).tolist(),
        "even": 0,
    }


def any_frequencies(draw: np.random.Generator) -> NDArray[np.int64]:
    """Of any sharpness; 1 is the lowest, 65,281 that of the highest logit."""
    frequency = (2 ** draw.uniform(0, draw.choice([1, 8, 15.99]), SYMBOLS)).astype(np.int64)
    frequency[draw.integers(SYMBOLS)] = 65281
    return frequency


def cases(count: int, seed: int) -> Iterator[tuple[State, NDArray[np.int64], Any, int]]:
    """States, logits, frequencies, and what came: often what is guessed or kept there."""
    draw = np.random.default_rng(seed)
    for _ in range(count):
        own = any_state(draw)
        here = place(own)
        likely = [own["guessed"][0], own["guessed"][RECENT], int(draw.integers(ESCAPE))]
        if here is not None:
            likely += [own["kept"][here] & 63] * 5
        came = int(draw.choice(likely))
        yield own, draw.integers(-900, 900, SYMBOLS), any_frequencies(draw), came


def as_bytes(own: State) -> bytes:
    record = np.zeros((), STATE)
    for name, value in own.items():
        record[name] = value
    return record.tobytes()


def test_learning_is_what_unbounded_integers_say(under_sanitizers) -> None:
    """At the ends of every range, too."""
    given, expected = b"", []
    for own, logits, frequency, came in cases(400, 1):
        given += as_bytes(own) + bytes([came])
        given += logits.astype("<i2").tobytes() + frequency.astype("<u2").tobytes()
        logit = logits.tolist()
        shift(own, logit)
        learn(own, frequency.tolist(), came)
        push(own, came)
        expected.append(as_bytes(own) + np.array(logit, "<i2").tobytes())

    said = under_sanitizers(WALK, "wire/crc16.c", given=given)

    size = len(expected[0])
    assert [said[at : at + size] for at in range(0, len(said), size)] == expected


@pytest.mark.parametrize("mcu", CHIPS)
def test_assembly_learns_as_its_c(mcu: str) -> None:
    """All three together take no more than 15,000 cycles, of a character whatever it is."""
    longest = dict.fromkeys(PARTS, 0)
    with load_emulator().Chip(mcu, firmware.build("probe_adapted", mcu)) as chip:
        timer = chip.time("call")
        for own, logits, frequency, came in cases(60, 2):
            for number, part in enumerate(PARTS):
                left = []
                for in_c in (1, 0):
                    chip.reset()
                    chip.var("part")[...] = number
                    chip.var("in_c")[...] = in_c
                    chip.var("symbol")[...] = came
                    chip.var("state")[...] = np.frombuffer(as_bytes(own), np.uint8)
                    words = logits if part == "shift" else frequency
                    chip.var("words")[...] = words.astype(np.uint16)
                    before = timer.cycles_total
                    chip.run(cycles_max=200_000)
                    left.append((np.array(chip.var("state")), np.array(chip.var("words"))))
                longest[part] = max(longest[part], timer.cycles_total - before)
                assert_array_equal(left[0][0], left[1][0], err_msg=part)
                assert_array_equal(left[0][1], left[1][1], err_msg=part)
    assert sum(longest.values()) <= 15_000


@pytest.mark.parametrize("mcu", CHIPS)
def test_a_chip_adapts_as_its_twin(mcu: str) -> None:
    """The same bytes, and afterwards the same state."""
    elf = firmware.build("charlm", mcu, "transformer")
    twin = TwinModel("transformer")
    twin.train(SCENE[:90])
    with open_port(port_url(elf, mcu), timeout=PATIENCE) as port:
        line = ChipModel(port, "transformer")
        line.train(SCENE[:90])
        assert line.save() == twin.save()
        assert line.compress(SCENE[110:]) == compress(SCENE[110:], "transformer")
        assert emulated_chip(port).sram_high_water <= 1000


def test_names_that_come_again_cost_little() -> None:
    """A scene of the same two speakers takes a tenth less than without learning, and more."""
    scene = SCENE * 6
    frozen = len(compress(scene, "transformer_frozen"))
    assert len(compress(scene, "transformer")) < 0.9 * frozen


def test_learning_takes_so_many_bytes() -> None:
    """Of SRAM 296, of flash no more than 720."""
    learned = state_bytes("transformer") - state_bytes("transformer_frozen")
    assert learned == STATE.itemsize - 2 <= 300 - 2
    for mcu in CHIPS:
        image, frozen = (
            image_size(firmware.build("charlm", mcu, f"transformer{form}")).flash_bytes
            for form in ("", "_frozen")
        )
        assert image - frozen <= 720
        assert image <= 16_384
