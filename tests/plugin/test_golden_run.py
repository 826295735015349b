# SPDX-License-Identifier: GPL-3.0-or-later
"""A run is compared with the one that was written down."""

from __future__ import annotations

RUN = """
def test_reads(golden_run, chip):
    golden_run(200_000, pins=())
    chip.uart(0).write(b"?")
    golden_run(1_000_000, until.uart_bytes(11), {arguments})
"""


def test_a_golden_file_is_written_compared_and_its_difference_shown(project, pytester):
    tests = RUN.format(arguments="pins=['B5']")
    missing = project(tests)
    missing.assert_outcomes(failed=1)
    missing.stdout.fnmatch_lines(["*there is no golden file */test_reads.txt. Write it with *"])

    project(tests, "--avr-golden-update").assert_outcomes(passed=1)
    folder = pytester.path / "golden" / "test_meter"
    assert (folder / "test_reads.txt").read_text() == 'uart 0 "ready\\n"\nend: cycles\n'
    second = folder / "test_reads-2.txt"
    assert second.read_text() == ('uart 0 "reading 42\\n"\nB5 low\nB5 high\nend: uart_bytes\n')
    project(tests).assert_outcomes(passed=1)

    second.write_text(second.read_text().replace("42", "41"))
    differs = project(tests)
    differs.assert_outcomes(failed=1)
    differs.stdout.fnmatch_lines(
        ["*the run differs from */test_reads-2.txt*", "*-uart 0 *41*", "*+uart 0 *42*"]
    )


def test_cycles_are_compared_where_they_are_asked_for(project, pytester):
    tests = RUN.format(arguments="cycles=True")
    project(tests, "--avr-golden-update")
    second = pytester.path / "golden" / "test_meter" / "test_reads-2.txt"
    lines = second.read_text().splitlines()
    assert [line.split(" at cycle ")[0] for line in lines[1:]] == [
        "B5 low",
        "B5 high",
        "end: uart_bytes",
    ]
    cycles = [int(line.split(" at cycle ")[1]) for line in lines[1:]]
    assert cycles == sorted(cycles)
    project(tests).assert_outcomes(passed=1)

    second.write_text(second.read_text().replace(str(cycles[1]), str(cycles[1] + 1)))

    project(tests).assert_outcomes(failed=1)


def test_a_fault_is_a_fault_and_no_golden_file_is_written(project, pytester):
    tests = "def test_x(golden_run, chip):\n    chip.uart(0).write(b'f')\n    golden_run(10**6)\n"
    result = project(tests, "--avr-golden-update")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ErasedFlashError*"])
    assert not (pytester.path / "golden").exists()


def test_parameters_get_a_file_each(project, pytester):
    tests = "@pytest.mark.parametrize('n', ['a/b', 'c'])\ndef test_x(golden_run, n):\n"
    project(tests + "    golden_run(9)\n", "--avr-golden-update").assert_outcomes(passed=2)

    names = {path.name for path in (pytester.path / "golden" / "test_meter").iterdir()}
    assert names == {"test_x_a_b_.txt", "test_x_c_.txt"}
