# SPDX-License-Identifier: GPL-3.0-or-later
"""A project of somebody else's: a firmware that was built, and tests that pytest is to run."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import pyavr_sim
import pyavr_sim.golden_run

# pytester forgets what is imported only inside of it.
import pytest_pyavr_sim.rig
import pytest_pyavr_sim.session_coverage  # noqa: F401

SOURCE = Path(__file__).parent / "firmware" / "meter.c"
INCLUDE = Path(pyavr_sim.__file__).parent / "include"


@pytest.fixture(scope="session")
def meter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ELF of meter.c for an ATmega328P."""
    return build_meter(tmp_path_factory.mktemp("meter") / "meter.elf")


def build_meter(elf: Path, greeting: str = "ready") -> Path:
    command = ["avr-gcc", "-mmcu=atmega328p", "-Os", "-gdwarf-4", "-Wall", "-Werror", "-Wextra"]
    command += [f'-DGREETING="{greeting}"', f"-I{INCLUDE}", "-o", str(elf), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return elf


@pytest.fixture
def project(pytester: pytest.Pytester, meter: Path) -> Callable[..., pytest.RunResult]:
    """``project("def test_...", "--option")`` runs the tests in a folder with meter.elf in it."""
    (pytester.path / "meter.elf").write_bytes(meter.read_bytes())

    def run(tests: str, *options: str, ini: str = "") -> pytest.RunResult:
        head = "import pytest\nfrom pyavr_sim import until\n"
        mark = "pytestmark = pytest.mark.firmware('meter.elf', mcu='atmega328p')\n"
        pytester.makepyfile(test_meter=head + mark + tests)
        pytester.makeini(f"[pytest]\nfilterwarnings = error\n{ini}")
        # Hypothesis would be imported at the end of each run.
        quick = ["--strict-markers", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
        return pytester.runpytest_inprocess(*quick, *options)

    return run
