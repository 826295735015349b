# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever comes down the line, the serve loop neither crashes nor learns from it.

The twin runs under the address and undefined-behaviour sanitizers, in a process of its own, since
their library must be loaded first. This file is both the test and that process's program.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from binascii import crc_hqx
from pathlib import Path

import cffi
from cobs import cobs

from kilolearn import firmware

CAPACITY = 11  # of the probe learner's buffer: header, label, 6 inputs, CRC
ERROR = 0xFF
OUT_SIZE = 1 << 16


def whole_frames(data: bytes) -> list[bytes]:
    """The payloads in data that a chip must believe: COBS, not too long, CRC right."""
    found = []
    for chunk in data.split(b"\0")[:-1]:
        try:
            payload = bytes(cobs.decode(chunk))
        except cobs.DecodeError:
            continue
        right = crc_hqx(payload[:-2], 0xFFFF) == int.from_bytes(payload[-2:], "little")
        if right and 4 <= len(payload) <= CAPACITY:
            found.append(payload)
    return found


def draw_garbage(draw: random.Random) -> bytes:
    """Noise, or a good frame that was cut, stretched, doubled or had bits turned over."""
    if draw.random() < 0.3:
        return draw.randbytes(draw.randrange(300))
    command = draw.randrange(12)
    content = bytes((draw.randrange(256), command)) + draw.randbytes(draw.randrange(10))
    payload = content + crc_hqx(content, 0xFFFF).to_bytes(2, "little")
    stuffed = bytearray(cobs.encode(payload) + b"\0")
    for _ in range(draw.randrange(1, 4)):
        kind, at = draw.randrange(4), draw.randrange(len(stuffed))
        if kind == 0:
            stuffed[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del stuffed[at:]
            stuffed += b"\0"
        elif kind == 2:
            stuffed[at:at] = draw.randbytes(draw.randrange(1, 20))
        else:
            stuffed += bytes(stuffed)
    return bytes(stuffed)


def attack(library: str, rounds: int) -> str:
    """Send garbage, and check the weights, the counters and every answer."""
    ffi = cffi.FFI()
    ffi.cdef("""
        uint8_t *learner_weights(void);
        uint16_t learner_weights_size(void);
        void serve_twin_start(void);
        size_t serve_twin(const uint8_t *in, const uint8_t *lost, size_t in_size,
                          uint8_t *out, size_t out_size);
    """)
    twin = ffi.dlopen(library)
    twin.serve_twin_start()
    weights = ffi.buffer(twin.learner_weights(), twin.learner_weights_size())
    out = ffi.new("uint8_t[]", OUT_SIZE)
    draw = random.Random(11)
    refused = believed = 0
    for _ in range(rounds):
        data = draw_garbage(draw) + b"\0"
        lost = bytes(draw.random() < 0.01 for _ in data) if draw.random() < 0.1 else None
        before = bytes(weights)
        size = twin.serve_twin(data, lost or ffi.NULL, len(data), out, OUT_SIZE)
        answers = bytes(ffi.buffer(out, size)).split(b"\0")[:-1]
        chunks = [c for c in data.split(b"\0")[:-1] if c not in (b"", b"\1")]  # not empty frames
        assert len(answers) == len(chunks) or lost
        for answer in answers:
            payload = cobs.decode(answer)
            assert crc_hqx(payload[:-2], 0xFFFF) == int.from_bytes(payload[-2:], "little")
            refused += payload[1] == ERROR
        if whole_frames(data):
            believed += 1
        else:
            assert bytes(weights) == before, data.hex()
    assert refused > rounds / 2
    assert believed > 0, "no whole frame among the garbage: this test would not notice one"
    return f"{rounds} rounds, {refused} refusals, {believed} rounds with a whole frame"


def test_garbage_is_refused_under_the_sanitizers():
    library = firmware.build_twin("probe_learner", sanitize=True)
    runtime = subprocess.run(
        ["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    environment = os.environ | {
        "LD_PRELOAD": runtime,
        "ASAN_OPTIONS": "detect_leaks=0",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, str(Path(__file__)), str(library), "20000"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "20000 rounds" in done.stdout


if __name__ == "__main__":
    print(attack(sys.argv[1], int(sys.argv[2])))  # noqa: T201
