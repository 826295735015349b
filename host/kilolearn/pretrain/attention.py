# SPDX-License-Identifier: GPL-3.0-or-later
"""Attention over the last few characters, with a backward pass of its own.

For head h, character t and distance 0 <= w < window, keys and values shared by the heads::

    score[h, w, t] = sum over i of query[h, i, t] * key[i, t - w] + bias[h, w]
    share[h, :, t] = 2^score / sum of 2^score over w
    out[h, i, t]   = sum over w of share[h, w, t] * value[i, t - w]

Before the text begins keys and values are zeros, and are attended to. All arrays end in (texts,
length), so that a window is a view of the padded keys that no loop copies, and every inner loop
runs along the text. Shapes: query and out (heads, 8, texts, length), key and value (8, texts,
length), bias (heads, window).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

__all__ = ["attention_function"]


@cache
def attention_function() -> Callable[[Any, Any, Any, Any], Any]:
    """The function of query, key, value and bias; made on the first call, for torch is an extra."""
    import torch  # noqa: PLC0415
    from torch.nn.functional import pad  # noqa: PLC0415

    def windows(padded: torch.Tensor, window: int) -> torch.Tensor:
        """Keys (8, texts, padded length) as (8, window, texts, length), farthest first."""
        size, texts, length = padded.shape
        shape = (size, window, texts, length - window + 1)
        return padded.as_strided(shape, (texts * length, 1, length, 1))

    class Attention(torch.autograd.Function):
        @staticmethod
        def forward(ctx, query, key, value, bias):  # type: ignore[no-untyped-def]
            window = bias.shape[1]
            keys = pad(key, (window - 1, 0)).contiguous()
            values = pad(value, (window - 1, 0)).contiguous()
            score = (query[:, :, None] * windows(keys, window)[None]).sum(1)
            score = (score + bias.flip(1)[:, :, None, None]) * math.log(2)
            power = torch.exp(score - score.amax(1, keepdim=True))
            share = power / power.sum(1, keepdim=True)
            ctx.save_for_backward(query, keys, values, share)
            return (share[:, None] * windows(values, window)[None]).sum(2)

        @staticmethod
        def backward(ctx, gradient):  # type: ignore[no-untyped-def]
            query, keys, values, share = ctx.saved_tensors
            heads, window, texts, length = share.shape
            padded = length + window - 1

            def of_share(x: torch.Tensor) -> torch.Tensor:
                """(heads, window, texts, length), nearest first, each its distance later."""
                x = pad(x.flip(1), (0, window - 1)).contiguous()
                strides = (window * texts * padded, texts * padded + 1, padded, 1)
                return x.as_strided((heads, window, texts, length), strides)

            def of_query(x: torch.Tensor) -> torch.Tensor:
                """(heads, 8, window, texts, length), each its distance later."""
                size = x.shape[1]
                x = pad(x, (0, window - 1)).contiguous()
                strides = (size * texts * padded, texts * padded, 1, padded, 1)
                return x.as_strided((heads, size, window, texts, length), strides)

            to_share = (gradient[:, :, None] * windows(values, window)[None]).sum(1)
            to_score = share * (to_share - (share * to_share).sum(1, keepdim=True)) * math.log(2)
            to_query = (to_score[:, None] * windows(keys, window)[None]).sum(2)
            to_key = (of_share(to_score)[:, None] * of_query(query)).sum((0, 2))
            to_value = (of_share(share)[:, None] * of_query(gradient)).sum((0, 2))
            return to_query, to_key, to_value, to_score.sum((2, 3)).flip(1)

    return Attention.apply  # type: ignore[no-any-return]
