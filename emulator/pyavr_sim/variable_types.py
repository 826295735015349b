# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns the C type of a variable, as DWARF describes it, into a NumPy dtype and shape.

=========================================== ========================================
C                                           NumPy
=========================================== ========================================
integers, char, enumerations (1, 2, 4, 8)   ``<i1`` ... ``<u8``, by size and sign
``_Bool``                                   ``?``
float, and double (4 bytes unless built     ``<f4`` (``<f8``)
with -mdouble=64)
``_Fract``, ``_Accum``                      the raw integer of that size
``__int24`` and other odd sizes             ``u1`` with a last axis of 3, little endian
pointers (2 bytes; code pointers are in     ``<u2``, the address as the chip holds it
words)
array ``[3][4]``                            shape (3, 4)
struct, class, union                        structured dtype with the members' offsets
=========================================== ========================================

Source: DWARF 4, sections 5.1 to 5.9 and 7.8; the AVR ABI on the avr-gcc wiki.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from pyavr_sim.debug_info import DebugInfo, Entry
from pyavr_sim.errors import NoDebugInfoError, UnsupportedTypeError

__all__ = ["Layout", "Member", "TypeReader"]

SIZE_BYTES_MAX = 0x800000
"""No memory of an AVR is larger."""

_TRANSPARENT = {
    "typedef",
    "const_type",
    "volatile_type",
    "restrict_type",
    "atomic_type",
    "packed_type",
}
_POINTERS = {"pointer_type", "reference_type", "rvalue_reference_type", "unspecified_type"}
_RECORDS = {"structure_type", "class_type", "union_type"}
_CHAIN_MAX = 64
# DW_ATE_* codes by the kind of number; 0x0d and 0x0e are fixed point, shown raw.
_BOOLEAN, _FLOAT, _SIGNED, _UNSIGNED = {2}, {4}, {5, 6, 0x0D}, {7, 8, 0x0E, 0x10}
_DW_OP_PLUS_UCONST = 0x23


@dataclass(frozen=True)
class Layout:
    """How a type lies in memory: ``shape`` is () for a single value."""

    dtype: np.dtype
    shape: tuple[int, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Size in memory."""
        return self.dtype.itemsize * prod(self.shape)


@dataclass(frozen=True)
class Member:
    """A member of a struct, class or union; members of anonymous ones count as the outer's."""

    name: str
    offset: int
    type: Entry
    is_bit_field: bool


class TypeReader:
    """Reads types of one image.

    Methods raise :class:`UnsupportedTypeError` for a type without a NumPy form, and
    :class:`NoDebugInfoError` for a description that cannot be true. ``path`` is how messages call
    the variable or member.
    """

    def __init__(self, info: DebugInfo) -> None:
        self._info = info
        self._known: dict[int, Layout] = {}

    def type_of(self, entry: Entry, path: str) -> Entry:
        """The type of a variable, member or array, without typedef, const and volatile."""
        current = entry
        for _ in range(_CHAIN_MAX):
            target = self._info.follow(current, "type")
            if target is None:
                raise UnsupportedTypeError(
                    f"{path} is void or of no stated type; expected a type with a size."
                )
            if target.tag not in _TRANSPARENT:
                return target
            current = target
        raise self._damage(path, "its type never ends")

    def layout(self, kind: Entry, path: str, depth: int = 0) -> Layout:
        """The NumPy form of a type."""
        if kind.offset in self._known:
            return self._known[kind.offset]
        if depth > _CHAIN_MAX:
            raise self._damage(path, "its type contains itself")
        if kind.tag == "base_type":
            layout = self._number(kind, path)
        elif kind.tag == "enumeration_type":
            layout = self._enumeration(kind, path)
        elif kind.tag in _POINTERS:
            layout = _integer(kind.number("byte_size") or 2, signed=False)
        elif kind.tag == "array_type":
            element = self.layout(self.type_of(kind, path), f"{path}[0]", depth + 1)
            layout = Layout(element.dtype, (*self.dimensions(kind, path), *element.shape))
        elif kind.tag in _RECORDS:
            layout = self._record(kind, path, depth)
        else:
            raise UnsupportedTypeError(
                f"{path} is of the type DW_TAG_{kind.tag}, which has no NumPy form. Ask for "
                "another member."
            )
        if layout.size_bytes > SIZE_BYTES_MAX or len(layout.shape) > 16:
            raise self._damage(path, f"it has {layout.size_bytes} bytes")
        self._known[kind.offset] = layout
        return layout

    def size_bytes(self, kind: Entry, path: str) -> int:
        """Size of a type in memory, even of one without a NumPy form."""
        count = 1
        for _ in range(_CHAIN_MAX):
            if kind.tag != "array_type":
                size = kind.number("byte_size")
                return count * (self.layout(kind, path).size_bytes if size is None else size)
            count *= prod(self.dimensions(kind, path))
            kind = self.type_of(kind, path)
        raise self._damage(path, "its type contains itself")

    def dimensions(self, array: Entry, path: str) -> tuple[int, ...]:
        """Lengths of an array's axes; 0 for one of unknown length (``int8_t rest[]``)."""
        lengths = []
        for axis in array.children:
            if axis.tag != "subrange_type":
                continue
            length = axis.attributes.get("count")
            if length is None:
                upper = axis.attributes.get("upper_bound", -1)
                lower = axis.attributes.get("lower_bound", 0)
                is_known = isinstance(upper, int) and isinstance(lower, int)
                length = upper - lower + 1 if is_known else None
            if not isinstance(length, int):
                raise UnsupportedTypeError(
                    f"{path} is an array whose length is computed at run time; expected a constant."
                )
            if not 0 <= length <= SIZE_BYTES_MAX:
                raise self._damage(path, f"one of its axes has {length} elements")
            lengths.append(length)
        if not lengths or len(lengths) > 16:
            raise self._damage(path, f"it is an array with {len(lengths)} axes")
        return tuple(lengths)

    def members(self, record: Entry, path: str, depth: int = 0) -> list[Member] | None:
        """Members of a struct, class or union with their offsets; None for any other type."""
        if record.tag not in _RECORDS:
            return None
        if depth > _CHAIN_MAX:
            raise self._damage(path, "its type contains itself")
        found: list[Member] = []
        for child in record.children:
            if child.tag not in ("member", "inheritance") or child.attributes.get("external"):
                continue  # static members of a class are variables of their own
            kind = self.type_of(child, path)
            offset = self._member_offset(child, path)
            if child.name is None and kind.tag in _RECORDS:
                inner = self.members(kind, path, depth + 1) or []
                found += [Member(m.name, m.offset + offset, m.type, m.is_bit_field) for m in inner]
            elif child.name is not None:
                found.append(Member(child.name, offset, kind, "bit_size" in child.attributes))
            if len(found) > 65536:
                raise self._damage(path, "it has more than 65536 members")
        return found

    def _member_offset(self, member: Entry, path: str) -> int:
        location = member.attributes.get("data_member_location", 0)
        if isinstance(location, list) and location and location[0] == _DW_OP_PLUS_UCONST:
            location = sum((byte & 0x7F) << 7 * i for i, byte in enumerate(location[1:6]))
        if "data_bit_offset" in member.attributes:
            return 0  # a bit-field, refused wherever it is asked for
        if not isinstance(location, int) or not 0 <= location <= SIZE_BYTES_MAX:
            raise self._damage(path, f"its member {member.name!r} has no plain offset")
        return location

    def _record(self, record: Entry, path: str, depth: int) -> Layout:
        size = record.number("byte_size")
        if size is None or not 0 <= size <= SIZE_BYTES_MAX:
            raise UnsupportedTypeError(
                f"{path} is of a type that is declared here but defined elsewhere. Include the "
                "header that defines it where the variable is defined."
            )
        fields: dict[str, tuple[Layout, int]] = {}
        for member in self.members(record, path) or []:
            inner = f"{path}.{member.name}"
            if member.is_bit_field:
                raise UnsupportedTypeError(
                    f"{inner} is a bit-field, which has no NumPy form, so {path} cannot be seen "
                    "as a whole. Ask for its other members one by one, or use a uint8_t with masks."
                )
            layout = self.layout(member.type, inner, depth + 1)
            if member.offset + layout.size_bytes > size or member.name in fields:
                raise self._damage(inner, f"it does not fit into the {size} bytes of {path}")
            fields[member.name] = layout, member.offset
        dtype = np.dtype(
            {
                "names": list(fields),
                "formats": [(layout.dtype, layout.shape) for layout, _ in fields.values()],
                "offsets": [offset for _, offset in fields.values()],
                "itemsize": size,
            }
        )
        return Layout(dtype)

    def _number(self, base: Entry, path: str) -> Layout:
        size, encoding = base.number("byte_size"), base.number("encoding")
        if size is None or not 1 <= size <= 8:
            raise self._damage(path, f"it is a number of {size} bytes")
        if encoding in _BOOLEAN and size == 1:
            return Layout(np.dtype("?"))
        if encoding in _FLOAT and size in (4, 8):
            return Layout(np.dtype(f"<f{size}"))
        if encoding in _SIGNED or encoding in _UNSIGNED:
            return _integer(size, encoding in _SIGNED)
        raise UnsupportedTypeError(
            f"{path} is a {base.name} ({size} bytes, DW_ATE {encoding}), which has no NumPy form."
        )

    def _enumeration(self, kind: Entry, path: str) -> Layout:
        size = kind.number("byte_size")
        if size not in (1, 2, 4, 8):
            raise self._damage(path, f"it is an enumeration of {size} bytes")
        values = [child.number("const_value") or 0 for child in kind.children]
        return _integer(size, signed=min(values, default=0) < 0)

    def _damage(self, path: str, what: str) -> NoDebugInfoError:
        return NoDebugInfoError(
            f"{self._info.where}: the debug information of {path} is damaged: {what}. "
            "Build the image again."
        )


def _integer(size: int, signed: bool) -> Layout:
    if size in (1, 2, 4, 8):
        return Layout(np.dtype(f"<{'i' if signed else 'u'}{size}"))
    return Layout(np.dtype("u1"), (size,))
