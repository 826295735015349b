# SPDX-License-Identifier: GPL-3.0-or-later
"""Python on the chip: a subset checked once, then run by CPython, by bytecode, or as C."""
