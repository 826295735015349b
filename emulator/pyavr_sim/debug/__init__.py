# SPDX-License-Identifier: GPL-3.0-or-later
"""gdb's remote protocol on an emulated chip; ``pyavr-sim debug`` serves it.

``packets`` frames bytes, ``address_space`` is the chip's memory as avr-gdb sees it, ``motion`` moves the chip
forward and back, ``protocol`` answers packets with these, ``server`` holds the sockets.
"""
