# SPDX-License-Identifier: GPL-3.0-or-later
"""Subcommands of ``pyavr-sim``, one a file. Each parses and prints; others compute."""
