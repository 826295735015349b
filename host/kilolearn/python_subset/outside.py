# SPDX-License-Identifier: GPL-3.0-or-later
"""Every node of Python's grammar that no chip runs: what it is called, and what to write instead.

Nodes are named by their class in :mod:`ast`, so that a Python that lacks one (``TypeAlias`` came
with 3.12) still reads the table. Forms of nodes that are inside stand in ``grammar``.
"""

from __future__ import annotations

__all__ = ["NODES"]

_LOOP = "write a for loop that stores into an array"
_TEXT = "emit numbers, and let the host write the text"
_TRY = "test the value before it is used"
_MEMBER = "keep each value in a variable of its own"

#: Class of the node -> (construct, what to write instead).
NODES: dict[str, tuple[str, str]] = {
    # Statements.
    "AsyncFunctionDef": ("a coroutine (async def)", "write def, and call it"),
    "ClassDef": ("a class", "write functions, and keep the state in globals and arrays"),
    "Delete": ("del", "let the name be, or store 0 in it"),
    "TypeAlias": ("a type alias", "write int"),
    "AsyncFor": ("async for", "write for over range(...)"),
    "With": ("with", "call a function before, and another after"),
    "AsyncWith": ("async with", "call a function before, and another after"),
    "Match": ("match", "write if, elif and else"),
    "Raise": ("raise", "emit a code for the error, and return"),
    "Try": ("try", _TRY),
    "TryStar": ("try with except*", _TRY),
    "Assert": ("assert", "write if not ...: and emit a code"),
    "Import": ("import of a module", "write from chip import read, emit, ..."),
    "Nonlocal": ("nonlocal", "write global, and keep the variable at module level"),
    # Expressions.
    "NamedExpr": ("an assignment expression (:=)", "assign on a line of its own, before this one"),
    "Lambda": ("a lambda", "write def with a name"),
    "Dict": ("a dict", "write an array, and index it with small integers"),
    "Set": ("a set", "write a bytearray of flags, one for each member"),
    "ListComp": ("a list comprehension", "write [0] * n at module level, and fill it in a loop"),
    "SetComp": ("a set comprehension", "write a bytearray of flags, and fill it in a loop"),
    "DictComp": ("a dict comprehension", "write an array, and fill it in a loop"),
    "GeneratorExp": ("a generator expression", _LOOP),
    "Await": ("await", "call the function; nothing else runs meanwhile"),
    "Yield": ("yield", "emit the value, or store it in an array"),
    "YieldFrom": ("yield from", "call the function, and let it emit or store the values"),
    "FormattedValue": ("a formatted value", _TEXT),
    "JoinedStr": ("an f-string", _TEXT),
    "TemplateStr": ("a template string", _TEXT),
    "Interpolation": ("a formatted value", _TEXT),
    "Attribute": ("an attribute (x.y)", _MEMBER),
    "Starred": ("a starred expression (*x)", "write out the items one by one"),
    "Tuple": ("a tuple", "write one assignment, argument or return value at a time"),
    "Slice": ("a slice", "write a loop over the indices"),
    # Operators.
    "Div": ("true division (/)", "write // for the floor, and scale first to keep a fraction"),
    "Pow": ("a power (**)", "multiply, or write 1 << n for a power of two"),
    "MatMult": ("matrix multiplication (@)", "write a loop of products"),
    "Is": ("is", "write =="),
    "IsNot": ("is not", "write !="),
    "In": ("in", "write a loop over the indices with =="),
    "NotIn": ("not in", "write a loop over the indices with !="),
}
