# SPDX-License-Identifier: GPL-3.0-or-later
"""`kilolearn flash` by real avrdude: into emulated chips, which then learn over their lines."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kilolearn import datasets, firmware
from kilolearn.avrdude import Avrdude, Board
from kilolearn.emulator import image_size
from kilolearn.errors import (
    FlashError,
    KilolearnError,
    LinkTimeoutError,
    MissingExtraError,
    PortError,
)
from kilolearn.flash import Image, hear
from kilolearn.outcome import train_and_test
from kilolearn.port_state import require_free
from kilolearn.quantise import QuantisedSplit
from kilolearn.recipes import recipe_for
from kilolearn.twin import Twin
from kilolearn.weights import load_model

from .conftest import OLD_ARDUINO, Said, Start

Kilolearn = Callable[..., Said]
DENSE = ("flash", "dense", "--config", "iris")
BY_STK500 = ("--programmer", "stk500v1")
BY_BOOT_LOADER = ("--programmer", "arduino", "--programmer-baud", "57600")


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clouds in four dimensions, as the learner of iris takes them."""
    random = np.random.default_rng(1)
    labels = np.arange(60) % 3
    samples = random.normal(3 * labels[:, None], 1, (60, 4))
    path = tmp_path_factory.mktemp("data") / "flowers.csv"
    rows = ([*sample, "abc"[label]] for sample, label in zip(samples, labels, strict=True))
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


def learned_by_the_twin(flowers: Path) -> bytes:
    twin = Twin("dense", "iris")
    split = datasets.split(datasets.load(str(flowers)), 0)
    parts = QuantisedSplit.of(split, twin.description.input_max)
    return train_and_test(twin, parts, recipe_for("iris", 0, 1)).weights


def learned_over(port: str, kilolearn: Kilolearn, flowers: Path, folder: Path) -> bytes:
    saved = folder / "model.npz"
    about = ("train", "dense", "--config", "iris", "--data", flowers, "--epochs", "1")
    done = kilolearn(*about, "--port", port, "--save", saved)
    assert done.code == 0, done.err
    return load_model(saved).weights


# ---- it works ------------------------------------------------------------------------------------


def test_a_chip_in_a_programmer_is_flashed_and_learns(
    start: Start, kilolearn: Kilolearn, flowers: Path, tmp_path: Path
) -> None:
    programmer, own = start("programmer", "--mcu", "attiny1634", count=2)
    about = (*DENSE, "--mcu", "attiny1634", *BY_STK500, "--port", programmer)
    done = kilolearn(*about, "--link-port", own)
    assert done.code == 0, done.err
    size = image_size(firmware.build("dense", "attiny1634", "iris")).flash_bytes
    assert f"{size:,} bytes written and verified (avrdude" in done.out
    assert "clock: internal, 8 MHz, divided by 8 at the start" in done.out
    assert "the chip answers: iris (4 inputs" in done.out
    assert learned_over(own, kilolearn, flowers, tmp_path) == learned_by_the_twin(flowers)


def test_an_arduino_is_flashed_by_its_boot_loader_and_learns_over_the_same_port(
    start: Start, kilolearn: Kilolearn, flowers: Path, tmp_path: Path
) -> None:
    (port,) = start(*OLD_ARDUINO)
    done = kilolearn(*DENSE, "--mcu", "atmega328p", *BY_BOOT_LOADER, "--port", port)
    assert done.code == 0, done.err
    assert "of 30,720 bytes of flash, 2,048 more are the boot loader's" in done.out
    assert "the chip answers: iris (4 inputs" in done.out
    assert learned_over(port, kilolearn, flowers, tmp_path) == learned_by_the_twin(flowers)


@pytest.mark.long
def test_a_chip_without_a_uart_answers_on_its_pins(start: Start, kilolearn: Kilolearn) -> None:
    line = f"B3,B4,{firmware.contract().constant('SOFT_UART_BAUD')}"
    programmer, own = start("programmer", "--mcu", "attiny85", "--line", line, count=2)
    about = (*DENSE, "--mcu", "attiny85", *BY_STK500, "--port", programmer)
    done = kilolearn(*about, "--link-port", own)
    assert done.code == 0, done.err
    assert "the chip answers: iris (4 inputs" in done.out


def test_what_speaks_no_frames_is_flashed_all_the_same(
    start: Start, kilolearn: Kilolearn, tmp_path: Path
) -> None:
    (programmer,) = start("programmer", "--mcu", "attiny13a")
    done = kilolearn("flash", "xor", "--mcu", "attiny13a", *BY_STK500, "--port", programmer)
    assert done.code == 0, done.err
    assert "clock: internal, 9.6 MHz" in done.out
    assert "xor takes no samples over a line" in done.out
    flash = tmp_path / "flash"
    reading = ("-p", "t13a", "-c", "stk500v1", "-P", programmer, "-U", f"flash:r:{flash}:r")
    subprocess.run(["avrdude", *reading], capture_output=True, check=True)
    image = firmware.build("xor", "attiny13a").with_suffix(".hex")
    written = tmp_path / "written"
    copying = ("-I", "ihex", "-O", "binary", image, written)
    subprocess.run(["avr-objcopy", *copying], check=True)
    assert flash.read_bytes().rstrip(b"\xff") == written.read_bytes().rstrip(b"\xff")


def test_fuses_change_only_when_asked(start: Start, kilolearn: Kilolearn) -> None:
    """An ATmega as delivered runs at 8 MHz, and the firmware was built for 16."""
    programmer, own = start("programmer", "--mcu", "atmega328p", count=2)
    about = (*DENSE, "--mcu", "atmega328p", *BY_STK500, "--port", programmer)
    board = Board("atmega328p", "stk500v1", programmer)

    refused = kilolearn(*about)
    assert refused.code == 10
    assert "built for 16 MHz, and the fuses say internal, 8 MHz (--hz builds" in refused.err
    assert "Nothing was written." in refused.err
    assert "--fuses to change lfuse 0x62 -> 0xff (clock: a crystal)" in refused.err
    assert Avrdude().read_fuses(board, 3) == b"\x62\xd9\xff"

    done = kilolearn(*about, "--fuses", "--link-port", own)
    assert done.code == 0, done.err
    assert "written and verified, lfuse 0xff" in done.out
    assert Avrdude().read_fuses(board, 3) == b"\xff\xd9\xff"


# ---- it does not, and says why -------------------------------------------------------------------


def test_another_chip_is_refused_and_keeps_what_it_has(start: Start) -> None:
    (port,) = start("programmer", "--mcu", "attiny85")
    image = firmware.build("dense", "attiny1634", "iris").with_suffix(".hex")
    with pytest.raises(FlashError) as told:
        Avrdude().write(Board("attiny1634", "stk500v1", port), image)
    assert "device signature = 0x1e930b (probably t85)" in str(told.value)
    assert "expected signature for ATtiny1634 is 1E 94 12" in str(told.value)
    assert "the one that --mcu names?" in str(told.value)


def test_a_board_that_speaks_something_else_is_no_programmer() -> None:
    echo = (
        "import os, tty; board, port = os.openpty(); tty.setraw(port); print(os.ttyname(port), "
        "flush=True); os.close(port)\n"
        "while True:\n    try: os.write(board, os.read(board, 100))\n    except OSError: pass"
    )
    with subprocess.Popen([sys.executable, "-c", echo], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        port = other.stdout.readline().strip()
        with pytest.raises(FlashError, match="nothing answered as a programmer"):
            Avrdude().read_fuses(Board("attiny85", "stk500v1", port), 3)
        other.kill()


def test_a_chip_that_stays_silent_after_it_was_flashed_is_told(pair: tuple[int, str]) -> None:
    image = Image("dense", "iris", "attiny1634", Path("dense-iris.elf"), 8_000_000)
    with pytest.raises(LinkTimeoutError, match="written and verified, but the chip does not"):
        hear(image, pair[1], 500_000, 0.01)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--programmer", "arduno", "--port", "x"], "avrdude -c ?"),
        (["--programmer", "arduino", "--port", "/dev/absent"], "`kilolearn devices` lists"),
        (["--programmer", "arduino", "--port", "/dev/null/x"], "cannot be opened"),
        (["--programmer", "arduino", "--port", __file__], "is no serial device"),
        (["--programmer", "arduino", "--fuses"], "a boot loader cannot change fuses"),
        (["--programmer", "usbtiny", "--boot-bytes", "512"], "needs no boot loader"),
        (["--programmer", "arduino", "--boot-bytes", "31000"], "Choose a larger chip or a smaller"),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, list) else "",
)
def test_bad_input_writes_nothing(kilolearn: Kilolearn, words: list[str], said: str) -> None:
    done = kilolearn(*DENSE, "--mcu", "atmega328p", *words)
    assert done.code == 2
    assert said in done.err


def test_an_image_over_its_budget_is_not_written(
    kilolearn: Kilolearn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyavr-sim.toml").write_text('[budget.dense-iris."*"]\nflash_bytes = 100\n')
    monkeypatch.chdir(tmp_path)
    done = kilolearn(*DENSE, "--mcu", "atmega328p", "--programmer", "usbtiny")
    assert done.code == 2
    assert "over its budget for atmega328p: flash" in done.err
    assert "over 100: nothing was written" in done.err


def test_a_port_that_another_program_has_open_is_named_with_it(
    kilolearn: Kilolearn, pair: tuple[int, str]
) -> None:
    hold = "import sys; port = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, pair[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        about = ("--mcu", "atmega328p", *BY_BOOT_LOADER)
        flashed = kilolearn(*DENSE, *about, "--port", pair[1])
        trained = kilolearn("weights", "read", "w.npz", "--port", pair[1])
        other.kill()
    for done in (flashed, trained):
        assert done.code == 2
        assert f"{pair[1]} is in use by python" in done.err
        assert f"(process {other.pid}); end that program first" in done.err


def test_a_port_that_is_not_the_users_to_open_is_told(
    pair: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PortError, match="is not yours to open; `kilolearn doctor`"):
        require_free(pair[1])


# ---- what avrdude says of boards that no emulator stands for -------------------------------------


def pretended(folder: Path, monkeypatch: pytest.MonkeyPatch, said: str, code: int = 1) -> Avrdude:
    """An avrdude that says its version when asked for help, else this."""
    script = folder / "avrdude"
    script.write_text(
        '#!/bin/sh\n[ "$1" = "-?" ] && { echo "avrdude version 7.1, URL: here" >&2; exit 0; }\n'
        f"cat >&2 <<'END'\n{said}\nEND\nexit {code}\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return Avrdude()


@pytest.mark.parametrize(
    ("line", "error", "advice"),
    [
        ("error: cannot find USBtiny device (0x1781/0xc9f)", PortError, "plugged in"),
        ("error: cannot open USB device: Permission denied", PortError, "kilolearn doctor"),
        ("OS error: cannot open port /dev/tty9: Device or resource busy", PortError, "has it open"),
        ("OS error: cannot open port /dev/tty9: No such device", PortError, "kilolearn devices"),
        ("error: program enable: target does not answer (0x01)", FlashError, "six wires"),
        ("error: initialization failed, rc=-1", FlashError, "six wires"),
        ("error: AVR device not responding", FlashError, "six wires"),
        ("warning: device 0x00 != input 0x0c at addr 0x0000 (error)", FlashError, "try again"),
        ("error: programmer is not responding", FlashError, "--programmer-baud"),
        ("error: something that nobody has seen", FlashError, "something that nobody has seen"),
    ],
)
def test_a_complaint_of_avrdude_becomes_ours(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    error: type[KilolearnError],
    advice: str,
) -> None:
    avrdude = pretended(tmp_path, monkeypatch, f"\navrdude {line}\n\navrdude done.  Thank you.\n")
    with pytest.raises(error) as told:
        avrdude.write(Board("attiny85", "usbtiny"), tmp_path / "a.hex")
    assert type(told.value) is error
    assert line.split(": ", 1)[1] in str(told.value)
    assert advice in str(told.value)


def test_an_avrdude_that_verified_nothing_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    avrdude = pretended(tmp_path, monkeypatch, "avrdude done.  Thank you.", code=0)
    with pytest.raises(FlashError, match="verified no flash"):
        avrdude.write(Board("attiny85", "usbtiny"), tmp_path / "a.hex")
    with pytest.raises(FlashError, match="read 0 fuse bytes"):
        avrdude.read_fuses(Board("attiny85", "usbtiny"), 3)


@pytest.mark.parametrize("version", ["version 6.3-20171130", "what?"])
def test_an_avrdude_that_is_not_understood_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    script = tmp_path / "avrdude"
    script.write_text(f"#!/bin/sh\necho 'avrdude {version}' >&2\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(MissingExtraError, match="expected version 7 or newer"):
        Avrdude()


def test_without_an_avrdude_its_package_is_named(
    kilolearn: Kilolearn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = kilolearn(*DENSE, "--mcu", "atmega328p", *BY_BOOT_LOADER)
    assert done.code == 2
    assert "apt-get install avrdude" in done.err
