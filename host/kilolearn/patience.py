# SPDX-License-Identifier: GPL-3.0-or-later
"""What a noisy line does to a request, and how often it is sent again."""

from __future__ import annotations

from kilolearn.errors import BadReplyError, ChipRejectedError, LinkError, LinkTimeoutError

__all__ = ["DAMAGE", "FrameRefused", "Patience"]

_ATTEMPTS_MAX = 64
_REFUSALS_MAX = 2


class FrameRefused(Exception):  # noqa: N818 - never leaves the link
    """The chip could not read a frame, so it did nothing."""


DAMAGE = (LinkTimeoutError, BadReplyError, ChipRejectedError, FrameRefused)
"""What a noisy line does; the same request may do better. It may also make a request of another one
whose CRC is right, one in 65,536 times: so a refusal is believed when it comes twice."""


class Patience:
    """How often one request is sent: most often over a noisy line."""

    def __init__(self, silent_max: int) -> None:
        self._silent_max = silent_max
        self._failed = self._silent = self._refused = 0

    def spend(self, error: Exception) -> None:
        """One attempt failed.

        Raises:
            LinkError: It was the last one.
        """
        self._failed += 1
        self._silent = self._silent + 1 if isinstance(error, LinkTimeoutError) else 0
        self._refused += isinstance(error, ChipRejectedError)
        if (
            self._silent < self._silent_max
            and self._refused < _REFUSALS_MAX
            and self._failed < _ATTEMPTS_MAX
        ):
            return
        if isinstance(error, LinkError):
            raise error
        raise LinkError(f"{self._failed} attempts failed: {error}; the line is too noisy")
