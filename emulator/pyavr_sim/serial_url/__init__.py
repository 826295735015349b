# SPDX-License-Identifier: GPL-3.0-or-later
"""The package that pyserial searches for ``avrsim://``; see :mod:`.protocol_avrsim`."""
