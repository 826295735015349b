# SPDX-License-Identifier: GPL-3.0-or-later
"""-, +, ~ and not."""

from chip import emit

a = 5
zero = 0
emit(-a)
emit(+a)
emit(---a)
emit(~~a)
emit(not a)
emit(not zero)
emit(not not a)
emit(-zero)
emit(+True)
emit(-(-32767) - 1)
