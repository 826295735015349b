# SPDX-License-Identifier: GPL-3.0-or-later
"""A character model that decodes noise: what a text is drawn from, and what a broken file is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kilolearn.charlm.coded import MODELS

CONFIGS = Path(__file__).parents[2] / "avr" / "apps" / "configs"
NOISE, LENGTH = 8_000, 1_500

DECODE = """
#include <stdio.h>
#include "apps/charlm_twin.h"
int main(void) {
    static uint8_t state[2000], code[8000], text[1500];
    uint64_t left = fread(code, 1, sizeof code, stdin), begin = left;
    if (charlm_state_size() > sizeof state) {
        return 1;
    }
    charlm_start(state);
    charlm_decode_start(state, code, &left);
    uint64_t size = charlm_decode(state, code + (begin - left), &left, text, sizeof text);
    fwrite(text, 1, size, stdout);
}
"""


@pytest.mark.parametrize("name", MODELS)
def test_noise_is_decoded_to_symbols_only(name: str, under_sanitizers) -> None:
    """No table is read behind its end."""
    noise = np.random.default_rng(3).integers(0, 256, NOISE, np.uint8).tobytes()

    text = under_sanitizers(
        DECODE, "apps/charlm_twin.c", config=CONFIGS / f"charlm-{name}.h", given=noise
    )

    assert len(text) == LENGTH
    assert len(set(text)) > 20
