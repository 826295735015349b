# SPDX-License-Identifier: GPL-3.0-or-later
"""They are 1 and 0."""

from chip import emit

yes = True
no = False
emit(yes + yes)
emit(no)
emit(True * 10 - False)
emit(bool(7) + bool(no))
emit(int(yes) + int(41))
