# SPDX-License-Identifier: GPL-3.0-or-later
"""What people called the things that compiler and linker call something else."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import cffi

__all__ = ["readable_name"]

_CLONES = re.compile(r"((?:\.(?:constprop|isra|part|cold|lto_priv)(?:\.\d+)?)+)$")
_CLONE = re.compile(r"\.[a-z_]+(?:\.\d+)?")
# A C++ run-time library brings the demangler of its compiler.
_CXX_RUNTIMES = ("libstdc++.so.6", "libc++abi.so.1", "libc++abi.dylib")
_DECLARATIONS = """
char *__cxa_demangle(const char *mangled, char *buffer, size_t *length, int *status);
void free(void *);
"""


def readable_name(linker_name: str) -> str:
    """The name as c++filt has it.

    ``"_ZN5Print5writeEPKc"`` is ``"Print::write(char const*)"``, and GCC's copy of a function,
    ``"leaf.constprop.1"``, is ``"leaf [clone .constprop.1]"``. Other names stay, and so do C++
    names where no C++ run-time library is installed.

    Source: ``__cxa_demangle`` of the Itanium C++ ABI; ``clone_function_name`` in GCC's
    ``cgraphclones.c``.
    """
    name, *suffixes = _CLONES.split(linker_name)
    name = _demangled(name) if name.startswith("_Z") else name
    return name + "".join(f" [clone {how}]" for how in _CLONE.findall("".join(suffixes)))


def _demangled(name: str) -> str:
    ffi, runtime = _cxx_runtime()
    if runtime is None:
        return name
    text = runtime.__cxa_demangle(name.encode(), ffi.NULL, ffi.NULL, ffi.NULL)
    if not text:
        return name
    readable = ffi.string(text).decode("utf-8", "replace")
    runtime.free(text)
    return str(readable)


@cache
def _cxx_runtime() -> tuple[cffi.FFI, Any]:
    ffi = cffi.FFI()
    ffi.cdef(_DECLARATIONS)
    for library in _CXX_RUNTIMES:
        try:
            return ffi, ffi.dlopen(library)
        except OSError:
            continue
    return ffi, None
