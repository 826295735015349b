# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension module as a type checker sees it; shim/sim.h says what lib holds."""

from typing import Any

ffi: Any
lib: Any
