# SPDX-License-Identifier: GPL-3.0-or-later
"""if __name__ == '__main__' holds. A docstring stands first."""

from chip import emit


def double(x: int) -> int:
    """Twice."""
    return 2 * x


w: list[int] = [1, 2]
if __name__ == "__main__":
    total: int = double(w[1])
    emit(total)
