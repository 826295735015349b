# SPDX-License-Identifier: GPL-3.0-or-later
"""Emulated AVR chips for tests: run real firmware, watch every byte of SRAM, count every cycle.

::

    from pyavr_sim import Chip, until

    with Chip("attiny1634", "firmware.elf", seed=1) as chip:
        chip.run(1_000_000, until=until.symbol("main"))
        reply = chip.uart(0).exchange(b"ping", reply_size=4)
        print(chip.cycle, chip.stack_high_water, chip.sram_touched)

Importing the package also lets pyserial open ``avrsim://attiny1634/firmware.elf``.
"""

from __future__ import annotations

import serial

from pyavr_sim import errors, until
from pyavr_sim.call_chain import CallChain, CallFrame
from pyavr_sim.chip import Chip
from pyavr_sim.chips import ChipDescription, chips, describe_chip
from pyavr_sim.engine import LIBSIMAVR_VERSION
from pyavr_sim.errors import *  # noqa: F403 - the whole tree is public
from pyavr_sim.findings import Finding, FindingKind, Policy, Reaction
from pyavr_sim.firmware import Firmware
from pyavr_sim.function_timer import FunctionTimer
from pyavr_sim.history import History
from pyavr_sim.profile import FunctionCost, Profile
from pyavr_sim.recording import Recording, record
from pyavr_sim.serial_line import SerialLine
from pyavr_sim.snapshot import Snapshot
from pyavr_sim.sram_accesses import SramAccesses
from pyavr_sim.stop import Stop, StopReason

__all__ = [
    "LIBSIMAVR_VERSION",
    "CallChain",
    "CallFrame",
    "Chip",
    "ChipDescription",
    "Finding",
    "FindingKind",
    "Firmware",
    "FunctionCost",
    "FunctionTimer",
    "History",
    "Policy",
    "Profile",
    "Reaction",
    "Recording",
    "SerialLine",
    "Snapshot",
    "SramAccesses",
    "Stop",
    "StopReason",
    "chips",
    "describe_chip",
    "errors",
    "record",
    "until",
]
__all__ += errors.__all__

if "pyavr_sim.serial_url" not in serial.protocol_handler_packages:
    serial.protocol_handler_packages.append("pyavr_sim.serial_url")
