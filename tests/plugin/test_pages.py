# SPDX-License-Identifier: GPL-3.0-or-later
"""What newcomers copy works: the pages' files and commands, the example, and its workflow."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SKETCH_PAGE = ROOT / "docs" / "test-your-firmware.md"
EXAMPLE = ROOT / "examples" / "blink_and_sensor"
WORKFLOW = EXAMPLE / ".github" / "workflows" / "firmware.yml"
COMPILER_OF_FIGURES = "5.4.0"

FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
FILE = re.compile(r"`([\w./-]+)`(?: instead)?:$")


@dataclass(frozen=True)
class Block:
    """A fenced block of the page, and the line of text above it."""

    lead: str
    language: str
    text: str

    @property
    def file(self) -> str | None:
        match = FILE.search(self.lead)
        return match[1] if match else None

    def console(self) -> list[tuple[str, str]]:
        """Commands and their outputs; none where the block is something else."""
        if self.language != "console":
            return []
        parts = re.split(r"^\$ (.*)\n", self.text, flags=re.M)
        assert parts[0] == ""
        return list(zip(parts[1::2], parts[2::2], strict=True))


def blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    return [
        Block(text[: match.start()].rstrip().rpartition("\n")[2], **match.groupdict())
        for match in FENCE.finditer(text)
    ]


def run(command: str, folder: Path, *programs: Path) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell that finds this environment's programs."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    places = [*programs, Path(sys.executable).parent]
    kept["PATH"] = os.pathsep.join([*map(str, places), os.environ["PATH"]])
    return subprocess.run(
        command, shell=True, cwd=folder, env=kept | {"COLUMNS": "80"}, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def comparable(output: str) -> str:
    """Without seconds; and without figures where another compiler made the firmware."""
    output = re.sub(r" in \d+\.\d+s", " in some s", output)
    version = subprocess.run(["avr-gcc", "-dumpversion"], capture_output=True, text=True).stdout
    return output if version.strip() == COMPILER_OF_FIGURES else re.sub(r"[\d,.]*\d", "N", output)


def follow(page: Path, folder: Path) -> None:
    """Write the page's files and run its commands, in order; each must print what is shown.

    Of several files with a name the first counts; the others are what to write in its place.
    """
    assert any(block.console() for block in blocks(page))
    for block in blocks(page):
        if block.file and not (path := folder / block.file).exists():
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, "utf-8")
        for command, shown in block.console():
            printed = run(command, folder).stdout
            assert doctest.OutputChecker().check_output(
                comparable(shown), comparable(printed), doctest.ELLIPSIS
            ), f"{command}\n{printed}"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of the example, as somebody would take it home."""
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("build", ".pytest_cache"))
    return folder


def test_a_sketch_is_tested_as_the_page_says(tmp_path):
    follow(SKETCH_PAGE, tmp_path)


def test_the_command_line_prints_what_its_page_shows(tmp_path):
    shutil.copy(ROOT / "tests" / "emulator" / "firmware" / "console.c", tmp_path)
    follow(ROOT / "docs" / "commands.md", tmp_path)


def test_the_library_for_arduino_is_used_as_its_page_says(tmp_path):
    follow(ROOT / "docs" / "arduino.md", tmp_path)


@pytest.mark.parametrize(
    ("command", "image"),
    [
        ("arduino-cli compile", "build/greenhouse.ino.elf"),
        ("pio run", ".pio/build/uno/firmware.elf"),
    ],
)
def test_the_pages_settings_find_the_image_of_another_tool(command, image, example):
    """The tool is played by a script that leaves an image where the tool does."""
    tool, verb = command.split()
    [ini] = [block.text for block in blocks(SKETCH_PAGE) if f"avr_build = {command}" in block.text]
    (example / "pytest.ini").write_text(ini, "utf-8")
    program = example / "programs" / tool
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nset -e\n[ "$1" = {verb} ]\nmkdir -p {Path(image).parent}\n'
        f"make APP=blink && cp build/atmega328p/blink.elf {image}\n"
    )
    program.chmod(0o755)

    tested = run("pytest -q -k 'sleeps and uno'", example, program.parent)

    assert "\n1 passed" in tested.stdout, tested.stdout


def test_the_example_passes_as_its_readme_says(example):
    follow(example / "README.md", example)


def test_the_test_in_the_readme_passes_on_the_examples_sensor(example):
    [text] = [block.text for block in blocks(ROOT / "README.md") if "mark.firmware" in block.text]
    (example / "tests" / "test_readme.py").write_text(text, "utf-8")

    tested = run("make && pytest -q tests/test_readme.py", example)

    assert "\n1 passed in" in tested.stdout, tested.stdout


def test_the_example_needs_pytest_and_nothing_of_ours():
    text = "\n".join(path.read_text("utf-8") for path in EXAMPLE.rglob("*.py"))
    imported = set(re.findall(r"^(?:from|import) (\w+)", text, re.M))

    assert "pytest" in imported
    assert imported - {"pytest"} <= sys.stdlib_module_names


def workflow_steps() -> dict[str, dict[str, object]]:
    steps = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]["test"]["steps"]
    return {step.get("name") or step["uses"].split("@")[0]: step for step in steps}


def test_the_workflow_tests_and_reports(example):
    steps = workflow_steps()
    summary = example / "summary.md"
    for name in ("Test", "Report"):
        script = f"set -e\nexport GITHUB_STEP_SUMMARY={shlex.quote(str(summary))}\n"
        done = run(script + str(steps[name]["run"]), example)
        assert done.returncode == 0, done.stdout

    assert "## sensor.elf on atmega328p" in summary.read_text()
    kept = steps["actions/upload-artifact"]["with"]["path"].split()
    assert len(kept) == 3
    assert all((example / path).stat().st_size > 1000 for path in kept)


def test_the_workflow_installs_what_setup_does():
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    install = str(workflow_steps()["Install"]["run"])
    [packages] = re.findall(r"apt-get install --yes (.*)", install)
    [project] = re.findall(r"^name = .*", (ROOT / "pyproject.toml").read_text("utf-8"), re.M)

    known = re.findall(r"^([\w-]+):/", (ROOT / "dev").read_text("utf-8"), re.M)
    assert set(packages.split()) <= set(known)
    assert workflow["env"]["PYAVR_SIM"] == tomllib.loads(project)["name"]
