# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m kilolearn``."""

from kilolearn.cli import main

if __name__ == "__main__":
    main()
