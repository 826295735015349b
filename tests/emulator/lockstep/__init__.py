# SPDX-License-Identifier: GPL-3.0-or-later
"""Lockstep: an engine of ours beside plain libsimavr, compared after chunks of any size."""
