# SPDX-License-Identifier: GPL-3.0-or-later
"""The pytest plugin of pyavr_sim: hooks and fixtures, and nothing else.

It stands outside pyavr_sim, and imports it when a test or an option asks for it, so that a session
without firmware starts as fast as without the plugin.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from pytest_pyavr_sim.options import LIMITS, MARKERS, add_options, check_options, coverage_request

if TYPE_CHECKING:
    from pyavr_sim import Chip, Firmware
    from pyavr_sim.dut import Dut
    from pyavr_sim.golden_run import GoldenRun
    from pytest_pyavr_sim.rig import Rig

T = TypeVar("T")

_RIG = pytest.StashKey["Rig"]()
_SETTLED = pytest.StashKey[list[str]]()
_SETTLING_OPTIONS = ("avr_json", "avr_budget_update", "avr_budget_diff")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add to the command line and the ini file."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, and refuse options that cannot work."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    check_options(config)
    request = coverage_request(config)
    if request is not None:
        from pytest_pyavr_sim.session_coverage import SessionCoverage  # noqa: PLC0415 - as below

        coverage = SessionCoverage(request)
        config.pluginmanager.register(coverage)
        config.add_cleanup(coverage.close)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a board where there is none."""
    if item.get_closest_marker("hardware") and not item.config.getoption("avr_port"):
        pytest.skip("needs a board: no --avr-port was given")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note what a test's firmware took, and fail the test if that is over budget."""
    try:
        result = yield
    finally:
        rig = item.stash.get(_RIG, None)
        if rig:
            item.user_properties += rig.properties()
    if rig and (complaint := _asked(rig.complaint)):
        pytest.fail(complaint, pytrace=False)
    limits = [name for name in LIMITS if item.get_closest_marker(name)]
    if limits and not rig:
        pytest.fail(f"{limits[0]} limits nothing: use a fixture chip, dut or firmware", False)
    return result


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write and compare costs, where the reports of all tests come together."""
    config = session.config
    is_asked = any(config.getoption(option) for option in _SETTLING_OPTIONS)
    if hasattr(config, "workerinput") or not is_asked:
        return
    from pyavr_sim.errors import PyavrSimError  # noqa: PLC0415 - only now it is needed
    from pytest_pyavr_sim.session_costs import settle_costs  # noqa: PLC0415

    lines = config.stash.setdefault(_SETTLED, [])
    try:
        lines.extend(settle_costs(config))
    except PyavrSimError as error:
        lines.append(f"ERROR: {error}")
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what :func:`pytest_sessionfinish` did."""
    lines = terminalreporter.config.stash.get(_SETTLED, [])
    if lines:
        terminalreporter.section("AVR firmware")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture
def firmware(request: pytest.FixtureRequest) -> Firmware:
    """The image that the test's marker names, as a :class:`pyavr_sim.Firmware`."""
    return _rig(request).firmware


@pytest.fixture
def chip(request: pytest.FixtureRequest) -> Iterator[Chip]:
    """An emulated chip with the test's firmware, powered up: a :class:`pyavr_sim.Chip`.

    A test that uses ``dut``, too, gets the chip behind it.
    """
    if request.config.getoption("avr_port"):
        pytest.skip("looks inside the chip, so it needs the emulator: leave out --avr-port")
    rig = _rig(request)
    if "dut" in request.fixturenames:
        request.getfixturevalue("dut")
    with _asked(lambda: rig.chip or rig.power_up()) as powered:
        yield powered


@pytest.fixture
def dut(request: pytest.FixtureRequest) -> Iterator[Dut]:
    """The test's firmware behind its serial port, emulated or with ``--avr-port`` on a board."""
    connected = _asked(_rig(request).connect)
    yield connected
    connected.port.close()


@pytest.fixture
def golden_run(request: pytest.FixtureRequest, chip: Chip) -> GoldenRun:
    """Runs ``chip`` and compares with a golden file: a :class:`pyavr_sim.golden_run.GoldenRun`."""
    from pyavr_sim.golden_run import GoldenRun  # noqa: PLC0415 - only now it is needed

    is_update = request.config.getoption("avr_golden_update")
    return GoldenRun(chip, _rig(request).golden_path(), is_update)


def _rig(request: pytest.FixtureRequest) -> Rig:
    """The one rig of a test, made at the first use."""
    from pytest_pyavr_sim.rig import Rig  # noqa: PLC0415 - only now it is needed

    stash = request.node.stash
    if _RIG not in stash:
        stash[_RIG] = _asked(lambda: Rig(request.node))
    rig: Rig = stash[_RIG]
    return rig


def _asked(call: Callable[[], T]) -> T:
    """Call; what was wrongly asked for fails the test with the message alone."""
    from pyavr_sim.errors import PyavrSimError  # noqa: PLC0415 - only now it is needed

    try:
        return call()
    except (PyavrSimError, ValueError) as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
