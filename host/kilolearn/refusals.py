# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chip means by an error reply."""

from __future__ import annotations

import numpy as np

from kilolearn.contract import Contract
from kilolearn.errors import BadReplyError

__all__ = ["refusal_in_words"]

_WORDS = {
    "BAD_CRC": "the checksum of the frame was wrong, the chip computed {detail:#06x}",
    "BAD_LENGTH": "the frame has the wrong length, {detail} bytes came",
    "UNKNOWN_COMMAND": "this firmware knows no command {detail:#04x}",
    "BAD_LABEL": "label {detail} is beyond the learner's classes",
    "BAD_RANGE": "offset {detail} is outside the weights",
    "BAD_INPUT": "value {detail} of the sample is above the learner's input_max",
    "BAD_STEP": "another step is next, it has taken {detail} (the low 16 bits)",
    "OVERRUN": "the chip lost bytes or the frame is too long, {detail} bytes were kept",
}


def refusal_in_words(contract: Contract, body: bytes) -> tuple[str, int, int]:
    """Message, code and detail of an error reply."""
    layout = contract.struct("error_reply")
    if len(body) != layout.itemsize:
        raise BadReplyError(f"an error reply of {len(body)} bytes came; expected {layout.itemsize}")
    record = np.frombuffer(body, layout)[0]
    code, detail = int(record["error"]), int(record["detail"])
    name = contract.names("ERROR_").get(code, "")
    words = _WORDS.get(name, "error {code}, detail {detail}").format(code=code, detail=detail)
    return f"the chip refused the request: {words}", code, detail
