# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings as files that other tools read; each module has one function, pure."""
