# SPDX-License-Identifier: GPL-3.0-or-later
"""Names the one C extension; everything else is in pyproject.toml."""

from setuptools import setup

setup(cffi_modules=["emulator/build_sim.py:ffibuilder"])
