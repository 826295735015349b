# SPDX-License-Identifier: GPL-3.0-or-later
"""Naive Bayes: a byte of log-probability for each class, feature and range of levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kilolearn.classifier.table import Table
from kilolearn.families.c_text import classify_source, flash_table
from kilolearn.families.genes import Choice, Gene, Genes, Whole

__all__ = ["Bayes", "BayesFamily"]

BYTE_MAX = 255


@dataclass(frozen=True)
class Bayes:
    """A fitted table.

    Attributes:
        table: (classes, width, bins) uint8.
        shift: From a level to its bin.
    """

    table: NDArray[np.uint8]
    shift: int

    def classify(self, levels: NDArray[np.uint8]) -> NDArray[np.int64]:
        """As `kilolearn.classifier.fitted.Fitted`."""
        places = np.arange(levels.shape[1])
        scores = self.table[:, places, levels >> self.shift].astype(np.int64).sum(axis=2)
        return np.asarray(scores.argmax(axis=0))

    def source(self) -> str:
        """As `kilolearn.classifier.fitted.Fitted`."""
        classes, width, bins = self.table.shape
        body = (
            f"    return bayes_best(logarithms, {classes}, sample, {width}, {bins}, {self.shift});"
        )
        table = flash_table("logarithms", self.table.ravel())
        return f'#include "net/bayes.h"\n\n{table}\n{classify_source(body)}'


class BayesFamily:
    """Histograms, smoothed."""

    name = "bayes"

    def genes(self, table: Table) -> Mapping[str, Gene]:
        """In how many bins, and how many samples are supposed in each beforehand."""
        bits = table.level_max.bit_length()
        return {
            "bin_bits": Whole(1, min(4, bits)),
            "supposed": Choice(("0.1", "1", "4")),
        }

    def fit(self, genes: Genes, table: Table, seed: int) -> Bayes:
        """Count, smooth, take logarithms, and scale them to bytes."""
        del seed
        shift = max(0, table.level_max.bit_length() - int(genes["bin_bits"]))
        bins = (table.level_max >> shift) + 1
        binned = table.levels >> shift
        hits = (binned[:, :, None] == np.arange(bins)).astype(np.float64)
        counts = np.stack([hits[table.labels == name].sum(axis=0) for name in range(table.classes)])
        smooth = counts + float(genes["supposed"])
        logs = np.log(smooth / smooth.sum(axis=2, keepdims=True))
        share = np.bincount(table.labels, minlength=table.classes) + 1.0
        logs[:, 0] += np.log(share / share.sum())[:, None]
        logs -= logs.min(axis=(0, 2), keepdims=True)  # the same for all classes decides nothing
        scaled = np.rint(logs * BYTE_MAX / max(float(logs.max()), 1e-9))
        return Bayes(scaled.astype(np.uint8), shift)
