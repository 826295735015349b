# SPDX-License-Identifier: GPL-3.0-or-later
"""The C text of an exported model: a file that needs nothing but a compiler, and its header.

The kernels are those of avr/, copied to where they are included, so that there is one version.
"""

from __future__ import annotations

import re

from jinja2 import Environment, PackageLoader, StrictUndefined

from kilolearn import firmware
from kilolearn.export.tree import nested_ifs

__all__ = ["render"]

_INCLUDE = re.compile(r'^#include "((?:fixed|net)/[^"]+)"\n', re.MULTILINE)


def render(template: str, **values: object) -> str:
    """Fill one of ``templates/``."""
    environment = Environment(
        loader=PackageLoader("kilolearn.export"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters.update(nested_ifs=nested_ifs, numbers=_numbers)
    return environment.get_template(template).render(kernels=_kernels, **values)


def _kernels(header: str) -> str:
    """A header of avr/ with all that it includes, each once."""
    seen: set[str] = set()

    def text(name: str) -> str:
        if name in seen:
            return ""
        seen.add(name)
        source = (firmware.avr_folder() / name).read_text(encoding="utf-8")
        return _INCLUDE.sub(lambda found: text(found[1]), source)

    return text(header)


def _numbers(table: bytes) -> str:
    lines = (table[first : first + 20] for first in range(0, len(table), 20))
    return "\n".join("    " + ", ".join(map(str, line)) + "," for line in lines)
