# SPDX-License-Identifier: GPL-3.0-or-later
"""``kilolearn infer``: put saved weights on a chip and let it classify."""

from __future__ import annotations

from kilolearn import datasets
from kilolearn.commands.options import (
    App,
    Config,
    Data,
    LabelColumn,
    LinkBaud,
    Mcu,
    PortUrl,
    SharedScale,
    Timeout,
    WeightsFile,
)
from kilolearn.errors import WeightsError
from kilolearn.port import BAUD
from kilolearn.target import open_target
from kilolearn.train import evaluate
from kilolearn.weights import load_model

__all__ = ["run"]


def run(
    app: App,
    data: Data,
    weights: WeightsFile,
    port: PortUrl = None,
    mcu: Mcu = None,
    config: Config = None,
    label: LabelColumn = None,
    shared_scale: SharedScale = None,
    baud: LinkBaud = BAUD,
    timeout: Timeout = 1.0,
) -> None:
    """Classify a data set: of the one that was trained on only the unseen part, else all of it."""
    model = load_model(weights)
    if model.scale is None:
        raise WeightsError(f"{weights}: has no input scale; make it with kilolearn train --save")
    with open_target(app, config, port, mcu, baud, timeout) as (link, _):
        model.put_into(link)
        dataset = datasets.load(data, label, shared_scale)
        features, labels, which = dataset.features, dataset.labels, "all"
        if dataset.name == model.dataset:
            split = datasets.split(dataset, model.split_seed)
            features, labels, which = split.test_features, split.test_labels, "unseen"
        accuracy, _ = evaluate(link, model.scale.apply(features), labels)
    print(f"{accuracy:.2f} % right on {len(labels)} samples ({which}) of {dataset.name}")
