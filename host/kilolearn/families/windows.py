# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of 8 x 8 pixels, told by ternary windows: avr/codec/windows.h."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.codecs.ternary_digits import INPUT_MAX, RECIPE, WindowsNet, fit_windows
from kilolearn.errors import SearchError
from kilolearn.families.genes import Gene, Genes, Whole

__all__ = ["Windows", "WindowsFamily"]

_ROW, _PIXELS = 8, 64
_VOTES_A_BYTE = 5


@dataclass(frozen=True)
class Windows:
    """A fitted net of windows."""

    net: WindowsNet

    def classify(self, levels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """See `Fitted`."""
        return np.asarray(self.net.scores(levels).argmax(axis=1))

    def source(self) -> str:
        """See `Fitted`."""
        classes = len(self.net.output)
        scores = -(-classes // _VOTES_A_BYTE) * _VOTES_A_BYTE
        lines = [
            "#define WINDOWS_PIXEL(image, at) (image)[at]",
            f"#define WINDOWS_CHANNELS {len(self.net.bias)}",
            f"#define WINDOWS_SCORES {scores}",
            '#include "codec/windows.h"',
            "",
            "static IN_FLASH uint8_t weights[] = {",
            *self.net.table(),
            "};",
            "",
            "static uint8_t classify(const uint8_t *sample) {",
            f"    int16_t score[{scores}];",
            "    windows_scores(score, sample, weights);",
            "    uint8_t best = 0;",
            "    int16_t highest = INT16_MIN;",
            f"    for (uint8_t d = 0; d < {classes}; d++) {{",
            "        if (score[d] > highest) {",
            "            highest = score[d];",
            "            best = d;",
            "        }",
            "    }",
            "    return best;",
            "}",
            "",
        ]
        return "\n".join(lines)


class WindowsFamily:
    """Ternary kernels of 5 x 5, the largest sum of each quarter, ternary weights of classes."""

    name = "windows"

    def genes(self, table: Table) -> Mapping[str, Gene]:  # noqa: ARG002
        """Kernels, and how long they are fitted."""
        return {"channels": Whole(4, 40, log=True), "epochs": Whole(30, 60)}

    def fit(self, genes: Genes, table: Table, seed: int) -> Windows:
        """See `Family`.

        Raises:
            SearchError: Samples that are no images of 8 x 8 pixels.
            WeightsError: Scores that could wrap.
        """
        if (table.row, table.width) != (_ROW, _PIXELS):
            raise SearchError(
                f"samples of {table.width} features, {table.row or 'none'} in a row; expected "
                f"images of 8 x 8 pixels for windows"
            )
        temperature = RECIPE.temperature * table.level_max / INPUT_MAX
        recipe = replace(RECIPE, temperature=temperature, epochs=int(genes["epochs"]))
        channels = int(genes["channels"])
        return Windows(
            fit_windows(
                table.levels, table.labels, seed, channels, recipe, table.classes, table.level_max
            )
        )
