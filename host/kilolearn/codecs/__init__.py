# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to hold a layer's weights: fitted and encoded here, read on the chip by avr/codec."""
