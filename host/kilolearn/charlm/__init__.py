# SPDX-License-Identifier: GPL-3.0-or-later
"""The character models of avr/charlm: on a chip and as twins, their files, the prior's making."""
