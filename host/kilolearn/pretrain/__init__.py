# SPDX-License-Identifier: GPL-3.0-or-later
"""Language models that are trained on the PC and run on a chip, their weights in its flash.

A family (`transformer`, `ngram`, `mlp`, `gru`) states its formula once, over the operations of
`operations`: PyTorch's train it, NumPy's score it. `layout` has the numbers that a model is made
of, `parameters` trains them as they will be rounded, `weights` keeps the integers.
"""
