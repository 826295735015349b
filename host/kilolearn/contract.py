# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract between chip and host, read from avr/contract/*.h: the only place it is stated.

The headers hold fixed-width typedefs, structs and integer ``#define``s, nothing else. cffi parses
them with pack=1, and every struct becomes a little-endian NumPy dtype of the same size and offsets.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cffi
import numpy as np

from kilolearn.errors import ContractError

__all__ = ["Contract", "declarations", "load"]

_DEFINE = re.compile(r"^\s*#\s*define\s+(\w+)\s+\(?\s*(0[xX][0-9a-fA-F]+|-?\d+)[uUlL]*\s*\)?\s*$")


@dataclass(frozen=True)
class Contract:
    """What chip and host agree on.

    Attributes:
        constants: Every integer ``#define``, by name.
        structs: Every struct as a packed dtype, by typedef name.
        hash: 16 bits over the headers without comments and white space, as firmware carries it.
    """

    constants: Mapping[str, int]
    structs: Mapping[str, np.dtype[Any]]
    hash: int

    def constant(self, name: str) -> int:
        """Value of a ``#define``.

        Raises:
            ContractError: No such name.
        """
        if name not in self.constants:
            raise ContractError(f"avr/contract defines no {name}; expected an integer #define")
        return self.constants[name]

    def struct(self, name: str) -> np.dtype[Any]:
        """Layout of a struct.

        Raises:
            ContractError: No such name.
        """
        if name not in self.structs:
            raise ContractError(f"avr/contract has no struct {name}; found {sorted(self.structs)}")
        return self.structs[name]

    def pack(self, struct: str, *values: int) -> bytes:
        """A struct as it travels, from its members in order.

        Raises:
            ValueError: A value does not fit its member.
        """
        layout = self.struct(struct)
        for name, value in zip(layout.names or (), values, strict=True):
            limit = np.iinfo(layout[name])
            if not limit.min <= value <= limit.max:
                raise ValueError(f"{name} is {value}; expected {limit.min}..{limit.max}")
        return np.array([values], layout).tobytes()

    def names(self, prefix: str) -> dict[int, str]:
        """Constants that begin with `prefix`, from value to the rest of the name."""
        return {
            value: name.removeprefix(prefix)
            for name, value in self.constants.items()
            if name.startswith(prefix)
        }


@cache
def load(folder: Path) -> Contract:
    """Read a folder of contract headers.

    Args:
        folder: avr/contract of a checkout.

    Raises:
        ContractError: No headers there, or one holds more than a contract may.
    """
    headers = sorted(folder.glob("*.h"))
    if not headers:
        raise ContractError(f"{folder}: no headers; expected the contract (frame.h, learner.h)")
    texts = [header.read_text(encoding="utf-8") for header in headers]
    constants = {
        match[1]: int(match[2], 0)
        for text in texts
        for line in _without_comments(text).splitlines()
        if (match := _DEFINE.match(line))
    }
    ffi = cffi.FFI()
    try:
        ffi.cdef("\n".join(declarations(text) for text in texts), packed=True)
    except (cffi.CDefError, cffi.FFIError) as error:
        raise ContractError(
            f"{folder}: not a contract ({error}); expected fixed-width typedefs, structs and "
            f"integer #defines only"
        ) from error
    structs = {name: _dtype(ffi.typeof(name)) for name in ffi.list_types()[0]}
    return Contract(constants, structs, _hash(texts))


def _hash(texts: list[str]) -> int:
    """As avr/Makefile has it: the first 16 bits of SHA-256."""
    bare = re.sub(r"/\*.*?\*/", "", re.sub(r"\s", "", "".join(texts)))
    return int(hashlib.sha256(bare.encode()).hexdigest()[:4], 16)


def declarations(header: str) -> str:
    """The C declarations of a header as cffi takes them: no comments, no preprocessor lines."""
    lines = _without_comments(header).splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def _without_comments(text: str) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)


def _dtype(ctype: Any) -> np.dtype[Any]:
    if ctype.kind == "struct":
        fields = ctype.fields
        return np.dtype(
            {
                "names": [name for name, _ in fields],
                "formats": [_dtype(field.type) for _, field in fields],
                "offsets": [field.offset for _, field in fields],
                "itemsize": sum(_dtype(field.type).itemsize for _, field in fields),
            }
        )
    if ctype.kind == "array":
        if ctype.item.cname == "char":
            return np.dtype(f"S{ctype.length}")
        return np.dtype((_dtype(ctype.item), (ctype.length,)))
    match = re.fullmatch(r"(u?)int(8|16|32|64)_t", ctype.cname)
    if match is None:
        raise ContractError(
            f"the contract uses {ctype.cname}; expected fixed-width integers and char arrays"
        )
    return np.dtype(f"<{'u' if match[1] else 'i'}{int(match[2]) // 8}")
