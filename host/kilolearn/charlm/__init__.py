# SPDX-License-Identifier: GPL-3.0-or-later
"""The character model of avr/charlm: its prior's making, and the compressor around its twin."""
