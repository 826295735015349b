# SPDX-License-Identifier: GPL-3.0-or-later
"""-(-32768)."""

from chip import emit

a = -32768
emit(a)
a = -a
emit(a)
