# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry of the command ``pyavr-sim``.

It stands outside pyavr_sim, so that what goes wrong while that is imported is one line, too.
"""

from __future__ import annotations

import sys

__all__ = ["main"]

# As pyavr_sim.exit_codes has them, which cannot be imported then.
_USAGE, _INTERRUPTED = 2, 130


def main() -> None:
    """Run the command line."""
    try:
        from pyavr_sim.cli import main as run  # noqa: PLC0415 - see above
    except ImportError as error:
        print(  # noqa: T201
            f"pyavr-sim: {error}. Install libsimavr (Debian: apt install libsimavr-dev), and this "
            "package again.",
            file=sys.stderr,
        )
        sys.exit(_USAGE)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    run()
