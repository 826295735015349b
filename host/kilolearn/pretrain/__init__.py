# SPDX-License-Identifier: GPL-3.0-or-later
"""The transformer: trained on the host, written into flash."""
