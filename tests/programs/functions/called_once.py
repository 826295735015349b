# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions that one place calls: their locals, arguments and results are not the caller's."""

from chip import emit

calls = 0


def early(n):
    global calls
    calls += 1
    for i in range(n):
        if i * i > n:
            return i
    return -n


def changes(a, b):
    a += b
    b = a - b
    return a * 10 + b


def result_of(x):
    found = 7
    if x > 2:
        return x
    found += x
    return found


def nothing(k):
    while k:
        k -= 1
        emit(k)
        if k == 1:
            return


def inner(p):
    q = p + 1
    return q


def outer(p):
    q = p * 2
    q = inner(q) + q + p
    return q


def swapped(left, right):
    right = left - right
    mean = right + 1
    mean += left
    return mean


def work(a, b):
    c = 40 - early(a + b)
    emit(c)
    c = changes(a, b)
    emit(c + a * 100 + b)
    c = 3
    c = result_of(c)
    emit(c)
    nothing(a)
    b = outer(b)
    emit(b)
    b = swapped(b, a)
    emit(a)
    return b


for i in range(2, 5):
    emit(work(i, 9 - i))
emit(calls)
