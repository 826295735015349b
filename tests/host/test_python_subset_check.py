# SPDX-License-Identifier: GPL-3.0-or-later
"""What the front end makes of programs that are inside the subset."""

from __future__ import annotations

import pytest

from kilolearn.python_subset.check import check
from kilolearn.python_subset.tree import (
    Assign,
    Binary,
    Compare,
    Constant,
    ForRange,
    If,
    Item,
    Load,
    Return,
    Variable,
    While,
)


def last_value(source: str):
    """The value of the last assignment."""
    return check(source, "p.py").body[-1].value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("7 // -2", -4),
        ("-7 % 3", 2),
        ("1 << 14", 1 << 14),
        ("-32768", -32768),
        ("~0x7FFF", -32768),
        ("-1 >> 40", -1),
        ("0 << 400", 0),
        ("True + True", 2),
        ("+5", 5),
        ("not 3", 0),
        ("1 < 2 < 3", 1),
        ("1 < 3 < 3", 0),
        ("0 or 7 or 8", 7),
        ("3 and 0 and 8", 0),
        ("3 and 4", 4),
        ("5 if 0 else 6", 6),
        ("abs(-5)", 5),
        ("min(3, 1, 2)", 1),
        ("max(3, 1, 2)", 3),
        ("int(4)", 4),
        ("bool(4)", 1),
        ("N * 2 + len(w)", 17),
    ],
)
def test_constants_are_folded(expression, value):
    assert last_value(f"N = 7\nw = [0] * 3\nx = {expression}") == Constant(value)


@pytest.mark.parametrize(
    ("expression", "operator"),
    [
        ("200 * 200", "*"),
        ("1 // 0", "//"),
        ("1 << 15", "<<"),
        ("1 << -1", "<<"),
        ("1 << 900", "<<"),
    ],
)
def test_an_error_of_constants_is_left_to_the_run(expression, operator):
    value = last_value(f"x = {expression}")
    assert isinstance(value, Binary)
    assert value.operator == operator


def test_a_constant_operand_that_cannot_decide_is_dropped():
    value = last_value("a = 1\na = 2\nx = 1 and a")
    assert value == Load(Variable("a", 0, is_global=True))


@pytest.mark.parametrize(
    ("form", "size", "items"),
    [
        ("[1, -2, N]", 2, (1, -2, 3)),
        ("[1, 2] * N", 2, (1, 2, 1, 2, 1, 2)),
        ("N * [5]", 2, (5, 5, 5)),
        ("bytearray(N)", 1, (0, 0, 0)),
        ("bytearray([1, 255])", 1, (1, 255)),
        ('bytearray(b"az")', 1, (97, 122)),
        ("[]", 2, ()),
    ],
)
def test_arrays_have_these_forms(form, size, items):
    (array,) = check(f"N = 3\nw = {form}", "p.py").arrays
    assert (array.item_size, array.initial) == (size, items)


def test_a_constant_is_folded_in_a_function_above_it():
    program = check("def f():\n    return N\nN = 3\nx = f()", "p.py")
    assert program.functions[0].body == (Return(Constant(3), 2),)
    assert [variable.name for variable in program.variables] == ["N", "x"]


def test_a_global_that_a_function_assigns_is_no_constant():
    program = check("N = 3\ndef f():\n    global N\n    N += 1\nf()\nx = N", "p.py")
    assert program.body[-1].value == Load(program.variables[0])


def test_dropped_constants_have_no_place():
    program = check("N = 3\nx = N\nw = [N]\nx += N", "p.py", drop_constants=True)
    x = Variable("x", 0, is_global=True)
    assert program.variables == (x,)
    assert [array.index for array in program.arrays] == [0]
    assert program.body[0] == Assign(x, Constant(3), 2)


def test_a_branch_that_constants_decide_is_chosen():
    program = check("DEBUG = 0\nx = 1\nif DEBUG:\n    x = 2\nelse:\n    x = 3", "p.py")
    assert [s.value for s in program.body] == [Constant(0), Constant(1), Constant(3)]


def test_the_main_guard_is_unfolded():
    program = check('x = 1\nif __name__ == "__main__":\n    w = [1]\n    x = w[0]', "p.py")
    assert program.body[-1].value == Item(program.arrays[0], Constant(0), 4)


def test_a_negative_constant_index_counts_from_the_end():
    assert last_value("w = [1, 2, 3]\nx = w[-1]").index == Constant(2)


def test_annotations_and_docstrings_are_ignored():
    program = check(
        '"""Doc."""\nfrom __future__ import annotations\nw: list[int] = [0]\n'
        'def f(a: int, b: bool) -> int:\n    """Doc."""\n    c: int = a\n    return c\nx = f(1, 2)',
        "p.py",
    )
    assert len(program.functions[0].body) == 2


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ("x = 1", False),
        ("i = 1", True),
        ("i += 1", True),
        ("for i in range(2):\n        pass", True),
        ("f()", True),
        ("g()", True),
        ("h()", False),
    ],
)
def test_a_loop_knows_whether_its_body_assigns_the_variable(body, changed):
    source = (
        "def f():\n    global i\n    i = 3\ndef g():\n    f()\ndef h():\n    i = 4\n"
        f"for i in range(2):\n    {body}"
    )
    loop = check(source, "p.py").body[-1]
    assert isinstance(loop, ForRange)
    assert loop.body_assigns_variable is changed


def test_a_local_with_a_globals_name_is_another_variable():
    program = check("i = 0\ndef f():\n    i = 5\n    return i\nx = f()", "p.py")
    assert program.functions[0].locals == (Variable("i", 0, is_global=False),)


def test_a_value_that_is_never_used_is_dropped_by_return():
    program = check("def f(a):\n    if a:\n        return 5\nf(1)", "p.py")
    (branch,) = program.functions[0].body
    assert isinstance(branch, If)
    assert branch.then[-1] == Return(None, 3)
    assert not program.functions[0].returns_value


@pytest.mark.parametrize(
    "body",
    [
        "return a",
        "if a:\n        return 1\n    else:\n        return 2",
        "while True:\n        if a:\n            return 1",
        "while 1:\n        for i in range(3):\n            break\n        return 1",
    ],
)
def test_every_path_returns_a_value(body):
    program = check(f"def f(a):\n    {body}\nx = f(1)", "p.py")
    assert program.functions[0].returns_value


@pytest.mark.parametrize(
    "source",
    [
        "a = 1\na = 2\nif a:\n    x = 1\nelse:\n    x = 2\ny = x",
        "while True:\n    x = 1\n    if x:\n        break\ny = x",
        "for i in range(3):\n    x = 1\ny = x + i",
        "for i in range(3):\n    x = 1\n    if x:\n        break\ny = x",
        "def f():\n    global x\n    x = 1\nf()\ny = x",
        "def f():\n    return x\nx = 1\ny = f()",
        "def f(n):\n    return f(n - 1) if n else x\nx = 1\ny = f(3)",
        "def f():\n    while True:\n        pass\nf()\ny = x\nx = 1",
        "def f(n):\n    global x\n    if n:\n        f(n - 1)\n    x = 1\nf(3)\ny = x",
    ],
)
def test_names_with_a_value_on_every_path_are_accepted(source):
    check(source, "p.py")


def test_comparisons_keep_their_chain():
    value = last_value("a = 1\na = 2\nx = 0 < a <= 9")
    assert isinstance(value, Compare)
    assert value.operators == ("<", "<=")


def test_an_endless_loop_is_kept():
    assert isinstance(check("while True:\n    pass", "p.py").body[0], While)
