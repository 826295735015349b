# SPDX-License-Identifier: GPL-3.0-or-later
"""The C text of an exported model: a file that needs nothing but a compiler, and its header.

The kernels are those of avr/, copied to where they are included, so that there is one version.
"""

from __future__ import annotations

import re

from jinja2 import Environment, PackageLoader, StrictUndefined

from kilolearn import firmware
from kilolearn.export.tree import nested_ifs

__all__ = ["inlined", "render"]

_INCLUDE = re.compile(r'^#include "((?:codec|fixed|net|online)/[^"]+)"\n', re.MULTILINE)


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


def inlined(source: str) -> str:
    """C with the headers of avr/ that it includes, and theirs, copied in, each once."""
    seen: set[str] = set()

    def header(found: re.Match[str]) -> str:
        if found[1] in seen:
            return ""
        seen.add(found[1])
        text = (firmware.avr_folder() / found[1]).read_text(encoding="utf-8")
        return _INCLUDE.sub(header, text)

    return _INCLUDE.sub(header, source)


def _kernels(header: str) -> str:
    """A header of avr/ with all that it includes."""
    return inlined(f'#include "{header}"\n')


def _numbers(table: bytes) -> str:
    lines = (table[first : first + 20] for first in range(0, len(table), 20))
    return "\n".join("    " + ", ".join(map(str, line)) + "," for line in lines)
