# SPDX-License-Identifier: GPL-3.0-or-later
"""A checked program: the one tree that every back end takes.

:func:`kilolearn.python_subset.check.check` makes it of Python source and refuses what is outside
the subset, so a back end meets no error of the programmer's. Names are resolved and constants
folded; chained comparisons, ``and``, ``or`` and conditional expressions are kept. A value is a
16-bit integer; ``True`` is 1 and ``False`` is 0, as in CPython. Expressions are evaluated from left
to right.

An array is a global of fixed length: a ``list`` of 16-bit integers or a ``bytearray``. It is never
passed, returned or assigned as a whole, so an :class:`Item` always names its array.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

__all__ = [
    "INT_MAX",
    "INT_MIN",
    "Array",
    "Assign",
    "Binary",
    "BinaryOperator",
    "BoolOp",
    "Break",
    "Builtin",
    "Call",
    "CallBuiltin",
    "Compare",
    "CompareOperator",
    "Constant",
    "Continue",
    "Expression",
    "ExpressionStatement",
    "ForRange",
    "Function",
    "If",
    "IfExpression",
    "Item",
    "Load",
    "Program",
    "Return",
    "Statement",
    "StoreItem",
    "Unary",
    "Variable",
    "While",
]

INT_MIN, INT_MAX = -(1 << 15), (1 << 15) - 1

BinaryOperator = Literal["+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>"]
CompareOperator = Literal["<", "<=", "==", "!=", ">", ">="]
#: The names a program imports ``from chip``, and CPython's own (``abs``, ``min``, ``max``; ``len``
#: is folded, as every array has a fixed length).
Builtin = Literal["read", "emit", "adc", "pin", "set_pin", "random", "seed", "abs", "min", "max"]


# ---- what has a place in memory ------------------------------------------------------------------


@dataclass(frozen=True)
class Variable:
    """A 16-bit integer: global, or local to a function (its parameters first, in their order)."""

    name: str
    index: int  # Among the program's global variables, or among its function's locals.
    is_global: bool


@dataclass(frozen=True)
class Array:
    """A global array of fixed length."""

    name: str
    index: int  # Among the program's arrays.
    item_size: Literal[1, 2]  # bytearray, list
    initial: tuple[int, ...]  # Its length is the array's.


# ---- expressions ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Constant:
    """A literal, or what constants were folded to."""

    value: int  # INT_MIN..INT_MAX


@dataclass(frozen=True)
class Load:
    """A variable's value."""

    variable: Variable


@dataclass(frozen=True)
class Item:
    """``array[index]``; a negative index counts from the end, as in CPython."""

    array: Array
    index: Expression
    line: int


@dataclass(frozen=True)
class Unary:
    """``operator operand``."""

    operator: Literal["-", "~", "not"]
    operand: Expression
    line: int


@dataclass(frozen=True)
class Binary:
    """``left operator right``."""

    operator: BinaryOperator
    left: Expression
    right: Expression
    line: int


@dataclass(frozen=True)
class Compare:
    """``first op[0] rest[0] op[1] rest[1] ...``; each operand evaluated once, none past a false."""

    first: Expression
    operators: tuple[CompareOperator, ...]
    rest: tuple[Expression, ...]


@dataclass(frozen=True)
class BoolOp:
    """``and`` / ``or`` of two or more; its value is the deciding operand's, as in CPython."""

    operator: Literal["and", "or"]
    operands: tuple[Expression, ...]


@dataclass(frozen=True)
class IfExpression:
    """``then if test else otherwise``."""

    test: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True)
class Call:
    """A call of a function of the program; its value is used only where it always returns one."""

    function: str
    arguments: tuple[Expression, ...]
    line: int


@dataclass(frozen=True)
class CallBuiltin:
    """``min`` and ``max`` take two or more; ``emit``, ``set_pin`` and ``seed`` have no value."""

    name: Builtin
    arguments: tuple[Expression, ...]
    line: int


Expression: TypeAlias = (
    Constant | Load | Item | Unary | Binary | Compare | BoolOp | IfExpression | Call | CallBuiltin
)


# ---- statements ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Assign:
    """``variable = value``, and an augmented assignment as ``variable = variable op value``."""

    variable: Variable
    value: Expression
    line: int


@dataclass(frozen=True)
class StoreItem:
    """``array[index] = value``; with `operator`, ``array[index] op= value``, one look at the index.

    CPython's order: without an operator the value comes before the index; with one, the index comes
    first, then the item is read, then the value is evaluated.
    """

    array: Array
    index: Expression
    value: Expression
    operator: BinaryOperator | None
    line: int


@dataclass(frozen=True)
class ExpressionStatement:
    """An expression for what it does; its value is dropped."""

    value: Expression
    line: int


@dataclass(frozen=True)
class If:
    """``elif`` is an If in `otherwise`."""

    test: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    line: int


@dataclass(frozen=True)
class While:
    """``while test:``."""

    test: Expression
    body: tuple[Statement, ...]
    line: int


@dataclass(frozen=True)
class ForRange:
    """``for variable in range(start, stop, step)``: the bounds are evaluated once, before the loop.

    After the loop the variable holds its last value; an empty range leaves it alone.
    """

    variable: Variable
    start: Expression
    stop: Expression
    step: int  # Not zero.
    body: tuple[Statement, ...]
    #: The body may change the variable (or, for a global, a function it calls may), which must not
    #: change the iterations: a back end then counts elsewhere.
    body_assigns_variable: bool
    line: int


@dataclass(frozen=True)
class Break:
    """Leave the innermost loop."""

    line: int


@dataclass(frozen=True)
class Continue:
    """Go on with the innermost loop's next iteration."""

    line: int


@dataclass(frozen=True)
class Return:
    """With a value exactly where the function's calls have one (`Function.returns_value`)."""

    value: Expression | None
    line: int


Statement: TypeAlias = (
    Assign | StoreItem | ExpressionStatement | If | While | ForRange | Break | Continue | Return
)


# ---- the program ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Function:
    """A ``def``."""

    name: str
    locals: tuple[Variable, ...]  # The parameters first.
    parameters: int
    returns_value: bool  # On every path; else its calls are statements.
    body: tuple[Statement, ...]
    line: int


@dataclass(frozen=True)
class Program:
    """What :func:`check` answers.

    Every global variable starts as 0 in a back end; `check` has shown that none is read before it
    is assigned.
    """

    path: str
    variables: tuple[Variable, ...]
    arrays: tuple[Array, ...]
    functions: tuple[Function, ...] = field(default=())
    body: tuple[Statement, ...] = field(default=())  # The statements of the module.
