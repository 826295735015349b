# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong before a command begins is one line as well."""

from __future__ import annotations

import subprocess
import sys

import pytest

BROKEN = """
import sys
class Broken:
    def find_spec(self, name, path, target=None):
        if name == "pyavr_sim._sim":
            raise {error}
sys.meta_path.insert(0, Broken())
from pyavr_sim_cli import main
main()
"""


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        ("ImportError('libsimavr.so.2: cannot open shared object file')", 2, "Install libsimavr"),
        ("KeyboardInterrupt", 130, ""),
    ],
)
def test_an_engine_that_cannot_be_loaded_is_no_traceback(error: str, code: int, said: str) -> None:
    program = [sys.executable, "-c", BROKEN.format(error=error)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == bool(said)


def test_the_help_does_not_load_what_only_a_page_needs() -> None:
    program = "import sys, pyavr_sim.cli; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert done.stdout == b"False\n"
