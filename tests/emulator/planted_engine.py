# SPDX-License-Identifier: GPL-3.0-or-later
"""A pytest plugin (``-p planted_engine``): pyavr_sim with the engine that PLANTED_ENGINE names."""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location


def load_engine(path: str) -> None:
    """Be ``pyavr_sim._sim`` before anybody imports it."""
    spec = spec_from_file_location("pyavr_sim._sim", path)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules["pyavr_sim._sim"] = module
    spec.loader.exec_module(module)


load_engine(os.environ["PLANTED_ENGINE"])
