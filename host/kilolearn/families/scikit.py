# SPDX-License-Identifier: GPL-3.0-or-later
"""scikit-learn, when a family wants it."""

from __future__ import annotations

import importlib
from typing import Any

from kilolearn.errors import MissingExtraError

__all__ = ["scikit"]


def scikit(module: str) -> Any:
    """A module of scikit-learn, ``tree`` for instance.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return importlib.import_module(f"sklearn.{module}")
    except ImportError as error:
        raise MissingExtraError(
            f"scikit-learn is not installed ({error}); install the extra 'search'"
        ) from error
