# SPDX-License-Identifier: GPL-3.0-or-later
"""Symbols coded by their frequencies, and frequencies changed to draw a text from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

SYMBOLS = 66

DRAW = """
#include <stdio.h>
#include "charlm/falling.h"
#include "charlm/sharpen.h"
int main(void) {
    uint16_t logit[66];
    for (int k; (k = getchar()) != EOF;) {
        uint8_t sharpness = (uint8_t)getchar();
        if (fread(logit, sizeof logit, 1, stdin) != 1) {
            return 1;
        }
        sharpen(logit, 66, sharpness);
        frequencies(logit, 66);
        keep_top(logit, 66, (uint8_t)k);
        fwrite(logit, sizeof logit, 1, stdout);
    }
}
"""

CODE = """
#include <stdio.h>
#include "charlm/bisection.h"
static uint8_t coded[4096];
static unsigned put, got;
void coder_put(uint8_t byte) { coded[put++] = byte; }
uint8_t coder_get(void) { return coded[got++]; }
int main(void) {
    static struct { uint8_t symbol; uint16_t frequency[66]; } __attribute__((packed)) all[300];
    static uint16_t frequency[66];
    unsigned count = (unsigned)fread(all, sizeof *all, 300, stdin);
    coder stream;
    for (uint8_t decoding = 0; decoding < 2; decoding++) {
        coder_start(&stream, decoding);
        for (unsigned i = 0; i < count; i++) {
            __builtin_memcpy(frequency, all[i].frequency, sizeof frequency);
            uint8_t found = frequencies_code(&stream, frequency, 66, decoding ? 0 : all[i].symbol);
            if (decoding) {
                putchar(found);
            }
        }
        if (!decoding) {
            coder_finish(&stream);
        }
    }
    fwrite(&put, sizeof put, 1, stdout);
}
"""


@pytest.mark.parametrize(("sharpness", "k"), [(32, 66), (255, 5), (40, 1), (0, 3)])
def test_a_temperature_and_the_k_best(sharpness: int, k: int, under_sanitizers) -> None:
    """Equal ones at the end of the k best all stay."""
    draw = np.random.default_rng(7)
    logits = draw.integers(-700, 700, (20, SYMBOLS))
    logits[0] = 5
    logits[1] = np.repeat([-32768, 32767], SYMBOLS // 2)
    records = [bytes([k, sharpness]) + row.astype("<i2").tobytes() for row in logits]

    said = under_sanitizers(DRAW, "wire/crc16.c", given=b"".join(records))

    below = np.minimum(logits.max(1, keepdims=True) - logits, 511) * sharpness // 32
    octaves, fraction = np.divmod(np.minimum(below, 16 * 32 * 8), 32)
    mantissa = np.round(255 * 2.0 ** (-fraction / 32)).astype(np.int64)
    expected = ((mantissa << 8) >> np.minimum(octaves, 32)) + 1
    kth = np.sort(expected, axis=1)[:, -k]
    expected[expected < kth[:, None]] = 0
    assert_array_equal(np.frombuffer(said, "<u2").reshape(-1, SYMBOLS), expected)


def test_symbols_come_back_for_the_bits_that_their_frequencies_say(
    tmp_path: Path, under_sanitizers
) -> None:
    """Steep and flat ones, some 0; the code is at most a thousandth longer than they ask for."""
    draw = np.random.default_rng(8)
    records, symbols, bits = [], [], 0.0
    for number in range(300):
        power = draw.normal(0, 1 + number % 4, SYMBOLS)
        frequency = np.floor(65280 * np.exp2(power - power.max())).astype(np.int64) + number % 2
        symbol = int(draw.choice(SYMBOLS, p=frequency / frequency.sum()))
        bits -= float(np.log2(frequency[symbol] / frequency.sum()))
        records.append(bytes([symbol]) + frequency.astype("<u2").tobytes())
        symbols.append(symbol)

    said = under_sanitizers(CODE, "wire/crc16.c", given=b"".join(records))

    assert list(said[:300]) == symbols
    assert 8 * int.from_bytes(said[300:], "little") <= bits * 1.001 + 8 * 5
