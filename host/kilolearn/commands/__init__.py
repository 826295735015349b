# SPDX-License-Identifier: GPL-3.0-or-later
"""One file a subcommand: it parses, other modules compute and render."""
