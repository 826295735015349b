# SPDX-License-Identifier: GPL-3.0-or-later
"""``--avr-coverage``: which source lines the chips of a session executed.

The hooks are here and not in the plugin, since pytest calls them only when coverage is asked for.
Under pytest-xdist each worker logs its own chips, and sends their lines when it ends.
"""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from pyavr_sim.coverage import Coverage, merge_coverage
from pyavr_sim.coverage_table import coverage_table
from pyavr_sim.execution_log import ExecutionLog
from pyavr_sim.export.lcov import lcov
from pytest_pyavr_sim.options import CoverageRequest

__all__ = ["SessionCoverage"]

_OUTPUT = "avr_coverage"
_TABLE_COLUMNS = 120


class SessionCoverage:
    """The plugin's part that counts, from its making to the end of the session."""

    def __init__(self, request: CoverageRequest) -> None:
        self._request = request
        self._log = ExecutionLog()
        self._of_workers: list[Coverage] = []
        self._lines: list[str] = []

    def close(self) -> None:
        """Log no more."""
        self._log.close()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take a worker's lines; one that crashed has none to give."""
        output = getattr(node, "workeroutput", {})
        if _OUTPUT in output:
            self._of_workers.append(pickle.loads(output[_OUTPUT]))
        else:
            self._lines.append(f"{node.gateway.id} crashed: what its chips executed is not counted")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send what was executed, or add everything up and judge it."""
        self.close()
        executed = self._log.coverage(*self._request.folders)
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = pickle.dumps(executed)
        elif not session.config.option.collectonly:
            found = merge_coverage([executed, *self._of_workers])
            errors = list(self._errors(found))
            self._lines += [*_table(found), *self._never_ran(found), *errors]
            if errors and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table."""
        if self._lines:
            terminalreporter.section("AVR coverage")
        for line in self._lines:
            terminalreporter.line(line)

    def _errors(self, found: Coverage) -> Iterator[str]:
        names = ", ".join(map(os.path.relpath, self._request.folders))
        least, lcov_file = self._request.percent_least, self._request.lcov_file
        if not found.lines_found:
            yield (
                f"ERROR: no image that a chip of this session ran has lines of {names}. Build with "
                "-gdwarf-4, at compile and link time."
            )
        elif least is not None and found.lines_percent < least:
            yield (
                f"ERROR: {found.lines_percent:.1f} % of the lines of {names} were executed; "
                f"expected at least {least:g} %."
            )
        if lcov_file is not None:
            try:
                lcov_file.write_text(lcov(found), "utf-8")
            except OSError as error:
                yield f"ERROR: {lcov_file} cannot be written: {error.strerror}."

    def _never_ran(self, found: Coverage) -> Iterator[str]:
        """Sources that the table lacks, since no image has a line of them."""
        known = {Path(file.path).resolve() for file in found.files}
        sources = {path for folder in self._request.folders for path in folder.rglob("*.[cS]")}
        if absent := sorted(sources - known):
            yield f"no image that ran has lines of {' '.join(map(os.path.relpath, absent))}"


def _table(found: Coverage) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=_TABLE_COLUMNS).print(coverage_table(found))
    return [line.rstrip() for line in text.getvalue().strip("\n").splitlines()]
