# SPDX-License-Identifier: GPL-3.0-or-later
"""The C of an encoded net: ``static uint8_t classify(const uint8_t *sample)``.

Where rows are apart, all layers of one codec lie on one table in the order of their use, each row
behind its bias, so that one pointer goes through all of them. What two layers share is a function.
"""

from __future__ import annotations

from kilolearn.codecs.codec import MatrixCodec
from kilolearn.codecs.net import EncodedLayer, EncodedNet, codec_headers, flash_table

__all__ = ["net_source"]


def net_source(net: EncodedNet, width: int) -> str:
    """C11 on the kernels of avr/codec, for chip and host.

    Args:
        net: What it computes.
        width: Bytes of a sample.
    """
    highest = max(layer.input_max for layer in net.layers)
    lines = [
        '#include "fixed/kernel.h"',
        f"#define CODEC_INPUT_BITS {highest.bit_length()}",
        "#define CODEC_BODY KERNEL",
        *codec_headers(net),
        '#include "fixed/saturate.h"',
        "",
    ]
    by_codec: dict[str, list[EncodedLayer]] = {}
    for layer in net.layers:
        by_codec.setdefault(layer.codec.name, []).append(layer)
    for own in by_codec.values():
        lines += _tables(own) + _functions(own)
    lines += [
        flash_table("uint8_t", f"shifts_{place}", layer.shift.tolist())
        for place, layer in enumerate(net.layers)
        if layer.differs
    ]
    lines += ["static uint8_t classify(const uint8_t *sample) {"]
    seen, size = "sample", width
    for place, layer in enumerate(net.layers):
        if layer.codec.inputs > size:
            lines += _widened(seen, size, layer.codec.inputs, place)
            seen = f"wide_{place}"
        own = by_codec[layer.codec.name]
        lines += _opened(place, layer, seen, own)
        if layer.ceiling is not None:
            lines += _hidden(place, layer, own)
            seen, size = f"hidden_{place}", layer.codec.rows
        else:
            lines += _class(place, layer, own)
    return "\n".join([*lines, "}", ""])


def _rows(layer: EncodedLayer) -> list[bytes]:
    codec = layer.codec
    return codec.rows_apart(layer.encoded) if isinstance(codec, MatrixCodec) else []


def _is_sign(own: list[EncodedLayer]) -> bool:
    """Whether a codec has nothing but one row, so that its bias is a constant of the code."""
    return len(own) == 1 and own[0].codec.rows == 1


def _tables(own: list[EncodedLayer]) -> list[str]:
    name = own[0].codec.name
    if _is_sign(own):
        return [flash_table("uint8_t", f"{name}_bytes", list(own[0].encoded))]
    if _rows(own[0]):
        rows = [
            int(bias).to_bytes(2, "little", signed=True) + row
            for layer in own
            for bias, row in zip(layer.bias, _rows(layer), strict=True)
        ]
        return [flash_table("uint8_t", f"{name}_bytes", list(b"".join(rows)))]
    lines = []
    for number, layer in enumerate(own):
        lines.append(flash_table("uint8_t", f"{name}_bytes_{number}", list(layer.encoded)))
        lines.append(flash_table("int16_t", f"{name}_biases_{number}", layer.bias.tolist()))
    return lines


def _functions(own: list[EncodedLayer]) -> list[str]:
    """What opens a layer, and the sum of its next row: shared, if several layers do so."""
    name, kind = own[0].codec.name, "SHARED" if len(own) > 1 else "KERNEL"
    if _is_sign(own):
        return []
    if _rows(own[0]):
        return [
            f"{kind} int16_t {name}_sum({name}_rows *rows) {{",
            "    uint16_t bias = codec_bias(rows);",
            f"    return (int16_t)(bias + (uint16_t){name}_row(rows));",
            "}",
            "",
        ]
    return [
        f"{kind} void {name}_start({name}_rows *rows, IN_FLASH uint8_t *bytes,",
        "    const uint8_t *input, uint8_t inputs) {",
        f"    {name}_open(rows, bytes, input, inputs);",
        "}",
        "",
        f"{kind} int16_t {name}_sum({name}_rows *rows, int16_t bias) {{",
        f"    return (int16_t)(bias + {name}_row(rows));",
        "}",
        "",
    ]


def _widened(seen: str, size: int, inputs: int, place: int) -> list[str]:
    return [
        f"    uint8_t wide_{place}[{inputs}] = {{0}};",
        f"    for (uint8_t i = 0; i < {size}; i++) {{",
        f"        wide_{place}[i] = {seen}[i];",
        "    }",
    ]


def _opened(place: int, layer: EncodedLayer, seen: str, own: list[EncodedLayer]) -> list[str]:
    """The layer's rows; `own` are all layers of its codec."""
    name, inputs = layer.codec.name, layer.codec.inputs
    number = next(at for at, one in enumerate(own) if one is layer)
    lines = [] if number else [f"    {name}_rows {name};"]
    if not (_rows(layer) or _is_sign(own)):
        lines.append(f"    {name}_start(&{name}, {name}_bytes_{number}, {seen}, {inputs});")
        lines.append(f"    IN_FLASH int16_t *bias_{place} = {name}_biases_{number};")
    elif number:
        lines += [f"    {name}.input = {seen};", f"    {name}.inputs = {inputs};"]
    else:
        lines.append(f"    {name}_open(&{name}, {name}_bytes, {seen}, {inputs});")
    if layer.differs:
        lines.append(f"    IN_FLASH uint8_t *shift_{place} = shifts_{place};")
    return lines


def _sum(place: int, layer: EncodedLayer, own: list[EncodedLayer]) -> str:
    name = layer.codec.name
    if _is_sign(own):
        return f"(int16_t)({name}_row(&{name}) + ({layer.bias[0]}))"
    return f"{name}_sum(&{name})" if _rows(layer) else f"{name}_sum(&{name}, *bias_{place}++)"


def _shift(place: int, layer: EncodedLayer) -> str:
    return f"*shift_{place}++" if layer.differs else f"{layer.shift[0]}"


def _hidden(place: int, layer: EncodedLayer, own: list[EncodedLayer]) -> list[str]:
    rows = layer.codec.rows
    return [
        f"    uint8_t hidden_{place}[{rows}];",
        f"    uint8_t *unit_{place} = hidden_{place};",
        f"    for (uint8_t left = {rows}; left != 0; left--) {{",
        "        KEEP_COUNTER(left);",
        f"        int16_t sum = {_sum(place, layer, own)};",
        f"        *unit_{place}++ = saturate_u8(sum >> {_shift(place, layer)}, {layer.ceiling});",
        "    }",
    ]


def _class(place: int, layer: EncodedLayer, own: list[EncodedLayer]) -> list[str]:
    if layer.codec.rows == 1:
        return [f"    return {_sum(place, layer, own)} > 0;"]
    score = _sum(place, layer, own)
    if layer.shift.any():
        score = f"(int16_t)((uint16_t){score} << {_shift(place, layer)})"
    return [
        "    uint8_t best = 0;",
        "    int16_t highest = INT16_MIN;",
        f"    for (uint8_t k = 0; k < {layer.codec.rows}; k++) {{",
        f"        int16_t score = {score};",
        "        if (score > highest) {",
        "            highest = score;",
        "            best = k;",
        "        }",
        "    }",
        "    return best;",
    ]
