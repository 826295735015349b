# SPDX-License-Identifier: GPL-3.0-or-later
"""The compressed model as ``NAME.c`` and ``NAME.h``, which need nothing but a compiler."""

from __future__ import annotations

from kilolearn.compress.compressor import Compressed
from kilolearn.export import Export, c_name
from kilolearn.export.source import inlined, render

__all__ = ["c_files"]


def c_files(made: Compressed, name: str) -> Export:
    """C with one function, ``NAME_predict``, as `kilolearn.export` writes it.

    Raises:
        ExportError: A name that C does not take.
    """
    assert made.chosen.fitted is not None
    classes = made.class_names
    about = (
        f"{made.model.about}, compressed by kilolearn compress: {made.chosen.plan.name}. Classes: "
        + ", ".join(f"{index} {label}" for index, label in enumerate(classes))
        + "."
    ).replace("*", "")
    header = render(
        "model.h.j2",
        name=c_name(name),
        about=about,
        width=made.scale.width,
        input_max=made.scale.input_max,
        classes=len(classes),
    )
    source = (
        f'#include "{name}.h"\n\n{inlined(made.chosen.fitted.source())}\n'
        f"uint8_t {name}_predict(const uint8_t *sample) {{\n    return classify(sample);\n}}\n"
    )
    return Export(name, source, header)
