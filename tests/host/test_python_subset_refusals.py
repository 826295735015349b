# SPDX-License-Identifier: GPL-3.0-or-later
"""What is outside the subset is refused with its place, its name, and what to write instead."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path

import pytest

from kilolearn.errors import SubsetError
from kilolearn.python_subset.check import check
from kilolearn.python_subset.outside import NODES

GRAMMAR = (ast.stmt, ast.expr, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
INSIDE = {
    *("FunctionDef", "Return", "Assign", "AugAssign", "AnnAssign", "For", "While", "If", "Pass"),
    *("ImportFrom", "Global", "Expr", "Break", "Continue"),
    *("BoolOp", "BinOp", "UnaryOp", "IfExp", "Compare", "Call", "Constant", "Subscript", "Name"),
    *("List", "Add", "Sub", "Mult", "Mod", "LShift", "RShift", "BitOr", "BitXor", "BitAnd"),
    *("FloorDiv", "Invert", "Not", "UAdd", "USub", "Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"),
    *("And", "Or"),
}

# A program that has a node of the class, and no other that is outside before it.
WITH_NODE = {
    "AsyncFunctionDef": "async def f():\n    pass",
    "ClassDef": "class Net:\n    pass",
    "Delete": "x = 1\ndel x",
    "TypeAlias": "type T = int",
    "AsyncFor": "async def f():\n    async for i in g: pass",
    "With": "with 1:\n    pass",
    "AsyncWith": "async def f():\n    async with g: pass",
    "Match": "match 1:\n    case 1: pass",
    "Raise": "raise",
    "Try": "try:\n    pass\nexcept ValueError:\n    pass",
    "TryStar": "try:\n    pass\nexcept* ValueError:\n    pass",
    "Assert": "assert 1",
    "Import": "import math",
    "Nonlocal": "def f():\n    x = 1\n    def g():\n        nonlocal x",
    "NamedExpr": "x = (y := 1)",
    "Lambda": "f = lambda: 1",
    "Dict": "x = {}",
    "Set": "x = {1}",
    "ListComp": "x = [i for i in range(3)]",
    "SetComp": "x = {i for i in range(3)}",
    "DictComp": "x = {i: i for i in range(3)}",
    "GeneratorExp": "x = max(i for i in range(3))",
    "Await": "async def f():\n    await g",
    "Yield": "def f():\n    yield",
    "YieldFrom": "def f():\n    yield from ()",
    "FormattedValue": "x = f'{1}'",
    "JoinedStr": "x = f'{1}'",
    "TemplateStr": "x = t'{1}'",
    "Interpolation": "x = t'{1}'",
    "Attribute": "x = a.b",
    "Starred": "w = [0]\nx = max(*w, 1)",
    "Tuple": "x = 1, 2",
    "Slice": "w = [0]\nx = w[1:]",
    "Div": "x = 1 / 2",
    "Pow": "x = 1 ** 2",
    "MatMult": "x = 1 @ 2",
    "Is": "x = 1 is 1",
    "IsNot": "x = 1 is not 1",
    "In": "w = [0]\nx = 1 in w",
    "NotIn": "w = [0]\nx = 1 not in w",
}
# What stands inside another that is refused first.
INSIDE_ANOTHER = {
    "AsyncFor": "AsyncFunctionDef",
    "AsyncWith": "AsyncFunctionDef",
    "Await": "AsyncFunctionDef",
    "FormattedValue": "JoinedStr",
    "Interpolation": "TemplateStr",
}


def refusal(source: str) -> SubsetError:
    with pytest.raises(SubsetError) as caught:
        check(source, "p.py")
    return caught.value


def test_every_class_of_the_grammar_is_inside_or_has_its_refusal():
    """A Python with a new construct fails here until the table has a sentence for it."""
    classes = {c.__name__ for base in GRAMMAR for c in base.__subclasses__()}
    assert classes - NODES.keys() == INSIDE
    assert not NODES.keys() & INSIDE
    assert WITH_NODE.keys() == NODES.keys()


@pytest.mark.parametrize("node", [name for name in WITH_NODE if hasattr(ast, name)])
def test_a_node_outside_is_refused_by_its_name(node):
    construct, advice = NODES[INSIDE_ANOTHER.get(node, node)]
    if node == "Nonlocal":
        construct, advice = "a function inside another", "define it at the left margin"

    error = refusal(WITH_NODE[node])

    assert (error.found, error.advice) == (f"{construct} is outside the subset", advice)


#: Source, place, found, advice.
FORMS = [
    ("def f(x=1):\n    pass", "1:9", "a default argument (def f(x=1))", "pass the value at"),
    ("def f(*x):\n    pass", "1:8", "any number of arguments (*x)", "name each"),
    ("def f(**x):\n    pass", "1:9", "any number of arguments", "name each"),
    ("def f(*, x):\n    pass", "1:10", "a keyword- or positional-only", "by position"),
    ("def f(*, x=1):\n    pass", "1:12", "a default argument", "pass the value"),
    ("def f(x, /):\n    pass", "1:7", "a keyword- or positional-only", "by position"),
    ("@cache\ndef f():\n    pass", "1:2", "a decorator (@cache)", "from another"),
    ("def f(x: str):\n    pass", "1:10", "the annotation str", "annotate with int"),
    ("def f() -> str:\n    pass", "1:12", "the annotation str", "annotate with int"),
    ("def f():\n    def g():\n        pass", "2:5", "a function inside another", "left margin"),
    ("if 1:\n    def g():\n        pass", "2:5", "a def inside a block", "left margin"),
    ("for i in range(2):\n    pass\nelse:\n    pass", "4:5", "else after for", "set a variable"),
    ("while 0:\n    pass\nelse:\n    pass", "4:5", "else after while", "set a variable"),
    ("w = [1]\nfor x in w:\n    pass", "2:10", "a loop over w", "by its index"),
    ("w = [1]\nfor w[0] in range(2):\n    pass", "2:5", "something but a variable", "one variable"),
    ("for i in range():\n    pass", "1:10", "range with 0 arguments", "range(stop)"),
    ("for i in range(1, 2, 3, 4):\n    pass", "1:10", "range with 4 arguments", "range(stop)"),
    ("for i in range(1, 9, 0):\n    pass", "1:22", "range with step 0", "1 or -1"),
    ("s = 2\ns = 3\nfor i in range(1, 9, s):\n    pass", "3:22", "step of a range", "while"),
    ("from math import pi", "1:1", "import from math", "from chip import"),
    ("from . import pi", "1:1", "import from .", "from chip import"),
    ("from chip import *", "1:1", "import *", "name what is used"),
    ("from chip import read as r", "1:1", "import as (read as r)", "the name read"),
    ("from chip import blink", "1:1", "chip has no blink", "import some of adc, emit"),
    ("from chip import abs", "1:1", "chip has no abs", "Python's own"),
    ("def f():\n    from chip import read", "2:5", "import inside a block", "left margin"),
    ("a = b = 1", "1:1", "an assignment to several names", "one assignment a line"),
    ("a, b = 1, 2", "1:1", "an assignment to a tuple", "one at a time"),
    ("[a, b] = 1, 2", "1:1", "an assignment to a tuple", "one at a time"),
    ("x: int", "1:1", "a declaration without a value", "x: int = 0"),
    ("x: str = 1", "1:4", "the annotation str", "annotate with int"),
    ("x = 1\nx /= 2", "2:1", "true division", "//"),
    ("x = 1\nx **= 2", "2:1", "a power", "multiply"),
    ("x = 1\nx @= 2", "2:1", "matrix multiplication", "a loop"),
    ("def f():\n    w = [0]", "2:5", "an array in a function", "left margin"),
    ("if 1:\n    w = [0]", "2:5", "an array made in a block", "left margin"),
    ("w = bytearray()", "1:5", "bytearray with 0 arguments", "bytearray(n)"),
    ("x = 1 + bytearray(2)", "1:9", "an array inside an expression", "alone on a line"),
    ("x = max([1, 2], 3)", "1:9", "an array inside an expression", "alone on a line"),
    ("w = [[0]] * 2", "1:6", "an array inside an expression", "alone on a line"),
    ("w = [0]\nw.append(1)", "2:1", "a method (.append)", "full length at the start"),
    ("w = [0]\nw.index(1)", "2:1", "a method (.index)", "call a function"),
    ("w = [0]\nw.x = 1", "2:1", "an attribute", "a variable of its own"),
    ("x = (1)()", "1:6", "a call of 1", "by its name"),
    ("x = max(1, 2, key=3)", "1:15", "a keyword argument (key=...)", "by position"),
    ("x = range(3)", "1:5", "range outside for", "for i in range"),
    ("w = [0]\nx = w[0][0]", "2:5", "an item of w[0]", "by its name"),
    ("x = 1.5", "1:5", "a float (1.5)", "a scaled integer"),
    ("x = 2j", "1:5", "a complex number (2j)", "two integers"),
    ("x = 'a'", "1:5", "a string", "emit numbers"),
    ("x = b'a'", "1:5", "a bytes object", "bytearray"),
    ("x = None", "1:5", "None", "stands for it"),
    ("x = ...", "1:5", "an ellipsis", "write pass"),
    ("x = 1\n'a'", "2:1", "a string", "emit numbers"),
    ("global x\nx = 1", "1:1", "global at module level", "leave it out"),
    (
        'if __name__ == "__main__":\n    pass\nelse:\n    pass',
        "1:1",
        "else after if __name__",
        "leave",
    ),
    ('if 1:\n    if __name__ == "__main__":\n        pass', "2:5", "inside another", "left margin"),
    ('x = __name__ == "a"', "1:17", "a string", "emit"),
    ("x = __name__", "1:5", "__name__ inside an expression", "left margin"),
]

#: Forms that are Python's and the subset's, in a program whose names or values do not fit.
NAMES_AND_VALUES = [
    ("x = y", "1:5", "y has no value anywhere", "assign it, or mend"),
    ("x = read()", "1:5", "read is not imported", "from chip import read"),
    ("x = print(1)", "1:5", "print is outside", "emit(value)"),
    ("x = sorted(1)", "1:5", "Python's sorted", "a function of the program"),
    ("x = f()", "1:5", "f has no value anywhere", "assign it, or mend"),
    ("x = 1\ny = x()", "2:5", "a call of x, which is not a function", "call a function"),
    ("w = [1]\ny = w()", "2:5", "a call of w, which is not a function", "call a function"),
    ("w = [1]\ny = w", "2:5", "the array w as a value", "range(len(w))"),
    ("w = [1]\nif w == 1:\n    pass", "2:4", "the array w as a value", "range(len(w))"),
    ("x = len", "1:5", "the function len as a value", "call it: len()"),
    ("def f():\n    pass\nx = f", "3:5", "the function f as a value", "call it: f()"),
    ("x = 1\ny = x[0]", "2:5", "an item of x, which is an integer", "x = [0] * n"),
    ("y = z[0]", "1:5", "z has no value anywhere", "assign it"),
    ("x = 1\ny = len(x)", "2:5", "len of x", "the name of an array"),
    ("x = len()", "1:5", "len() is called with 0 arguments", "give it 1"),
    ("x = min(1)", "1:5", "min() is called with 1 arguments", "give it 2 or more"),
    ("x = abs(1, 2)", "1:5", "abs() is called with 2 arguments", "give it 1"),
    ("def f(a):\n    pass\nf()", "3:1", "f() is called with 0 arguments", "give it 1"),
    ("from chip import emit\nx = emit(1)", "2:5", "the value of emit(), which has none", "its own"),
    ("def f():\n    pass\nx = f()", "3:5", "the value of f()", "every path of f"),
    (
        "def f(a):\n    if a:\n        return 1\nx = f(1)",
        "4:5",
        "the value of f()",
        "every path of f",
    ),
    (
        "def f(a):\n    while True:\n        if a:\n            break\nx = f(1)",
        "5:5",
        "the value of f()",
        "every path of f",
    ),
    ("def f(a):\n    if a:\n        return\n    return 1\nx = f(1)", "5:5", "the value of f()", ""),
    ("abs = 1", "1:1", "an assignment to the builtin abs", "another name"),
    ("from chip import pin\npin = 1", "2:1", "an assignment to the builtin pin", "another name"),
    ("def min(a):\n    pass", "1:1", "an assignment to the builtin min", "another name"),
    ("def f(len):\n    pass", "1:7", "an assignment to the builtin len", "another name"),
    ("def f():\n    pass\nf = 1", "3:1", "f is a function, and is assigned", "another name"),
    ("def f():\n    pass\ndef f():\n    pass", "3:1", "a second def f", "its own name"),
    ("w = [1]\nw = 2", "2:1", "w is an array, and is assigned here as a whole", "one by one"),
    ("w = [1]\nw = [2]", "2:1", "a second assignment of the array w", "one by one"),
    ("w = [1]\nw += 1", "2:1", "w is an array, and is assigned here as a whole", "one by one"),
    ("w = [1]\ndef f():\n    w = 2", "3:5", "w is an array", "another name"),
    ("x = 32768", "1:5", "32768 has more than 16 bits", "-32768..32767"),
    ("x = -32769", "1:5", "-32769 has more than 16 bits", "-32768..32767"),
    ("w = [40000]", "1:6", "40000 has more than 16 bits", "-32768..32767"),
    ("w = bytearray([1, 256])", "1:19", "256 in a bytearray", "0..255"),
    ("w = bytearray(-1)", "1:15", "an array of length -1", "0..32767"),
    ("x = 1\nx = 2\nw = [0] * x", "3:11", "the length of an array is not", "write a number"),
    ("x = 1\nx = 2\nw = [x]", "3:6", "an item of an array is not", "store the value"),
    ("w = [0] * 3\nx = w[3]", "2:7", "index 3 of an array of 3", "-3..2"),
    ("w = [0] * 3\nw[-4] = 1", "2:3", "index -4 of an array of 3", "-3..2"),
    ("w = [0] * 0\nw[0] = 1", "2:3", "index 0 of an array of 0", "a length"),
]

#: A read that may come before the assignment.
UNASSIGNED = [
    ("x += 1", "1:1", "x may be used before it has a value", "on every path"),
    ("y = x\nx = 1", "1:5", "x may be used", "on every path"),
    ("y = w[0]\nw = [0]", "1:5", "w may be used", "on every path"),
    ("y = len(w)\nw = [0]", "1:9", "w may be used", "on every path"),
    ("a = 1\na = 2\nif a:\n    x = 1\ny = x", "5:5", "x may be used", "on every path"),
    ("a = 1\na = 2\nwhile a:\n    x = 1\ny = x", "5:5", "x may be used", "on every path"),
    ("a = 1\na = 2\nfor i in range(a):\n    pass\ny = i", "5:5", "i may be used", ""),
    ("for i in range(0):\n    pass\ny = i", "3:5", "i may be used", ""),
    ("while True:\n    if 1:\n        break\n    x = 1\ny = x", "5:5", "x may be used", ""),
    (
        "for i in range(3):\n    if i:\n        continue\n    x = 1\ny = x",
        "5:5",
        "x may be used",
        "",
    ),
    ("f()\ndef f():\n    pass", "1:1", "f may be used", "move def f above"),
    ("def f():\n    return g()\nf()\ndef g():\n    return 1", "3:1", "f() may use g", "move def g"),
    ("def f():\n    return x\nf()\nx = 1", "3:1", "f() may use x before", "on every path"),
    (
        "def f():\n    return g()\ndef g():\n    return x\nf()\nx = 1",
        "5:1",
        "f() may use x before",
        "",
    ),
    ("def f():\n    x = x + 1\nf()", "2:9", "x may be used", ""),
    (
        "x = 1\ndef f():\n    x += 1\nf()",
        "3:5",
        "x may be used before",
        "write global x in the function",
    ),
    ("def f(a):\n    return a and f(0) and b\nb = f(1)", "3:5", "f() may use b", ""),
    (
        "def s():\n    global x\n    x = 1\n    return 1\ny = 0\ny = 1 if y and s() else 2\nz = x",
        "7:5",
        "x may be used",
        "",
    ),
    ("y = read()\nfrom chip import read", "1:5", "read may be used", ""),
]

NOT_PYTHON = [
    ("x = = 1", "1:5", "this is not Python (invalid syntax)", "python3 takes the file"),
    ("break", "1:1", "this is not Python ('break' outside loop)", "python3"),
    ("return 1", "1:1", "this is not Python ('return' outside function)", "python3"),
    ("def f(a, a):\n    pass", "1:10", "this is not Python (duplicate argument", "python3"),
    ("def f():\n    x = 1\n    global x", "3:5", "this is not Python (name 'x' is", "python3"),
    ("x = '\0'", "1:1", "null bytes", "python3"),
    ("x = " + "-" * 5000 + "1", "1:1", "", ""),
    ("x = " + "(" * 500 + "1" + ")" * 500, "1:205", "too many nested", "python3"),
    ("é = 1\nx = é + é.y", "2:9", "an attribute", ""),
]


@pytest.mark.parametrize(
    ("source", "place", "found", "advice"), FORMS + NAMES_AND_VALUES + UNASSIGNED + NOT_PYTHON
)
def test_a_form_outside_is_refused_at_its_place(source, place, found, advice):
    error = refusal(source)

    assert str(error).startswith(f"p.py:{place}: ")
    assert found in error.found
    assert advice in error.advice


def test_the_message_says_place_construct_and_advice():
    assert str(refusal("x = 1\nx = x / 2")) == (
        "p.py:2:5: true division (/) is outside the subset; "
        "write // for the floor, and scale first to keep a fraction"
    )


def test_a_refusal_travels_between_processes():
    error = refusal("import math")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.line, again.advice) == (str(error), 1, error.advice)


def test_the_page_names_every_construct_and_what_to_write_instead():
    page = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
    for construct, advice in NODES.values():
        assert f"| {construct} | {advice} |" in page
