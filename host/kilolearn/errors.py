# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error tree of the package.

::

    KilolearnError
    ├── CodedTextError           a compressed text that is cut off, changed or of another model
    ├── PackedDataError          packed data that are cut off, changed or of another code
    ├── DatasetError             data that cannot be learned from, as given
    ├── MissingExtraError        an optional package is not installed
    ├── BuildError               the firmware or its twin does not build
    ├── ContractError            avr/contract cannot be read, or lacks a name
    │   └── ContractMismatchError  chip and host were built from different contracts
    ├── LinkError                the talk with a chip failed
    │   ├── PortError            the port cannot be opened, or went away
    │   ├── LinkTimeoutError     no reply in time
    │   ├── BadReplyError        a reply came, and it is damaged or not an answer
    │   ├── ChipRejectedError    the chip refused the request and said why
    │   └── ChipRestartedError   the chip counts other training steps than it was asked for
    ├── FlashError               a board could not be programmed
    ├── SubsetError              Python source outside the subset that a chip runs
    ├── BytecodeError            code for the machine on a chip that could do harm
    ├── StepLimitError           a Python program took more steps than it was allowed
    ├── ExportError              a fitted model that cannot become C for a chip
    ├── ModelError               a model file that cannot be read, or a layer that no kernel runs
    ├── SearchError              a search that cannot start, go on, or end as asked
    ├── LibraryError             the Arduino library cannot be written there
    ├── PictureError             no picture is made of this learner, or it cannot be written
    ├── WeightsError             weights that do not belong to this learner
    ├── TwinMismatchError        chip and native twin computed different bits
    └── AccuracyError            training ended below the accuracy that was asked for

Every message says what was found, what was expected and what to do.
"""

from __future__ import annotations

__all__ = [
    "AccuracyError",
    "BadReplyError",
    "BuildError",
    "BytecodeError",
    "ChipRejectedError",
    "ChipRestartedError",
    "CodedTextError",
    "ContractError",
    "ContractMismatchError",
    "DatasetError",
    "ExportError",
    "FlashError",
    "KilolearnError",
    "LibraryError",
    "LinkError",
    "LinkTimeoutError",
    "MissingExtraError",
    "ModelError",
    "PackedDataError",
    "PictureError",
    "PortError",
    "SearchError",
    "StepLimitError",
    "SubsetError",
    "TwinMismatchError",
    "WeightsError",
]


class KilolearnError(Exception):
    """The base: whatever this package raises on purpose."""


class CodedTextError(KilolearnError):
    """A compressed text is cut off, changed, or was made by another model."""


class PackedDataError(KilolearnError):
    """Packed data are cut off, changed, or cannot be said in this code."""


class DatasetError(KilolearnError):
    """The data set is absent, empty, of the wrong width, or holds what cannot be learned."""


class MissingExtraError(KilolearnError):
    """An optional package is needed for this and is not installed."""


class BuildError(KilolearnError):
    """Firmware or twin could not be built; the message carries the compiler's own words."""


class ContractError(KilolearnError):
    """The headers that chip and host share cannot be read, or lack a name."""


class ContractMismatchError(ContractError):
    """The chip speaks another version of the contract than this host."""


class LinkError(KilolearnError):
    """The talk with a chip failed."""


class PortError(LinkError):
    """The port cannot be opened, or it went away."""


class LinkTimeoutError(LinkError):
    """No complete reply came in time."""


class BadReplyError(LinkError):
    """A reply came, but damaged or not an answer to what was asked."""


class ChipRejectedError(LinkError):
    """The chip refused a request.

    Attributes:
        code: The wire's error code (``ERROR_...`` in the contract).
        detail: The number that came with it; what it means depends on the code.
    """

    def __init__(self, message: str, code: int, detail: int) -> None:
        super().__init__(message)
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type[ChipRejectedError], tuple[str, int, int]]:
        """Travel between processes with code and detail."""
        return type(self), (str(self), self.code, self.detail)


class ChipRestartedError(LinkError):
    """A chip that was in the middle of a course is somewhere else.

    Attributes:
        steps: Training steps that it counts.
    """

    def __init__(self, message: str, steps: int) -> None:
        super().__init__(message)
        self.steps = steps

    def __reduce__(self) -> tuple[type[ChipRestartedError], tuple[str, int]]:
        """Travel between processes with the steps."""
        return type(self), (str(self), self.steps)


class FlashError(KilolearnError):
    """A board could not be programmed; the message carries what avrdude said, if it was asked."""


class SubsetError(KilolearnError):
    """Python source that is outside the subset that a chip runs.

    Attributes:
        path: The source as the caller named it.
        line: 1 is the first.
        column: 1 is the first.
        found: What stands there, and why it cannot.
        advice: What to write instead.
    """

    def __init__(self, path: str, line: int, column: int, found: str, advice: str) -> None:
        super().__init__(f"{path}:{line}:{column}: {found}; {advice}")
        self.path = path
        self.line = line
        self.column = column
        self.found = found
        self.advice = advice

    def __reduce__(self) -> tuple[type[SubsetError], tuple[str, int, int, str, str]]:
        """Travel between processes with the place."""
        return type(self), (self.path, self.line, self.column, self.found, self.advice)


class BytecodeError(KilolearnError):
    """Code for the machine on a chip that could write outside its own variables.

    Attributes:
        offset: Of the instruction, from the begin of the code.
    """

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset

    def __reduce__(self) -> tuple[type[BytecodeError], tuple[str, int]]:
        """Travel between processes with the offset."""
        return type(self), (str(self), self.offset)


class StepLimitError(KilolearnError):
    """A Python program did not end within the steps that it was allowed."""


class ExportError(KilolearnError):
    """A fitted model is of a kind, size or content that has no C form for a chip."""


class ModelError(KilolearnError):
    """A model cannot be read, or has a layer that no kernel runs; the message names it."""


class SearchError(KilolearnError):
    """A search cannot start or go on: no trial possible, another problem's journal, no cluster."""


class LibraryError(KilolearnError):
    """The library for Arduino has no place to be written to, or no home page."""


class PictureError(KilolearnError):
    """No picture is made of this learner or config, or there is no place to write it."""


class WeightsError(KilolearnError):
    """A weights file or a run of weight bytes does not belong to this learner."""


class TwinMismatchError(KilolearnError):
    """Chip and twin must agree bit for bit, and did not."""


class AccuracyError(KilolearnError):
    """Training ended, and the accuracy on unseen data is below what was asked for."""
