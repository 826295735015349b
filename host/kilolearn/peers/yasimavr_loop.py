# SPDX-License-Identifier: GPL-3.0-or-later
"""A firmware on yasimavr: usage: yasimavr_loop.py FILE.elf MCU HZ CYCLES.

Ends with one JSON object on a line: CPU seconds of the loop, and cycles.
"""

from __future__ import annotations

import json
import sys
import time


def main(elf: str, mcu: str, hz: int, cycles: int) -> None:
    """Run that many cycles from power-up."""
    import yasimavr.lib.core as core  # noqa: PLC0415 - an extra
    from yasimavr.device_library import load_device  # noqa: PLC0415

    firmware = core.Firmware.read_elf(elf)
    firmware.variant = mcu
    firmware.frequency = hz
    device = load_device(mcu)
    loop = core.SimLoop(device)
    loop.set_fast_mode(True)  # not bound to real time
    device.load_firmware(firmware)
    start = time.process_time()
    loop.run(cycles)
    seconds = time.process_time() - start
    sys.stdout.write(json.dumps({"seconds": seconds, "cycles": loop.cycle()}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
