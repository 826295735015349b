# SPDX-License-Identifier: GPL-3.0-or-later
"""What a firmware may be: kinds of models that fit a chip, one a module."""
