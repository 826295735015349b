# SPDX-License-Identifier: GPL-3.0-or-later
"""gdb's remote protocol on an emulated chip; ``pyavr-sim debug`` serves it.

``packets`` frames bytes, ``address_space`` is the chip as avr-gdb numbers it, ``motion`` moves it
forward and back, ``protocol`` answers packets with these, ``conversation`` carries them between one
client and the protocol, ``server`` waits for clients.
"""
